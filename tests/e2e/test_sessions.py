#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What outlives a window or the program: preferences, the last files and places, other windows."""

import os
import pathlib
import re
import subprocess
import time

import atlas_driver as driver
import atlas_window
import tap

VMATLAS = os.environ['ATLAS_PROGRAM']
HOME = pathlib.Path(os.environ['HOME'])
KEYFILE = pathlib.Path(os.environ['XDG_CONFIG_HOME']) / 'glib-2.0' / 'settings' / 'keyfile'
MINE = HOME / 'mine.vmatlas'
SEEN = re.compile(r'^([0-9a-f`]{17}) … ([0-9a-f`]{17})$')
# Title of the row, what it is set to, what the settings hold then.
SWITCHES = (('Animation', 'enable-animations=false'), ('Side panel', 'show-panel=false'),
            ('Keep unsaved work', 'autosave=false'), ('Open the last files', 'restore-session=true'))
CHOICES = (('Colours', 2, "color-scheme='dark'"), ('Address map', 1, "map-layout='linear'"),
           ('Translation caches', 0, 'tlb-profile='))

program = None


def seen_label():
    # What the pointer is over is told there instead.
    program.park_pointer()
    return program.wait_for('label', lambda text: SEEN.match(text))


def seen():
    """First and last address on the map."""
    label = seen_label()
    driver.xdotool('sleep', 0.7)
    return [int(address.replace('`', ''), 16) for address in SEEN.match(label.get_name()).groups()]


def start(*args):
    global program  # pylint: disable=global-statement
    if program:
        program.close()
    program = atlas_window.Window([VMATLAS, *map(str, args)])
    # The window under the pointer has the keyboard.
    driver.xdotool('mousemove', 700, 600)


def quit_program():
    program.press('ctrl+q')
    program.process.wait(20)
    assert program.read_complaints() == '', program.complaints


def is_kept(text):
    return KEYFILE.exists() and text in KEYFILE.read_text(encoding='utf-8')


def open_preferences():
    program.press('ctrl+comma')
    window = program.wait_for(None, 'Preferences')
    driver.xdotool('sleep', 0.4)
    return window


def close_preferences():
    program.press('Escape')
    driver.wait_until(lambda: program.find(None, 'Preferences') is None, 'them to close')


def toggle(title):
    window = program.wait_for(None, 'Preferences')
    return program.wait_for('check box', title, within=window)


def darkness():
    """Mean of the screen, 0 to 1."""
    words = subprocess.run(
        ['import', '-silent', '-window', 'root', '-colorspace', 'Gray', '-format', '%[fx:mean]',
         'info:'], capture_output=True, check=True, text=True).stdout
    return 1 - float(words)


def test_a_second_window_lives_when_the_first_is_closed():
    MINE.write_text('process $p mine.exe bare\nreserve $room = 0x40000000 64K\n', encoding='utf-8')
    start(MINE)
    driver.wait_until(lambda: program.has_text('mine.exe'), 'the file')
    program.press('ctrl+n')
    driver.wait_until(lambda: len(program.titles()) == 2, 'a second window')
    names = sorted(program.titles())
    assert 'demo.exe' in names[0] and 'mine.exe' in names[1], names
    program.press('ctrl+w')
    driver.wait_until(lambda: len(program.titles()) == 1, 'one window')
    driver.xdotool('sleep', 0.5)
    program.go_to('0x40000000')
    assert program.process.poll() is None
    first, last = seen()
    assert last > first
    quit_program()


def test_a_recent_file_is_opened_from_the_menu():
    start()
    program.click(program.wait_for(None, 'Main menu'))
    program.click(program.wait_for(None, 'Open Recent'))
    driver.xdotool('sleep', 0.5)
    program.click(program.wait_for(None, 'mine.vmatlas'))
    driver.wait_until(lambda: any('mine.exe' in title for title in program.titles()), 'the file')
    driver.xdotool('sleep', 0.5)
    quit_program()


def test_each_switch_is_kept():
    start()
    window = open_preferences()
    for title, text in SWITCHES:
        assert not is_kept(text), text
        if title == 'Keep unsaved work':
            program.wheel(window, -15)
            driver.xdotool('sleep', 0.5)
        program.click(toggle(title))
        driver.wait_until(lambda words=text: is_kept(words), text)
    close_preferences()
    quit_program()
    start()
    open_preferences()
    states = [driver.is_checked(toggle(title)) for title, _ in SWITCHES]
    assert states == [False, False, False, True], states
    close_preferences()
    # The side panel was one of them.
    assert not program.find('page tab', 'Entry'), 'the panel is there'


def places_of_a_jump():
    """How many different places are on the map on the way."""
    program.park_pointer()
    program.press('0')
    driver.xdotool('sleep', 1)
    label = seen_label()
    program.press('ctrl+l')
    program.type('0x7ffe0000')
    driver.xdotool('key', 'Return')
    end = time.monotonic() + 1.5
    places = set()
    while time.monotonic() < end:
        places.add(label.get_name())
    return len(places)


def test_without_animation_a_jump_is_done_at_once():
    assert places_of_a_jump() <= 2


def test_each_choice_does_what_it_says_and_is_kept():
    bright = darkness()
    open_preferences()
    for title, index, text in CHOICES:
        program.click(program.wait_for('combo box', title))
        driver.xdotool('sleep', 0.5)
        program.press('Home', *['Down'] * index, 'Return')
        driver.wait_until(lambda words=text: is_kept(words), text)
        driver.xdotool('sleep', 0.3)
    close_preferences()
    driver.wait_until(lambda: darkness() > bright + 0.3,
                      lambda: f'a window darker than {bright}, not {darkness()}')
    quit_program()


def test_the_last_file_and_place_are_there_again():
    """Needs the switch that was turned above."""
    start(MINE)
    driver.wait_until(lambda: program.has_text('mine.exe'), 'the file')
    program.go_to('0x40000000')
    program.press('w', 'w')
    before = seen()
    assert before[1] - before[0] < 2 ** 24, before
    quit_program()
    start()
    driver.wait_until(lambda: any('mine.exe' in title for title in program.titles()), 'the file')
    after = seen()
    span = before[1] - before[0]
    assert all(abs(a - b) <= span / 8 for a, b in zip(before, after)), (before, after)
    # What ends it is remembered as well when the window is closed.
    program.press('ctrl+w')
    program.process.wait(20)
    assert is_kept('mine.vmatlas')
    assert program.process.returncode == 0


if __name__ == '__main__':
    driver.run(tap.of_module(globals()))
