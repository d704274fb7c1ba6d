#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random keys, pointer and commands, for as long as wanted: no warning, no crash, no growing leak.

    soak.py --seconds 600 [--seed N] [--program PATH]

The seed is printed: the same one does the same again. ATLAS_SOAK_SECONDS says how long as a test.
A program built with sanitizers is told to stop at the first finding."""

import argparse
import os
import pathlib
import random
import sys
import tempfile
import time

import atlas_driver as driver
import tap

# What a minute of random input may add for good, and what may come and go at any moment.
GROWTH_MB_A_MINUTE = 12
SLACK_MB = 60
# Sanitizers keep freed memory aside for a while, on purpose.
SANITIZED_SLACK_MB = 700

# GTK's own: a widget whose size changes while others get theirs is drawn a frame later.
OF_OTHERS = ('dbind', 'Unable to', 'without a current allocation')

KEYS = ['w', 's', 'a', 'd', 'plus', 'minus', 'Left', 'Right', 'comma', 'period', 'Page_Up',
        'Page_Down', 'Home', 'End', 'f', 'c', '0', 'Return', 'BackSpace', 'Escape', 'Tab',
        'shift+Tab', 'Up', 'Down', 'space', 'alt+1', 'alt+2', 'alt+3', 'alt+Left', 'alt+Right',
        'alt+Up', 'alt+Down', 'ctrl+z', 'ctrl+shift+z', 'ctrl+1', 'ctrl+2', 'ctrl+3', 'ctrl+4',
        'ctrl+5', 'ctrl+6', 'ctrl+7', 'ctrl+plus', 'ctrl+minus', 'F8', 'F9', 'F10', 'shift+F10']
COMMANDS = ['alloc 64K reserve|commit readwrite', 'alloc 1M reserve readwrite',
            'alloc $s = 0x20000000 128K reserve|commit readwrite', 'write 0x20000000 8',
            'read 0x20000000', 'protect 0x20001000 4K readonly', 'write 0x20001000 1',
            'free 0x20000000 release', 'free 0x20000000 4K decommit', 'execute 0x7ffe0000',
            'alloc 0x20000000 64K reserve|commit execute_readwrite', 'nonsense', 'trim']
PLACES = ['0x7ffe0000', 'ntdll', 'pml4[255].pdpt[3]', '0', '7fff`ffff0000', '0x20000000',
          'no-such-name', '7ff', '+', 'ntdll+0x1000', '18446744073709551616']


class Soak:
    def __init__(self, program, seed):
        self.program = program
        self.random = random.Random(seed)
        self.width, self.height = driver.geometry(program.window)[2:]
        self.done = []

    def _anywhere(self):
        # The title bar's right end closes the window.
        return (self.random.randrange(20, self.width - 20),
                self.random.randrange(60, self.height - 20))

    def key(self):
        names = [self.random.choice(KEYS) for _ in range(self.random.randrange(1, 8))]
        driver.xdotool('key', '--delay', 8, *names)
        return ' '.join(names)

    def click(self):
        x, y = self._anywhere()
        button = self.random.choice((1, 1, 1, 3))
        driver.xdotool('mousemove', x, y, 'click', '--repeat', self.random.choice((1, 1, 2)),
                       '--delay', 30, button)
        return f'{x},{y} button {button}'

    def wheel(self):
        x, y = self._anywhere()
        button = self.random.choice((4, 5, 6, 7))
        modifier = self.random.choice((None, None, 'ctrl', 'shift'))
        words = ['click', '--repeat', self.random.randrange(1, 12), '--delay', 5, button]
        if modifier:
            words = ['keydown', modifier, *words, 'keyup', modifier]
        driver.xdotool('mousemove', x, y, *words)
        return f'{x},{y} {modifier} {button}'

    def drag(self):
        button = self.random.choice((1, 1, 2))
        modifier = self.random.choice((None, None, 'ctrl', 'shift'))
        words = ['mousemove', *self._anywhere()]
        words += ['keydown', modifier] if modifier else []
        words += ['mousedown', button]
        for _ in range(5):
            words += ['mousemove', *self._anywhere(), 'sleep', 0.02]
        words += ['mouseup', button]
        words += ['keyup', modifier] if modifier else []
        driver.xdotool(*words)
        return f'{modifier} {button}'

    def command(self):
        text = self.random.choice(COMMANDS)
        driver.xdotool('key', 'Escape', 'key', 'ctrl+grave', 'sleep', 0.1, 'type', '--delay', 4, text,
                       'key', 'Return')
        return text

    def go_to(self):
        text = self.random.choice(PLACES)
        driver.xdotool('key', 'Escape', 'key', 'ctrl+l', 'type', '--delay', 4, text, 'key', 'Return')
        return text

    def resize(self):
        width = self.random.randrange(900, 1440)
        height = self.random.randrange(600, 900)
        driver.xdotool('windowsize', self.program.window, width, height)
        self.width, self.height = width, height
        return f'{width} × {height}'

    def step(self):
        action = self.random.choices(
            (self.key, self.click, self.wheel, self.drag, self.command, self.go_to, self.resize),
            (8, 3, 5, 4, 2, 2, 0.3))[0]
        self.done.append(f'{action.__name__} {action()}')
        # A dialog in the way would take everything from here on.
        if self.random.random() < 0.3:
            driver.xdotool('key', 'Escape')


def resident_mb(pid):
    for line in pathlib.Path(f'/proc/{pid}/status').read_text(encoding='ascii').splitlines():
        if line.startswith('VmRSS:'):
            return int(line.split()[1]) / 1024
    return 0


def soak(path, seconds, seed):
    """Raises with the story of the last steps when something is wrong."""
    is_sanitized = b'__asan_init' in pathlib.Path(path).read_bytes()
    env = {'ASAN_OPTIONS': 'detect_leaks=0:abort_on_error=1:quarantine_size_mb=64',
           'UBSAN_OPTIONS': 'halt_on_error=1:print_stacktrace=1',
           'G_DEBUG': 'fatal-criticals', 'G_SLICE': 'always-malloc'}
    print(f'# seed {seed}, {seconds} s{", sanitized" if is_sanitized else ""}', flush=True)
    with tempfile.TemporaryDirectory() as folder:
        # Whatever dialog is hit: there is nothing here to overwrite.
        with driver.Program([path], env | {'HOME': folder}) as program:
            user = Soak(program, seed)
            start = time.monotonic()
            sizes = []
            while time.monotonic() - start < seconds:
                user.step()
                if program.process.poll() is not None:
                    break
                sizes.append((time.monotonic() - start, resident_mb(program.process.pid)))
            complaints = '\n'.join(line for line in program.read_complaints().splitlines()
                                   if not any(words in line for words in OF_OTHERS))
            ended = program.process.poll()
    story = '\n'.join(user.done[-12:])
    print(f'# {len(user.done)} steps', flush=True)
    assert ended is None, f'it ended with {ended} after {len(user.done)} steps:\n{story}\n{complaints}'
    assert not complaints.strip(), f'after {len(user.done)} steps:\n{story}\n{complaints}'
    # What it holds in the middle third and in the last: what grows, grows there too.
    third = len(sizes) // 3
    middle = min(size for _, size in sizes[third:2 * third])
    last = min(size for _, size in sizes[2 * third:])
    allowed = GROWTH_MB_A_MINUTE * seconds / 180
    allowed += SANITIZED_SLACK_MB if is_sanitized else SLACK_MB
    print(f'# {middle:.0f} MB in the middle, {last:.0f} MB at the end', flush=True)
    assert last - middle <= allowed, f'{middle:.0f} MB grew to {last:.0f} MB'


def test_random_input_is_survived():
    soak(os.environ['ATLAS_PROGRAM'], int(os.environ.get('ATLAS_SOAK_SECONDS', '25')),
         int(os.environ.get('ATLAS_SOAK_SEED', random.randrange(10 ** 6))))


if __name__ == '__main__':
    if len(sys.argv) > 1:
        parser = argparse.ArgumentParser(description=__doc__)
        parser.add_argument('--seconds', type=int, default=600)
        parser.add_argument('--seed', type=int, default=random.randrange(10 ** 6))
        parser.add_argument('--program', default=os.environ.get('ATLAS_PROGRAM'))
        options = parser.parse_args()
        soak(options.program, options.seconds, options.seed)
        print('survived')
    else:
        driver.run(tap.of_module(globals()))
