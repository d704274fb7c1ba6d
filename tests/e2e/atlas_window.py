# SPDX-License-Identifier: GPL-3.0-or-later
"""The program's own window for the driver: its map, its list of regions, its messages and dialogs,
each looked for in one way.

    with Window([VMATLAS, path]) as program:
        program.go_to('7ffe0000')
        program.expect('KUSER_SHARED_DATA')
"""

import re

import atlas_driver as driver

UNITS = {'bytes': 0, 'byte': 0, 'B': 0, 'KB': 10, 'MB': 20, 'GB': 30, 'TB': 40, 'PB': 50}
HEADER = re.compile(r'^[0-9a-f]{8}`[0-9a-f]{8} ( |…)')


class Window(driver.Program):
    def __init__(self, command, env=None):
        self.kept = {}
        super().__init__(command, env)

    def widget(self, role, name):
        """One that stays as long as the window: looking for it again takes seconds."""
        key = (role, name)
        if key not in self.kept:
            self.kept[key] = self.wait_for(role, name)
        return self.kept[key]

    def _label(self, key, is_it):
        if key not in self.kept:
            self.kept[key] = self.wait_for('label', lambda text: bool(is_it(text or '')))
        return self.kept[key]

    # The map

    def area(self):
        return self.widget('image', 'Address space map')

    def header(self):
        """The line over the map: what is seen, or what is under the pointer."""
        return self._label('header', HEADER.match)

    def scale_label(self):
        return self._label('scale', lambda text: ' px = ' in text)

    def scale(self):
        """Bytes a pixel, as the place bar tells them: "1 px = 47.3 KB" or "12 px = 1 byte"."""
        pixels, _, size = self.scale_label().get_name().partition(' px = ')
        amount, unit = size.split()
        return float(amount.replace(',', '')) * 2 ** UNITS[unit] / float(pixels)

    def rest(self):
        """Until nothing on the map moves any more."""
        previous = None

        def is_same():
            nonlocal previous
            before = previous
            previous = self.scale_label().get_name(), self.header().get_name()
            return before == previous
        driver.xdotool('sleep', 0.5)
        driver.wait_until(is_same, 'a map at rest')

    def selected(self):
        """What the map says of itself: the selected region."""
        return self.area().get_description()

    def go_to(self, text):
        self.press('ctrl+l')
        self.type(text)
        self.press('Return')
        self.rest()

    # The list of regions

    def table(self):
        return self.widget('tree table', 'Regions')

    def rows(self):
        """All that it says, row by row."""
        return self.texts(self.table())

    # What is told

    def expect(self, *fragments):
        """Waits until each is said somewhere."""
        for text in fragments:
            driver.wait_until(lambda words=text: self.has_text(words), f'“{text}”')

    def press_undo_of_message(self):
        self.click(self.wait_for('push button', 'Undo This'))

    def undo_all(self, before):
        """Until the list of regions is as it was."""
        self.park_pointer()
        undo = self.widget('push button', 'Undo')
        while driver.is_sensitive(undo):
            self.press('ctrl+z')
            driver.xdotool('sleep', 0.1)
        driver.wait_until(lambda: self.rows() == before, 'the regions as they were')

    # Windows, dialogs and commands

    def titles(self):
        """Of the program's windows."""
        return [node.get_name() for node in driver.children(self.application)]

    def wait_for_title(self, fragment):
        driver.wait_until(lambda: any(fragment in title for title in self.titles()),
                          lambda: f'a window of “{fragment}”, there are {self.titles()}')

    def wait_until_gone(self, title):
        driver.wait_until(lambda: self.find(None, title) is None, f'“{title}” to go')

    def choose_file(self, path):
        """Types a path into GTK's dialog; where a file is opened the first letter brings the
        entry."""
        driver.wait_until(lambda: not self.is_alone(), 'the dialog')
        driver.xdotool('sleep', 0.7)
        self.press('ctrl+a')
        self.type(str(path))
        driver.xdotool('sleep', 0.3)
        self.press('Return')

    def choose_command(self, name):
        """By the palette."""
        self.press('ctrl+k')
        self.wait_for(None, 'Find or type a command')
        self.type(name)
        driver.xdotool('sleep', 0.4)
        self.press('Return')

    def run(self, command):
        """Types it into the console."""
        self.press('ctrl+9')
        self.fill(self.wait_for(None, 'Command'), command)
        self.press('Return')
