# SPDX-License-Identifier: GPL-3.0-or-later
"""Test functions in, TAP out: the few lines that the Python tests need."""

import sys
import traceback


class Skip(Exception):
    """Raised by a test that cannot be run here; says why."""


def of_module(module_globals):
    """The module's test_… functions in the order in which they are written."""
    return [value for name, value in module_globals.items()
            if name.startswith('test_') and callable(value)]


def run(tests, on_failure=None):
    """Runs each test; a test fails by raising. on_failure (test) may leave evidence behind."""
    print('TAP version 13')
    print(f'1..{len(tests)}', flush=True)
    n_failed = 0
    for number, test in enumerate(tests, 1):
        name = test.__name__.removeprefix('test_').replace('_', ' ')
        try:
            test()
            print(f'ok {number} - {name}', flush=True)
        except Skip as reason:
            print(f'ok {number} - {name} # SKIP {reason}', flush=True)
        except Exception:
            n_failed += 1
            for line in traceback.format_exc().splitlines():
                print(f'# {line}')
            print(f'not ok {number} - {name}', flush=True)
            if on_failure:
                on_failure(test)
    sys.exit(1 if n_failed else 0)
