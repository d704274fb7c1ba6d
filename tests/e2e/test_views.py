#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Views below the pictures: where something fits, and what stands behind a section."""

import os

import atlas_driver as driver
import tap

VMATLAS = os.environ['ATLAS_PROGRAM']

program = None


def show(tab):
    program.click(program.wait_for('page tab', tab))
    driver.xdotool('sleep', 0.3)


def choose(name, index):
    """Entry index of a drop-down, from the first on, by keys."""
    program.click(program.wait_for(None, name))
    driver.xdotool('sleep', 0.3)
    program.press('Home', *['Down'] * index, 'Return')


def test_room_is_found_below_2_gb():
    show('Room')
    choose('Where', 1)
    # From 0x10000 to the slot before the shared data page, every 64 KB.
    n_places = (0x7ffd0000 - 0x10000) // 0x10000 + 1
    driver.wait_until(lambda: program.has_text(f'{n_places:,} places'), 'the places')
    assert program.has_text('00000000`00010000 … 00000000`7ffd0000')


def test_what_does_not_fit_is_told_why():
    program.fill(program.wait_for('text', 'Size'), '3G')
    driver.wait_until(lambda: not program.has_text('32,765 places'), 'another answer')
    assert not program.texts(program.wait_for(None, 'Places'))
    program.fill(program.wait_for('text', 'Size'), 'much')
    driver.wait_until(lambda: program.find('label', lambda text: 'much' in text), 'the complaint')
    program.fill(program.wait_for('text', 'Size'), '64K')


def test_looking_at_a_place_in_reach_asks_nothing_new():
    program.press('ctrl+l')
    program.type('ntdll')
    program.press('Return')
    choose('Where', 3)
    places = program.wait_for(None, 'Places')
    told = driver.wait_until(lambda: program.find('label', lambda text: 'nearest to' in text),
                             'the nearest place').name
    rows = program.texts(places)
    # A place is an answer: what has to be in reach stays what it was.
    program.click(program.wait_for('list item', within=places))
    base = rows[0].split()[0]
    driver.wait_until(lambda: program.has_text(f'Read at {base}'), f'{base} to be selected')
    assert program.has_text(told) and program.texts(places)[0] == rows[0], program.texts(places)
    choose('Where', 1)
    driver.wait_until(lambda: not program.has_text('nearest to'), 'the low 2 GB')


def test_a_place_is_allocated():
    program.click(program.wait_for('list item', within=program.wait_for(None, 'Places')), times=2)
    program.wait_for('push button', 'Allocate')
    program.press('Escape')


def test_a_section_shows_its_objects():
    show('Sections')
    names = program.texts(program.wait_for('list', 'Sections'))
    assert 'ntdll.dll' in names and 'demo.exe' in names, names
    # A page of it is selected on the map: the list follows.
    program.press('ctrl+l')
    program.type('demo.exe+0x1000')
    program.press('Return')
    area = program.wait_for('image', 'Objects of the section')
    driver.xdotool('sleep', 0.5)
    program.move(area, 0.5, 0.5)
    assert program.find('list item', within=program.wait_for('list', 'Sections')) is not None


def test_nothing_is_complained_of():
    assert program.read_complaints() == '', program.complaints


if __name__ == '__main__':
    with driver.Program([VMATLAS]) as program:
        driver.run(tap.of_module(globals()))
