#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The story of an access and the tables it goes through: stepped, played, pointed at, changed."""

import os
import pathlib
import re
import subprocess
import tempfile
import time

import atlas_driver as driver
import atlas_window
import tap

VMATLAS = os.environ['ATLAS_PROGRAM']
SCENARIO = '''system memory=1G seed=7
process $p walk.exe bare
alloc $a = 0x20000000 64K reserve|commit readwrite
write $a 8192
protect $a+0x1000 4K readonly
reserve $r = 0x30000000 64K
'''
READABLE, READ_ONLY, UNTOUCHED, RESERVED = 0x20000000, 0x20001000, 0x20002000, 0x30000000
HEADER = re.compile('^[0-9a-f]{8}`[0-9a-f]{8} ( |…)')

program = None


def tables():
    return program.widget('image', 'Page tables')


def address_text(number):
    text = f'{number:016x}'
    return f'{text[:8]}`{text[8:]}'


def described():
    """Address and index of each level, as the picture of the tables says them."""
    words = tables().get_description().split(', ')
    return int(words[0].replace('`', ''), 16), [int(word.split()[1]) for word in words[1:]]


def wait_for_address(number):
    driver.wait_until(lambda: described()[0] == number, f'the tables of {number:x}')


def go_to(number):
    program.press('ctrl+l')
    program.type(f'{number:x}')
    program.press('Return')
    wait_for_address(number)
    # A key is the map's again.
    driver.wait_until(lambda: f'at {address_text(number)}' in explained_title(), 'the story of it')


def explained_title():
    return ' '.join(program.texts(program.widget('panel', 'Walk'))[:1])


def rows():
    return driver.children(program.widget(None, 'Steps'))


def step():
    chosen = [index for index, row in enumerate(rows()) if driver.is_selected(row)]
    return chosen[0] if len(chosen) == 1 else None


def wait_for_step(number):
    driver.wait_until(lambda: step() == number, lambda: f'step {number}, not {step()}')


def choose_from_menu(button, name):
    """Opens the menu of a button and picks an item."""
    menu = program.wait_for('push button', button)
    program.click(menu)
    driver.wait_until(lambda: not program.is_alone(), 'the menu')
    program.click(program.wait_for('menu item', name, within=menu))
    driver.wait_until(program.is_alone, 'the menu to close')


def choose_access(name):
    if not explained_title().startswith(name):
        choose_from_menu('Kind of access', name)
    driver.wait_until(lambda: explained_title().startswith(name), f'the story of a {name}')


def wait_for_words(fragment):
    driver.wait_until(lambda: program.has_text(fragment, program.widget('panel', 'Walk')),
                      lambda: f'“{fragment}”, not {program.texts(program.widget("panel", "Walk"))}')


def picture_of(node):
    """Its pixels."""
    x, y, width, height = program.extents(node)
    return subprocess.run(
        ['import', '-silent', '-window', 'root', '-crop', f'{width}x{height}+{x}+{y}', 'rgb:-'],
        check=True, capture_output=True).stdout


def picture_at_rest(node):
    """Its pixels once they stay the same."""
    previous = [None]

    def is_same():
        driver.xdotool('sleep', 0.2)  # a frame may be late
        before, previous[0] = previous[0], picture_of(node)
        return before == previous[0]
    driver.wait_until(is_same, f'{node} to stand still')
    return previous[0]


# The story of an access

def test_each_kind_and_mode_has_its_story():
    go_to(READABLE)
    choose_access('Read')
    wait_for_words('Done')
    wait_for_words('a page of 4 KB, plus the offset. Over all levels the page is user, writable, '
                   'not executable. Its memory type is WB.')
    go_to(READ_ONLY)
    choose_access('Write')
    wait_for_words('error code 0x7: the page may not be written')
    wait_for_words('Set R/W in every entry on the way.')
    choose_access('Execute')
    wait_for_words('User mode executes')
    wait_for_words('Clear XD in every entry on the way.')
    program.click(program.wait_for('push button', 'Supervisor'))
    wait_for_words('Supervisor mode executes')
    wait_for_words('error code 0x11')
    program.click(program.wait_for('push button', 'Supervisor'))
    wait_for_words('error code 0x15')
    choose_access('Read')
    wait_for_words('Done')


def test_where_a_long_story_has_come_to_is_in_view():
    go_to(UNTOUCHED)
    program.click(program.wait_for('push button', 'Run'))
    driver.wait_until(lambda: len(rows()) > 12 and step() == len(rows()) - 1,
                      'the story to its end')
    # Between the button that told it and what is said of it.
    _, top, _, height = program.extents(program.wait_for('push button', 'Run'))

    def is_in_view():
        _, row_top, _, row_height = program.extents(rows()[step()])
        last_step = program.extents(program.wait_for('push button', 'Last step'))
        return top + height <= row_top and row_top + row_height < last_step[1]
    driver.wait_until(is_in_view, 'the last step to be seen')
    program.press('ctrl+z')
    driver.wait_until(lambda: len(rows()) < 12, 'the story of what would happen')


def test_what_is_missing_is_told():
    go_to(UNTOUCHED)
    wait_for_words('The entry is PTE 2')
    wait_for_words('would have to fill in the entry and set its Present bit')
    # What Windows would do then.
    wait_for_words('The page is committed: Windows would have to bring it in. Run shows how.')
    go_to(RESERVED)
    wait_for_words('The entry is PDE 384')
    wait_for_words('Nothing is committed here: the program would get STATUS_ACCESS_VIOLATION.')


def test_steps_are_gone_by_keys_by_clicks_and_to_both_ends():
    go_to(READABLE)
    last = len(rows()) - 1
    program.click(program.wait_for('push button', 'First step'))
    wait_for_step(0)
    program.press('F11')
    wait_for_step(1)
    program.press('F11')
    wait_for_step(2)
    program.press('shift+F11')
    wait_for_step(1)
    program.click(rows()[3])
    wait_for_step(3)
    program.click(program.wait_for('push button', 'Last step'))
    wait_for_step(last)
    assert not driver.is_sensitive(program.wait_for('push button', 'Step'))


def test_a_step_lights_up_what_it_reads():
    program.click(program.wait_for('push button', 'First step'))
    wait_for_step(0)
    program.park_pointer()
    pictures = [picture_at_rest(tables())]
    for number in range(1, 5):
        program.press('F11')
        wait_for_step(number)
        pictures.append(picture_at_rest(tables()))
    assert len(set(pictures)) == len(pictures), 'two steps look alike'
    for number in reversed(range(4)):
        program.press('shift+F11')
        wait_for_step(number)
    driver.wait_until(lambda: picture_of(tables()) == pictures[0], 'the first picture once more')
    # The bits follow too.
    program.press('ctrl+2')
    program.wait_for(None, "The entry's value")
    for name in ('PML4E 0 at ', 'PDPTE 0 at ', 'PDE 256 at ', 'PTE 0 at '):
        driver.wait_until(lambda words=name: program.has_text(words), name)
        program.press('F11')
    program.press('ctrl+1')


# Playing

def steps_while_playing(is_enough):
    """Each step that is seen, with the time when it was, until is_enough (steps so far)."""
    seen = [(step(), time.monotonic())]

    def go_on():
        number = step()
        if number is not None and number != seen[-1][0]:
            seen.append((number, time.monotonic()))
        return is_enough([number for number, _ in seen])
    driver.wait_until(go_on, lambda: f'more than {seen}')
    return [number for number, _ in seen], seen[-1][1] - seen[0][1]


def test_it_plays_to_the_end_and_stops_there():
    last = len(rows()) - 1
    choose_from_menu('How it plays', 'Normal')
    program.click(program.wait_for('push button', 'First step'))
    wait_for_step(0)
    program.click(program.wait_for('push button', 'Play'))
    steps, _ = steps_while_playing(lambda seen: seen[-1] == last)
    assert steps == sorted(steps), steps
    program.wait_for('push button', 'Play')
    assert step() == last


def test_fast_is_faster_than_slow():
    def seconds_a_step(speed):
        choose_from_menu('How it plays', speed)
        program.click(program.wait_for('push button', 'First step'))
        wait_for_step(0)
        program.click(program.wait_for('push button', 'Play'))
        steps, duration = steps_while_playing(lambda seen: seen[-1] >= 2)
        program.click(program.wait_for('push button', 'Pause'))
        program.wait_for('push button', 'Play')
        return duration / steps[-1]
    slow, fast = seconds_a_step('Slow'), seconds_a_step('Fast')
    assert slow > 1.2, slow
    assert fast < slow * 0.7, (slow, fast)


def test_a_pause_stays_where_it_is_and_a_step_ends_it():
    choose_from_menu('How it plays', 'Fast')
    program.click(program.wait_for('push button', 'First step'))
    wait_for_step(0)
    program.click(program.wait_for('push button', 'Play'))
    steps_while_playing(lambda seen: seen[-1] >= 1)
    program.press('shift+F11')
    program.wait_for('push button', 'Play')
    number = step()
    driver.xdotool('sleep', 0.8)
    assert step() == number, 'it plays on'


def test_it_plays_backwards_and_again_and_again():
    last = len(rows()) - 1
    choose_from_menu('How it plays', 'Again and Again')
    program.click(program.wait_for('push button', 'Last step'))
    wait_for_step(last)
    program.click(program.wait_for('push button', 'Play'))
    steps, _ = steps_while_playing(lambda seen: seen.count(last) >= 2 and seen[-1] < last)
    assert steps[1] < last, steps
    program.click(program.wait_for('push button', 'Pause'))
    choose_from_menu('How it plays', 'Backwards')
    program.click(program.wait_for('push button', 'Play'))
    # Down to the first, and from there once more from the last.
    steps, _ = steps_while_playing(
        lambda seen: any(a < b for a, b in zip(seen, seen[1:])) and seen[-1] > 0)
    ups = [index for index, (a, b) in enumerate(zip(steps, steps[1:])) if a < b]
    assert len(ups) == 1 and steps[ups[0]] <= 1, steps
    program.click(program.wait_for('push button', 'Pause'))
    for name in ('Normal', 'Backwards', 'Again and Again'):
        choose_from_menu('How it plays', name)


# The tables

def is_consistent():
    address, indexes = described()
    return indexes == [address >> shift & 511 for shift in (39, 30, 21, 12)]


def test_the_tables_follow_the_map_and_the_map_the_tables():
    for number in (READ_ONLY, RESERVED, 0x7ffe0000):
        go_to(number)
        assert is_consistent(), described()
    # A page beside it, in the last of the tables.
    program.click(tables(), 0.7, 0.55)
    driver.wait_until(lambda: described()[0] != 0x7ffe0000, 'another entry')
    chosen, indexes = described()
    assert is_consistent() and indexes[:3] == [0, 1, 511], described()
    driver.wait_until(lambda: address_text(chosen) in explained_title(), 'the story of it')
    program.press('ctrl+3')
    driver.wait_until(lambda: program.find('label', f'{address_text(chosen)} Selected'),
                      'the region of it')
    program.press('ctrl+1')


def test_the_tables_are_gone_through_by_keys():
    go_to(READABLE)
    program.click(tables(), 0.7, 0.9)  # beneath the cells: only the keyboard comes
    before = described()[0]
    program.press('Right')
    wait_for_address(before + 0x1000)
    program.press('Down')
    wait_for_address(before + 0x11000)
    program.press('Up', 'Left')
    wait_for_address(before)
    program.press('ctrl+Left')
    program.press('Right')
    wait_for_address(before + 0x200000)
    program.press('Left', 'ctrl+Right', 'Right')
    wait_for_address(before + 0x1000)
    scale = program.wait_for('label', lambda text: ' px = ' in text)
    before = scale.get_name()
    program.press('ctrl+Left', 'ctrl+Left', 'Return')
    driver.wait_until(lambda: scale.get_name() != before, 'the map to show the span of the entry')
    assert is_consistent(), described()


def test_an_entry_is_shown_on_the_map_by_a_double_click():
    go_to(READABLE)
    program.press('0')
    scale = program.wait_for('label', lambda text: ' px = ' in text)
    driver.xdotool('sleep', 0.6)
    before = scale.get_name()
    program.click(tables(), 0.7, 0.55, times=2)
    driver.wait_until(lambda: scale.get_name() != before, 'the map to go there')


def test_entries_are_coloured_by_their_last_use():
    go_to(READABLE)
    program.park_pointer()
    plain = picture_at_rest(tables())
    program.press('ctrl+shift+h')
    driver.wait_until(lambda: driver.is_checked(program.wait_for('push button', 'Last Use')),
                      'the button to be down')
    driver.wait_until(lambda: picture_of(tables()) != plain, 'other colours')
    program.click(program.wait_for('push button', 'Last Use'))
    program.park_pointer()
    driver.wait_until(lambda: picture_of(tables()) == plain, 'the colours as they were')


# Bits

def value():
    return int(program.wait_for(None, "The entry's value").get_text().replace('`', ''), 16)


def undo():
    program.park_pointer()
    program.press('ctrl+z')


def test_an_entry_is_written_as_a_number():
    go_to(READABLE)
    program.press('ctrl+2')
    entry = program.wait_for(None, "The entry's value")
    before = value()
    program.fill(entry, f'{before & ~2:x}')
    program.press('Return')
    program.wait_for(None, 'user read-write → user read-only')
    driver.wait_until(lambda: value() == before & ~2, 'the other value')
    assert program.has_text('The TLB still holds the old translation')
    program.click(tables(), 0.7, 0.9)
    program.press('ctrl+1')
    choose_access('Write')
    wait_for_words('the page may not be written')
    choose_access('Read')
    undo()
    program.press('ctrl+2')
    driver.wait_until(lambda: value() == before, 'undo')


def test_a_number_that_is_none_is_refused():
    entry = program.wait_for(None, "The entry's value")
    before = value()
    program.fill(entry, 'nonsense')
    program.press('Return')
    driver.xdotool('sleep', 0.3)
    program.click(program.wait_for('push button', 'PDE'))
    program.click(program.wait_for('push button', 'PTE'))
    driver.wait_until(lambda: value() == before, 'the value as it is')


def test_a_bit_of_the_picture_is_turned_by_a_double_click():
    picture = program.wait_for('image', "The entry's 64 bits")
    before = value()
    # The lowest bit stands at the end of the second row.
    program.click(picture, 0.985, 0.85, times=2)
    driver.wait_until(lambda: value() == before ^ 1, lambda: f'Present to be turned, not {value():x}')
    program.wait_for('label', lambda text: text.startswith('Not present'))
    undo()
    driver.wait_until(lambda: value() == before, 'undo')


def test_each_level_has_its_entry():
    for name, words in (('PML4E', 'leads to the PDPT'), ('PDPTE', 'leads to the PD '),
                        ('PDE', 'leads to the PT '), ('PTE', 'maps a page of 4 KB')):
        program.click(program.wait_for('push button', name))
        driver.wait_until(lambda fragment=words: program.has_text(fragment), words)


def point_at_giga_entry(number):
    """Looks along the upper rows of the second table for the cell that stands for this address."""
    left, top, width, height = program.extents(tables())
    place = program.wait_for('label', lambda text: bool(HEADER.match(text)))
    for row in range(top + height * 24 // 100, top + height // 2, 4):
        for column in range(left + width // 4, left + width * 2 // 5, 7):
            driver.xdotool('mousemove', column, row, 'sleep', 0.03)
            if place.get_name().split()[0] == address_text(number):
                # What is said may be of the place before this one.
                driver.xdotool('sleep', 0.3)
                if place.get_name().split()[0] == address_text(number):
                    return
    raise AssertionError(f'no cell for {number:x}')


def test_an_entry_under_the_pointer_is_told_over_the_map():
    go_to(READABLE)
    point_at_giga_entry(0x40000000)
    place = program.wait_for('label', lambda text: text.startswith(address_text(0x40000000)))
    program.park_pointer()
    driver.wait_until(lambda: '…' in place.get_name(), 'what is seen to be told again')


def test_a_table_with_two_parents_is_there_once():
    go_to(READABLE)
    program.press('ctrl+2')
    program.click(program.wait_for('push button', 'PDPTE'))
    driver.wait_until(lambda: program.has_text('PDPTE 0 at'), 'the entry')
    shared = value()
    go_to(0x80000000)
    program.press('ctrl+2')
    program.click(program.wait_for('push button', 'PDPTE'))
    driver.wait_until(lambda: program.has_text('PDPTE 2 at'), 'the entry')
    program.fill(program.wait_for(None, "The entry's value"), f'{shared:x}')
    program.press('Return')
    driver.wait_until(lambda: program.has_text('PDPTE of 0x80000000 is'), 'the entry to be written')
    # The same page at another address.
    go_to(0x80000000 + READABLE)
    assert described()[1] == [0, 2, 256, 0], described()
    program.press('ctrl+1')
    wait_for_words('Done')
    point_at_giga_entry(0x80000000)
    driver.wait_until(lambda: program.has_text('one of 2 entries here that name the same table'),
                      'both parents to be told')
    undo()


def test_nothing_is_complained_of():
    assert program.read_complaints() == '', program.complaints


if __name__ == '__main__':
    with tempfile.TemporaryDirectory() as name:
        path = pathlib.Path(name) / 'walk.vmatlas'
        path.write_text(SCENARIO, encoding='utf-8')
        with atlas_window.Window([VMATLAS, str(path)]) as program:
            driver.run(tap.of_module(globals()))
            program.close()
