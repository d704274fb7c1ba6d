#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the tests of a meson build and counts single test cases, not programs.

A program that crashes, times out, prints no plan or stops short of it counts as one failure more,
so that nothing passes by not having run.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys

RESULT_LINE = re.compile(r'(not )?ok\b\s*\d*\s*(?:- )?([^#]*)(?:#\s*(\w+))?')
PLAN_LINE = re.compile(r'1\.\.(\d+)')


class Tally:
    def __init__(self):
        self.passed = 0
        self.skipped = 0
        self.failures = []

    def __str__(self):
        text = f'{self.passed} passed, {len(self.failures)} failed'
        return text + (f', {self.skipped} skipped' if self.skipped else '')

    def add(self, name, ok, directive):
        if not ok:
            self.failures.append(name)
        elif directive == 'SKIP':
            self.skipped += 1
        else:
            self.passed += 1


def count_tap(name, record, tally):
    n_cases = 0
    n_planned = None
    n_failures_before = len(tally.failures)
    for line in record['stdout'].splitlines():
        if match := RESULT_LINE.match(line):
            n_cases += 1
            case = f'{name}: {match[2].strip() or n_cases}'
            tally.add(case, match[1] is None, (match[3] or '').upper())
        elif match := PLAN_LINE.match(line):
            n_planned = int(match[1])
            if n_planned == 0:
                tally.skipped += 1
        elif line.startswith('Bail out!'):
            tally.failures.append(f'{name}: {line}')
    if n_planned is None:
        tally.failures.append(f'{name}: printed no plan')
    elif n_planned != n_cases:
        tally.failures.append(f'{name}: {n_planned} cases planned, {n_cases} ran')
    elif record['result'] not in ('OK', 'SKIP') and len(tally.failures) == n_failures_before:
        tally.failures.append(f"{name}: {record['result']}, exit status {record['returncode']}")


def count_records(tests, records):
    """tests: name → protocol, of every test that had to run; records: meson's log of those that did."""
    tally = Tally()
    done = set()
    for record in records:
        # meson writes "suite / name" or "project:suite / name".
        name = record['name'].split(' / ')[-1]
        done.add(name)
        if tests.get(name) == 'tap':
            count_tap(name, record, tally)
        elif record['result'] == 'SKIP':
            tally.skipped += 1
        else:
            tally.add(name, record['result'] == 'OK', '')
    for name in tests:
        if name not in done:
            tally.failures.append(f'{name}: did not run')
    return tally


def read_tests(build_dir, suites, words):
    output = subprocess.run(['meson', 'introspect', '--tests', str(build_dir)],
                            check=True, capture_output=True, text=True).stdout
    tests = {}
    for test in json.loads(output):
        of_suite = not suites or any(s.split(':')[-1] in suites for s in test['suite'])
        of_name = not words or any(word in test['name'] for word in words)
        if of_suite and of_name:
            if test['name'] in tests:
                sys.exit(f"two tests are named {test['name']}")
            tests[test['name']] = test['protocol']
    return tests


def run(build_dir, suites, words):
    tests = read_tests(build_dir, suites, words)
    log = pathlib.Path(build_dir) / 'meson-logs' / 'testlog.json'
    log.unlink(missing_ok=True)
    if not tests:
        return Tally()
    subprocess.run(['meson', 'test', '-C', str(build_dir), '--no-rebuild', '--print-errorlogs',
                    *tests], check=False)
    lines = log.read_text(encoding='utf-8').splitlines() if log.exists() else []
    return count_records(tests, [json.loads(line) for line in lines])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--suite', action='append', default=[])
    parser.add_argument('build_dir')
    parser.add_argument('words', nargs='*')
    args = parser.parse_args()

    tally = run(args.build_dir, args.suite, args.words)
    if tally.failures:
        print('\nFailed:')
        for failure in tally.failures:
            print(f'  {failure}')
    if not (tally.passed or tally.failures or tally.skipped):
        tally.failures.append('no test has such a name')
        print('No test has such a name.')
    print(tally)
    sys.exit(1 if tally.failures else 0)


if __name__ == '__main__':
    main()
