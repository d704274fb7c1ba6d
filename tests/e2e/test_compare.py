#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two moments side by side, and the session as a picture to scrub along."""

import os
import pathlib
import re
import tempfile

import atlas_driver as driver
import atlas_window
import tap

VMATLAS = os.environ['ATLAS_PROGRAM']
SAMPLES = pathlib.Path(os.environ['ATLAS_SAMPLES'])
# The default scenario has seven commands: eight moments, as many rows.
N_COMMANDS = 7

TITLE = re.compile('[0-9,]+ differences? from ')

program = None


def click_moment(position):
    picture = program.wait_for('image', 'Addresses over time')
    program.click(picture, 0.5, (position + 0.5) / (N_COMMANDS + 1))
    program.wait_for('label', lambda text: text.startswith(f'{position} of {N_COMMANDS}'))


def title():
    """Of the differences, while they are in front of the other lists."""
    tab = program.find('page tab', 'Differences')
    if not tab or not driver.is_selected(tab):
        return None
    return program.find('label', lambda text: TITLE.match(text or '')).get_name()


def differences():
    return program.texts(program.wait_for('list', 'Differences'))


def test_the_timeline_goes_to_any_moment():
    program.press('F8')
    for position in (5, 2, 7, 0, 7):
        click_moment(position)
    program.wait_for('label', lambda text: 'execute ntdll+0x1000' in text)


def test_the_numbers_go_there_too():
    """Four measures side by side, each with all moments: the arena is reserved by the fifth command."""
    picture = program.wait_for('image', 'Memory over time')
    for measure in range(4):
        for position in (5, N_COMMANDS):
            program.click(picture, (measure + (position + 0.5) / (N_COMMANDS + 1) * 0.98) / 4, 0.7)
            program.wait_for('label', lambda text, n=position: text.startswith(f'{n} of {N_COMMANDS}'))
    driver.wait_until(lambda: 'largest free 124.7 TB' in picture.get_description(),
                      picture.get_description)


def position():
    label = program.wait_for('label', lambda text: f' of {N_COMMANDS}' in text)
    return int(label.get_name().split()[0])


def test_the_timeline_is_dragged_along_and_plays():
    picture = program.wait_for('image', 'Addresses over time')
    program.drag(picture, (0.5, 0.5 / (N_COMMANDS + 1)), (0.5, 3.5 / (N_COMMANDS + 1)))
    driver.wait_until(lambda: position() == 3, lambda: f'moment 3, not {position()}')
    program.click(program.wait_for('push button', 'Play the session'))
    driver.wait_until(lambda: position() == N_COMMANDS, lambda: f'the end, not {position()}')


def test_differences_appear_and_go():
    program.press('ctrl+d')
    driver.wait_until(title, 'the comparison')
    assert title() == '0 differences from the moment after command 7', title()

    # Before the arena of 1 GB with its one page there are three regions fewer.
    click_moment(4)
    driver.wait_until(lambda: title().startswith('3 difference'), title)
    rows = differences()
    assert 'reserve → free, private → —' in rows, rows
    assert 'commit → free, RW → —, private → —' in rows, rows

    click_moment(N_COMMANDS)
    driver.wait_until(lambda: title().startswith('0 difference'), title)


def test_a_difference_shows_its_entries():
    # Command 7 reads a page of code; its entry is all that is different.
    click_moment(6)
    program.wait_for('label', lambda text: text.startswith('Entries of 0000'))
    program.wait_for('label', lambda text: text.startswith('PTE ') and ': P, ' in text)


def scale():
    return program.find('label', lambda text: ' px = ' in text).get_name()


def test_both_maps_are_zoomed_and_dragged_as_one():
    other = program.wait_for('image', 'Map of the other space')
    start = scale()
    program.wheel(other, 6)
    driver.wait_until(lambda: scale() != start, 'the map to be zoomed with the other')
    near = scale()
    program.wheel(program.wait_for('image', 'Address space map'), 2)
    driver.wait_until(lambda: scale() not in (near, start), 'the wheel over the map')
    program.park_pointer()
    seen = program.wait_for('label', lambda text: ' … ' in text and '`' in text)
    before = seen.get_name()
    program.drag(other, (0.7, 0.6), (0.3, 0.6))
    program.park_pointer()
    driver.wait_until(lambda: seen.get_name() != before, 'the map to be dragged with the other')
    selected = program.wait_for('image', 'Address space map').get_description()
    program.click(other, 0.35, 0.6)
    driver.wait_until(
        lambda: program.wait_for('image', 'Address space map').get_description() != selected,
        'what was clicked there to be selected')
    near = scale()
    program.click(program.wait_for('push button', 'Whole space'))
    driver.wait_until(lambda: scale() != near, 'the whole')


def test_comparing_stops():
    program.click(program.wait_for('push button', 'Stop Comparing'))
    driver.wait_until(lambda: title() is None, 'the list of regions')
    assert len(program.texts(program.wait_for('tree table', 'Regions'))) > 20
    program.press('F8')
    driver.wait_until(lambda: program.find('image', 'Addresses over time') is None,
                      'the timeline to go')


def test_two_processes_are_side_by_side():
    program.run('process $q two.exe bare')
    program.wait_for('label', 'two.exe')
    program.choose_command('Compare with the Next Process')
    driver.wait_until(lambda: title() and 'demo.exe, process' in title(), title)
    assert not title().startswith('0 difference'), title()
    program.wait_for('image', 'Map of the other space')
    program.park_pointer()
    program.press('ctrl+shift+k')
    driver.wait_until(lambda: title() is None, 'the comparison to end')


def compare_with_file(path):
    program.park_pointer()
    program.choose_command('Compare with a File')
    program.choose_file(path)


def test_the_lists_are_to_be_had_while_something_is_compared():
    before = program.rows()
    program.press('ctrl+d')
    driver.wait_until(title, 'the comparison')
    program.press('ctrl+9')
    driver.wait_until(lambda: title() is None, 'the console in place of the differences')
    program.wait_for('image', 'Map of the other space')
    # What runs there is compared, and told where the differences are.
    program.run('reserve 0x40000000 64K')
    program.press('F6')
    driver.wait_until(lambda: title() and title().startswith('1 difference'), title)
    for key in range(5, 9):
        program.press(f'ctrl+{key}')
        driver.wait_until(lambda: title() is None, f'the list of key {key}')
    # Begun anew, they come to the front again.
    program.press('ctrl+5', 'ctrl+d')
    driver.wait_until(lambda: title() and title().startswith('0 difference'), title)
    # When they go their key does nothing more.
    program.press('ctrl+shift+k')
    driver.wait_until(lambda: program.find('image', 'Map of the other space') is None, 'it to end')
    program.press('F6')
    assert not program.find('page tab', 'Differences'), 'there is nothing to show'
    program.press('ctrl+z')
    driver.wait_until(lambda: program.rows() == before, 'the regions as they were')


def test_a_file_is_compared_with():
    """The session itself as a file differs in nothing; with one command more, in that."""
    with tempfile.TemporaryDirectory() as folder:
        same, other, torn = (pathlib.Path(folder) / name
                             for name in ('same.vmatlas', 'other.vmatlas', 'torn.dmp'))
        program.park_pointer()
        program.press('ctrl+shift+s')
        program.choose_file(same)
        driver.wait_until(same.exists, same.name)
        driver.wait_until(program.is_alone, 'the dialog to go')
        text = same.read_text(encoding='utf-8')
        compare_with_file(same)
        driver.wait_until(lambda: title() == '0 differences from same.vmatlas', title)
        other.write_text(text + 'alloc 0x40000000 64K reserve|commit readwrite\n', encoding='utf-8')
        compare_with_file(other)
        driver.wait_until(lambda: title() == '1 difference from other.vmatlas', title)
        rows = differences()
        assert 'commit → free, RW → —, private → —' in rows, rows
        # What is no such file leaves the comparison as it is.
        torn.write_bytes(b'MDMP' + bytes(20))
        compare_with_file(torn)
        program.wait_for('label', lambda words: 'cannot be opened' in words)
        program.press('Escape')
        driver.wait_until(lambda: not program.has_text('cannot be opened'), 'the message to go')
        assert title() == '1 difference from other.vmatlas', title()


def test_a_dump_is_compared_with():
    """Another process altogether: its modules are on one side alone."""
    path = SAMPLES / 'breakpad-win11-22000-x64-meminfolist.dmp'
    if not path.exists():
        raise tap.Skip('the samples are not here')
    compare_with_file(path)
    driver.wait_until(lambda: title() and title().endswith(f' differences from {path.name}'), title)
    n_differences = int(title().split()[0].replace(',', ''))
    assert n_differences > 20, title()
    program.park_pointer()
    program.press('ctrl+shift+k')
    driver.wait_until(lambda: title() is None, 'the comparison to end')


def test_nothing_is_complained_of():
    assert program.read_complaints() == '', program.complaints


if __name__ == '__main__':
    with atlas_window.Window([VMATLAS]) as program:
        driver.run(tap.of_module(globals()))
