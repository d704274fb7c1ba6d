#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine without an operating system in the window: every view takes it, and tells what is true."""

import os
import pathlib

import atlas_driver as driver
import tap

SCENARIOS = pathlib.Path(__file__).parents[2] / 'data' / 'scenarios'
PAGES = [f'ctrl+{number}' for number in range(1, 10)] + ['ctrl+shift+w', 'ctrl+shift+e',
                                                         'ctrl+shift+r', 'alt+1', 'alt+2', 'alt+3']
DIALOGS = ['ctrl+Return', 'ctrl+m', 'ctrl+shift+m', 'ctrl+i', 'ctrl+shift+n', 'ctrl+j', 'ctrl+b',
           'ctrl+alt+t', 'ctrl+k', 'ctrl+f', 'ctrl+shift+f', 'F1', 'F7', 'F8']

program = None


def go_to(address):
    program.press('ctrl+l')
    program.type(address)
    program.press('Return')
    driver.xdotool('sleep', 0.5)


def console(command, fragment):
    program.press('ctrl+9')
    entry = program.wait_for(None, 'Command')
    program.fill(entry, command)
    program.press('Return')
    driver.wait_until(lambda: fragment in program.wait_for('text', 'What ran').get_text(), fragment)


def panel_says(fragment):
    driver.wait_until(lambda: program.has_text(fragment), lambda: f'{fragment}: {program.texts()}')


def test_its_memory_is_what_the_tables_say():
    driver.wait_until(lambda: program.has_text('CR3 0x1000'), lambda: f'{program.texts()}')
    go_to('1000')
    panel_says('4 KB pages, user')


def test_an_access_is_a_walk_and_nobody_mends_a_fault():
    console('write 0x2ff8 8', '#PF at 0x2ff8, error code 0x7')
    console('alloc 64K commit readwrite', 'this machine has no operating system')
    console('put 0x4000 5 0x106007', 'entry 5 of the table at physical 0x4000 is 0x106007')
    console('read 0x5000 8', 'read 8 bytes at 0x5000')
    program.press('ctrl+z')
    program.press('ctrl+z')


def test_an_entry_says_how_its_page_is_cached():
    go_to('1000')
    program.press('ctrl+shift+e')
    panel_says('Memory type: PAT entry 0 says WB, the MTRRs say WB')


def test_no_view_and_no_dialog_minds():
    for place in ('1000', '123456789000'):
        go_to(place)
        for key in PAGES:
            program.press(key)
            driver.xdotool('sleep', 0.2)
    for key in DIALOGS:
        program.press(key)
        driver.xdotool('sleep', 0.5)
        program.press('Escape')
        driver.xdotool('sleep', 0.2)
        program.press('Escape')
    go_to('1000')
    panel_says('4 KB pages, user')


if __name__ == '__main__':
    with driver.Program([os.environ['ATLAS_PROGRAM'],
                         str(SCENARIOS / 'a-small-teaching-kernel.vmatlas')]) as program:
        program.wait_for('image', 'Address space map')
        driver.run(tap.of_module(globals()))
