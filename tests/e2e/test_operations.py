#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operating a session as a person does: entry bits, console, palette, files, and what a crash costs."""

import os
import pathlib
import signal
import tempfile

import atlas_driver as driver
import tap

VMATLAS = os.environ['ATLAS_PROGRAM']
UNSAVED = pathlib.Path(os.environ['XDG_STATE_HOME']) / 'vmatlas' / 'unsaved'

program = None


def console_text():
    return program.wait_for('text', 'What ran').get_text()


def run(command):
    """Types a command into the console."""
    entry = program.wait_for(None, 'Command')
    program.fill(entry, command)
    program.press('Return')
    driver.wait_until(lambda: command.split()[0] in console_text(), f'the console to run {command}')


def undo_all():
    undo = program.wait_for('push button', 'Undo')
    for _ in range(20):
        if not driver.is_sensitive(undo):
            return
        program.click(undo)
        driver.xdotool('sleep', 0.1)
    raise AssertionError('undo never ends')


def test_the_console_runs_and_completes():
    program.press('ctrl+9')
    program.wait_for('text', 'What ran')
    run('reserve $room = 0x20000000 64K')
    assert 'reserved 0x20000000…0x2000ffff, 64 KB' in console_text()

    entry = program.wait_for(None, 'Command')
    program.click(entry)
    program.type('prot')
    program.press('Tab')
    driver.wait_until(lambda: entry.get_text() == 'protect ', 'the whole verb')
    program.type('$room 4K exe')
    program.press('Tab')
    driver.wait_until(lambda: entry.get_text().endswith('execute'), 'what all choices share')
    program.press('Return')
    driver.wait_until(lambda: 'STATUS_NOT_COMMITTED' in console_text(), 'a refusal with its status')
    assert 'ERROR_INVALID_ADDRESS (487)' in console_text()
    program.press('Up')
    program.press('Up')
    driver.wait_until(lambda: entry.get_text().startswith('reserve'), 'an earlier command')


def test_what_would_happen_is_told_before():
    entry = program.wait_for(None, 'Command')
    program.fill(entry, 'commit $room 8K')
    driver.wait_until(lambda: program.has_text('Would give: committed 0x20000000'), 'a preview')
    assert '› commit' not in console_text()
    program.fill(entry, 'commit 12 what')
    driver.wait_until(lambda: program.has_text("found 'what'"), 'what is wrong')
    program.press('ctrl+a', 'BackSpace')


def test_the_palette_runs_commands_of_both_kinds():
    before = console_text()
    program.press('ctrl+k')
    program.wait_for(None, 'Find or type a command')
    program.type('commit $room 4K')
    driver.wait_until(lambda: program.has_text('Would give: committed'), 'a preview in the palette')
    program.press('Return')
    driver.wait_until(lambda: console_text() != before, 'the command to run')
    assert 'committed 0x20000000…0x20000fff, 4 KB' in console_text()

    program.press('ctrl+shift+p')
    program.wait_for(None, 'Find or type a command')
    program.type('show the entry')
    driver.xdotool('sleep', 0.4)
    program.press('Return')
    program.wait_for(None, 'The entry\'s value')


def test_a_bit_is_turned_and_the_tlb_told():
    run('write $room')
    program.press('ctrl+2')
    program.wait_for(None, 'The entry\'s value')
    bit = program.wait_for('check box', lambda name: name.startswith('XD'))
    assert driver.is_checked(bit)
    program.click(bit)
    program.wait_for(None, 'user read-write → user read-write executable')
    assert program.has_text('The TLB still holds the old translation')
    program.click(program.wait_for('push button', 'INVLPG'))
    driver.wait_until(lambda: not program.has_text('The TLB still holds'), 'INVLPG to be heeded')
    undo_all()


def test_undo_leaves_nothing_to_keep():
    driver.wait_until(lambda: not list(UNSAVED.glob('*')), 'the kept copy to go')


def test_work_is_there_again_after_a_crash():
    global program  # pylint: disable=global-statement
    program.press('ctrl+9')
    run('reserve 0x30000000 64K')
    driver.wait_until(lambda: list(UNSAVED.glob('*.vmatlas')), 'a kept copy')
    program.process.send_signal(signal.SIGKILL)
    program.process.wait()

    program = driver.Program([VMATLAS])
    driver.wait_until(lambda: program.has_text('Work that was not saved is here again'), 'to be told')
    assert program.has_text('• demo.exe')
    program.press('ctrl+9')
    run('query 0x30000000')
    assert 'reserve' in console_text().splitlines()[-1], console_text()
    undo_all()


def test_files_are_opened_and_remembered():
    global program  # pylint: disable=global-statement
    program.close()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / 'mine.vmatlas'
        path.write_text('process $p mine.exe bare\nreserve 0x40000000 64K\n', encoding='utf-8')
        program = driver.Program([VMATLAS, str(path)])
        driver.wait_until(lambda: program.has_text('mine.exe'), 'the file to be open')
        program.click(program.wait_for(None, 'Main menu'))
        program.click(program.wait_for(None, 'Open Recent'))
        program.wait_for(None, 'mine.vmatlas')
        program.press('Escape', 'Escape')
        assert program.read_complaints() == '', program.complaints
        program.close()


if __name__ == '__main__':
    with driver.Program([VMATLAS]) as program:
        driver.run(tap.of_module(globals()))
        program.close()
