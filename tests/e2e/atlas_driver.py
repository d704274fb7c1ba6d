# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives a GTK program from outside, as a person does: reads what assistive technology reads, moves
a real pointer, presses real keys. Started without a private display, it starts itself on one.

    with Program([path]) as program:
        program.click('push button', 'Zoom in')
        program.wait_for('label', 'Done')
"""

import contextlib
import ctypes
import functools
import os
import pathlib
import subprocess
import sys
import time

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))

import tap  # pylint: disable=wrong-import-position

PATIENCE_S = 20
POLL_S = 0.05


def ensure_private_session():
    """Becomes the same script on a private X server, session bus and home."""
    if 'ATLAS_PRIVATE_SESSION' not in os.environ:
        os.environ['ATLAS_PRIVATE_SESSION'] = '1'
        wrapper = str(TESTS / 'with-display')
        os.execv(wrapper, [wrapper, '--bus', sys.executable, *sys.argv])


ensure_private_session()

import accessible  # pylint: disable=wrong-import-position
from gi.repository import GLib  # pylint: disable=wrong-import-position


def wait_until(predicate, what, timeout_s=PATIENCE_S):
    """Polls until predicate () is true and returns its value; fails with what was waited for."""
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            value = predicate()
        except GLib.Error:  # a node went while it was being looked at
            value = None
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f'waited {timeout_s} s for {what() if callable(what) else what}')
        time.sleep(POLL_S)


def is_visible(node):
    # GTK 4.8 says "showing" of windows alone.
    return node.has_state(accessible.State.VISIBLE)


def children(node):
    return [child for child in node.get_children() if is_visible(child)]


def is_sensitive(node):
    return node.has_state(accessible.State.SENSITIVE)


def is_selected(node):
    return node.has_state(accessible.State.SELECTED)


def is_checked(node):
    return node.has_state(accessible.State.CHECKED) or node.has_state(accessible.State.PRESSED)


@functools.lru_cache(maxsize=None)
def a11y_bus():
    return accessible.Bus.connect()


def xdotool(*args):
    return subprocess.run(['xdotool', *map(str, args)], check=True, capture_output=True,
                          text=True).stdout.split()


class _ClientMessage(ctypes.Structure):
    """XClientMessageEvent of Xlib.h, with room for every other event."""
    _fields_ = [('type', ctypes.c_int), ('serial', ctypes.c_ulong), ('send_event', ctypes.c_int),
                ('display', ctypes.c_void_p), ('window', ctypes.c_ulong),
                ('message_type', ctypes.c_ulong), ('format', ctypes.c_int),
                ('data', ctypes.c_long * 5), ('rest', ctypes.c_long * 12)]


def ask_to_close(window):
    """What a window manager sends when the cross is clicked (ICCCM 4.2.8.1), to windows that know
    it: menus and tooltips do not."""
    known = subprocess.run(['xprop', '-id', str(window), 'WM_PROTOCOLS'], capture_output=True,
                           text=True, check=False).stdout
    if 'WM_DELETE_WINDOW' not in known:
        return
    xlib = ctypes.CDLL('libX11.so.6')
    xlib.XOpenDisplay.restype = ctypes.c_void_p
    xlib.XInternAtom.restype = ctypes.c_ulong
    # Xlib ends a program by itself when the window is gone meanwhile.
    ignore = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(lambda *_: 0)
    xlib.XSetErrorHandler(ignore)
    display = ctypes.c_void_p(xlib.XOpenDisplay(None))
    atoms = [xlib.XInternAtom(display, name, 0) for name in (b'WM_PROTOCOLS', b'WM_DELETE_WINDOW')]
    message = _ClientMessage(type=33, window=window, message_type=atoms[0], format=32)
    message.data[0] = atoms[1]
    xlib.XSendEvent(display, ctypes.c_ulong(window), 0, ctypes.c_long(0), ctypes.byref(message))
    xlib.XCloseDisplay(display)


def geometry(window):
    """x, y, width, height of an X window."""
    pairs = dict(pair.split('=') for pair in xdotool('getwindowgeometry', '--shell', window))
    return tuple(int(pairs[key]) for key in ('X', 'Y', 'WIDTH', 'HEIGHT'))


class Program(contextlib.AbstractContextManager):
    def __init__(self, command, env=None):
        # Nothing of the caller's test settings: this is the program as people start it.
        self.process = subprocess.Popen(command, env=os.environ | {
            'GDK_BACKEND': 'x11',
            'GSK_RENDERER': 'cairo',
            'GTK_A11Y': 'atspi',
            'GSETTINGS_BACKEND': 'keyfile',
            'LC_ALL': 'C.UTF-8',
            'LIBGL_DEBUG': 'quiet',
        } | (env or {}), stderr=subprocess.PIPE)
        os.set_blocking(self.process.stderr.fileno(), False)
        self.complaints = ''
        try:
            self.application = wait_until(self._find_application, 'the program on the bus', 60)
            self.window = wait_until(self._find_window, 'its window', 60)
        except BaseException:
            self.close()
            raise

    def __exit__(self, *exc):
        self.close()

    def close(self):
        """Ends the program; what it wrote to stderr is in complaints."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.read_complaints()

    def read_complaints(self):
        """Everything the program has written to stderr so far."""
        if not self.process.stderr.closed:
            self.complaints += (self.process.stderr.read() or b'').decode('utf-8', 'replace')
        return self.complaints

    def _find_application(self):
        if self.process.poll() is not None:
            raise AssertionError(f'the program ended: {self.read_complaints()}')
        bus = accessible.Bus.of_process(a11y_bus(), self.process.pid)
        return accessible.Node(bus, accessible.ROOT) if bus else None

    def _find_window(self):
        ids = self.windows()
        frames = children(self.application)
        return ids[0] if ids and frames else None

    def windows(self):
        """X windows of the program that can be seen, the oldest first."""
        done = subprocess.run(['xdotool', 'search', '--onlyvisible', '--pid',
                               str(self.process.pid)], capture_output=True, text=True, check=False)
        return sorted(int(word) for word in done.stdout.split())

    def is_alone(self):
        """Whether its window is the only one: GTK 4.8 says "visible" of a popover that was closed
        as well."""
        return len(self.windows()) == 1

    # Looking

    def tree(self):
        """All of it at this moment, for several questions."""
        return accessible.Tree(self.application.bus)

    def walk(self, within=None, is_backwards=False):
        """All that is visible, in reading order or from the last to the first."""
        return self.tree().walk(within, is_backwards)

    def find_all(self, role, name=None, within=None):
        """Every visible node of that role and name; None is any, a name may be a predicate."""
        return list(self._matches(role, name, within))

    def find(self, role, name=None, within=None):
        """The first such node, or None."""
        return next(self._matches(role, name, within), None)

    def _matches(self, role, name, within):
        wanted = name if callable(name) else (lambda text: name is None or text == name)
        for node in self.walk(within):
            if (role is None or node.role == role) and wanted(node.name):
                yield node

    def wait_for(self, role, name=None, within=None, timeout_s=PATIENCE_S):
        what = f'{role} “{"…" if callable(name) else name}”'
        return wait_until(lambda: self.find(role, name, within), what, timeout_s)

    def texts(self, within=None):
        """All that is written there, in reading order."""
        return [node.name for node in self.walk(within) if node.role == 'label' and node.name]

    def has_text(self, fragment, within=None):
        """Looks from the end: what lies over everything, a message, comes last."""
        return any(node.role == 'label' and fragment in node.name
                   for node in self.walk(within, is_backwards=True))

    # Touching

    def action(self, node, name):
        """Runs one of the node's named actions: never by number, their order is nobody's promise."""
        names = node.get_action_names()
        assert name in names, f'{name} is not among {names}'
        assert node.do_action(names.index(name)), f'{name} was refused'

    def extents(self, node):
        """x, y, width, height on the screen."""
        x, y, width, height = node.get_extents()
        origin_x, origin_y = self._origin(node)
        return origin_x + x, origin_y + y, width, height

    def _extents_at_rest(self, node):
        """What has just appeared, a popover above all, is known before it has its place."""
        previous = None

        def is_same():
            nonlocal previous
            before, previous = previous, self.extents(node)
            return before == previous
        wait_until(is_same, f'{node} to keep its place')
        return previous

    def _origin(self, node):
        """Where on the screen the node's coordinates begin. GTK tells places within a window alone,
        and for a popover, an X window of its own, from a place that is not that window's corner."""
        frames = {geometry(window)[2:]: geometry(window)[:2]
                  for window in self.windows() if window != self.window}
        while frames and node != self.application:
            box = node.get_extents()
            if box and box[2:] in frames:
                x, y = frames[box[2:]]
                return x - box[0], y - box[1]
            node = node.get_parent()
        # Around the frame the window has room for a shadow, alike on all sides.
        x, y, width, height = geometry(self.window)
        _, _, frame_width, frame_height = children(self.application)[0].get_extents()
        return x + (width - frame_width) // 2, y + (height - frame_height) // 2

    def point(self, node, x=0.5, y=0.5):
        """A place in the node: fractions of its size up to 1, pixels as int."""
        left, top, width, height = self._extents_at_rest(node)
        return (int(left + (x if isinstance(x, int) else x * width)),
                int(top + (y if isinstance(y, int) else y * height)))

    def move(self, node, x=0.5, y=0.5):
        xdotool('mousemove', *self.point(node, x, y))

    def park_pointer(self):
        """Out of the way, over nothing that lights up."""
        xdotool('mousemove', *(edge - 1 for edge in geometry(self.window)[2:]))

    def click(self, node, x=0.5, y=0.5, button=1, times=1):
        xdotool('mousemove', *self.point(node, x, y), 'sleep', 0.05,
                'click', '--repeat', times, '--delay', 60, button)

    def drag(self, node, start, end, button=1, keys=()):
        """Presses at start, moves in steps to end, lets go; both (x, y) as for point ()."""
        from_x, from_y = self.point(node, *start)
        to_x, to_y = self.point(node, *end)
        n_steps = 12
        with self.held(*keys):
            xdotool('mousemove', from_x, from_y, 'sleep', 0.05, 'mousedown', button)
            for step in range(1, n_steps + 1):
                xdotool('mousemove', from_x + (to_x - from_x) * step // n_steps,
                        from_y + (to_y - from_y) * step // n_steps, 'sleep', 0.02)
            xdotool('sleep', 0.1, 'mouseup', button)

    def wheel(self, node, notches, x=0.5, y=0.5, keys=()):
        """notches > 0 turn it away from you."""
        with self.held(*keys):
            xdotool('mousemove', *self.point(node, x, y), 'sleep', 0.05,
                    'click', '--repeat', abs(notches), '--delay', 30, 4 if notches > 0 else 5)

    @contextlib.contextmanager
    def held(self, *keys):
        for key in keys:
            xdotool('keydown', key)
        try:
            yield
        finally:
            for key in reversed(keys):
                xdotool('keyup', key)

    def press(self, *keys):
        """'ctrl+z', 'Return': to the focused widget. Without a window manager the window under the
        pointer has the keyboard."""
        xdotool('key', '--delay', 40, *keys)

    def type(self, text):
        xdotool('type', '--delay', 15, text)

    def fill(self, entry, text):
        """Puts text in place of what the entry holds, as a person does."""
        self.click(entry)
        self.press('ctrl+a')
        self.type(text)

    def resize(self, width, height):
        xdotool('windowsize', self.window, width, height)
        wait_until(lambda: geometry(self.window)[2:] == (width, height),
                   f'a window of {width} × {height}')

    # Evidence

    def screenshot(self, path):
        subprocess.run(['import', '-silent', '-window', 'root', str(path)], check=True)


def pictures_dir():
    path = pathlib.Path(os.environ.get('ATLAS_PICTURES', '.'))
    path.mkdir(parents=True, exist_ok=True)
    return path


def run(tests):
    """tap.run (), with a picture of the screen for each failure."""
    def picture(test):
        path = pictures_dir() / f'{test.__name__}.out.png'
        subprocess.run(['import', '-silent', '-window', 'root', str(path)], check=False)
        print(f'# screen: {path}', flush=True)
    tap.run(tests, on_failure=picture)
