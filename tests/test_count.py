#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The counter of test cases, tried on a small project whose tests do all that tests can do."""

import functools
import pathlib
import subprocess
import sys
import tempfile

import count
import tap

# name: (protocol, shell script, passed, failed, skipped)
PROGRAMS = {
    'passes': ('tap', 'echo 1..2; echo ok 1 /a; echo ok 2 /b', 2, 0, 0),
    'plan-last': ('tap', 'echo ok 1 - a; echo 1..1', 1, 0, 0),
    'one-fails': ('tap', 'echo 1..3; echo ok 1 /a; echo not ok 2 /b; echo ok 3 /c; exit 1', 2, 1, 0),
    'fails-quietly': ('tap', 'echo 1..2; echo ok 1 /a; echo not ok 2 /b', 1, 1, 0),
    'skips-one': ('tap', 'echo 1..2; echo ok 1 /a; echo "ok 2 /b # SKIP no samples"', 1, 0, 1),
    'skips-all': ('tap', 'echo "1..0 # SKIP no display"', 0, 0, 1),
    'unfinished': ('tap', 'echo 1..1; echo "not ok 1 /a # TODO later"', 0, 1, 0),
    'no-plan': ('tap', 'echo ok 1 /a', 1, 1, 0),
    'silent': ('tap', 'true', 0, 1, 0),
    'crashes-midway': ('tap', 'echo 1..3; echo ok 1 /a; kill -SEGV $$', 1, 1, 0),
    'crashes-after': ('tap', 'echo 1..1; echo ok 1 /a; kill -ABRT $$', 1, 1, 0),
    'bails-out': ('tap', 'echo 1..1; echo "Bail out! ERROR: x"; exit 1', 0, 2, 0),
    'too-slow': ('tap', 'echo 1..1; echo ok 1 /a; sleep 30', 1, 1, 0),
    'chatty': ('tap', 'echo "# not ok 9"; echo 1..1; echo ok 1 /a', 1, 0, 0),
    'status-good': ('exitcode', 'true', 1, 0, 0),
    'status-bad': ('exitcode', 'exit 3', 0, 1, 0),
    'status-skip': ('exitcode', 'exit 77', 0, 0, 1),
}


@functools.lru_cache(maxsize=None)
def project():
    folder = tempfile.TemporaryDirectory(prefix='atlas-count-')
    path = pathlib.Path(folder.name)
    rules = ["project('count')", "sh = find_program('sh')"]
    for name, (protocol, script, *_) in PROGRAMS.items():
        (path / f'{name}.sh').write_text(script + '\n', encoding='utf-8')
        rules.append(f"test('{name}', sh, args: [files('{name}.sh')], protocol: '{protocol}', "
                     f"suite: 'odd', timeout: {1 if name == 'too-slow' else 20})")
    (path / 'meson.build').write_text('\n'.join(rules) + '\n', encoding='utf-8')
    subprocess.run(['meson', 'setup', str(path / 'build'), str(path)], check=True,
                   capture_output=True)
    return folder, str(path / 'build')


def counter(*args):
    script = pathlib.Path(__file__).with_name('count.py')
    done = subprocess.run([sys.executable, str(script), *args], capture_output=True, text=True,
                          check=False)
    return done.returncode, done.stdout


def test_every_kind_of_program_is_counted():
    _, build_dir = project()
    status, output = counter(build_dir)
    expected = [sum(column) for column in list(zip(*PROGRAMS.values()))[2:]]
    last = output.splitlines()[-1]
    assert last == '{} passed, {} failed, {} skipped'.format(*expected), output
    assert status == 1
    for name, (_, _, _, n_failed, _) in PROGRAMS.items():
        listed = sum(line.startswith(f'  {name}:') or line == f'  {name}'
                     for line in output.splitlines())
        assert listed == n_failed, f'{name} is listed {listed} times'


def test_one_program_alone_is_counted_by_its_name():
    _, build_dir = project()
    assert counter(build_dir, 'passes')[1].splitlines()[-1] == '2 passed, 0 failed'
    assert counter(build_dir, 'passes')[0] == 0
    assert counter('--suite', 'odd', build_dir, 'skips-one')[1].splitlines()[-1] == \
        '1 passed, 0 failed, 1 skipped'


def test_a_name_that_no_test_has_is_a_failure():
    _, build_dir = project()
    status, output = counter(build_dir, 'no-such-test')
    assert status == 1 and output.splitlines()[-1] == '0 passed, 1 failed'


def test_a_program_missing_from_the_log_is_a_failure():
    record = {'name': 'odd / a', 'result': 'OK', 'stdout': '1..1\nok 1 /a\n', 'returncode': 0}
    tally = count.count_records({'a': 'tap', 'b': 'tap'}, [record])
    assert str(tally) == '1 passed, 1 failed'
    assert tally.failures == ['b: did not run']


if __name__ == '__main__':
    tap.run(tap.of_module(globals()))
