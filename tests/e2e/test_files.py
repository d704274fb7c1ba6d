#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files on their way in and out: dragged in from another program, saved, exported, printed."""

import contextlib
import json
import os
import pathlib
import re
import tempfile
import zlib

import atlas_driver as driver
import atlas_window
import tap

VMATLAS = os.environ['ATLAS_PROGRAM']
DRAG_SOURCE = os.environ['ATLAS_DRAG_SOURCE']
UNSAVED = pathlib.Path(os.environ['XDG_STATE_HOME']) / 'vmatlas' / 'unsaved'
SAMPLES = pathlib.Path(os.environ['ATLAS_SAMPLES'])

program = None
folder = None


@contextlib.contextmanager
def source(content_type, text):
    """A window of another program over ours, with one thing to drag."""
    with driver.Program([DRAG_SOURCE, 'Drag me', content_type, text]) as other:
        driver.xdotool('windowmove', other.window, 20, 700)
        driver.wait_until(lambda: driver.geometry(other.window)[:2] == (20, 700), 'its corner')
        yield other


def drop(content_type, text, answer='taken there', end='dropped'):
    """Drags it onto the map; waits for what our window answers before the button is let go."""
    target = program.point(program.wait_for('image', 'Address space map'), 0.5, 0.5)
    with source(content_type, text) as other:
        x, y = other.point(other.wait_for('label', 'Drag me'))
        driver.xdotool('mousemove', x, y, 'sleep', 0.05, 'mousedown', 1)
        for step in range(1, 13):
            driver.xdotool('mousemove', x + (target[0] - x) * step // 12,
                           y + (target[1] - y) * step // 12, 'sleep', 0.03)
        driver.wait_until(lambda: other.has_text(answer), lambda: f'“{answer}”: {other.texts()}')
        driver.xdotool('mouseup', 1)
        driver.wait_until(lambda: other.has_text(end), lambda: f'“{end}”: {other.texts()}')


def drop_files(*paths):
    drop('text/uri-list', ''.join(f'{path.as_uri()}\r\n' for path in paths))


def test_a_text_that_is_no_file_is_not_taken():
    before = program.titles()
    drop('text/plain', 'not a file', 'begun', 'nobody took it')
    assert program.titles() == before, program.titles()


def test_a_program_file_that_is_dragged_in_is_offered_to_the_process():
    drop_files(SAMPLES / 'arm64x-dvrt-v1.dll')
    dialog = program.wait_for(None, 'Load an Image')
    driver.wait_until(lambda: program.has_text('ARM64X', dialog), 'what the file is')
    program.press('Escape')
    driver.wait_until(lambda: program.find(None, 'Load an Image') is None, 'the dialog to go')
    program.wait_for_title('demo.exe')


def test_any_other_file_that_is_dragged_in_is_offered_to_be_mapped():
    path = folder / 'my data.bin'
    path.write_bytes(bytes(range(256)) * 300)
    drop_files(path)
    dialog = program.wait_for(None, 'Map a File')
    driver.wait_until(lambda: program.has_text('19 pages (76 KB)', dialog), 'what would come of it')
    program.press('Escape')
    driver.wait_until(lambda: program.find(None, 'Map a File') is None, 'the dialog to go')


def test_a_scenario_that_is_dragged_in_is_opened():
    path = folder / 'dropped.vmatlas'
    path.write_text('process $p dropped.exe bare\n', encoding='utf-8')
    drop_files(path)
    program.wait_for_title('dropped.exe')
    assert len(program.titles()) == 1, program.titles()


def test_a_file_that_is_not_there_is_told():
    drop_files(folder / 'gone.vmatlas')
    program.wait_for('label', lambda text: 'cannot be opened' in text)
    program.press('Escape')
    driver.wait_until(lambda: not program.has_text('cannot be opened'), 'the message to go')
    program.wait_for_title('dropped.exe')


def test_a_dump_that_is_dragged_in_is_opened():
    drop_files(SAMPLES / 'breakpad-win11-22000-x64-meminfolist.dmp')
    driver.wait_until(lambda: program.has_text('KERNEL32'), 'a module of the dump')
    assert len(program.titles()) == 1, program.titles()


def test_work_that_is_not_saved_stays_beside_what_is_dragged_in():
    path = folder / 'mine.vmatlas'
    path.write_text('process $p mine.exe bare\n', encoding='utf-8')
    drop_files(path)
    program.wait_for_title('mine.exe')
    program.park_pointer()
    program.press('ctrl+t')
    program.wait_for_title('• mine.exe')
    drop_files(folder / 'dropped.vmatlas')
    program.wait_for_title('dropped.exe')
    assert len(program.titles()) == 2, program.titles()


def restart(*args):
    global program  # pylint: disable=global-statement
    assert program.read_complaints() == '', program.complaints
    program.close()
    for kept in UNSAVED.glob('*'):
        kept.unlink()  # it would be there again
    program = atlas_window.Window([VMATLAS, *map(str, args)])
    program.wait_for('image', 'Address space map')
    program.park_pointer()


def dismiss(title):
    dialog = program.wait_for(None, title)
    program.click(program.wait_for('push button', 'Cancel', within=dialog))
    program.wait_until_gone(title)


def test_several_files_are_dragged_in_at_once():
    """Each of them is opened or asked about, one after the other; none is lost."""
    restart(folder / 'mine.vmatlas')
    program.wait_for_title('mine.exe')
    dump = SAMPLES / 'breakpad-win11-22000-x64-meminfolist.dmp'
    drop_files(folder / 'gone.vmatlas', folder / 'dropped.vmatlas', folder / 'my data.bin', dump,
               SAMPLES / 'arm64x-dvrt-v1.dll')
    program.wait_for('label', lambda text: 'gone.vmatlas: No such file' in text)
    # The process that is here is the one that they were dragged to.
    for title in ('mine.exe', 'dropped.exe', 'tiny.exe'):
        program.wait_for_title(title)
    assert program.find(None, 'Map a File') is None, 'it is asked about all at once'
    program.move(program.wait_for('label', 'This file cannot be opened'))
    program.press('Escape')
    program.wait_for(None, 'Map a File')
    assert program.find(None, 'Load an Image') is None, 'it is asked about all at once'
    dismiss('Map a File')
    dialog = program.wait_for(None, 'Load an Image')
    driver.wait_until(lambda: program.has_text('ARM64X', dialog), 'what the file is')
    dismiss('Load an Image')
    # Three windows, nothing else.
    assert len(program.titles()) == 3, program.titles()


def test_several_scenarios_are_dragged_in_at_once():
    restart(folder / 'mine.vmatlas')
    program.wait_for_title('mine.exe')
    (folder / 'second.vmatlas').write_text('process $p second.exe bare\n', encoding='utf-8')
    drop_files(folder / 'dropped.vmatlas', folder / 'second.vmatlas')
    program.wait_for_title('second.exe')
    driver.wait_until(lambda: sorted(title.split()[0] for title in program.titles()) ==
                      ['dropped.exe', 'second.exe'], program.titles)


def test_several_files_on_the_command_line_have_a_window_each():
    restart(folder / 'mine.vmatlas', folder / 'second.vmatlas', folder / 'dropped.vmatlas')
    for title in ('mine.exe', 'second.exe', 'dropped.exe'):
        program.wait_for_title(title)
    assert len(program.titles()) == 3, program.titles()


def test_work_is_asked_about_saved_and_opened_again():
    path = folder / 'kept.vmatlas'
    restart(folder / 'mine.vmatlas')
    program.wait_for_title('mine.exe')
    program.press('ctrl+t')
    program.wait_for_title('• mine.exe')
    program.press('ctrl+w')
    program.click(program.wait_for('push button', lambda name: name.endswith('Cancel')))
    driver.wait_until(lambda: not program.find('label', 'Save the session?'), 'the question to go')
    program.park_pointer()
    program.press('ctrl+shift+s')
    program.choose_file(path)
    driver.wait_until(path.exists, path.name)
    assert 'tick 1s' in path.read_text(encoding='utf-8')
    program.wait_for('label', 'mine.exe')  # the mark before it is gone
    program.park_pointer()
    program.press('ctrl+t', 'ctrl+s')
    driver.wait_until(lambda: path.read_text(encoding='utf-8').count('tick 1s') == 2, 'both ticks')
    program.press('ctrl+o')
    program.choose_file(folder / 'dropped.vmatlas')
    program.wait_for_title('dropped.exe')
    program.park_pointer()
    program.press('ctrl+t')
    program.wait_for_title('• dropped.exe')
    program.press('ctrl+w')
    program.click(program.wait_for('push button', lambda name: name.endswith('Discard')))
    program.process.wait(20)


def values_of_json(text):
    """One value or one a line, as the command line tells regions."""
    decoder, values, text = json.JSONDecoder(), [], text.strip()
    while text:
        value, end = decoder.raw_decode(text)
        values.append(value)
        text = text[end:].lstrip()
    return values


def test_everything_is_exported_in_every_form():
    restart(folder / 'mine.vmatlas')
    for name, endings in (('the Page Tables', ('png', 'svg', 'pdf')),
                          ('the Walk', ('png', 'svg', 'pdf')), ('the Regions', ('csv', 'json')),
                          ('the Steps', ('csv', 'json'))):
        for ending in endings:
            path = folder / f'{name.split()[-1]}.{ending}'
            program.park_pointer()
            program.choose_command(f'Export {name}')
            program.choose_file(path)
            driver.wait_until(path.exists, path.name)
            driver.wait_until(lambda file=path: program.has_text(f'Exported to {file.name}'),
                              'to be told')
            driver.wait_until(program.is_alone, 'the dialog to go')
            data = path.read_bytes()
            if ending == 'json':
                assert values_of_json(data.decode()), path.name
            elif ending == 'csv':
                lines = data.decode().splitlines()
                assert len(lines) > 2 and ',' in lines[0], lines[:2]
            else:
                assert data.startswith({'png': b'\x89PNG', 'svg': b'<?xml', 'pdf': b'%PDF'}[ending])


def export_bytes(path):
    program.park_pointer()
    program.choose_command('Export the Bytes of the Region')
    program.choose_file(path)


def test_bytes_of_a_region_are_exported():
    path = folder / 'bytes.vmatlas'
    path.write_text('process $p bytes.exe bare\nalloc $a = 0x30000000 64K reserve|commit readwrite\n'
                    'write 0x30000000 8 value=0x1122334455667788\nwrite 0x30000ffe 4 value=0xaabbccdd\n'
                    'write 0x3000ffff 1 value=0x5a\nreserve 0x40000000 64K\nreserve 0x50000000 1T\n',
                    encoding='utf-8')
    restart(path)
    program.wait_for_title('bytes.exe')
    # From whichever byte of it: the whole region, byte for byte.
    program.go_to('0x30008123')
    out = folder / 'region.bin'
    export_bytes(out)
    program.expect('Exported to region.bin')
    wanted = bytearray(0x10000)
    wanted[:8] = bytes.fromhex('8877665544332211')
    wanted[0xffe:0x1002] = bytes.fromhex('ddccbbaa')
    wanted[0xffff] = 0x5a
    assert out.read_bytes() == bytes(wanted)
    # Bytes are bytes, whatever their file is called.
    program.go_to('0x7ffe0000')
    export_bytes(folder / 'page.png')
    program.expect('Exported to page.png')
    page = (folder / 'page.png').read_bytes()
    assert len(page) == 4096 and not page.startswith(b'\x89PNG'), page[:8]
    # Where nothing is, there are none.
    for address in ('0x20000000', '0x40000000', '0x50000000'):
        program.go_to(address)
        program.park_pointer()
        program.choose_command('Export the Bytes of the Region')
        program.expect('There is nothing of that kind to export now')
        assert program.is_alone(), address
    # What is not wanted after all is not written.
    program.go_to('0x30000000')
    program.park_pointer()
    program.choose_command('Export the Bytes of the Region')
    driver.wait_until(lambda: not program.is_alone(), 'the dialog')
    driver.xdotool('sleep', 0.7)
    program.press('Escape')
    driver.wait_until(program.is_alone, 'the dialog to go')


def test_bytes_of_a_dump_that_are_not_there_are_told():
    restart(SAMPLES / 'breakpad-win11-22000-x64-meminfolist.dmp')
    program.wait_for_title('tiny.exe')
    program.go_to('KERNEL32')
    out = folder / 'module.bin'
    export_bytes(out)
    driver.wait_until(out.exists, out.name)
    program.expect('bytes are not known and are 0 in module.bin')
    told = program.find('label', lambda text: 'bytes are not known' in text).get_name()
    assert int(told.split()[0].replace(',', '')) <= len(out.read_bytes()), told


def pages_of_pdf(path):
    """Width, height and drawing operators of each page that cairo has written."""
    data = path.read_bytes()
    assert data.startswith(b'%PDF'), data[:8]
    objects = dict(re.findall(rb'\n(\d+) 0 obj(.*?)endobj', data, re.S))
    for words in objects.values():
        if re.search(rb'/Type /Page\b', words):
            _, _, width, height = map(float, re.search(rb'/MediaBox \[([^]]*)', words)[1].split())
            stream = objects[re.search(rb'/Contents (\d+)', words)[1]]
            drawing = zlib.decompressobj().decompress(stream.split(b'stream\n', 1)[1])
            yield width, height, drawing.split()


def test_what_is_seen_is_printed_to_a_file():
    """In a program of its own: the printing of GTK complains of a bus that is not here."""
    restart()
    program.press('ctrl+p')
    dialog = program.wait_for('dialog', 'Print')
    program.click(program.wait_for('label', 'Print to File', within=dialog))
    # The folder in which the program was started.
    program.wait_for('label', lambda text: text.endswith('/output.pdf'), within=dialog)
    program.click(program.wait_for('push button', lambda name: name.endswith('Print'),
                                   within=dialog))
    path = folder / 'output.pdf'
    driver.wait_until(lambda: path.exists() and path.read_bytes().rstrip().endswith(b'%%EOF'),
                      'the printed pages')
    driver.wait_until(lambda: not program.find('dialog', 'Print'), 'the dialog to go')
    pages = list(pages_of_pdf(path))
    # The map and its tables, and the story of the walk.
    assert len(pages) == 2, pages
    for width, height, drawing in pages:
        assert width > height, 'a strip is wider than high'
        assert drawing.count(b'BT') >= 5, 'no words'
        assert drawing.count(b'f') + drawing.count(b'f*') >= 5, 'nothing drawn'
    lines = [line for line in program.read_complaints().splitlines()
             if line and 'avahi' not in line]
    assert not lines, lines


if __name__ == '__main__':
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        os.chdir(folder)
        with atlas_window.Window([VMATLAS]) as program:
            driver.run(tap.of_module(globals()))
            program.close()
