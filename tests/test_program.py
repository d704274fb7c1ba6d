#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the program's parts promise each other, held by reading their files: commands, shortcuts,
views and the story of an access."""

import os
import pathlib
import re

import tap

ROOT = pathlib.Path(os.environ.get('ATLAS_SOURCE_ROOT', pathlib.Path(__file__).parents[1]))


def read(*names):
    return ''.join((ROOT / name).read_text(encoding='utf-8') for name in names)


def commands():
    """(action, [accelerators]) of each row of the table of commands."""
    rows = re.findall(r'\{\s*"([^"]+)",\s*N_ \("[^"]+"\),\s*\{([^}]*)\}\s*\}',
                      read('app/commands.c'))
    assert len(rows) > 30, rows
    return [(action, re.findall(r'"([^"]+)"', accels)) for action, accels in rows]


def actions():
    """The names that GActionEntry tables of app/, its actions on properties and the map's navigation
    define."""
    sources = [path for folder in ('app', 'ui/model') for path in sorted((ROOT / folder).glob('*.c'))]
    text = ''.join(path.read_text(encoding='utf-8') for path in sources)
    return set(re.findall(r'(?:\{\s*|g_property_action_new \()"([a-z0-9-]+)"', text)) | set(
        re.findall(r'"([a-z-]+)"', read('ui/model/navigation.c')))


def test_every_command_is_an_action():
    known = actions() | {'close', 'color-scheme'}
    wrong = [action for action, _ in commands()
             if action.split('.', 1)[1].split('::')[0] not in known]
    assert not wrong, wrong


def test_no_two_commands_share_a_key():
    keys = [key for _, accels in commands() for key in accels]
    assert len(keys) == len(set(keys)), sorted(key for key in keys if keys.count(key) > 1)


def test_every_shortcut_is_shown_in_the_window_of_shortcuts():
    shown = set(re.findall(r'name="action-name">([^<]+)<', read('data/help-overlay.ui')))
    missing = [action for action, accels in commands() if accels and action not in shown]
    assert not missing, missing
    listed = {action for action, accels in commands() if accels}
    assert shown <= listed, shown - listed


def test_every_view_is_a_command():
    views = re.findall(r'\{ "([a-z]+)",\s*N_ \("[^"]+"\),\s*PLACE_', read('app/window-views.c'))
    assert len(views) >= 9, views
    known = {action for action, _ in commands()}
    missing = [view for view in views if f'win.show-page::{view}' not in known]
    assert not missing, missing


def test_every_event_is_explained():
    n_kinds = 0
    for path in sorted((ROOT / 'engine').rglob('*.c')):
        text = path.read_text(encoding='utf-8')
        for kind in re.finditer(r'^const AtlasTraceKind (\w+) = \{(.*?)^\};', text, re.M | re.S):
            n_kinds += 1
            explain = re.search(r'\.explain\s*=\s*N_ \(\s*((?:"[^"]*"\s*)+)', kind[2])
            assert explain, f'{kind[1]} is not explained'
            assert len(explain[1]) > 40, f'{kind[1]} is hardly explained'
    assert n_kinds > 25, n_kinds


if __name__ == '__main__':
    tap.run(tap.of_module(globals()))
