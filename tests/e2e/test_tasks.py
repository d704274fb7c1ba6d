#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Doing things to a process through dialogs, as a person does: each with what would come of it
before, a message with Undo after, and the list of regions as it was once that is pressed."""

import os
import pathlib
import tempfile

import atlas_driver as driver
import atlas_window
import tap

VMATLAS = os.environ['ATLAS_PROGRAM']
SAMPLES = pathlib.Path(os.environ['ATLAS_SAMPLES'])
# Few regions: all of their rows are made.
SCENARIO = '''process $p first.exe bare
pagefile 64M
alloc $a = 16K reserve|commit readwrite
write $a 12288
process $q second.exe bare
select $p
'''

program = None
folder = None


def open_dialog(key, title):
    """Presses the key, and returns the dialog's frame."""
    program.park_pointer()
    program.press(key)
    return program.wait_for(None, title)


def agree(dialog, button, told):
    """Presses the dialog's button; waits for the message that tells what was done."""
    title = dialog.name
    program.click(program.wait_for('push button', button, within=dialog))
    program.wait_until_gone(title)
    program.expect(told)


def undo_and_compare(before):
    program.press_undo_of_message()
    driver.wait_until(lambda: program.rows() == before, 'the regions as they were')


def test_a_section_is_mapped():
    before = program.rows()
    dialog = open_dialog('ctrl+m', 'Map a Section')
    entry = program.wait_for(None, 'Size (K, M, G, T)')
    program.fill(entry, '70000')
    program.expect('18 pages (72 KB)')
    program.expect('Asked for 70,000 bytes: whole pages are given.')
    program.expect('14 pages of its last 64 KB slot')
    program.expect('commit charge +72 KB')
    program.expect('section $section = 0x11170 readwrite')
    program.expect('map $view = $section')
    assert program.rows() == before
    agree(dialog, 'Map', 'mapped')
    driver.wait_until(lambda: program.rows() != before, 'the new region in the list')
    undo_and_compare(before)


def test_refusals_are_told_before():
    dialog = open_dialog('ctrl+m', 'Map a Section')
    address = program.wait_for(None, 'Address (empty: Windows chooses)')
    program.fill(address, '0x12345')
    program.expect('STATUS_MAPPED_ALIGNMENT')
    program.expect('ERROR_MAPPED_ALIGNMENT')
    assert not driver.is_sensitive(program.wait_for('push button', 'Map', within=dialog))
    program.fill(address, '$nobody')
    program.expect("'$nobody'")
    assert not driver.is_sensitive(program.wait_for('push button', 'Map', within=dialog))
    program.press('Escape')
    program.wait_until_gone('Map a Section')


def test_a_file_is_mapped():
    before = program.rows()
    path = folder / 'my data.bin'
    path.write_bytes(bytes(range(256)) * 300)
    dialog = open_dialog('ctrl+shift+m', 'Map a File')
    program.fill(program.wait_for(None, 'File', within=dialog), str(path))
    program.expect('19 pages (76 KB)')
    program.expect(f'file $file = "{path}" readonly')
    program.press('Return')
    program.wait_until_gone('Map a File')
    program.expect('mapped my data.bin')
    driver.wait_until(lambda: program.rows() != before, 'the new region in the list')
    undo_and_compare(before)


def test_an_image_is_loaded():
    before = program.rows()
    dialog = open_dialog('ctrl+i', 'Load an Image')
    entry = program.wait_for(None, 'Program file (DLL or EXE)')
    program.fill(entry, str(folder / 'my data.bin'))
    program.expect('STATUS_INVALID_IMAGE')
    program.fill(entry, str(SAMPLES / 'arm64x-dvrt-v1.dll'))
    program.expect('ARM64X')
    program.expect('8 pages (32 KB)')
    agree(dialog, 'Load', 'loaded arm64x-dvrt-v1.dll')
    driver.wait_until(lambda: 'arm64x-dvrt-v1.dll' in program.rows(), 'the image in the list')
    undo_and_compare(before)


def test_a_page_becomes_a_guard_page():
    before = program.rows()
    program.press('ctrl+l')
    program.type('$a+0x1000')
    program.press('Return')
    dialog = open_dialog('ctrl+alt+p', 'Change Pages')
    program.click(program.wait_for(None, 'Modifier', within=dialog))
    driver.xdotool('sleep', 0.3)
    program.press('Down', 'Return')
    program.expect('4K readwrite|guard')
    agree(dialog, 'Change', 'PAGE_READWRITE | PAGE_GUARD')
    driver.wait_until(lambda: program.rows() != before, 'the page in the list')
    undo_and_compare(before)


def test_a_process_is_started():
    before = program.rows()
    dialog = open_dialog('ctrl+shift+n', 'Start a Process')
    program.fill(program.wait_for(None, 'Name', within=dialog), 'third.exe')
    program.expect('Would give: started third.exe')
    program.expect('in its working set')
    program.click(program.wait_for(None, 'Switches and Policies'))
    driver.xdotool('sleep', 0.5)  # the rows below it unfold
    program.click(program.wait_for('check box', 'High entropy', within=dialog))
    program.expect('process $process third.exe high_entropy=no')
    agree(dialog, 'Start', 'started third.exe')
    driver.wait_until(lambda: program.rows() != before, 'its regions in the list')
    undo_and_compare(before)


def test_another_process_is_chosen():
    before = program.rows()
    dialog = open_dialog('ctrl+j', 'Choose the Current Process')
    program.expect('select $q')
    agree(dialog, 'Choose', 'is the current one')
    program.expect('second.exe')
    undo_and_compare(before)


def test_the_working_set_is_trimmed():
    before = program.rows()
    program.click(program.wait_for(None, 'Main menu'))
    program.click(program.wait_for(None, 'Memory'))
    program.click(program.wait_for(None, 'Trim a Working Set…'))
    dialog = program.wait_for(None, 'Trim a Working Set')
    program.expect('Would give: trimmed')
    program.expect('modified +')
    agree(dialog, 'Trim', 'to modified')
    undo_and_compare(before)
    program.park_pointer()
    program.press('ctrl+shift+t')
    program.expect('trimmed')
    undo_and_compare(before)


def test_a_message_undoes_alone_what_it_told():
    """Undone by a key already, it undoes nothing: not what came before either."""
    before = program.rows()
    program.press('ctrl+shift+t')
    program.expect('trimmed')
    driver.xdotool('sleep', 2)
    program.press('ctrl+t')
    program.expect('1s passed')
    program.press('ctrl+z')
    driver.xdotool('sleep', 0.3)
    program.press_undo_of_message()
    program.park_pointer()
    driver.xdotool('sleep', 0.5)
    assert driver.is_sensitive(program.find('push button', 'Undo')), 'the trimming is undone too'
    program.press('ctrl+z')
    driver.wait_until(lambda: not driver.is_sensitive(program.find('push button', 'Undo')),
                      'nothing to be left')
    assert program.rows() == before


def test_a_message_waits_for_whoever_is_at_it_and_goes_for_everybody():
    """It is there for eight seconds otherwise."""
    def is_there():
        return program.find('alert') is not None
    before = program.rows()
    program.park_pointer()
    driver.wait_until(lambda: not is_there(), 'the message before it to go')
    program.press('ctrl+t')
    program.move(program.wait_for('push button', 'Undo This'))
    driver.xdotool('sleep', 10)
    assert is_there(), 'it went under the pointer'
    program.park_pointer()
    driver.wait_until(lambda: not is_there(), 'it to go')
    assert not program.find('push button', 'Undo This'), 'what is gone is told'
    program.press('ctrl+z')
    driver.wait_until(lambda: program.rows() == before, 'the regions as they were')


def test_time_passes():
    before = program.rows()
    program.park_pointer()
    program.press('ctrl+t')
    program.expect('1s passed')
    program.expect('updated')
    undo_and_compare(before)
    dialog = open_dialog('ctrl+alt+t', 'Let Time Pass')
    entry = program.wait_for(None, 'How long (ns, us, ms, s, m, h)')
    # The command alone, as narrow as a dialog has it.
    program.fill(entry, '')
    program.press('BackSpace')
    program.expect('the end of the')
    program.fill(entry, 'soon')
    program.expect("'soon'")
    program.fill(entry, '3 s')
    program.expect('Would give: 3s passed')
    program.press('Return')
    program.wait_until_gone('Let Time Pass')
    program.expect('3s passed')
    undo_and_compare(before)


def test_any_file_is_offered():
    """A program file on the command line is asked about, in the scenario that comes by default."""
    global program  # pylint: disable=global-statement
    assert program.read_complaints() == '', program.complaints
    program.close()
    program = atlas_window.Window([VMATLAS, str(SAMPLES / 'arm64x-dvrt-v1.dll')])
    program.expect('load $image =')
    dialog = program.wait_for(None, 'Load an Image')
    agree(dialog, 'Load', 'loaded arm64x-dvrt-v1.dll')
    program.close()
    program = atlas_window.Window([VMATLAS, str(folder / 'my data.bin')])
    program.expect('map $view = $section')
    assert program.read_complaints() == '', program.complaints


if __name__ == '__main__':
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / 'two.vmatlas').write_text(SCENARIO, encoding='utf-8')
        with atlas_window.Window([VMATLAS, str(folder / 'two.vmatlas')]) as program:
            driver.run(tap.of_module(globals()))
            program.close()
