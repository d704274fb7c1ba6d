#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tour and an exercise, taken as a student takes them."""

import csv
import io
import os
import pathlib
import re
import subprocess

import atlas_driver as driver
import atlas_window
import tap

VMATLAS = os.environ['ATLAS_PROGRAM']
VMATLAS_CLI = os.environ['ATLAS_CLI']
SCENARIOS = pathlib.Path(__file__).parents[2] / 'data' / 'scenarios'

program = None


def choose_in_gallery(title, is_last=False):
    """The first of that title, or the last: scenarios stand behind tours and exercises."""
    program.park_pointer()
    program.press('F1')
    window = program.wait_for(None, 'Tours and Scenarios')
    titles = driver.wait_until(
        lambda: [next(node.name for node in tree.walk(row) if node.role == 'label')
                 for tree in [program.tree()]
                 for row in tree.walk(window) if row.role == 'list item'],
        'the rows')
    index = len(titles) - 1 - titles[::-1].index(title) if is_last else titles.index(title)
    program.press(*['Tab'] * index, 'Return')
    program.wait_until_gone('Tours and Scenarios')


def read_scenario(path):
    """Its title, and its commands with the status that each must have; None is any success."""
    lines = path.read_text(encoding='utf-8').splitlines()
    title = re.match(r'# ([^.]*)', lines[2])[1]
    commands = []
    for line in lines:
        if line.startswith('# expect: '):
            commands[-1] = commands[-1][0], line.removeprefix('# expect: ')
        elif line and not line.startswith('#'):
            commands.append((line.split(' #')[0].strip(), None))
    return title, commands


def regions_of(path):
    """Addresses of what is committed or reserved, as the command line lists them."""
    text = subprocess.run([VMATLAS_CLI, 'regions', '--format=csv', path], check=True,
                          capture_output=True, text=True).stdout
    for row in csv.DictReader(io.StringIO(text)):
        if row['state'] in ('commit', 'reserve'):
            number = f'{int(row["base"], 16):016x}'
            yield f'{number[:8]}`{number[8:]}'


def test_each_scenario_opens_and_shows_what_it_says():
    """Its commands with what came of them, and the regions that they leave."""
    paths = sorted(SCENARIOS.glob('*.vmatlas'))
    assert len(paths) > 5
    for path in paths:
        title, commands = read_scenario(path)
        choose_in_gallery(title, is_last=True)
        program.press('ctrl+4')
        events = program.wait_for('list', 'Commands that ran')
        # A number, the command, and its result, from the start on; numbers are written in one way.
        verbs = [command.split()[0] for command, _ in commands]
        driver.wait_until(lambda wanted=verbs: [text.split()[0] for text in
                                                program.texts(events)[4::3]] == wanted,
                          lambda wanted=verbs: f'{wanted}, not {program.texts(events)[4::3]}')
        texts = program.texts(events)
        for (command, status), result in zip(commands, texts[5::3], strict=True):
            said = f'{path.name}: {command}: {result}'
            if status:
                # Without Windows the processor alone says no.
                assert status in result or verbs[0] == 'machine' and '#PF' in result, said
            else:
                assert 'STATUS_' not in result.replace('STATUS_IMAGE_NOT_AT_BASE', ''), said
        rows = program.rows()
        missing = [address for address in regions_of(path) if address not in rows]
        assert not missing, (path.name, missing, rows)


def has_button(name):
    return program.find('push button', name) is not None


def is_reserved(address):
    return address in program.texts(program.wait_for('tree table', 'Regions'))


def test_a_tour_is_taken_to_its_end():
    choose_in_gallery('One page costs 64 KB')
    program.wait_for('label', '1 of 6')
    assert not is_reserved('00000000`30000000')
    program.click(program.wait_for('push button', 'Do It'))
    driver.wait_until(lambda: is_reserved('00000000`30000000'), 'the reservation')

    # Back and forth over the second step: the machine is as it was each time.
    program.click(program.wait_for('push button', 'Next'))
    program.wait_for('label', '2 of 6')
    program.click(program.wait_for('push button', 'Previous'))
    program.wait_for('label', '1 of 6')
    driver.wait_until(lambda: not is_reserved('00000000`30000000'), 'it to be undone')

    for step in range(1, 7):
        program.wait_for('label', f'{step} of 6')
        if has_button('Do It'):
            program.click(program.wait_for('push button', 'Do It'))
        program.click(program.wait_for('push button', 'Next' if step < 6 else 'Finish'))
    driver.wait_until(lambda: not program.has_text('6 of 6'), 'the end of the tour')
    assert is_reserved('00000000`30020000')


def test_a_tour_of_two_processes_finds_its_scenario():
    choose_in_gallery('One ARM64X image, two processes')
    program.wait_for('label', lambda text: text.startswith('1 of '))
    program.wait_for('label', 'native.exe')


def answers_of(question):
    """Worked out from the address in the question alone."""
    va = int(re.search('([0-9a-f]{8})`([0-9a-f]{8})', question).group().replace('`', ''), 16)
    return [(va >> shift) & 0x1ff for shift in (39, 30, 21, 12)] + [va & 0xfff]


def test_an_exercise_is_answered():
    choose_in_gallery('Split an Address')
    question = program.wait_for('label', lambda name: name.startswith('Split the address'))
    window = question
    while window.get_parent().get_role_name() != 'application':
        window = window.get_parent()

    for index, answer in enumerate(answers_of(question.get_name())):
        if index == 0:
            program.type('999999')
            program.press('Return')
            driver.wait_until(lambda: program.has_text('Not so.', window), 'a hint')
            program.press('ctrl+a')
        program.type(hex(answer))
        program.press('Return')
        driver.wait_until(lambda n=index: program.has_text(f'of {n + 1} right at once', window),
                          f'answer {index + 1}')
    assert program.has_text('4 of 5 right at once', window)
    first = question.get_name()
    program.press('Return')
    driver.wait_until(lambda: program.find('label', lambda name: name.startswith('Split the') and
                                           name != first), 'the next question')
    program.press('Escape')


def test_the_laboratory_tells_chances():
    program.press('F7')
    window = program.wait_for(None, 'ASLR Laboratory')
    program.wait_for('label', lambda text: 'Below 2 GB: 1 in 65,536' in text, within=window)
    # A program that cannot count beyond 2 GB is always below it.
    program.click(program.wait_for('check box', 'Large addresses', within=window))
    program.click(program.wait_for('push button', 'Run', within=window))
    program.wait_for('label', lambda text: 'Below 2 GB: always; met 1,000 times in 1,000' in text,
                     within=window)
    program.press('Escape')


def test_nothing_is_complained_of():
    assert program.read_complaints() == '', program.complaints


if __name__ == '__main__':
    with atlas_window.Window([VMATLAS]) as program:
        driver.run(tap.of_module(globals()))
