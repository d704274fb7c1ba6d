#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory made, changed, touched and given back where it is seen: by a click or a drag on the map, by
the keyboard alone, by the buttons of a region and by the menu of its row. And what is copied."""

import os
import pathlib
import tempfile

import atlas_driver as driver
import atlas_window
import tap

VMATLAS = os.environ['ATLAS_PROGRAM']
SCENARIO = '''system memory=1G seed=7
process $p doing.exe bare
reserve $r = 0x30000000 64K
'''
FREE, RESERVED = '00000000`40000000', '00000000`30000000'

program = None


def row_of(address):
    """What stands beside an address in the list."""
    texts = program.rows()
    index = texts.index(address) if address in texts else None
    return texts[index + 1:index + 5] if index is not None else []


def expect_row(address, *cells):
    driver.wait_until(lambda: row_of(address)[:len(cells)] == list(cells),
                      lambda: f'{cells} beside {address}, not {row_of(address)}')


def go_to(address):
    program.press('ctrl+l')
    program.type(address)
    program.press('Return')
    driver.wait_until(lambda: address in program.wait_for('image', 'Page tables').get_description(),
                      f'{address} to be selected')
    program.rest()


# On the map

def offer():
    """What pops up over a place on the map."""
    driver.wait_until(lambda: not program.is_alone(), 'an offer')
    return program.wait_for(None, 'Allocate here', within=program.area())


def test_a_click_on_free_space_reserves_a_slot():
    before = program.rows()
    go_to(FREE)
    program.wheel(program.area(), 40)
    program.rest()
    program.click(program.area(), 0.5, 0.5)
    popover = offer()
    driver.wait_until(lambda: program.has_text(', 16 pages', popover), 'what would be given')
    title = program.texts(popover)[0]
    assert title.endswith('0000'), title
    assert program.rows() == before, 'it is only offered'
    program.click(program.wait_for('push button', 'Reserve', within=popover))
    program.expect('reserved 0x')
    expect_row(title, '64 KB', 'reserve')
    program.press_undo_of_message()
    driver.wait_until(lambda: program.rows() == before, 'the regions as they were')


def test_a_drag_with_control_asks_for_just_that_range():
    before = program.rows()
    program.wheel(program.area(), -14)
    program.rest()
    program.drag(program.area(), (0.3, 0.5), (0.6, 0.5), keys=('ctrl',))
    popover = offer()
    driver.wait_until(lambda: program.has_text('asked 0x', popover), 'what would be given')
    words = ' '.join(program.texts(popover))
    assert ', 16 pages' not in words, words
    program.click(program.wait_for('push button', 'More…', within=popover))
    dialog = program.wait_for(None, 'Allocate Memory')
    address = program.wait_for('text', 'Address (empty: Windows chooses)', within=dialog)
    assert int(address.get_text(), 16) == int(words[:17].replace('`', ''), 16), words
    program.press('Escape')
    driver.wait_until(lambda: not program.find(None, 'Allocate Memory'), 'the dialog to go')
    program.drag(program.area(), (0.3, 0.5), (0.6, 0.5), keys=('ctrl',))
    popover = offer()
    program.click(program.wait_for('push button', 'Reserve and Commit', within=popover))
    program.expect('reserved and committed 0x')
    driver.wait_until(program.is_alone, 'the offer to go')
    driver.wait_until(lambda: len(program.rows()) > len(before), 'its row')
    program.undo_all(before)


def test_a_drag_is_let_go_by_escape():
    before = program.rows()
    scale = program.wait_for('label', lambda text: ' px = ' in text).get_name()
    x, y = program.point(program.area(), 0.3, 0.5)
    with program.held('ctrl'):
        driver.xdotool('mousemove', x, y, 'mousedown', 1, 'mousemove', x + 40, y, 'sleep', 0.1,
                       'mousemove', x + 120, y, 'sleep', 0.1)
        driver.xdotool('key', 'Escape', 'sleep', 0.1)
        driver.xdotool('mouseup', 1)
    driver.xdotool('sleep', 0.4)
    assert program.is_alone(), 'it is offered all the same'
    assert program.wait_for('label', lambda text: ' px = ' in text).get_name() == scale
    assert program.rows() == before


def test_the_keyboard_alone_allocates_at_the_selected_place():
    before = program.rows()
    go_to(RESERVED)
    program.press('Right')  # the free region behind it
    driver.wait_until(lambda: 'free' in program.selected(), program.selected)
    program.press('ctrl+Return')
    dialog = program.wait_for(None, 'Allocate Memory')
    address = program.wait_for('text', 'Address (empty: Windows chooses)', within=dialog)
    assert address.get_text() == '0x30010000', address.get_text()
    driver.wait_until(lambda: program.has_text('16 pages (64 KB)', dialog), 'what would be given')
    assert program.has_text('alloc 0x30010000 64K reserve|commit readwrite', dialog)
    # How much is asked first: where is known.
    program.type('20K')
    driver.wait_until(lambda: program.has_text('5 pages (20 KB)', dialog),
                      lambda: f'another size: {program.texts(dialog)}')
    # The row of types, its first button, its second: not to be committed, and to be all the same.
    for command in ('20K reserve readwrite', '20K reserve|commit readwrite'):
        program.press(*['Tab'] * (3 if command.endswith('reserve readwrite') else 0), 'space')
        driver.wait_until(lambda words=command: program.has_text(words, dialog),
                          lambda words=command: f'“{words}”: {program.texts(dialog)}')
    program.press('shift+Tab', 'shift+Tab', 'shift+Tab', 'Return')
    driver.wait_until(lambda: not program.find(None, 'Allocate Memory'), 'the dialog to agree')
    expect_row('00000000`30010000', '20 KB', 'commit', 'RW')
    program.undo_all(before)


# By the buttons of a region

def press_button(name):
    """The region's, which have the names of views and of columns elsewhere."""
    page = program.wait_for('push button', 'Decommit').get_parent().get_parent()
    program.click(program.wait_for('push button', name, within=page.get_parent().get_parent()))


def choose_protection(name):
    drop_down = program.wait_for('combo box', 'Protection to set')
    names = ('PAGE_NOACCESS', 'PAGE_READONLY', 'PAGE_READWRITE')
    program.click(drop_down)
    driver.xdotool('sleep', 0.3)
    program.press('Home', *['Down'] * names.index(name), 'Return')
    driver.wait_until(lambda: program.has_text(name, drop_down), name)


def test_a_region_is_committed_protected_touched_decommitted_and_released():
    before = program.rows()
    go_to(RESERVED)
    program.press('ctrl+3')
    press_button('Commit')
    program.expect('committed 0x30000000')
    expect_row(RESERVED, '64 KB', 'commit', 'RW')

    choose_protection('PAGE_READONLY')
    press_button('Protect')
    program.expect('PAGE_READONLY, was PAGE_READWRITE')
    expect_row(RESERVED, '64 KB', 'commit', 'R')

    press_button('Write')  # brings the story of it
    driver.wait_until(lambda: 'Write at' in ' '.join(program.texts(program.wait_for('panel', 'Walk'))),
                      'the story')
    program.expect('STATUS_ACCESS_VIOLATION')
    program.press('ctrl+3')
    press_button('Read')
    driver.wait_until(lambda: program.find('list item', lambda name: name.startswith('Done')),
                      'the access to be done')

    program.press('ctrl+3')
    press_button('Decommit')
    program.expect('decommitted 0x30000000')
    expect_row(RESERVED, '64 KB', 'reserve')
    press_button('Release')
    program.expect('released 0x30000000')
    driver.wait_until(lambda: RESERVED not in program.rows(), 'the region to go')
    program.undo_all(before)


# By the menu of a row

def open_menu_of_row(address):
    program.click(program.wait_for('label', address, within=program.table()), button=3)
    program.wait_for('menu item', 'Copy Row')
    return program


def test_the_menu_of_a_row_does_the_same():
    before = program.rows()
    go_to(RESERVED)
    open_menu_of_row(RESERVED)
    assert not driver.is_sensitive(program.find('menu item', 'Decommit'))
    program.click(program.wait_for('menu item', 'Commit'))
    expect_row(RESERVED, '64 KB', 'commit', 'RW')
    open_menu_of_row(RESERVED)
    program.click(program.wait_for('menu item', 'Protect'))
    item = program.wait_for('menu item', 'PAGE_READONLY')
    program.click(item)
    expect_row(RESERVED, '64 KB', 'commit', 'R')
    # By the keyboard: its own key, arrows, Return.
    program.click(program.wait_for('label', RESERVED, within=program.table()))
    program.press('Menu')
    program.wait_for('menu item', 'Copy Row')
    driver.xdotool('sleep', 0.3)
    program.press('End', 'Return')
    driver.wait_until(lambda: RESERVED not in program.rows(), 'the region to be released')
    program.undo_all(before)


# What is copied

def pasted():
    """What the clipboard holds, as a person would see: pasted into an entry."""
    entry = program.wait_for(None, 'Filter regions by name, state, type, protection or address')
    program.click(entry)
    program.press('ctrl+a', 'BackSpace', 'ctrl+v')
    driver.wait_until(entry.get_text, 'something to be pasted')
    text = entry.get_text()
    program.press('ctrl+a', 'BackSpace')
    driver.wait_until(lambda: RESERVED in program.rows(), 'the whole list')
    return text


def test_a_row_and_its_address_are_copied():
    open_menu_of_row(RESERVED)
    program.click(program.wait_for('menu item', 'Copy Address'))
    assert pasted() == RESERVED, pasted()
    program.click(program.wait_for('label', RESERVED, within=program.table()))
    program.press('ctrl+c')
    text = pasted()
    for cell in (RESERVED, '64 KB', 'reserve', 'private'):
        assert cell in text, text


def test_an_address_is_copied_in_each_notation():
    go_to('00000000`7ffe0000')
    for name, expected in (('as Indices', 'pml4[0].pdpt[1].pd[511].pt[480]'),
                           ('as WinDbg', '00000000`7ffe0000'),
                           ('in Decimal', '2147352576')):
        program.press('ctrl+k')
        program.wait_for(None, 'Find or type a command')
        program.type(f'Copy the Address {name}')
        driver.xdotool('sleep', 0.4)
        program.press('Return')
        program.expect(f'Copied {expected}')
        assert pasted() == expected, (name, pasted())


def test_what_was_done_is_copied_as_a_command():
    before = program.rows()
    go_to(RESERVED)
    program.press('ctrl+3')
    press_button('Commit')
    expect_row(RESERVED, '64 KB', 'commit', 'RW')
    program.park_pointer()
    program.press('ctrl+shift+c')
    program.expect('Command copied')
    text = pasted()
    assert text.startswith(('commit 0x30000000', 'alloc 0x30000000')), text
    program.undo_all(before)
    # It does the same once more.
    program.press('ctrl+9')
    program.fill(program.wait_for(None, 'Command'), text)
    program.press('Return', 'ctrl+5')
    expect_row(RESERVED, '64 KB', 'commit', 'RW')
    program.undo_all(before)


def test_nothing_is_complained_of():
    assert program.read_complaints() == '', program.complaints


if __name__ == '__main__':
    with tempfile.TemporaryDirectory() as name:
        path = pathlib.Path(name) / 'doing.vmatlas'
        path.write_text(SCENARIO, encoding='utf-8')
        with atlas_window.Window([VMATLAS, str(path)]) as program:
            driver.run(tap.of_module(globals()))
            program.close()
