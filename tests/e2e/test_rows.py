#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list of a hundred thousand rows under a real hand: its ends, its middle, and the wheel."""

import os
import pathlib
import tempfile

import atlas_driver as driver
import tap

# Committed page, reserved rest: two rows an allocation.
ALLOCATIONS = 50000
FIRST = 0x10000000
STRIDE = 0x20000

program = None


def address(number):
    """As the list writes it."""
    text = f'{number:016x}'
    return f'{text[:8]}`{text[8:]}'


def table():
    return program.wait_for('tree table', 'Regions')


def has_row(number):
    return program.has_text(address(number), table())


def wait_for_row(number):
    driver.wait_until(lambda: has_row(number), f'the row of {address(number)}')


def go_to(number):
    program.press('ctrl+l')
    program.type(f'{number:x}')
    program.press('Return')
    wait_for_row(number)


def focus_list():
    go_to(FIRST)
    driver.xdotool('sleep', 1)
    program.click(program.wait_for('label', address(FIRST), within=table()))


def test_ends_are_a_key_away():
    focus_list()
    program.press('End')
    wait_for_row(0x7fffffff0000)
    program.press('Home')
    wait_for_row(0)


def test_the_wheel_moves_on_from_a_place_in_the_middle():
    middle = FIRST + ALLOCATIONS // 2 * STRIDE
    go_to(middle)
    # More rows are made than are seen: far enough that none of them is left.
    program.wheel(table(), -200)
    driver.wait_until(lambda: not has_row(middle), 'rows further down')
    go_to(FIRST)


def test_the_wheel_comes_back_to_where_it_was():
    middle = FIRST + ALLOCATIONS // 2 * STRIDE
    go_to(middle)
    driver.xdotool('sleep', 0.5)
    before = program.extents(program.find('label', address(middle), within=table()))
    program.wheel(table(), -200)
    # A notch is some 26 px, a row 22: no leap to the end of the list.
    wait_for_row(middle + 118 * STRIDE)
    program.wheel(table(), 200)
    driver.wait_until(lambda: program.extents(
        program.find('label', address(middle), within=table())) == before, 'the row in its place')


def test_going_to_the_selected_address_brings_its_row_back():
    middle = FIRST + ALLOCATIONS // 3 * STRIDE
    go_to(middle)
    program.wheel(table(), -200)
    driver.wait_until(lambda: not has_row(middle), 'rows further down')
    go_to(middle)


if __name__ == '__main__':
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / 'rows.vmatlas'
        with path.open('w', encoding='utf-8') as scenario:
            scenario.write('process p.exe bare\n')
            for i in range(ALLOCATIONS):
                scenario.write(f'alloc 0x{FIRST + i * STRIDE:x} 64K reserve readwrite\n'
                               f'commit 0x{FIRST + i * STRIDE:x} 4K readwrite\n')
        with driver.Program([os.environ['ATLAS_PROGRAM'], str(path)]) as program:
            program.wait_for('image', 'Address space map')
            tap.run(tap.of_module(globals()))
