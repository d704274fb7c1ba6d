#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""vmatlas-cli from outside: what it prints and with which status it ends is a contract."""

import csv
import io
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile

import tap

PROGRAM = os.environ['ATLAS_CLI']
SAMPLES = pathlib.Path(os.environ.get('ATLAS_SAMPLES', ''))
WINDOWS_DUMP = 'breakpad-win11-22000-x64-meminfolist.dmp'
VERBS = ('info', 'regions', 'walk', 'tables', 'run', 'render', 'aslr', 'why', 'room', 'dump',
         'totals')

# Every command and what must come of it.
SCENARIO = """\
system memory=1G seed=7 build=22000
process $p demo.exe bare
alloc $a = 0x20000000 64K reserve|commit readwrite
write $a+0x123 8
protect $a 4K readonly
write $a 1
"""

folder = None


def cli(*arguments, stdin=b'', env=None, stdout=subprocess.PIPE):
    return subprocess.run([PROGRAM, *map(str, arguments)], input=stdin, stdout=stdout,
                          stderr=subprocess.PIPE, timeout=60,
                          env={**os.environ, **(env or {})})


def output(*arguments, **options):
    """What a run that must succeed prints."""
    run = cli(*arguments, **options)
    assert run.returncode == 0, (arguments, run.returncode, run.stderr)
    assert run.stderr == b'', (arguments, run.stderr)
    return run.stdout.decode()


def refused(status, words, *arguments, **options):
    """A run that must end with @status, print nothing, and say @words."""
    run = cli(*arguments, **options)
    message = run.stderr.decode()
    assert run.returncode == status, (arguments, run.returncode, message)
    assert run.stdout == b'', (arguments, run.stdout)
    assert message.startswith('vmatlas-cli: '), (arguments, message)
    assert words in message, (arguments, words, message)


def objects(text):
    return [json.loads(line) for line in text.splitlines()]


def sample(name):
    path = SAMPLES / name
    if not path.is_file():
        raise tap.Skip('the folder of samples (ATLAS_SAMPLES) is not there')
    return path


def scenario(text=SCENARIO):
    path = folder / 'test.vmatlas'
    path.write_text(text)
    return path


def test_help_and_version_are_everywhere():
    text = output('--help')
    for verb in VERBS:
        assert f'  {verb} ' in text, verb
        assert '--help' in output(verb, '--help')
        assert output(verb, '--version') == output('--version')
    assert output('--version').startswith('vmatlas-cli ')


def test_a_wrong_command_line_ends_with_2():
    path = scenario()
    for words, arguments in (
            ('expected a verb', ()),
            ('“frobnicate” is no verb', ('frobnicate', path)),
            ('expected FILE', ('info',)),
            ('one argument too many: “b”', ('info', path, 'b')),
            ('--frobnicate', ('regions', path, '--frobnicate')),
            ('--format=xml', ('regions', path, '--format=xml')),
            ('--format=csv', ('run', path, '--format=csv')),
            ('expected SCENARIO', ('run',)),
            ('expected an ADDRESS', ('walk', path)),
            ('--access=touch', ('walk', path, '0', '--access=touch')),
            ('--maxphyaddr=53', ('walk', path, '0', '--maxphyaddr=53')),
            ('--cr3', ('walk', path, '0', '--cr3=xyz')),
            ('cannot both', ('walk', '-', '--batch=-')),
            ('expected -o OUT', ('render', path)),
            ('.png, .svg or .pdf', ('render', path, '-o', 'map.gif')),
            ('--size=10', ('render', path, '-o', 'map.png', '--size=10')),
            ('--size=0x10', ('render', path, '-o', 'map.png', '--size=0x10')),
            ('--view=globe', ('render', path, '-o', 'map.png', '--view=globe')),
            ('--layout=globe', ('render', path, '-o', 'map.png', '--layout=globe')),
            ('--access=peek', ('render', path, '-o', 'map.png', '--access=peek')),
            ('--theme=blue', ('render', path, '-o', 'map.png', '--theme=blue'))):
        refused(2, words, *arguments)


def test_wrong_files_end_with_1_and_are_named():
    noise = folder / 'noise.bin'
    noise.write_bytes(bytes(range(256)))
    cut = folder / 'cut.dmp'
    cut.write_bytes(b'MDMP\x93\xa7\0\0')
    missing = folder / 'missing.dmp'
    empty = scenario('system memory=1G seed=1\n')
    for verb in ('info', 'regions'):
        refused(1, 'missing.dmp', verb, missing)
        refused(1, str(folder), verb, folder)
        refused(1, f'{noise}: ', verb, noise)
        refused(1, f'{cut}: header at file offset 0x0', verb, cut)
        refused(1, 'no process', verb, empty)
        refused(1, 'standard input: ', verb, '-', stdin=b'MDMP')
    refused(1, 'expected a scenario', 'run', noise)
    refused(1, f'{empty}:1:1', 'run', scenario('frobnicate\n'))
    refused(1, f'{empty}:2:', 'run', scenario('process $p demo.exe\nalloc 64Q\n'))


def test_regions_of_a_real_process_are_those_of_virtual_query():
    dump = sample(WINDOWS_DUMP)
    expected = sample('windows11-22000-regions.csv').read_bytes().decode()
    text = cli('regions', dump, '--format=csv').stdout.decode()
    assert text == expected
    assert output('regions', '-', '--format=csv', stdin=dump.read_bytes()).splitlines() == \
        expected.splitlines()

    rows = list(csv.DictReader(io.StringIO(expected)))
    as_json = objects(output('regions', dump, '--format=json'))
    assert [{key: region[key] for key in rows[0]} for region in as_json] == rows
    as_text = output('regions', dump).splitlines()
    assert len(as_text) == 1 + len(rows)


def test_a_dump_is_described_but_not_walked():
    dump = sample(WINDOWS_DUMP)
    text = output('info', dump)
    for words in ('tiny.exe', 'Windows 11 (22000) · 137 allocations · 81.7 MB committed', '15444'):
        assert words in text, (words, text)
    refused(1, 'no page tables', 'walk', dump, '0x7ff90f718a3c')
    refused(1, 'expected a scenario', 'run', dump)


def test_a_linux_dump_and_a_broken_one():
    assert 'driver' in output('info', sample('breakpad-linux-x64-linuxmaps.dmp'))
    refused(1, 'at file offset', 'info', sample('rust-minidump-invalid-range.dmp'))


def test_regions_cover_every_address():
    path = scenario()
    for options, end in (((), 0x7fffffff0000), (('--all',), 1 << 64)):
        next_va = 0
        rows = list(csv.DictReader(io.StringIO(output('regions', path, '--format=csv', *options))))
        for row in rows:
            assert int(row['base'], 16) == next_va, row
            next_va += int(row['size'], 16)
        assert next_va == end, hex(next_va)
        if not options:
            states = [row['state'] for row in rows]
            assert ('free', 'free') not in zip(states, states[1:])

    by_base = {region['base']: region
               for region in objects(output('regions', path, '--all', '--format=json'))}
    assert by_base['0x0']['class'] == 'never allocatable'
    assert by_base['0x20000000']['protect'] == '0x2'
    assert by_base['0x20001000']['allocation_base'] == '0x20000000'
    assert by_base['0x20001000']['protect'] == '0x4'


def test_a_linux_process_is_listed_from_its_maps():
    with open(f'/proc/{os.getpid()}/maps', encoding='utf-8') as file:
        text = file.read()
    maps = folder / 'maps.txt'
    maps.write_text(text, encoding='utf-8')
    first_bases = [f"0x{int(line.split('-')[0], 16):x}" for line in text.splitlines()
                   if int(line.split('-')[0], 16) < 1 << 47]
    rows = [json.loads(line) for line in output('regions', maps, '--format=json').splitlines()]
    assert [row['base'] for row in rows if row['state'] in ('commit', 'reserve') and
            int(row['base'], 16) < 1 << 47] == first_bases
    assert any(row['name'] == '[stack]' and row['class'] == 'stack' for row in rows)
    assert 'memory map of a Linux process' in output('info', maps)
    # The file itself: it has no size, and is there only while the process lives.
    assert 'python' in output('regions', f'/proc/{os.getpid()}/maps')
    maps.write_text(text + 'no line\n', encoding='utf-8')
    refused(1, 'of its memory map', 'regions', maps)


def test_regions_are_filtered_by_words():
    path = scenario()
    rows = [json.loads(line) for line in output('regions', path, '--all', '--format=json').splitlines()]

    def bases(*words):
        lines = output('regions', path, '--all', '--format=json', '--filter=' + ' '.join(words))
        return [json.loads(line)['base'] for line in lines.splitlines()]

    assert bases() == [row['base'] for row in rows]
    assert bases('commit', 'private', 'rw') == [
        row['base'] for row in rows if row['state'] == 'commit' and row['type'] == 'private' and
        '1' not in row['protect'][:-1] and int(row['protect'], 16) & 0x4]
    assert bases('20000123') == [row['base'] for row in rows if row['base'] == '0x20000000']
    assert bases('reserve', 'commit') == []
    assert output('regions', path, '--filter=nothing of the kind').count('\n') == 1
    limited = cli('regions', path, '--filter=free', '--limit=1', '--format=csv')
    assert limited.stdout.count(b'\r\n') == 2
    assert b'regions are not looked at' in limited.stderr, limited.stderr


def test_run_tells_what_became_of_each_command():
    results = objects(output('run', scenario(), '--format=json'))
    assert [result['line'] for result in results] == [1, 2, 3, 4, 5, 6]
    for result in results[:5]:
        assert result['status'] == 'STATUS_SUCCESS', result
        assert result['win32'] == 0
        assert result['result']
    assert results[5]['status'] == 'STATUS_ACCESS_VIOLATION'
    assert results[5]['win32'] == 998  # ERROR_NOACCESS

    ids = [event['id'] for event in results[3]['trace']]
    assert ids.index('page-fault') < ids.index('retry') < ids.index('translated')
    fault = next(event for event in results[3]['trace'] if event['id'] == 'page-fault')
    assert fault['role'] == 'fault'
    assert fault['values']['va'] == '0x20000123'
    assert fault['values']['code'] == '0x6'
    for event in results[3]['trace']:
        assert set(event) == {'id', 'role', 'title', 'detail', 'values'}
        assert '{' not in event['title'] + (event['detail'] or ''), event
    assert 'trace' not in results[2]

    text = output('run', scenario())
    assert 'alloc $a' in text and 'STATUS_ACCESS_VIOLATION' in text


def test_standard_input_is_a_file_too():
    assert output('run', '-', '--format=json', stdin=SCENARIO.encode()) == \
        output('run', scenario(), '--format=json')
    refused(1, 'standard input:1:1', 'run', '-', stdin=b'frobnicate')
    assert output('walk', '-', '$a+0x123', stdin=SCENARIO.encode()) == \
        output('walk', scenario(), '$a+0x123')


def test_walk_gives_every_step():
    path = scenario()
    [result] = objects(output('walk', path, '$a+0x123', '--format=json'))
    assert result['va'] == '0x20000123'
    assert result['outcome'] == 'translated'
    assert result['page_bytes'] == '0x1000'
    assert result['error_code'] is None
    assert result['memory_type'] == {'pat_index': '0x0', 'pat': 'WB', 'mtrr': 'WB',
                                     'mtrr_rule': 'default', 'effective': 'WB', 'is_mixed': False}
    assert int(result['pa'], 16) & 0xfff == 0x123
    steps = result['steps']
    assert [int(step['level'], 16) for step in steps] == [4, 3, 2, 1]
    for number, step in enumerate(steps):
        level = int(step['level'], 16)
        index = 0x20000123 >> (12 + 9 * (level - 1)) & 511
        assert int(step['index'], 16) == index
        assert int(step['entry_address'], 16) == int(step['table'], 16) + 8 * index
        target = int(step['entry'], 16) & 0x000ffffffffff000
        assert target == int(steps[number + 1]['table'] if number < 3 else result['pa'], 16) & ~0xfff


def test_walk_tells_faults_apart():
    path = scenario()
    for arguments, outcome, error_code in (
            (('$a',), 'translated', None),
            (('$a', '--access=write'), 'page-fault', '0x7'),
            (('$a', '--access=write', '--supervisor'), 'page-fault', '0x3'),
            (('$a', '--access=write', '--supervisor', '--cr4=0x20'), 'page-fault', '0x3'),
            (('$a', '--access=write', '--supervisor', '--cr4=0x20', '--cr0=0x80000001'),
             'translated', None),
            (('$a', '--access=execute'), 'page-fault', '0x15'),
            (('$a', '--access=execute', '--efer=0x500'), 'page-fault', '0x1d'),
            (('$a+0x5000',), 'page-fault', '0x4'),
            (('0',), 'page-fault', '0x4'),
            (('0x800000000000',), 'general-protection', None),
            (('0x7fff`ffffffff',), 'page-fault', '0x4'),
            (('0xffff7fffffffffff',), 'general-protection', None)):
        [result] = objects(output('walk', path, *arguments, '--format=json'))
        assert (result['outcome'], result['error_code']) == (outcome, error_code), (arguments, result)
        if outcome == 'general-protection':
            assert result['steps'] == []
    assert 'page-fault, error code 0x4' in output('walk', path, '0')


def test_a_batch_is_walked_in_order():
    path = scenario()
    batch = folder / 'batch.txt'
    batch.write_text('# address, access, mode\n'
                     '$a\n'
                     '\n'
                     '$a write\r\n'
                     '  0x20000123\tread supervisor  \n'
                     '$a supervisor write')
    results = objects(output('walk', path, f'--batch={batch}', '--format=json'))
    assert [(r['va'], r['access'], r['mode'], r['outcome']) for r in results] == [
        ('0x20000000', 'read', 'user', 'translated'),
        ('0x20000000', 'write', 'user', 'page-fault'),
        ('0x20000123', 'read', 'supervisor', 'page-fault'),  # SMAP
        ('0x20000000', 'write', 'supervisor', 'page-fault')], results
    assert objects(output('walk', path, '--batch=-', '--format=json',
                          stdin=batch.read_bytes())) == results
    assert output('walk', path, '--batch=-') == ''

    for line, words in ((b'$a frob', ':2: expected read'), (b'$nothing', ':2: '),
                        (b'\xff\xfe', 'expected a text')):
        refused(1, words, 'walk', path, '--batch=-', stdin=b'$a\n' + line + b'\n$a\n')
    refused(1, 'missing', 'walk', path, f'--batch={folder}/missing')


def test_wrong_addresses_end_with_1():
    path = scenario()
    for address in ('', 'x', '$nothing', '0x10000000000000000', '0x1 2'):
        refused(1, '', 'walk', path, '0', address)


def test_pictures_are_written_whole():
    path = scenario()
    magic = {'png': b'\x89PNG', 'svg': b'<?xml', 'pdf': b'%PDF'}
    for view in ('map', 'lens', 'walk'):
        pictures = set()
        for theme in ('light', 'dark'):
            for ending, start in magic.items():
                out = folder / f'picture.{ending}'
                output('render', path, f'--view={view}', f'--theme={theme}', '--size=640x300',
                       '--from=$a', '-o', out)
                data = out.read_bytes()
                assert data.startswith(start), (view, ending, data[:8])
                if ending == 'png':
                    assert int.from_bytes(data[16:20], 'big') == 640
                    assert int.from_bytes(data[20:24], 'big') == 300
                    pictures.add(data)
                out.unlink()
        assert len(pictures) == 2
    layouts = set()
    for layout in ('collapsed', 'linear', 'hilbert'):
        out = folder / 'picture.png'
        output('render', path, f'--layout={layout}', '--size=640x160', '-o', out)
        layouts.add(out.read_bytes())
    assert len(layouts) == 3
    walks = set()
    for options in ((), ('--from=$a',), ('--from=$a', '--access=write'), ('--supervisor',)):
        out = folder / 'walk.svg'
        output('render', path, '--view=walk', *options, '-o', out)
        walks.add(out.read_bytes())
    assert len(walks) == 4
    lenses = set()
    for options in ((), ('--heat',)):
        out = folder / 'lens.svg'
        output('render', path, '--view=lens', '--from=$a', *options, '-o', out)
        lenses.add(out.read_bytes())
    assert len(lenses) == 2
    # Not even a dump without page tables is in the way: nothing of it is known to be used.
    output('render', sample(WINDOWS_DUMP), '--view=lens', '--heat', '-o', folder / 'lens.svg')
    refused(2, '--heat goes with --view=lens', 'render', path, '--heat', '-o', folder / 'x.png')
    refused(1, 'steps need a height of', 'render', path, '--view=walk', '--size=640x20', '-o', folder / 'x.png')
    refused(1, 'no page tables', 'render', sample(WINDOWS_DUMP), '--view=walk', '-o', folder / 'x.png')
    refused(1, '--from is above --to', 'render', path, '-o', folder / 'x.png',
            '--from=2', '--to=1')
    refused(1, '', 'render', path, '-o', folder / 'no' / 'such' / 'x.png')
    assert not list(folder.glob('x.png*'))


def test_totals_are_added_up_now_and_over_time():
    path = scenario()
    totals = json.loads(output('totals', path, '--format=json'))
    regions = [json.loads(line) for line in output('regions', path, '--all', '--format=json').splitlines()]
    free = [int(region['size'], 16) for region in regions if region['class'] == 'free'
            and int(region['base'], 16) < 1 << 47]
    assert int(totals['free'], 16) == sum(free)
    assert int(totals['largest_free'], 16) == max(free)
    assert abs(totals['fragmentation'] - (1 - max(free) / sum(free))) < 1e-12
    for kind in ('image', 'mapped', 'private'):
        committed = sum(int(region['size'], 16) for region in regions
                        if region['type'] == kind and region['state'] == 'commit')
        assert int(totals['types'][kind]['committed'], 16) == committed, kind

    moments = [json.loads(line) for line in
               output('totals', path, '--history', '--format=json').splitlines()]
    assert [moment['commands'] for moment in moments] == [2, 3, 4, 5, 6]
    assert int(moments[1]['committed'], 16) - int(moments[0]['committed'], 16) == 65536
    assert moments[-1]['largest_free'] == totals['largest_free']
    rows = list(csv.reader(io.StringIO(output('totals', path, '--history', '--format=csv'))))
    assert rows[2][1] == 'alloc $a = 0x20000000 64K reserve|commit readwrite'
    assert [int(row[2]) for row in rows[1:]] == [int(moment['committed'], 16) for moment in moments]
    assert 'largest free' in output('totals', sample(WINDOWS_DUMP))
    refused(1, 'only a scenario has a history', 'totals', sample(WINDOWS_DUMP), '--history')
    for view in ('time', 'measures'):
        output('render', path, f'--view={view}', '-o', folder / 'history.png')
        refused(1, 'only a scenario has moments', 'render', sample(WINDOWS_DUMP),
                f'--view={view}', '-o', folder / 'x.png')


def test_bookmarks_are_drawn_as_the_window_keeps_them():
    def draw(name, *options):
        out = folder / name
        output('render', scenario(), '--from=0x1ff00000', '--to=0x20100000', '-o', out, *options)
        return out.read_bytes()

    places = folder / 'places.ini'
    places.write_text('[here]\nfirst=0x20000000\nlast=0x2000ffff\ncomment=the buffer\n'
                      '[there]\nfirst=0x7ffe0000\nlast=0x7ffe0fff\n', encoding='utf-8')
    bare = draw('bare.svg')
    flagged = draw('flagged.svg', f'--bookmarks={places}')
    assert len(flagged) > len(bare)
    area = ('--layout=hilbert', '--size=640x160')
    assert draw('area.svg', *area) != draw('flags.svg', *area, f'--bookmarks={places}')
    # Elsewhere there is none of them, and without any there is nothing to draw.
    places.write_text('[far]\nfirst=0x7ffe0000\nlast=0x7ffe0fff\n', encoding='utf-8')
    assert draw('far.svg', f'--bookmarks={places}') == bare
    places.write_text('', encoding='utf-8')
    assert draw('none.svg', f'--bookmarks={places}') == bare

    out = ('-o', folder / 'x.png')
    for text, words in (('[1]\nfirst=0x2000\nlast=0x1000\n', '[1] its last address is below'),
                        ('[a b]\nfirst=nonsense\nlast=0x1\n', '[a b] first: '),
                        ('[1]\nlast=0x1\n', 'first'),
                        ('nonsense', 'places.ini: ')):
        places.write_text(text, encoding='utf-8')
        refused(1, words, 'render', scenario(), f'--bookmarks={places}', *out)
    refused(1, 'no-such.ini', 'render', scenario(), '--bookmarks=no-such.ini', *out)
    refused(2, '--bookmarks goes with --view=map', 'render', scenario(), '--view=lens',
            f'--bookmarks={places}', *out)


GUARDED = """\
extern void *__guard_fids_table[], *__guard_fids_count, *__guard_flags;
static void check (void) {}
void *__guard_check_icall_fptr = check, *__guard_dispatch_icall_fptr = check;
const struct
{
  unsigned int size, words[5];
  unsigned long long longs[11];
  void *check, *dispatch, *table, *count, *flags;
  unsigned long long rest[25];
} _load_config_used = { .size = 0x140,
                        .check = &__guard_check_icall_fptr,
                        .dispatch = &__guard_dispatch_icall_fptr,
                        .table = __guard_fids_table,
                        .count = &__guard_fids_count,
                        .flags = &__guard_flags };
int one (int x) { return x + 1; }
int two (int x) { return x * 2; }
int never (int x) { return x ^ 5; }
int (*volatile table[]) (int) = { one, two };
__declspec (dllexport) int call (int i, int x) { return table[i] (x) + never (x); }
int start (void *a, unsigned b, void *c) { return 1; }
"""


def test_marks_of_a_program_file_are_what_others_read():
    """Compiled and linked by LLVM with Control Flow Guard, and signed by osslsigncode."""
    for tool in ('clang', 'lld-link', 'llvm-readobj', 'osslsigncode', 'openssl'):
        if not shutil.which(tool):
            raise tap.Skip(f'no {tool}')

    def make(*command):
        return subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder).stdout

    (folder / 'guarded.c').write_text(GUARDED, encoding='utf-8')
    make('clang', '--target=x86_64-pc-windows-msvc', '-O1', '-fno-inline', '-Xclang', '-cfguard',
         '-c', 'guarded.c', '-o', 'guarded.obj')
    make('lld-link', '/dll', '/guard:cf', '/nodefaultlib', '/entry:start', '/out:guarded.dll',
         'guarded.obj')
    make('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'key.pem', '-out',
         'certificate.pem', '-subj', '/CN=nobody')
    make('osslsigncode', 'sign', '-certs', 'certificate.pem', '-key', 'key.pem', '-in',
         'guarded.dll', '-out', 'signed.dll')
    read = make('llvm-readobj', '--coff-load-config', '--file-headers', 'signed.dll')
    table = read[read.index('GuardFidTable'):]
    targets = {int(number, 16) & 0xfffff for number in re.findall('0x18[0-9A-F]+', table)}
    flags = int(re.search(r'GuardFlags: (0x[0-9A-F]+)', read)[1], 16)
    assert len(targets) > 3 and flags & 0x500 == 0x500
    offsets = range(0x1000, 0x1100)
    (folder / 'marks.vmatlas').write_text(
        'process p.exe bare\nload $a = guarded.dll\nimage $a\nload $s = signed.dll\n' +
        ''.join(f'image $s+{offset:#x}\n' for offset in offsets), encoding='utf-8')
    lines = [json.loads(line)['result'] for line in
             output('run', folder / 'marks.vmatlas', '--format=json').splitlines()]
    assert 'certificates: none in the file' in lines[2]
    assert 'may +0x0 be called? no: not code' in lines[2]
    assert 'certificates: PKCS #7 signed data, ' in lines[4]
    assert f'({flags:#x}) · {len(targets)} call targets' in lines[4]
    for offset, line in zip(offsets, lines[4:], strict=True):
        assert (f'may +{offset:#x} be called? yes: in the table' in line) == (offset in targets), line


def test_a_reader_that_leaves_early_is_no_trouble():
    path = scenario()
    for is_ignored in (False, True):
        def prepare(is_ignored=is_ignored):
            signal.signal(signal.SIGPIPE, signal.SIG_IGN if is_ignored else signal.SIG_DFL)
        batch = b'$a\n' * 20000
        process = subprocess.Popen([PROGRAM, 'walk', str(path), '--batch=-'],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, restore_signals=False,
                                   preexec_fn=prepare)
        process.stdout.close()
        process.stdin.write(batch)
        process.stdin.close()
        message = process.stderr.read()
        status = process.wait(60)
        process.stderr.close()
        assert message == b'', message
        assert status == (0 if is_ignored else -signal.SIGPIPE), status


def test_a_full_disk_is_told():
    with open('/dev/full', 'wb') as full:
        run = cli('regions', scenario(), stdout=full)
    assert run.returncode == 1
    assert b'No space left' in run.stderr, run.stderr


def test_the_locale_changes_nothing():
    path = scenario()
    for arguments in (('run', path), ('regions', path), ('walk', path, '$a')):
        assert output(*arguments, env={'LC_ALL': 'C'}) == \
            output(*arguments, env={'LC_ALL': 'C.UTF-8'})


def linux_sample(name):
    path = SAMPLES / name
    if not path.exists():
        raise tap.Skip('the samples are not here')
    return path


def test_tables_lists_every_leaf_that_qemu_lists():
    image = linux_sample('linux61-qemu-pagetables.lime')
    rows = list(csv.reader(io.StringIO(output('tables', image, '--cr3=0x554c000', '--leaves'))))
    wanted = [line.split() for line in
              linux_sample('linux61-qemu-infotlb.txt').read_text().splitlines()]
    assert rows[0] == ['va', 'pa', 'page_bytes', 'flags']
    assert [(int(row[0], 16), int(row[1], 16)) for row in rows[1:]] == \
        [(int(va.rstrip(':'), 16), int(pa, 16)) for va, pa, _ in wanted]
    for row, (_, _, flags) in zip(rows[1:], wanted):
        # QEMU tells the bits of the leaf alone: rights over all levels are never more.
        assert 'W' in flags or 'w' not in row[3], (row, flags)
        assert 'U' in flags or 'u' not in row[3], (row, flags)
        assert 'X' not in flags or 'x' not in row[3], (row, flags)


def test_tables_merges_neighbours():
    text = output('tables', linux_sample('linux61-qemu-pagetables.lime'), '--cr3=0x554c000')
    assert text.splitlines()[-1].startswith('106 tables, 6688 pages of 4 KB, 139 of 2 MB')
    assert len(text.splitlines()) < 6827


def test_a_memory_image_is_walked():
    image = linux_sample('linux61-qemu-pagetables.lime')
    [walk] = objects(output('walk', image, '--cr3=0x554c000', '--format=json', '0x401abc'))
    assert walk['outcome'] == 'translated' and walk['pa'] == '0x32adabc'
    refused(2, 'does not tell CR3', 'walk', image, '0x401000')


def test_a_batch_answers_line_by_line():
    image = linux_sample('linux61-qemu-pagetables.lime')
    lines = ''.join(f'0x{0x400000 + i * 0x1000:x} read user\n' for i in range(1000)).encode()
    walks = objects(output('walk', image, '--cr3=0x554c000', '--format=json', '--batch=-',
                           stdin=lines))
    assert [int(walk['va'], 16) for walk in walks] == [0x400000 + i * 0x1000 for i in range(1000)]


def test_a_raw_image_is_walked():
    # One table in which entry 0 names the table itself: every address of zeros maps frame 1.
    image = folder / 'raw.bin'
    image.write_bytes(bytes(4096) + (0x1007).to_bytes(8, 'little') + bytes(4088))
    [walk] = objects(output('walk', f'--memory={image}', '--cr3=0x1000', '--format=json', '0x123'))
    assert walk['pa'] == '0x1123', walk
    refused(1, 'outside the memory', 'tables', f'--memory={image}', '--cr3=0x9000')


def test_a_memory_image_is_an_address_space():
    image = linux_sample('linux61-qemu-pagetables.lime')
    cr3 = '--cr3=0x554c000'
    info = output('info', image, cr3)
    assert '6,827 pages' in info and 'can be walked            yes' in info, info

    regions = objects(output('regions', image, cr3, '--format=json'))
    mapped = [region for region in regions if region['state'] == 'commit']
    pages = {'4 KB': 0, '2 MB': 0}
    for region in mapped:
        size = region['name'][:4]
        pages[size] += int(region['size'], 16) // (4096 if size == '4 KB' else 2 << 20)
    assert pages == {'4 KB': 6688, '2 MB': 139}, pages
    assert int(regions[-1]['base'], 16) + int(regions[-1]['size'], 16) == 1 << 64
    assert not {'unusable', 'never allocatable'} & {region['class'] for region in regions}

    for view in ('map', 'lens', 'walk'):
        picture = folder / f'image-{view}.png'
        output('render', image, cr3, f'--view={view}', '--from=0xffffffff81000000', '-o', picture)
        assert picture.read_bytes().startswith(b'\x89PNG')

    for verb, rest in (('info', ()), ('regions', ()), ('render', ('-o', folder / 'x.png'))):
        refused(2, '0x554c000  4 levels, 6,827 pages in 106 tables', verb, image, *rest)
        refused(1, 'holds no table at 0x7000', verb, image, '--cr3=0x7000', *rest)
        refused(2, 'expected 4 to 5', verb, image, cr3, '--levels=6', *rest)
    refused(2, 'no image of physical memory', 'info', scenario(), cr3)


def test_more_ranges_than_can_be_listed():
    # Four tables, each naming the next 512 times; every second page of the last may be written.
    maze = bytearray(5 * 4096)
    for table in range(1, 5):
        for i in range(512 if table > 1 else 1):
            entry = (table + 1) << 12 | 0x27 if table < 4 else 0x25 | (i % 2) << 1
            maze[table * 4096 + i * 8:table * 4096 + i * 8 + 8] = entry.to_bytes(8, 'little')
    image = folder / 'maze.raw'
    image.write_bytes(maze)
    memory = (f'--memory={image}', '--cr3=0x1000')
    assert '134,217,731' in output('info', *memory)
    run = cli('regions', *memory, '--all', '--limit=10', '--from=0x4000000000', '--format=csv')
    assert run.returncode == 0 and run.stdout.count(b'\r\n') == 11, run
    assert b'of 134,217,731 regions are not listed' in run.stderr, run.stderr
    assert run.stdout.splitlines()[1].startswith(b'0x4000000000,')
    output('render', *memory, '-o', folder / 'maze.png')


def test_walk_takes_all_of_the_state():
    image = linux_sample('linux61-qemu-pagetables.lime')

    def walk(*options):
        [answer] = objects(output('walk', image, '--cr3=0x554c000', '--format=json', *options))
        return answer['outcome'], answer['error_code']

    user = '0x401abc'
    smap = '--cr4=0x3506b0'
    assert walk(user) == ('translated', None)
    assert walk(user, '--supervisor', smap) == ('page-fault', '0x1')
    assert walk(user, '--supervisor', smap, '--ac') == ('translated', None)
    assert walk(user, '--implicit', smap, '--ac') == ('page-fault', '0x1')
    assert walk(user, '--cr4=0x5506b0', '--pkru=0x1') == ('page-fault', '0x25')
    assert walk(user, '--cr4=0x80506b0') == ('translated', None)
    assert walk('0xffffffff81000000', '--cr4=0x80506b0') == ('general-protection', None)
    assert walk(user, '--access=shadow-stack-read', '--cr4=0x8506b0')[0] == 'page-fault'
    assert walk('0x0000800000000000', '--stack') == ('stack-fault', None)
    assert walk('0x0000800000000000') == ('general-protection', None)
    assert walk('0x4000000000401abc') == ('general-protection', None)
    [masked] = objects(output('walk', image, f'--cr3={0x554c000 | 1 << 62:#x}', '--format=json',
                              '0x4000000000401abc'))
    assert masked['outcome'] == 'translated', masked
    assert 'UC' in output('walk', image, '--cr3=0x554c000', '--pat=0', user)
    refused(2, '--vendor=via', 'walk', image, '--cr3=0x554c000', '--vendor=via', user)
    for vendor in ('intel', 'amd'):
        assert walk(user, f'--vendor={vendor}') == ('translated', None)
    assert walk(user, '--pkrs=0xffffffff') == ('translated', None)


def test_a_torn_memory_image_is_refused():
    whole = linux_sample('linux61-qemu-pagetables.lime').read_bytes()
    for size in (5, 31, 33, 3000, len(whole) - 1):
        path = folder / 'torn.lime'
        path.write_bytes(whole[:size])
        refused(1, 'at file offset', 'tables', path, '--cr3=0x554c000')


def test_aslr_tells_exact_chances():
    kinds = {kind['kind']: kind for kind in objects(output('aslr', '--boots=50', '--format=json'))}
    assert kinds['anywhere']['below_2gb']['denominator'] == hex(1 << 16), kinds['anywhere']
    assert kinds['anywhere']['below_4gb']['denominator'] == hex(1 << 15), kinds['anywhere']
    assert kinds['heap']['bits'] == 24 and sum(kinds['heap']['counts']) == 50
    rows = list(csv.DictReader(io.StringIO(output('aslr', '--boots=50', '--highentropy=off',
                                                  '--format=csv'))))
    assert sum(int(row['count']) for row in rows if row['kind'] == 'exe') == 50
    # Mandatory randomization without that of bottom-up allocations.
    text = output('aslr', '--boots=50', '--dynamicbase=off', '--mandatory=on', '--bottomup=off')
    assert 'program image: 50 addresses, 1 distinct' in text
    kinds = {kind['kind']: kind for kind in
             objects(output('aslr', '--boots=50', '--levels=5', '--format=json'))}
    assert 2**56 - 2**33 <= int(kinds['top-down']['min'], 16) < 2**56
    assert int(kinds['page-tables']['min'], 16) % 2**48 == 0
    assert (int(kinds['anywhere']['below_2gb']['numerator'], 16),
            int(kinds['anywhere']['below_2gb']['denominator'], 16)) == (1, 2**25)
    refused(2, 'not with --layout=classic', 'aslr', '--levels=5', '--layout=classic')
    refused(2, '--levels=6: expected 5 or 4', 'aslr', '--levels=6')
    refused(2, '--bits=16: expected 32 or 64', 'aslr', '--bits=16')
    refused(2, 'starts in all', 'aslr', '--boots=2000000')


def test_why_and_room_answer_for_any_space():
    scenario = folder / 'why.vma'
    scenario.write_text('process p.exe bare\n')
    why = objects(output('why', scenario, '--format=json', '7fff0000', '10000', '800000000000'))
    assert [answer['may_allocate'] for answer in why] == [False, True, False], why
    assert why[1]['allocation_base'] == '0x10000', why
    assert 'Allocate here? Yes' in output('why', scenario, '0x10001')
    places = objects(output('room', scenario, '64K', '--highest=7fffffff', '--format=json'))
    assert places == [{'first': '0x10000', 'last': '0x7ffd0000', 'places': '0x7ffd'}], places
    refused(1, 'no room: The largest block', 'room', scenario, '2G', '--highest=7fffffff')
    refused(2, 'power of two', 'room', scenario, '64K', '--align=3K')
    refused(2, '--near', 'room', scenario, '64K', '--near=here')


def test_a_simulation_leaves_as_dumps():
    scenario = folder / 'dump.vma'
    scenario.write_text('process p.exe\nalloc $a = 64K reserve|commit readwrite\nwrite $a+0x123 8\n')
    dumps = {ending: folder / f'p.{ending}' for ending in ('dmp', 'elf', 'lime')}
    for dump in dumps.values():
        assert output('dump', scenario, dump) == '', dump
    assert output('regions', dumps['dmp'], '--format=csv') == \
        output('regions', scenario, '--format=csv')
    leaves = output('tables', scenario, '--leaves')
    assert leaves.count('\n') > 100, leaves
    assert output('tables', dumps['elf'], '--leaves') == leaves
    cr3 = output('info', dumps['elf']).split('\nCR3')[1].split()[0]
    assert output('tables', dumps['lime'], f'--cr3={cr3}', '--leaves') == leaves
    # Somebody else's reader of core files.
    segments = subprocess.run(['readelf', '--wide', '--segments', dumps['elf']], check=True,
                              capture_output=True, text=True).stdout
    assert segments.count(' LOAD ') == dumps['lime'].read_bytes().count(b'EMiL\1\0\0\0'), segments
    assert segments.count(' NOTE ') == 1, segments
    refused(2, 'ending in .dmp, .elf or .lime', 'dump', scenario, folder / 'p.txt')
    refused(2, 'expected minidump, elf or lime', 'dump', scenario, folder / 'p', '--format=zip')
    refused(1, 'no/p.dmp', 'dump', scenario, folder / 'no' / 'p.dmp')


def test_the_language_changes_no_byte():
    with tempfile.TemporaryDirectory() as locales:
        made = subprocess.run(['localedef', '-i', 'de_DE', '-f', 'UTF-8', f'{locales}/de_DE.UTF-8'],
                              check=False, capture_output=True)
        if not os.path.exists(f'{locales}/de_DE.UTF-8/LC_NUMERIC'):
            raise tap.Skip(f'no German locale: {made.stderr.decode()}')
        german = {'LOCPATH': locales, 'LC_ALL': 'de_DE.UTF-8', 'LANGUAGE': 'de'}
        # The locale works: its decimal separator is a comma.
        shown = subprocess.run(['/usr/bin/printf', '%.1f', '1,5'], check=True, capture_output=True,
                               env={**os.environ, **german}).stdout
        assert shown == b'1,5', shown
        for arguments, stdin in ((('run', '-'), SCENARIO), (('run', '--format=json', '-'), SCENARIO),
                                 (('aslr', '--boots=20'), ''), (('aslr', '--boots=20', '--format=csv'), ''),
                                 (('regions', '--format=csv', '-'), SCENARIO),
                                 (('why', '-', '0x20000000'), SCENARIO)):
            plain = cli(*arguments, stdin=stdin.encode())
            translated = cli(*arguments, stdin=stdin.encode(), env=german)
            assert (plain.returncode, plain.stdout, plain.stderr) == (
                translated.returncode, translated.stdout, translated.stderr), arguments
        scenario = folder / 'german.vmatlas'
        scenario.write_text(SCENARIO, encoding='utf-8')
        pictures = [folder / 'plain.svg', folder / 'german.svg']
        for picture, env in zip(pictures, ({}, german)):
            assert cli('render', scenario, '-o', picture, env=env).returncode == 0
        assert pictures[0].read_bytes() == pictures[1].read_bytes()


if __name__ == '__main__':
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        tap.run(tap.of_module(globals()))
