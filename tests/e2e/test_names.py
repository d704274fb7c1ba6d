#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every control of every view, window and dialog says what it is to those who cannot see it."""

import os
import pathlib
import re

import atlas_driver as driver
import tap

VMATLAS = os.environ['ATLAS_PROGRAM']
SAMPLES = pathlib.Path(os.environ['ATLAS_SAMPLES'])

# A name that is a class's is GTK's way to say that nobody gave one; twice the same is one too many.
UNNAMED = re.compile(r'^\s*$|^(Gtk|Adw|Atlas)[A-Z]|\b_|_\w+ |^(.+) \2$')
INTERACTIVE = {'push button', 'toggle button', 'check box', 'radio button', 'combo box', 'text',
               'spin button', 'slider', 'menu item', 'check menu item', 'radio menu item', 'page tab',
               'link', 'table', 'tree table', 'list', 'list box', 'image', 'switch', 'entry'}
# What stands in one of these is a part of it that GTK makes.
COMPOUND = INTERACTIVE - {'table', 'tree table', 'list', 'list box', 'image'}

program = None


def unnamed_controls(tree, root=None):
    wrong = []

    def visit(node, above, is_in_row):
        path = [node, *above]
        # The picture before or after the words of a row adds nothing to them.
        is_decoration = is_in_row and node.role == 'image'
        if not UNNAMED.match(node.name):
            if node.role in COMPOUND:
                return
            is_in_row = is_in_row or node.role == 'list item'
        elif node.role in INTERACTIVE and not is_decoration:
            wrong.append(' < '.join(map(repr, path[:8])))
        for child in tree.children(node):
            visit(child, path, is_in_row)
    visit(root or program.application, [], False)
    return wrong


def check(root=None):
    tree = program.tree()
    assert any(node.role in INTERACTIVE for node in tree.walk(root)), 'there is nothing to name'
    wrong = unnamed_controls(tree, root)
    assert not wrong, f'{len(wrong)} unnamed:\n' + '\n'.join(sorted(set(wrong))[:30])


def check_window(title, *keys):
    """A window of its own that these keys bring: named throughout, and gone after Escape."""
    program.press(*keys)
    window = program.wait_for(None, title)
    driver.xdotool('sleep', 0.3)
    try:
        check(window)
    finally:
        program.press('Escape')
        driver.wait_until(lambda: program.find(None, title) is None, f'{title} to close')


def run_by_palette(words):
    program.press('ctrl+k')
    program.wait_for(None, 'Find or type a command')
    program.type(words)
    driver.xdotool('sleep', 0.4)
    program.press('Return')


def test_of_every_view():
    tabs = program.find_all('page tab')
    names = [tab.name for tab in tabs]
    for name in ('Walk', 'Entry', 'Region', 'Events', 'Regions', 'VAD tree', 'Frames', 'Working set',
                 'TLB', 'Sections', 'Room', 'Console'):
        assert name in names, names
    program.press('ctrl+l')
    program.type('demo.exe+0x1000')
    program.press('Return')
    for tab in tabs:
        program.click(tab)
        driver.xdotool('sleep', 0.2)
    check()
    program.press('ctrl+5')


def test_of_the_bars_over_the_map():
    program.press('F8')
    program.wait_for('image', 'Addresses over time')
    program.press('ctrl+d')
    program.wait_for(None, 'Differences')
    program.press('ctrl+shift+f')
    program.wait_for(None, 'Find in memory')
    check()
    program.press('Escape')
    program.press('ctrl+shift+k', 'F8')
    driver.wait_until(lambda: program.find('image', 'Addresses over time') is None,
                      'the timeline to go')


def test_of_what_pops_up():
    for name in ('Main menu', 'Bookmarks'):
        program.click(program.wait_for(None, name))
        driver.xdotool('sleep', 0.4)
        check()
        program.press('Escape')
        driver.xdotool('sleep', 0.3)
    program.press('ctrl+l')
    program.type('nt')
    driver.xdotool('sleep', 0.5)
    check()
    program.press('Escape')
    program.click(program.wait_for('image', 'Address space map'), 0.4, 0.5)
    driver.xdotool('sleep', 0.5)
    check()
    program.press('Escape')


def test_of_the_windows_beside():
    check_window('Tours and Scenarios', 'F1')
    check_window('ASLR Laboratory', 'F7')
    check_window('Preferences', 'ctrl+comma')
    check_window('Keyboard Shortcuts', 'ctrl+shift+slash')
    check_window('Allocate Memory', 'ctrl+Return')
    for title, key in (('Map a Section', 'ctrl+m'), ('Map a File', 'ctrl+shift+m'),
                       ('Load an Image', 'ctrl+i'), ('Start a Process', 'ctrl+shift+n'),
                       ('Choose the Current Process', 'ctrl+j'), ('Let Time Pass', 'ctrl+alt+t')):
        check_window(title, key)


def test_of_the_palette():
    program.press('ctrl+k')
    entry = program.wait_for(None, 'Find or type a command')
    program.type('read ')
    driver.xdotool('sleep', 0.4)
    check()
    program.press('Escape')
    driver.wait_until(lambda: program.find(None, entry.name) is None, 'the palette to close')


def test_of_the_about_window():
    run_by_palette('About VM Atlas')
    window = program.wait_for(None, 'About')
    driver.xdotool('sleep', 0.3)
    check(window)
    # What a report of a fault should tell.
    program.click(program.wait_for(None, 'Troubleshooting', within=window))
    driver.xdotool('sleep', 0.5)
    program.click(program.wait_for(None, 'Debugging Information', within=window))
    driver.wait_until(lambda: any('GTK' in (node.get_text() or '') for node in
                                  program.find_all('text', within=window)), 'the versions')
    program.press('Escape')
    driver.xdotool('sleep', 0.3)
    if program.find(None, 'About'):
        program.press('Escape')
    driver.wait_until(lambda: program.find(None, 'About') is None, 'it to close')


def gallery_titles(window):
    tree = program.tree()
    return [next(node.name for node in tree.walk(row) if node.role == 'label')
            for row in tree.walk(window) if row.role == 'list item']


def test_of_every_tour_and_exercise():
    program.press('F1')
    window = program.wait_for(None, 'Tours and Scenarios')
    titles = driver.wait_until(lambda: gallery_titles(window), 'the rows')
    program.press('Escape')
    for title in ('One page costs 64 KB', 'Split an Address'):
        program.press('F1')
        program.wait_for(None, 'Tours and Scenarios')
        program.press(*['Tab'] * titles.index(title), 'Return')
        driver.wait_until(lambda: program.find(None, 'Tours and Scenarios') is None,
                          'the gallery to close')
        driver.xdotool('sleep', 0.5)
        check()
        program.press('Escape')


def test_nothing_is_complained_of():
    assert program.read_complaints() == '', program.complaints
    program.close()


def test_of_the_question_for_a_root():
    path = SAMPLES / 'linux61-qemu-pagetables.lime'
    if not path.exists():
        raise tap.Skip('the samples are not here')
    global program  # pylint: disable=global-statement
    with driver.Program([VMATLAS, str(path)]) as program:
        program.wait_for('frame', 'Open Memory Image')
        program.wait_for('text', 'CR3')
        check()


if __name__ == '__main__':
    with driver.Program([VMATLAS]) as program:
        driver.run(tap.of_module(globals()))
