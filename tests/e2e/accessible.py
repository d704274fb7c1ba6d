# SPDX-License-Identifier: GPL-3.0-or-later
"""What a program tells assistive technology, read from the bus: AT-SPI as its interfaces are, with
no library between, which asks for every node by itself and takes seconds for a window.

A Tree is the whole program at one moment, from one call. A Node is a widget, asked live."""

import gi

gi.require_version('Atspi', '2.0')
from gi.repository import Atspi, Gio, GLib  # pylint: disable=wrong-import-position

ROOT = '/org/a11y/atspi/accessible/root'
CACHE = '/org/a11y/atspi/cache'
REGISTRY = 'org.a11y.atspi.Registry'
ACCESSIBLE = 'org.a11y.atspi.Accessible'
ACTION = 'org.a11y.atspi.Action'
COMPONENT = 'org.a11y.atspi.Component'
TEXT = 'org.a11y.atspi.Text'
VALUE = 'org.a11y.atspi.Value'
PROPERTIES = 'org.freedesktop.DBus.Properties'

State = Atspi.StateType
ROWS = {int(role) for role in (Atspi.Role.LIST_ITEM, Atspi.Role.TABLE_ROW, Atspi.Role.TABLE_CELL,
                               Atspi.Role.TREE_ITEM)}
TIMEOUT_MS = 30000


def has_state(words, state):
    return bool(words[int(state) // 32] >> int(state) % 32 & 1)


class Bus:
    """The bus of assistive technology and one program on it."""

    def __init__(self, connection, name):
        self.connection = connection
        self.name = name
        self.known = {}

    @staticmethod
    def connect():
        session = Gio.bus_get_sync(Gio.BusType.SESSION)
        address, = session.call_sync('org.a11y.Bus', '/org/a11y/bus', 'org.a11y.Bus', 'GetAddress',
                                     None, None, Gio.DBusCallFlags.NONE, TIMEOUT_MS).unpack()
        return Gio.DBusConnection.new_for_address_sync(
            address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT |
            Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)

    @classmethod
    def of_process(cls, connection, pid):
        """The program of that process once it has come to the bus, or None."""
        for name, path in cls(connection, REGISTRY).call(ROOT, ACCESSIBLE, 'GetChildren')[0]:
            owner, = cls(connection, 'org.freedesktop.DBus').call(
                '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'GetConnectionUnixProcessID',
                '(s)', name)
            if owner == pid and path == ROOT:
                return cls(connection, name)
        return None

    def ask(self, path, interface, method, signature=None, *args):
        return self.connection.call_sync(
            self.name, path, interface, method, GLib.Variant(signature, args) if signature else None,
            None, Gio.DBusCallFlags.NONE, TIMEOUT_MS, None)

    def call(self, *args):
        return self.ask(*args).unpack()

    def unpack(self, variant):
        """What was unpacked before is known: it takes Python longer than GTK needs to answer."""
        data = variant.get_data_as_bytes().get_data()
        if data not in self.known:
            self.known[data] = variant.unpack()
        return self.known[data]

    def items(self):
        """All that is in the program's cache."""
        array = self.ask(CACHE, 'org.a11y.atspi.Cache', 'GetItems').get_child_value(0)
        return [self.unpack(array.get_child_value(i)) for i in range(array.n_children())]

    def get(self, path, interface, name):
        return self.call(path, PROPERTIES, 'Get', '(ss)', interface, name)[0]

    def children_of(self, paths):
        """Paths below each of the paths, asked for all at once; of a node that is gone, none."""
        answers = {}
        loop = GLib.MainLoop()

        def answered(connection, result, path):
            try:
                answers[path] = [child for _, child in self.unpack(connection.call_finish(result))[0]]
            except GLib.Error:
                answers[path] = []
            if len(answers) == len(paths):
                loop.quit()

        for path in paths:
            self.connection.call(self.name, path, ACCESSIBLE, 'GetChildren', None, None,
                                 Gio.DBusCallFlags.NONE, TIMEOUT_MS, None, answered, path)
        if paths:
            loop.run()
        return answers


class Node:
    """A widget as it is now: each question is a call. Of one from a Tree, role and name are also
    there as they were then."""

    def __init__(self, bus, path, item=None):
        self.bus = bus
        self.path = path
        self.item = item

    def __eq__(self, other):
        return isinstance(other, Node) and (self.bus, self.path) == (other.bus, other.path)

    def __hash__(self):
        return hash(self.path)

    def __repr__(self):
        return f'{self.role} “{self.name}”'

    @property
    def role(self):
        return Atspi.role_get_name(Atspi.Role(self.item[7])) if self.item else self.get_role_name()

    @property
    def name(self):
        return self.item[6] if self.item else self.get_name()

    def call(self, interface, method, signature=None, *args):
        return self.bus.call(self.path, interface, method, signature, *args)

    def get_name(self):
        return self.bus.get(self.path, ACCESSIBLE, 'Name')

    def get_description(self):
        return self.bus.get(self.path, ACCESSIBLE, 'Description')

    def get_role_name(self):
        # GTK's own name for it is another.
        return Atspi.role_get_name(Atspi.Role(self.call(ACCESSIBLE, 'GetRole')[0]))

    def get_parent(self):
        """None above the program."""
        if self.path == ROOT:
            return None
        return Node(self.bus, self.bus.get(self.path, ACCESSIBLE, 'Parent')[1])

    def get_children(self):
        return [Node(self.bus, path) for path in self.bus.children_of([self.path])[self.path]]

    def has_state(self, state):
        return has_state(self.call(ACCESSIBLE, 'GetState')[0], state)

    def get_extents(self):
        """x, y, width, height in the window; None of what has no place."""
        try:
            return self.call(COMPONENT, 'GetExtents', '(u)', int(Atspi.CoordType.WINDOW))[0]
        except GLib.Error:
            return None

    def get_action_names(self):
        try:
            return [name for name, _, _ in self.call(ACTION, 'GetActions')[0]]
        except GLib.Error:
            return []

    def do_action(self, index):
        return self.call(ACTION, 'DoAction', '(i)', index)[0]

    def get_text(self):
        """What a label says or an entry holds."""
        try:
            length = self.bus.get(self.path, TEXT, 'CharacterCount')
            return self.call(TEXT, 'GetText', '(ii)', 0, length)[0]
        except GLib.Error:
            return self.get_name()

    def get_value(self):
        return self.bus.get(self.path, VALUE, 'CurrentValue')


class Tree:
    """Every widget of a program at one moment. GTK answers with all that was ever asked for, shown
    or not, so who has which children is asked again; rows of lists alone, the great many, tell by
    their indexes whether one has come or gone. Item: reference, application, parent, index in it,
    number of children, interfaces, name, role, description, states (at-spi2-core, Cache.xml)."""

    def __init__(self, bus):
        self.bus = bus
        is_new = True
        while is_new:
            items = bus.items()
            self.items = {item[0][1]: item for item in items}
            cached = {}
            for item in items:
                cached.setdefault(item[2][1], []).append(item)
            below = {item[0][1]: sorted(cached[item[0][1]], key=lambda child: child[3])
                     for item in items if item[0][1] in cached}
            uncertain = [item[0][1] for item in items if item[4] and
                         (item[7] not in ROWS or
                          [child[3] for child in below.get(item[0][1], ())] != [*range(item[4])])]
            # The program does not count its windows.
            answers = bus.children_of([ROOT, *uncertain])
            is_new = self._ask_below(answers)
        self.below = below
        for path, paths in answers.items():
            self.below[path] = [self.items[child] for child in paths]

    def _ask_below(self, answers):
        """Makes GTK know all that is below. Whether anything was not known before."""
        new = {child for children in answers.values() for child in children
               if child not in self.items}
        is_new = bool(new)
        while new:
            new = {child for children in self.bus.children_of(list(new)).values()
                   for child in children}
        return is_new

    def children(self, node):
        """The visible ones, in reading order."""
        return [Node(self.bus, item[0][1], item) for item in self.below.get(node.path, ())
                if has_state(item[9], State.VISIBLE)]

    def walk(self, node=None, is_backwards=False):
        """The node and all visible ones below it, in reading order or from the last to the
        first."""
        path = node.path if node else ROOT
        here = Node(self.bus, path, self.items.get(path))
        if not is_backwards:
            yield here
        below = self.children(here)
        for child in reversed(below) if is_backwards else below:
            yield from self.walk(child, is_backwards)
        if is_backwards:
            yield here
