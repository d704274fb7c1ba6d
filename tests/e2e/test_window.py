#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program as a person meets it: pointer, wheel and keys in, what is written and drawn out."""

import os
import pathlib
import re
import tempfile

import atlas_driver as driver
import atlas_window
import tap

VMATLAS = os.environ['ATLAS_PROGRAM']
SAMPLES = pathlib.Path(os.environ['ATLAS_SAMPLES'])

program = None


def steps():
    return driver.children(program.widget(None, 'Steps'))


def selected_step():
    chosen = [index for index, row in enumerate(steps()) if driver.is_selected(row)]
    return chosen[0] if len(chosen) == 1 else None


def choose_access(name):
    button = program.widget(None, 'Kind of access')
    program.click(button)
    program.click(program.wait_for(None, name, within=button))


def test_the_default_scenario_is_shown():
    assert program.has_text('128 TB'), 'the whole space is not what is seen first'
    assert len(program.rows()) > 20


def test_the_wheel_zooms_and_zooms_back():
    start = program.scale()
    program.wheel(program.area(), 6)
    program.rest()
    near = program.scale()
    assert near < start / 4, f'{start} to {near}'
    program.wheel(program.area(), -30)
    program.rest()
    assert program.scale() >= start * 0.99


def test_keys_zoom_the_map():
    program.go_to('0x7ffe0000')
    program.press('0')
    program.rest()
    start = program.scale()
    program.press('w', 'w', 'w', 'w')
    program.rest()
    assert program.scale() < start / 2
    program.press('0')
    program.rest()
    assert abs(program.scale() - start) <= start * 0.01


def test_an_address_is_gone_to():
    program.go_to('0x7ffe0000')
    assert program.has_text('00000000`7ffe0000')
    assert program.scale() <= 2 ** 10


def test_a_name_that_is_not_there_is_told():
    program.go_to('no-such-module')
    driver.wait_until(lambda: program.has_text('no-such-module'), 'a message')


def test_memory_is_made_used_and_unmade():
    before = program.rows()

    program.go_to('0x20000000')
    program.wheel(program.area(), 60, 0.5, 0.5)
    program.rest()
    program.click(program.area(), 0.5, 0.5)
    program.click(program.wait_for('push button', 'Reserve and Commit', within=program.area()))
    driver.wait_until(lambda: program.rows() != before, 'the new region in the list')
    assert program.has_text('64 KB')

    choose_access('Write')
    program.click(program.widget('push button', 'Run'))
    driver.wait_until(lambda: len(steps()) > 8, 'the story of the access')
    names = [row.get_name() for row in steps()]
    assert any('TLB' in name for name in names), names
    assert any('#PF' in name for name in names), names

    program.click(program.widget('push button', 'First step'))
    driver.wait_until(lambda: selected_step() == 0, 'the first step')
    for step in range(1, len(names)):
        program.click(program.widget('push button', 'Step'))
        driver.wait_until(lambda wanted=step: selected_step() == wanted, f'step {step}')
    for step in reversed(range(len(names) - 1)):
        program.click(program.widget('push button', 'Step back'))
        driver.wait_until(lambda wanted=step: selected_step() == wanted, f'step {step} again')

    undo = program.widget('push button', 'Undo')
    for _ in range(10):
        if not driver.is_sensitive(undo):
            break
        program.click(undo)
        driver.xdotool('sleep', 0.1)
    driver.wait_until(lambda: program.rows() == before, 'the regions as they were')


def test_nothing_is_complained_of():
    assert program.read_complaints() == '', program.complaints


def test_a_file_that_is_not_one_is_refused():
    program.close()  # a second start would be handed to the first
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / 'torn.dmp'
        path.write_bytes(b'MDMP' + bytes(20))
        with atlas_window.Window([VMATLAS, str(path)]) as other:
            other.wait_for('label', lambda text: 'cannot be opened' in text)


def test_a_real_dump_is_shown():
    path = SAMPLES / 'breakpad-win11-22000-x64-meminfolist.dmp'
    if not path.exists():
        raise tap.Skip('the samples are not here')
    with atlas_window.Window([VMATLAS, str(path)]) as other:
        driver.wait_until(lambda: other.has_text('tiny.exe'), 'the program of the dump')
        other.press('ctrl+l')
        other.type('KERNEL32')
        other.press('Return')
        driver.wait_until(lambda: other.has_text('KERNEL32.DLL'), 'a module of the dump')
        assert not driver.is_sensitive(other.wait_for('push button', 'Run')), 'nothing runs here'
        # What the file tells beside its regions.
        other.click(other.wait_for('push button', 'Totals by type, and fragmentation'))
        other.expect('logical processors')
        other.press('Escape')
        assert other.read_complaints() == '', other.complaints


def linux_image():
    path = SAMPLES / 'linux61-qemu-pagetables.lime'
    if not path.exists():
        raise tap.Skip('the samples are not here')
    return str(path)


def test_a_memory_image_asks_for_its_root():
    with atlas_window.Window([VMATLAS, linux_image()]) as other:
        dialog = other.wait_for('frame', 'Open Memory Image')
        entry = other.wait_for('text', 'CR3', within=dialog)
        # The only page that looks like a root is found and proposed.
        driver.wait_until(lambda: entry.get_text() == '0x554c000', 'the root that was found')
        assert other.has_text('4 levels · 6,827 pages · 106 tables')
        other.wait_for('combo box', 'Page-table levels', within=dialog)
        other.press('Return')
        driver.wait_until(lambda: other.has_text('6,827 pages · 304.1 MB mapped'), 'the image')
        driver.wait_until(lambda: other.has_text('4 KB pages, user'), 'a region of the image')
        assert other.read_complaints() == '', other.complaints


def test_a_memory_image_is_opened_with_a_root():
    with atlas_window.Window([VMATLAS, '--cr3=0x554c000', linux_image()]) as other:
        driver.wait_until(lambda: other.has_text('6,827 pages · 304.1 MB mapped'), 'the image')
        entry = other.wait_for('text', 'Go to address or name')
        other.fill(entry, 'ffffffff81000000')
        other.press('Return')
        driver.wait_until(lambda: other.has_text('2 MB pages, supervisor'), "the kernel's code")
        driver.wait_until(lambda: other.has_text('user mode may not use a supervisor page'),
                          'the story of the walk')
        assert other.read_complaints() == '', other.complaints


def test_who_maps_a_frame_of_a_memory_image_is_told():
    with atlas_window.Window([VMATLAS, '--cr3=0x554c000', linux_image()]) as other:
        driver.wait_until(lambda: other.has_text('6,827 pages · 304.1 MB mapped'), 'the image')
        other.press('ctrl+8')
        # QEMU's "info tlb" of this image has the frame of 0x400000 at these three.
        entry = other.wait_for('text', 'Physical address')
        driver.wait_until(lambda: entry.get_text() == '0x32ae000', 'the selected frame')
        other.expect('mapped at 3 addresses')
        for address in ('00000000`00400000', 'ffff8880`032ae000', 'ffffffff`832ae000'):
            other.expect(address)
        other.click(other.wait_for('label', 'ffff8880`032ae000'))
        other.expect('Read at ffff8880`032ae000')
        other.fill(entry, '1234567000')
        other.expect('no page is mapped to this frame')
        other.fill(entry, 'nowhere')
        other.expect("'nowhere'")
        assert other.read_complaints() == '', other.complaints


if __name__ == '__main__':
    with atlas_window.Window([VMATLAS]) as program:
        driver.run(tap.of_module(globals()))
