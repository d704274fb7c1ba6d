#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Doing things to a process through dialogs, as a person does: each with what would come of it
before, a message with Undo after, and the list of regions as it was once that is pressed."""

import os
import pathlib
import tempfile

import atlas_driver as driver
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


def region_texts():
    return program.texts(program.wait_for('tree table', 'Regions'))


def open_dialog(key, title):
    """Presses the key, and returns the dialog's frame."""
    program.park_pointer()
    program.press(key)
    return program.wait_for(None, title)


def expect(*texts):
    """Waits until each is said somewhere."""
    for text in texts:
        driver.wait_until(lambda wanted=text: program.has_text(wanted),
                          lambda wanted=text: f'“{wanted}”')


def wait_until_gone(title):
    driver.wait_until(lambda: program.find(None, title) is None, f'“{title}” to go')


def agree(dialog, button, told):
    """Presses the dialog's button; waits for the message that tells what was done."""
    title = dialog.name
    program.click(program.wait_for('push button', button, within=dialog))
    wait_until_gone(title)
    expect(told)


def press_undo_of_message():
    # GTK 4.8 names a button with a label twice.
    program.click(program.wait_for('push button', 'Undo This'))


def undo_and_compare(before):
    press_undo_of_message()
    driver.wait_until(lambda: region_texts() == before, 'the regions as they were')


def test_a_section_is_mapped():
    before = region_texts()
    dialog = open_dialog('ctrl+m', 'Map a Section')
    entry = program.wait_for(None, 'Size (K, M, G, T)')
    program.fill(entry, '70000')
    expect('18 pages (72 KB)')
    expect('Asked for 70,000 bytes: whole pages are given.')
    expect('14 pages of its last 64 KB slot')
    expect('commit charge +72 KB')
    expect('section $section = 0x11170 readwrite')
    expect('map $view = $section')
    assert region_texts() == before
    agree(dialog, 'Map', 'mapped')
    driver.wait_until(lambda: region_texts() != before, 'the new region in the list')
    undo_and_compare(before)


def test_refusals_are_told_before():
    dialog = open_dialog('ctrl+m', 'Map a Section')
    address = program.wait_for(None, 'Address (empty: Windows chooses)')
    program.fill(address, '0x12345')
    expect('STATUS_MAPPED_ALIGNMENT')
    expect('ERROR_MAPPED_ALIGNMENT')
    assert not driver.is_sensitive(program.wait_for('push button', 'Map', within=dialog))
    program.fill(address, '$nobody')
    expect("'$nobody'")
    assert not driver.is_sensitive(program.wait_for('push button', 'Map', within=dialog))
    program.press('Escape')
    wait_until_gone('Map a Section')


def test_a_file_is_mapped():
    before = region_texts()
    path = folder / 'my data.bin'
    path.write_bytes(bytes(range(256)) * 300)
    dialog = open_dialog('ctrl+shift+m', 'Map a File')
    program.fill(program.wait_for(None, 'File', within=dialog), str(path))
    expect('19 pages (76 KB)')
    expect(f'file $file = "{path}" readonly')
    program.press('Return')
    wait_until_gone('Map a File')
    expect('mapped my data.bin')
    driver.wait_until(lambda: region_texts() != before, 'the new region in the list')
    undo_and_compare(before)


def test_an_image_is_loaded():
    before = region_texts()
    dialog = open_dialog('ctrl+i', 'Load an Image')
    entry = program.wait_for(None, 'Program file (DLL or EXE)')
    program.fill(entry, str(folder / 'my data.bin'))
    expect('STATUS_INVALID_IMAGE')
    program.fill(entry, str(SAMPLES / 'arm64x-dvrt-v1.dll'))
    expect('ARM64X')
    expect('8 pages (32 KB)')
    agree(dialog, 'Load', 'loaded arm64x-dvrt-v1.dll')
    driver.wait_until(lambda: 'arm64x-dvrt-v1.dll' in region_texts(), 'the image in the list')
    undo_and_compare(before)


def test_a_process_is_started():
    before = region_texts()
    dialog = open_dialog('ctrl+shift+n', 'Start a Process')
    program.fill(program.wait_for(None, 'Name', within=dialog), 'third.exe')
    expect('Would give: started third.exe')
    expect('in its working set')
    program.click(program.wait_for(None, 'Switches and Policies'))
    driver.xdotool('sleep', 0.5)  # the rows below it unfold
    program.click(program.wait_for('check box', 'High entropy', within=dialog))
    expect('process $process third.exe high_entropy=no')
    agree(dialog, 'Start', 'started third.exe')
    driver.wait_until(lambda: region_texts() != before, 'its regions in the list')
    undo_and_compare(before)


def test_another_process_is_chosen():
    before = region_texts()
    dialog = open_dialog('ctrl+j', 'Choose the Current Process')
    expect('select $q')
    agree(dialog, 'Choose', 'is the current one')
    expect('second.exe')
    undo_and_compare(before)


def test_the_working_set_is_trimmed():
    before = region_texts()
    program.click(program.wait_for(None, 'Main menu'))
    program.click(program.wait_for(None, 'Memory'))
    program.click(program.wait_for(None, 'Trim a Working Set…'))
    dialog = program.wait_for(None, 'Trim a Working Set')
    expect('Would give: trimmed')
    expect('modified +')
    agree(dialog, 'Trim', 'to modified')
    undo_and_compare(before)
    program.park_pointer()
    program.press('ctrl+shift+t')
    expect('trimmed')
    undo_and_compare(before)


def test_a_message_undoes_alone_what_it_told():
    """Undone by a key already, it undoes nothing: not what came before either."""
    before = region_texts()
    program.press('ctrl+shift+t')
    expect('trimmed')
    driver.xdotool('sleep', 2)
    program.press('ctrl+t')
    expect('1s passed')
    program.press('ctrl+z')
    driver.xdotool('sleep', 0.3)
    press_undo_of_message()
    program.park_pointer()
    driver.xdotool('sleep', 0.5)
    assert driver.is_sensitive(program.find('push button', 'Undo')), 'the trimming is undone too'
    program.press('ctrl+z')
    driver.wait_until(lambda: not driver.is_sensitive(program.find('push button', 'Undo')),
                      'nothing to be left')
    assert region_texts() == before


def test_time_passes():
    before = region_texts()
    program.park_pointer()
    program.press('ctrl+t')
    expect('1s passed')
    expect('updated')
    undo_and_compare(before)
    dialog = open_dialog('ctrl+alt+t', 'Let Time Pass')
    entry = program.wait_for(None, 'How long (ns, us, ms, s, m, h)')
    program.fill(entry, 'soon')
    expect("'soon'")
    program.fill(entry, '3 s')
    expect('Would give: 3s passed')
    program.press('Return')
    wait_until_gone('Let Time Pass')
    expect('3s passed')
    undo_and_compare(before)


def test_any_file_is_offered():
    """A program file on the command line is asked about, in the scenario that comes by default."""
    global program  # pylint: disable=global-statement
    assert program.read_complaints() == '', program.complaints
    program.close()
    program = driver.Program([VMATLAS, str(SAMPLES / 'arm64x-dvrt-v1.dll')])
    expect('load $image =')
    dialog = program.wait_for(None, 'Load an Image')
    agree(dialog, 'Load', 'loaded arm64x-dvrt-v1.dll')
    program.close()
    program = driver.Program([VMATLAS, str(folder / 'my data.bin')])
    expect('map $view = $section')
    assert program.read_complaints() == '', program.complaints


if __name__ == '__main__':
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / 'two.vmatlas').write_text(SCENARIO, encoding='utf-8')
        with driver.Program([VMATLAS, str(folder / 'two.vmatlas')]) as program:
            driver.run(tap.of_module(globals()))
            program.close()
