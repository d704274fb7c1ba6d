#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program in German: what it says is, what it is told in is not."""

import os
import pathlib
import tempfile

import atlas_driver as driver
import tap

VMATLAS = os.environ['ATLAS_PROGRAM']
SCENARIO = '''system memory=256M seed=7
process $p demo.exe
alloc $a = 0x20000000 64K reserve|commit readwrite
'''

program = None


def show(tab):
    program.click(program.wait_for('page tab', tab))
    driver.xdotool('sleep', 0.3)


def go_to(place):
    program.press('ctrl+l')
    program.type(place)
    program.press('Return')
    driver.xdotool('sleep', 0.5)


def wait_for_text(fragment):
    driver.wait_until(lambda: program.has_text(fragment), fragment)


def test_main_labels():
    for name in ('Gang', 'Eintrag', 'Bereich', 'Ereignisse'):
        program.wait_for('page tab', name)


def test_region_states_and_names():
    go_to('0x20000000')
    show('Bereich')
    for text in ('zugesagt', 'privat', '64 KB · 16 Seiten'):
        wait_for_text(text)
    go_to('0x7ffe0000')
    wait_for_text('Eine Seite an derselben Adresse in jedem Prozess')
    for text in ('zugesagt', 'Prozessheap', 'Stapel von Thread'):
        wait_for_text(text)


def test_a_walk_is_explained():
    go_to('0x7ffe0000')
    show('Gang')
    program.press('ctrl+Right')
    wait_for_text('Der Prozessor')


def test_the_console_takes_the_words_of_scenario_files():
    program.press('ctrl+9')
    entry = program.wait_for('text', 'Befehl')
    program.fill(entry, 'write $a 1')
    program.press('Return')
    wait_for_text('1 Byte geschrieben bei 0x20000000')
    program.fill(entry, 'release 0x20000000')
    program.press('Return')
    wait_for_text('freigegeben: 0x20000000')
    program.fill(entry, 'why 0x20000000')
    program.press('Return')
    wait_for_text('Niemand hat sie reserviert.')


def test_a_small_window_is_wide_enough():
    program.click(program.wait_for('page tab', 'Bereich'))
    program.resize(1000, 720)
    driver.xdotool('sleep', 0.5)
    assert driver.geometry(program.window)[2] == 1000, driver.geometry(program.window)


def test_nothing_is_complained_of():
    assert program.read_complaints() == '', program.complaints


if __name__ == '__main__':
    with tempfile.TemporaryDirectory() as folder:
        scenario = pathlib.Path(folder) / 'german.vmatlas'
        scenario.write_text(SCENARIO, encoding='utf-8')
        with driver.Program([VMATLAS, str(scenario)], env={'LANGUAGE': 'de'}) as program:
            driver.run(tap.of_module(globals()))
