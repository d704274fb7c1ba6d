#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The map under a real hand: wheel, drags, keys, the minimap's handles, the breadcrumb, the area."""

import math
import os
import pathlib
import re
import tempfile

import atlas_driver as driver
import atlas_window
import tap

VMATLAS = os.environ['ATLAS_PROGRAM']

SEEN = re.compile(r'^([0-9a-f`]{17}) … ([0-9a-f`]{17})$')
NOTCH = math.sqrt(2)

program = None


def minimap():
    return program.widget('image', 'Overview of the whole address space')


def number(address):
    return int(address.replace('`', ''), 16)


def seen():
    """First and last address on the map; the pointer must be elsewhere."""
    program.park_pointer()
    match = driver.wait_until(lambda: SEEN.match(program.header().get_name()), 'what is seen')
    return number(match[1]), number(match[2])


def pointed():
    """The address under the pointer."""
    def text():
        told = program.header().get_name()
        return None if SEEN.match(told) else told
    return number(driver.wait_until(text, 'a hover').split()[0])


def press(*keys):
    program.press(*keys)
    program.rest()


def whole():
    press('0')
    return program.scale()


def choose_layout(key):
    """By its key: 1 gaps collapsed, 2 true to scale, 3 the area."""
    press(f'alt+{key}')


def near(a, b, tolerance):
    return abs(a / b - 1) <= tolerance


def test_what_is_under_the_pointer_stays_there():
    whole()
    program.move(program.area(), 0.62, 0.5)
    program.rest()
    before = pointed()
    bytes_px = program.scale()
    program.wheel(program.area(), 5, 0.62, 0.5)
    program.rest()
    assert abs(pointed() - before) <= 3 * max(bytes_px, 4096) * 64, (hex(before), hex(pointed()))


def test_a_notch_is_the_root_of_two_and_finer_with_control():
    choose_layout(2)
    program.go_to('7df6`00000000')  # in the largest region, where the scale has digits enough
    start = program.scale()
    program.wheel(program.area(), 2)
    program.rest()
    assert near(start / program.scale(), 2, 0.03), (start, program.scale())
    program.wheel(program.area(), 4, keys=('ctrl',))
    program.rest()
    assert near(start / program.scale(), 2 * NOTCH, 0.03), (start, program.scale())
    program.wheel(program.area(), -4, keys=('ctrl',))
    program.wheel(program.area(), -2)
    program.rest()
    assert program.scale() == start


def test_shift_and_wheel_go_sideways():
    program.go_to('ntdll.dll')
    start, bytes_px = seen(), program.scale()
    program.wheel(program.area(), -2, keys=('shift',))
    program.rest()
    assert program.scale() == bytes_px
    moved = seen()
    assert moved[0] > start[0], (start, moved)
    program.wheel(program.area(), 2, keys=('shift',))
    program.rest()
    assert seen() == start


def test_a_drag_pans_and_runs_on_when_let_go():
    program.go_to('ntdll.dll')
    press('w', 'w', 'w', 'w')
    start, bytes_px = seen(), program.scale()
    left, top, width, _ = program.extents(program.area())
    driver.xdotool('mousemove', left + int(width * 0.8), top + 40, 'mousedown', 1)
    for step in range(1, 11):
        driver.xdotool('mousemove', left + int(width * 0.8) - 20 * step, top + 40, 'sleep', 0.012)
    driver.xdotool('mouseup', 1)
    program.rest()
    moved_px = (seen()[0] - start[0]) / bytes_px
    assert program.scale() == bytes_px
    assert moved_px > 200, f'{moved_px} px: no further than the hand'
    press('0')


def test_a_shift_drag_and_a_middle_drag_zoom_to_a_range():
    choose_layout(1)
    for button, keys in ((1, ('shift',)), (2, ())):
        program.go_to('ntdll.dll')
        program.move(program.area(), 0.4, 0.5)
        program.rest()
        first = pointed()
        program.move(program.area(), 0.6, 0.5)
        program.rest()
        last = pointed()
        program.drag(program.area(), (0.4, 0.5), (0.6, 0.5), button=button, keys=keys)
        program.rest()
        now = seen()
        assert now[0] <= first and last <= now[1], (first, last, now)
        assert now[1] - now[0] < 2 * (last - first), (first, last, now)


def test_a_jump_is_stopped_by_a_press():
    program.go_to('0x10000')
    far = seen()
    x, y = program.point(program.area(), 0.5, 0.9)
    program.press('ctrl+l')
    program.type('ntdll.dll')
    # A drag of a few pixels, not a click, which would select.
    driver.xdotool('key', 'Return', 'sleep', 0.1, 'mousemove', x, y, 'mousedown', 1,
                   'mousemove', x + 6, y, 'sleep', 0.2, 'mousemove', x + 12, y, 'sleep', 0.2,
                   'mouseup', 1)
    program.rest()
    now = seen()
    assert now != far, 'it did not even start'
    assert now[1] - now[0] > 2 ** 15, f'the jump went on: {now}'
    press('f')
    assert seen()[1] - seen()[0] < 2 ** 15


def test_a_jump_is_stopped_by_escape():
    program.go_to('0x10000')
    far = seen()
    start = program.header().get_name()
    program.press('ctrl+l')
    program.type('ntdll.dll')
    driver.xdotool('key', 'Return')
    driver.wait_until(lambda: program.header().get_name() != start, 'it to start')
    driver.xdotool('key', 'Escape')
    program.rest()
    now = seen()
    assert now != far and now[1] - now[0] > 2 ** 15, f'the jump went on: {now}'
    press('f')


def test_keys_go_from_region_to_region():
    program.go_to('0x7ffe0000')
    press('Right')
    after = program.selected()
    press('Left')
    assert '00000000`7ffe0000' in program.selected(), program.selected()
    assert after != program.selected()
    press('period')
    assert 'free' not in program.selected(), program.selected()
    press('comma')
    assert '00000000`7ffe0000' in program.selected(), program.selected()


def test_page_keys_go_from_level_to_level():
    program.go_to('ntdll.dll')
    press('0')
    scales = [program.scale()]
    for _ in range(5):
        press('Page_Down')
        scales.append(program.scale())
    assert all(b < a for a, b in zip(scales[1:], scales[2:])), scales
    # Whole entries: 512 times nearer each time, where the axis has one scale.
    assert near(scales[3] / scales[4], 512, 0.2), scales
    for _ in range(5):
        press('Page_Up')
    assert program.scale() == scales[0]


def test_home_and_end_are_the_ends():
    program.go_to('ntdll.dll')
    press('Home')
    assert seen()[0] == 0
    press('End')
    assert seen()[1] >= 0x7ffffffeffff
    press('0')
    assert seen()[0] == 0 and seen()[1] >= 0x7ffffffeffff


def test_w_a_s_d_zoom_and_pan():
    program.go_to('ntdll.dll')
    start, bytes_px = seen(), program.scale()
    press('w')
    assert program.scale() < bytes_px
    press('s')
    assert near(program.scale(), bytes_px, 0.02)
    press('d')
    moved = seen()
    assert moved[0] > start[0] and program.scale() == bytes_px, (start, moved)
    press('a')
    assert abs(seen()[0] - start[0]) <= 2 * bytes_px, (start, seen())


def test_any_way_to_write_an_address_is_gone_to():
    program.go_to('ntdll.dll')
    base = re.search(r'[0-9a-f]{8}`[0-9a-f]{8}', program.selected())[0]
    whole()
    for text, where in (('ntdll+0x1000', f'{number(base) + 0:x}'),
                        (base, base.replace('`', '')),
                        ('pml4[255].pdpt[511]', '7fffc0000000'),
                        ('pml4[255].pdpt[3]', '7f80c0000000'),
                        ('7ffe`0000', '7ffe0000')):
        program.go_to(text)
        crumbs = ' '.join(button.get_name() for button in
                          driver.children(program.widget('panel', 'Place in the page tables')))
        if text.startswith('pml4'):
            n_pdpt = int(where, 16) >> 30 & 511
            assert 'PML4[255]' in crumbs and f'PDPT[{n_pdpt}]' in crumbs, crumbs
        elif '+' in text:
            assert 'ntdll' in program.selected(), program.selected()
        else:
            assert where.lstrip('0') in program.selected().replace('`', ''), (text, program.selected())


def test_crumbs_zoom_to_their_span_and_back_leads_back():
    program.go_to('ntdll.dll')
    start = seen()
    crumb = program.wait_for('push button', lambda text: (text or '').startswith('Zoom to PML4'))
    program.click(crumb)
    program.rest()
    entry = 2 ** 39
    assert seen()[0] <= 0x7fffffffffff // entry * entry
    assert seen()[1] - seen()[0] > 2 ** 38
    program.click(program.widget('push button', 'Back'))
    program.rest()
    again = seen()
    assert abs(again[0] - start[0]) < (start[1] - start[0]) / 4, (start, again)
    program.click(program.widget('push button', 'Forward'))
    program.rest()
    assert seen()[1] - seen()[0] > 2 ** 38
    before = program.scale()
    program.click(program.widget('push button', 'A level up'))
    program.rest()
    assert program.scale() >= before


def minimap_x(address):
    return round(address / 2 ** 47 * program.extents(minimap())[2])


def test_the_minimaps_window_is_moved_and_its_edges_are_pulled():
    choose_layout(2)
    width = program.extents(minimap())[2]
    # Beside the window a drag marks out a new one, but the whole leaves no room beside it.
    program.go_to('0x400000000000')
    program.wheel(program.area(), -80)
    press('0')
    program.drag(minimap(), (width - 3, 8), (width // 2, 8))  # the upper handle
    program.rest()
    first, last = seen()
    assert first < 2 ** 40 and near(last, 2 ** 46, 0.1), (hex(first), hex(last))
    program.drag(minimap(), (minimap_x(2 ** 45), 8), (minimap_x(2 ** 45) + width // 4, 8))
    program.rest()
    moved = seen()
    assert near(moved[0], 2 ** 45, 0.15), hex(moved[0])
    assert near(moved[1] - moved[0], last - first, 0.12), (first, last, moved)
    program.drag(minimap(), (minimap_x(moved[0]) + 2, 8), (minimap_x(2 ** 46), 8))
    program.rest()
    pulled = seen()
    assert near(pulled[0], 2 ** 46, 0.1), hex(pulled[0])
    program.click(minimap(), 20, 8)
    program.rest()
    assert seen()[0] < 2 ** 44, 'a click beside it brings that place'
    choose_layout(1)
    press('0')


def test_the_area_is_pointed_at_zoomed_and_left():
    program.go_to('0x7ffe0000')
    press('0')
    choose_layout(3)
    program.screenshot(driver.pictures_dir() / 'area.png')
    # The first block is the lowest 16 TB; the last, at the other end, the highest.
    program.move(program.area(), 0.05, 0.5)
    low = driver.wait_until(pointed, 'an address')
    program.move(program.area(), 0.95, 0.5)
    program.rest()
    high = pointed()
    assert low < 2 ** 44 and high >= 7 * 2 ** 44, (hex(low), hex(high))
    program.wheel(program.area(), 40, 0.5, 0.5)
    program.rest()
    first, last = seen()
    assert last - first < 2 ** 30, 'the wheel did not go in'
    program.click(program.area(), 0.5, 0.5)
    driver.wait_until(lambda: 'free' in program.selected(), 'the free region in the middle')
    driver.xdotool('key', 'Escape')
    press('0')
    assert seen()[1] - seen()[0] > 2 ** 46
    choose_layout(1)


def test_bytes_and_names_are_found():
    program.go_to('0x7ffe0000')
    program.press('ctrl+shift+f')
    entry = program.wait_for(None, 'Find in memory')
    program.type('This program cannot')
    program.press('Return')
    driver.wait_until(lambda: program.has_text('Found at'), 'the message of a program file')
    first = program.selected()
    assert 'commit' in first, first
    # A search entry: the key of its next match.
    program.press('ctrl+g')
    driver.wait_until(lambda: program.selected() != first, 'the next one, elsewhere')
    program.press('ctrl+a')
    program.type('zzzyyyxxx')
    program.press('Return')
    driver.wait_until(lambda: program.has_text('Not found'), 'that there is none')
    assert entry is not None
    program.press('Escape')


def test_a_bookmark_is_set_and_leads_back():
    program.go_to('0x7ffe0000')
    program.press('ctrl+b')
    driver.xdotool('sleep', 0.5)
    program.type('where the clocks are')
    program.press('Return')
    row = program.wait_for('label', 'where the clocks are')
    program.press('Escape')
    driver.xdotool('sleep', 0.3)
    program.go_to('ntdll.dll')
    program.press('ctrl+b')
    row = program.wait_for('label', 'where the clocks are')
    program.click(row)
    driver.wait_until(lambda: '00000000`7ffe0000' in program.selected(), 'the bookmarked region')
    program.rest()


def test_the_map_is_exported_from_the_keyboard():
    with tempfile.TemporaryDirectory() as folder:
        for ending, magic in (('png', b'\x89PNG'), ('svg', b'<?xml'), ('pdf', b'%PDF')):
            path = pathlib.Path(folder) / f'picture.{ending}'
            program.press('ctrl+e')
            driver.wait_until(lambda: not program.is_alone(), 'the dialog')
            driver.xdotool('sleep', 0.7)
            program.press('ctrl+a')
            program.type(str(path))
            program.press('Return')
            driver.wait_until(path.exists, f'{path.name}')
            assert path.read_bytes().startswith(magic)
            driver.wait_until(program.is_alone, 'the dialog gone')


def test_nothing_is_complained_of():
    assert program.read_complaints() == '', program.complaints


if __name__ == '__main__':
    with atlas_window.Window([VMATLAS]) as program:
        driver.run(tap.of_module(globals()))
