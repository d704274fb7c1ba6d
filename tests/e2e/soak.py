#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random keys, pointer and commands, for as long as wanted: no warning, no crash, no leak.

    ATLAS_SOAK_SECONDS=600 [ATLAS_SOAK_SEED=N] meson test -C BUILD e2e-soak --timeout-multiplier 5

The seed is printed: the same one does the same again. A program built with sanitizers stops at the
first finding; with ATLAS_SOAK_LEAKS=1 it also tells at its end what nobody holds any more, by stacks
that are exact and slow to keep."""

import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

import atlas_driver as driver
import tap

# What somebody holds for good is found by its growth. What is allocated in the middle third and in
# the last is compared, the least of each with one window and without a dialog: views and caches are
# filled by then and what comes and goes does not count. What a step may add is the session's
# journal, some hundred bytes a command.
GROWTH_KB_A_STEP = 4
SLACK_MB = 12

# Said by libraries about the machine: no accessibility bus of another user, no system bus for
# printers.
OF_OTHERS = re.compile('dbind|avahi printers will not be available')

KEYS = ['w', 's', 'a', 'd', 'plus', 'minus', 'Left', 'Right', 'comma', 'period', 'Page_Up',
        'Page_Down', 'Home', 'End', 'f', 'c', '0', 'Return', 'BackSpace', 'Escape', 'Tab',
        'shift+Tab', 'Up', 'Down', 'space', 'alt+1', 'alt+2', 'alt+3', 'alt+Left', 'alt+Right',
        'alt+Up', 'alt+Down', 'ctrl+z', 'ctrl+shift+z', 'ctrl+plus', 'ctrl+minus', 'ctrl+c',
        'ctrl+shift+c', 'ctrl+d', 'ctrl+shift+h', 'ctrl+shift+t', 'ctrl+t', 'F8',
        'F9', 'F11', 'F10', 'shift+F10']
VIEWS = ['ctrl+1', 'ctrl+2', 'ctrl+3', 'ctrl+4', 'ctrl+5', 'ctrl+6', 'ctrl+7', 'ctrl+8', 'ctrl+9',
         'ctrl+shift+w', 'ctrl+shift+e', 'ctrl+shift+r', 'ctrl+f', 'ctrl+shift+f']
DIALOGS = ['ctrl+Return', 'ctrl+m', 'ctrl+shift+m', 'ctrl+i', 'ctrl+shift+n', 'ctrl+j',
           'ctrl+alt+t', 'ctrl+b', 'ctrl+k', 'ctrl+o', 'ctrl+shift+s', 'ctrl+e', 'ctrl+comma',
           'ctrl+question', 'F1', 'F7']
IN_DIALOGS = ['Tab', 'shift+Tab', 'Up', 'Down', 'Left', 'Right', 'space', 'Return', 'BackSpace', '1',
              'a', '0', 'x']
# So many steps, and what lies about is put away.
TIDY_STEPS = 40
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

    def view(self):
        name = self.random.choice(VIEWS)
        driver.xdotool('key', name)
        return name

    def dialog(self):
        names = [self.random.choice(IN_DIALOGS) for _ in range(self.random.randrange(8))]
        opener = self.random.choice(DIALOGS)
        driver.xdotool('key', opener, 'sleep', 0.3, 'mousemove', self.width // 2, self.height // 2)
        if names:
            driver.xdotool('key', '--delay', 30, *names)
        driver.xdotool('key', 'Escape', 'sleep', 0.1, 'key', 'Escape')
        return f'{opener}: {" ".join(names)}'

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
            (self.key, self.view, self.click, self.wheel, self.drag, self.command, self.go_to,
             self.dialog, self.resize),
            (8, 2, 3, 5, 4, 2, 2, 0.7, 0.3))[0]
        self.done.append(f'{action.__name__} {action()}')
        # A dialog in the way would take everything from here on.
        if self.random.random() < 0.3:
            driver.xdotool('key', 'Escape')
        if len(self.done) % TIDY_STEPS == 0:
            self.tidy()

    def others(self):
        """What lies over the window: dialogs, menus, other windows."""
        return [window for window in self.program.windows() if window != self.program.window]

    @staticmethod
    def answer(window, key):
        """The window under the pointer has the keyboard."""
        try:
            x, y, width, height = driver.geometry(window)
            driver.xdotool('mousemove', x + width // 2, y + height // 2, 'key', key, 'sleep', 0.3)
        except (subprocess.CalledProcessError, KeyError):
            pass  # it is going

    def tidy(self):
        """As a person who wants to see the first window again."""
        driver.xdotool('key', 'Escape')
        for window in self.others():
            driver.ask_to_close(window)
        time.sleep(0.3)
        # "Discard", if it asks.
        for window in self.others():
            self.answer(window, 'alt+d')


def read_live_mb(path):
    return int.from_bytes(pathlib.Path(path).read_bytes()[:8], sys.byteorder) / 2 ** 20


def complaints_of(program):
    return '\n'.join(line for line in program.read_complaints().splitlines()
                     if line.strip() and not OF_OTHERS.search(line))


def end(user):
    """As a person ends it: only then it is looked for leaks."""
    process = user.program.process
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        user.tidy()
        try:
            driver.xdotool('mousemove', user.width // 2, user.height // 2, 'key', 'Escape',
                           'key', 'ctrl+q', 'sleep', 0.7)
        except subprocess.CalledProcessError:
            pass  # the window is going
        for window in user.others():
            user.answer(window, 'alt+d')
    process.wait(30)


def check_growth(sizes):
    """sizes: (step, MB) while one window was seen."""
    third = len(sizes) // 3
    middle, last = sizes[third:2 * third], sizes[2 * third:]
    if third < 10:
        return
    least_middle, least_last = (min(size for _, size in part) for part in (middle, last))
    n_steps = last[len(last) // 2][0] - middle[len(middle) // 2][0]
    allowed = SLACK_MB + n_steps * GROWTH_KB_A_STEP / 1024
    print(f'# {sizes[0][1]:.0f} MB at the start, {least_middle:.0f} in the middle, '
          f'{least_last:.0f} at the end; {n_steps} steps may add {allowed:.0f}', flush=True)
    assert least_last - least_middle <= allowed, f'{least_last - least_middle:.0f} MB more'


def soak(path, seconds, seed, wants_leaks):
    """Raises with the story of the last steps when something is wrong."""
    suppressions = driver.TESTS / 'leaks-of-others.supp'
    leaks = 'detect_leaks=1:fast_unwind_on_malloc=0' if wants_leaks else 'detect_leaks=0'
    env = {'ASAN_OPTIONS': f'{leaks}:exitcode=1:verify_asan_link_order=0',
           'LSAN_OPTIONS': f'suppressions={suppressions}:print_suppressions=0',
           'UBSAN_OPTIONS': 'halt_on_error=1:print_stacktrace=1', 'G_SLICE': 'always-malloc',
           'LD_PRELOAD': os.environ['ATLAS_LIVE_BYTES_MODULE'], 'MALLOC_ARENA_MAX': '1'}
    print(f'# seed {seed}, {seconds} s', flush=True)
    with tempfile.TemporaryDirectory() as folder:
        # Whatever dialog is hit: there is nothing here to overwrite.
        os.chdir(folder)
        live_bytes = pathlib.Path(folder, 'live-bytes')
        env |= {'HOME': folder, 'ATLAS_LIVE_BYTES': str(live_bytes)}
        with driver.Program([path], env) as program:
            user = Soak(program, seed)
            start = time.monotonic()
            sizes = []
            while time.monotonic() - start < seconds:
                user.step()
                if program.process.poll() is not None or complaints_of(program):
                    break
                if not user.others():
                    sizes.append((len(user.done), read_live_mb(live_bytes)))
            if 'Sanitizer' in complaints_of(program):
                # The stack takes it a while.
                program.process.wait(60)
            ended = program.process.poll()
            complaints = complaints_of(program)
            story = '\n'.join(user.done[-12:])
            if ended is None and not complaints:
                end(user)
                story = 'at its end'
                ended = program.process.poll()
            complaints = complaints_of(program)
        os.chdir('/')
    print(f'# {len(user.done)} steps in {time.monotonic() - start:.0f} s', flush=True)
    assert not complaints, f'after {len(user.done)} steps:\n{story}\n{complaints}'
    assert story == 'at its end' and ended == 0, f'it ended with {ended}:\n{story}'
    check_growth(sizes)


def test_random_input_is_survived():
    soak(os.environ['ATLAS_PROGRAM'], int(os.environ.get('ATLAS_SOAK_SECONDS', '25')),
         int(os.environ.get('ATLAS_SOAK_SEED', random.randrange(10 ** 6))),
         'ATLAS_SOAK_LEAKS' in os.environ)


if __name__ == '__main__':
    driver.run(tap.of_module(globals()))
