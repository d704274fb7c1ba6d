#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every list and picture below the map under a real hand: sorted, filtered, added up, pointed at;
each follows the map, and the map follows it."""

import os
import pathlib
import re
import tempfile

import atlas_driver as driver
import atlas_window
import tap

VMATLAS = os.environ['ATLAS_PROGRAM']
# Every eighth frame or so is a page of the first allocation.
SCENARIO = ('system memory=64M seed=7\nprocess $p lists.exe bare\n'
            'alloc $a = 0x20000000 16M reserve|commit readwrite\n' +
            ''.join(f'write {0x20000000 + (i << 16):#x} 64K\n' for i in range(64)) +
            'section $s = 256K readwrite\nmap $v = $s 0x30000000\nwrite 0x30000000 64K\n'
            'reserve 0x40000000 64K\nreserve 0x50000000 1M\n'
            'alloc 0x60000000 64K reserve|commit readonly\n'
            'alloc 0x60010000 64K reserve|commit readwrite\nprotect 0x60014000 4K readonly\n')
PAGE, VIEW, RESERVED, LARGER, READ_ONLY = (
    '00000000`20001000', '00000000`30000000', '00000000`40000000', '00000000`50000000',
    '00000000`60000000')
ADDRESS = re.compile('^[0-9a-f]{8}`[0-9a-f]{8}$')

program = None


def walked():
    """The selected address, by the title of its walk."""
    return ' '.join(program.texts(program.widget('panel', 'Walk'))[:1])


def go_to(address):
    program.press('ctrl+l')
    program.type(address)
    program.press('Return')
    driver.wait_until(lambda: address in walked(), lambda: f'{address}, not {walked()}')


def addresses():
    """Of the rows, from the top."""
    return [text.strip() for text in program.rows() if ADDRESS.match(text.lstrip('▸▾ '))]


def click_row(address, keys=()):
    with program.held(*keys):
        program.click(program.wait_for('label', address, within=program.table()))


# Regions

def show_regions():
    """All of them: without the tables over it the list has room."""
    program.press('ctrl+5')
    if program.find('image', 'Page tables'):
        program.press('shift+F9')
        driver.wait_until(lambda: not program.find('image', 'Page tables'), 'the tables to go')


def test_a_click_on_a_heading_sorts_and_another_turns_it_round():
    go_to(PAGE)
    show_regions()
    before = addresses()
    assert before == sorted(before), before
    heading = program.wait_for('label', 'Size', within=program.table())
    program.click(heading)
    driver.wait_until(lambda: addresses() != before, 'another order')
    upwards = addresses()
    program.click(heading)
    driver.wait_until(lambda: addresses() not in (before, upwards), 'the other order')
    assert addresses().index(PAGE.replace('1000', '0000')) < addresses().index(RESERVED)
    program.click(program.wait_for('label', 'Address', within=program.table()))
    driver.wait_until(lambda: addresses() == before, lambda: f'the first order, not {addresses()}')


def test_the_list_is_filtered_by_state_type_protection_and_name():
    program.park_pointer()
    program.press('ctrl+f')
    everything = addresses()
    for text, wanted in (('reserve', {RESERVED, LARGER}), ('mapped', {VIEW}),
                         ('KUSER', {'00000000`7ffe0000'}), ('60000000', {READ_ONLY}),
                         ('nothing of that kind', set())):
        program.press('ctrl+a')
        program.type(text)
        driver.wait_until(lambda rows=wanted: set(addresses()) == rows,
                          lambda words=text: f'what is “{words}”, not {addresses()}')
    program.expect('No region matches')
    program.press('ctrl+a', 'BackSpace')
    driver.wait_until(lambda: addresses() == everything, 'the whole list')


def test_free_addresses_and_groups_are_shown_when_asked_for():
    everything = addresses()
    program.click(program.wait_for('push button', 'Free'))
    driver.wait_until(lambda: len(addresses()) > len(everything), 'free addresses')
    assert 'free' in program.rows()
    program.click(program.wait_for('push button', 'Free'))
    driver.wait_until(lambda: addresses() == everything, 'the list as it was')
    program.click(program.wait_for('push button', 'Group'))
    driver.wait_until(lambda: any('▸' in row for row in addresses()), 'an allocation of several')
    program.click(program.wait_for('label', '▸ 00000000`60010000', within=program.table()), times=2)
    driver.wait_until(lambda: any('▾' in row for row in addresses()), 'its parts')
    assert '00000000`60014000' in addresses(), addresses()
    program.click(program.wait_for('push button', 'Group'))
    driver.wait_until(lambda: addresses() == everything, 'the list as it was')


def test_several_rows_are_added_up():
    click_row(RESERVED)
    driver.wait_until(lambda: program.find('label', lambda text: ' committed · 1.1 MB reserved' in
                                           text), 'the totals')
    click_row(LARGER, ('ctrl',))
    program.expect('2 regions selected · 1.1 MB')
    click_row(VIEW, ('shift',))
    program.expect('3 regions selected · 1.3 MB')
    click_row(RESERVED)
    driver.wait_until(lambda: not program.has_text('regions selected'), 'the totals again')
    program.click(program.wait_for('push button', 'Totals by type, and fragmentation'))
    program.expect('fragmentation')
    text = program.find('label', lambda words: 'fragmentation' in words and '\t' in words).name
    for words in ('private\t', 'mapped\t1\t', 'free\t', 'largest '):
        assert words in text, text
    program.press('Escape')
    driver.wait_until(program.is_alone, 'the totals to close')


def test_a_row_is_selected_by_keys_and_shown_by_return():
    click_row(RESERVED)
    driver.wait_until(lambda: RESERVED in program.selected(), program.selected)
    program.press('Down')
    driver.wait_until(lambda: LARGER in program.selected(), program.selected)
    scale = program.wait_for('label', lambda text: ' px = ' in text)
    before = scale.get_name()
    program.press('Return')
    driver.wait_until(lambda: scale.get_name() != before, 'the map to show it')


# The VAD tree

def test_a_node_of_the_vad_tree_is_found_and_chosen():
    go_to(VIEW)
    program.press('ctrl+6')
    driver.wait_until(lambda: program.find('status bar', lambda name: name.startswith(VIEW) and
                                           'found after' in name), 'how the node was found')
    tree = program.widget('image', 'VAD tree')
    # The root is in the middle of the top; everything is in its left half or in its right one.
    root = None
    for x in (0.5, 0.45, 0.55, 0.4, 0.6, 0.35, 0.65):
        program.click(tree, x, 16)
        driver.xdotool('sleep', 0.2)
        if VIEW not in program.selected():
            root = program.selected()
            break
    assert root, 'no click met the root'
    driver.wait_until(lambda: program.find('status bar', lambda name: 'found after 1 comparison' in
                                           name), 'one comparison for the root')
    # Parent and child, and what is before and behind it in the order of addresses.
    for there, back in (('Down', 'Up'), ('Left', 'Right')):
        program.press(there)
        driver.wait_until(lambda: program.selected() != root, 'another node')
        program.press(back)
        driver.wait_until(lambda: program.selected() == root, 'the root again')


def test_the_vad_tree_is_zoomed_and_dragged():
    tree = program.widget('image', 'VAD tree')
    program.click(program.wait_for('push button', 'The whole tree'))
    program.click(tree, 0.02, 0.95)
    driver.xdotool('sleep', 0.3)

    def tip(x, y):
        program.move(tree, x, y)
        driver.xdotool('sleep', 0.8)
        return program.texts()[-1]
    whole = tip(0.5, 16)
    program.wheel(tree, 6, 0.5, 16)
    program.drag(tree, (0.5, 0.5), (0.2, 0.7))
    driver.xdotool('sleep', 0.3)
    assert tip(0.5, 16) != whole or tip(0.2, 0.3) != whole
    program.click(program.wait_for('push button', 'The whole tree'))


# Frames, working set, caches, sections

def frame_told():
    found = program.find('label', lambda text: re.match('frame [0-9a-f]+: [^\n]*$', text))
    return found.name if found else ''


def test_frames_follow_the_map_and_the_map_follows_them():
    go_to(PAGE)
    program.press('ctrl+8')
    driver.wait_until(lambda: PAGE in frame_told(), lambda: f'its frame, not {frame_told()}')
    assert 'active, private page' in frame_told(), frame_told()
    picture = program.widget('image', 'Frames')
    for place in range(60):
        program.click(picture, 40 + 15 * place, 12 + place % 3 * 13)
        driver.xdotool('sleep', 0.1)
        if PAGE not in walked():
            break
    told = driver.wait_until(lambda: re.search('mapped at .*([0-9a-f]{8}`[0-9a-f]{8})', frame_told()),
                             lambda: f'a frame that is mapped, not {frame_told()}')[1]
    driver.wait_until(lambda: told in walked(), lambda: f'{told}, not {walked()}')


def working_set():
    return program.texts(program.widget('list', 'Working set'))


def test_pages_of_the_working_set_are_chosen_aged_and_trimmed():
    go_to(PAGE)
    program.press('ctrl+shift+w')
    driver.wait_until(lambda: PAGE in working_set(), 'the page')
    assert 'since last look' in working_set()
    program.click(program.wait_for('label', '00000000`20003000',
                                   within=program.widget('list', 'Working set')))
    driver.wait_until(lambda: '20003000' in walked(), walked)
    program.click(program.wait_for('push button', 'Age'))
    driver.wait_until(lambda: '1 look ago' in working_set(), 'the pages to be older')
    program.click(program.wait_for('push button', 'Trim'))
    driver.wait_until(lambda: not working_set(), 'no page to be left')
    program.expect('0 pages, 0 bytes')
    program.press('ctrl+8')
    program.expect('modified 1,0')
    undo = program.widget('push button', 'Undo')
    while driver.is_sensitive(undo):
        program.click(undo)
        driver.xdotool('sleep', 0.2)
    program.press('ctrl+shift+w')
    driver.wait_until(lambda: PAGE in working_set(), 'them all again')


def counters():
    return program.wait_for('label', lambda text: text.startswith('hits ')).name


def test_the_caches_count_and_are_emptied():
    def count(name):
        return int(re.search(f'{name} ([0-9,]+)', counters())[1].replace(',', ''))
    go_to(PAGE)
    before = counters()
    program.run('read 0x20001000')
    driver.wait_until(lambda: counters() != before, 'it to be counted')
    hits = count('hits')
    program.run('read 0x20001008')
    driver.wait_until(lambda: count('hits') == hits + 1, 'a hit')
    program.press('ctrl+7')
    dropped = count('dropped')
    program.click(program.wait_for('push button', 'Reload CR3'))
    driver.wait_until(lambda: count('dropped') > dropped, 'the caches to be emptied')
    before = program.texts(program.wait_for(None, 'Geometry of the caches'))
    program.click(program.wait_for(None, 'Geometry of the caches'))
    driver.wait_until(lambda: not program.is_alone(), 'the choices')
    driver.xdotool('sleep', 0.3)
    program.press('Home', 'Down', 'Down', 'Return')
    driver.wait_until(lambda: program.texts(program.wait_for(None, 'Geometry of the caches'))
                      != before, 'another processor')
    program.run('cr3')


def test_a_section_leads_to_its_view_and_its_pages():
    go_to(PAGE)
    program.press('ctrl+shift+e')
    program.click(program.wait_for('label', 'page-file section',
                                   within=program.widget('list', 'Sections')))
    picture = program.widget('image', 'Objects of the section')
    # The cells of its pages stand in the upper middle.
    for x, y in ((0.5, 16), (0.32, 16), (0.45, 24), (0.4, 30), (0.55, 30), (0.85, 20)):
        program.click(picture, x, y)
        driver.xdotool('sleep', 0.2)
        if '`3000' in walked() or '`3001' in walked():
            return
    raise AssertionError(f'no page of it was chosen: {walked()}')


# What happened

def events():
    return program.texts(program.widget('list', 'Commands that ran'))


def test_events_are_filtered_and_gone_back_to():
    program.press('ctrl+4')
    entry = program.wait_for(None, 'Filter commands')
    program.fill(entry, 'reserve 0x5')
    driver.wait_until(lambda: 'reserve 0x50000000 1M' in events() and
                      'reserve 0x40000000 64K' not in events(), 'one command')
    program.click(program.wait_for('label', 'reserve 0x50000000 1M',
                                   within=program.widget('list', 'Commands that ran')), times=2)
    program.press('ctrl+5')
    driver.wait_until(lambda: LARGER in addresses() and READ_ONLY not in addresses(),
                      lambda: f'the moment after it, not {addresses()}')
    program.press('ctrl+4')
    program.fill(entry, 'protect')
    driver.wait_until(lambda: 'protect 0x60014000 4K readonly' in events(), 'the last command')
    program.click(program.wait_for('label', 'protect 0x60014000 4K readonly',
                                   within=program.widget('list', 'Commands that ran')), times=2)
    program.press('ctrl+5')
    driver.wait_until(lambda: READ_ONLY in addresses(), 'the moment after it')
    program.press('ctrl+4')
    program.click(entry)
    program.press('ctrl+a', 'BackSpace')
    driver.wait_until(lambda: 'Start' in events(), 'all of them')
    text = program.find('label', lambda words: words.startswith('faults: ')).name
    assert re.search(r'demand zero\s[1-9]', text), text


def test_nothing_is_complained_of():
    assert program.read_complaints() == '', program.complaints


if __name__ == '__main__':
    with tempfile.TemporaryDirectory() as name:
        path = pathlib.Path(name) / 'lists.vmatlas'
        path.write_text(SCENARIO, encoding='utf-8')
        with atlas_window.Window([VMATLAS, str(path)]) as program:
            driver.run(tap.of_module(globals()))
            program.close()
