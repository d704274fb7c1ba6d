#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The house's rules, held by reading its files: who may use whom, and under which licence.

Needs no build. What the built library and its headers promise is in test_install.py.
"""

import functools
import os
import pathlib
import re
import subprocess

import tap

ROOT = pathlib.Path(os.environ.get('ATLAS_SOURCE_ROOT', pathlib.Path(__file__).parents[1]))

ENGINE = ('engine/base', 'engine/paging', 'engine/space', 'engine/windows', 'engine/source',
          'engine/map', 'engine/session', 'engine/lessons')
WIDGETS = ('ui/map', 'ui/tables', 'ui/lists', 'ui/compare', 'ui/lessons')

# What each room may use besides itself.
USES = {
    'engine/base': (),
    'engine/paging': ENGINE[:1],
    'engine/space': ENGINE[:2],
    'engine/windows': ENGINE[:3],
    'engine/source': ENGINE[:4],
    'engine/map': ENGINE[:3],  # cannot tell a simulation from a dump
    'engine/session': ENGINE[:6],
    'engine/lessons': ENGINE[:7],
    'ui/paint': ENGINE,
    'ui/model': ENGINE + ('ui/paint',),
    'ui/map': ENGINE + ('ui/paint', 'ui/model'),
    'ui/tables': ENGINE + ('ui/paint', 'ui/model'),
    'ui/lists': ENGINE + ('ui/paint', 'ui/model'),
    'ui/compare': ENGINE + ('ui/paint', 'ui/model'),
    'ui/lessons': ENGINE + ('ui/paint', 'ui/model'),
    'app/cli': ENGINE + ('ui/paint',),
    'app': ENGINE + ('ui/paint', 'ui/model') + WIDGETS,
}
# Widgets that hold small ones without a document of their own; all others meet only in the document
# and the viewport. What ui/paint offers has no document either, so all may hold it.
CONTAINERS = ('ui/map/map-view.c', 'ui/lists/allocate-dialog.c', 'ui/lists/task-dialog.c',
              'ui/tables/bits-view.c')
# The part of ui/paint that draws on the screen.
SCREEN_PAINT = ('ui/paint/accessible-name', 'ui/paint/css-class',
                'ui/paint/dialog-size', 'ui/paint/empty-label', 'ui/paint/fitting', 'ui/paint/line',
                'ui/paint/picture-area', 'ui/paint/snapshot-painter', 'ui/paint/swatch',
                'ui/paint/wheel')
# Made by the build.
GENERATED = ('config.h',)

SCREEN = re.compile(r'^(gtk|gdk|gsk|adwaita|graphene)\b')
DRAWING = re.compile(r'^(cairo|pango)')
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
WIDGET_TYPE = re.compile(r'G_DECLARE_\w+_TYPE\s*\([^)]*,\s*(Gtk|Adw)\w+\s*\)')

# The SPDX line stands first; after "#!" or an XML declaration in files that must begin with one.
LICENSED = {'.c', '.h', '.py', '.sh', '.css', '.ui', '.xml', '.svg', '.build', '.in', '.vmatlas',
            '.supp', '.1', '.tour'}
SPDX = re.compile(r'SPDX-License-Identifier: (\S+)')


@functools.lru_cache(maxsize=None)
def files():
    """All files of the project, without what a build or git made."""
    if (ROOT / '.git').exists():
        names = subprocess.run(['git', '-c', 'safe.directory=*', '-C', str(ROOT), 'ls-files',
                                '--cached', '--others', '--exclude-standard'],
                               check=True, capture_output=True, text=True).stdout.splitlines()
    else:
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob('*')]
    return sorted(name for name in names
                  if (ROOT / name).is_file() and not name.startswith(('build', '.build')))


def sources():
    return [name for name in files() if name.endswith(('.c', '.h'))]


@functools.lru_cache(maxsize=None)
def text(name):
    return (ROOT / name).read_text(encoding='utf-8')


def room_of(name):
    """'engine/map' of engine/map/axis.h; 'app' of app/main.c; None outside the rooms."""
    folder = os.path.dirname(name)
    return folder if folder in USES else None


def own_header(include, name):
    """The project's file that an include line in file @name means, or None."""
    found = [base + include for base in ('engine/', 'ui/', 'app/', os.path.dirname(name) + '/')
             if base + include in files()]
    found = list(dict.fromkeys(found))
    assert len(found) < 2, f'{name}: "{include}" could be any of {found}'
    return found[0] if found else None


def violations(names):
    """What the include lines of @names break, one sentence each."""
    wrong = []
    for name in names:
        room = room_of(name)
        for quote, include in INCLUDE.findall(text(name)):
            target = own_header(include, name) if quote == '"' else None
            if quote == '"' and target is None and room and include not in GENERATED:
                wrong.append(f'{name} includes {include}, which no room has')
            used = room_of(target) if target else None
            if room and used and used != room and used not in USES[room]:
                wrong.append(f'{name} uses {target}: {room} stands below {used} or beside it')
            if room and used and used != room and include.endswith('-private.h'):
                wrong.append(f'{name} looks into {target}, which is private to {used}')
            if room in ENGINE and (SCREEN.match(include) or DRAWING.match(include)):
                wrong.append(f'{name} includes {include}: the engine knows no screen')
            if room == 'app/cli' and SCREEN.match(include):
                wrong.append(f'{name} includes {include}: the command line links no GTK')
            if (room == 'ui/paint' and SCREEN.match(include)
                    and os.path.splitext(name)[0] not in SCREEN_PAINT):
                wrong.append(f'{name} includes {include}: cairo painting knows no GTK')
            if (room in WIDGETS and name not in CONTAINERS and used in WIDGETS
                    and WIDGET_TYPE.search(text(target))
                    and os.path.splitext(target)[0] != os.path.splitext(name)[0]):
                wrong.append(f'{name} knows another widget: {target}')
    return wrong


def expect_none(wrong):
    assert not wrong, '\n' + '\n'.join(wrong)


def test_a_room_uses_only_the_rooms_below_it():
    assert sources(), 'no sources found'
    expect_none(violations(sources()))


def test_every_source_stands_in_a_room():
    expect_none([f'{name} stands in no room' for name in sources()
                 if not name.startswith('tests/') and room_of(name) is None])


def test_an_arrow_that_points_up_is_found():
    # The rule itself, on files that do not exist.
    cases = {
        'engine/paging/zz.c': '#include "windows/status.h"\n',
        'engine/base/zz.c': '#include "paging/address.h"\n',
        'engine/map/zz.c': '#include "windows/process.h"\n',
        'engine/source/zz.c': '#include "session/session.h"\n',
        'engine/space/zz.h': '#include <gtk/gtk.h>\n',
        'engine/session/zz.c': '# include <cairo.h>\n',
        'app/cli/zz.c': '#include <adwaita.h>\n',
        'ui/paint/zz.c': '#include "model/document.h"\n',
        'ui/model/zz.c': '#include "no/such.h"\n',
    }
    for name, content in cases.items():
        assert len(with_content(name, content)) == 1, f'{name}: {content.strip()}'
    assert not with_content('engine/session/zz.c', '#include "map/axis.h"\n')
    assert not with_content('engine/windows/zz.c', '#include "paging/walk.h"\n')


def with_content(name, content):
    global text  # pylint: disable=global-statement
    original = text
    text = lambda wanted: content if wanted == name else original(wanted)
    try:
        return violations([name])
    finally:
        text = original


def test_no_two_headers_answer_to_one_include():
    tails = {}
    for name in sources():
        top, _, tail = name.partition('/')
        if name.endswith('.h') and top in ('engine', 'ui'):
            tails.setdefault(tail, []).append(name)
    expect_none([f'{" and ".join(names)} answer to the same include'
                 for names in tails.values() if len(names) > 1])


def test_every_file_names_its_licence_first():
    wrong = []
    for name in files():
        suffix = os.path.splitext(name)[1]
        is_script = not suffix and text_starts(name, '#!')
        if suffix not in LICENSED and not is_script and name != 'meson_options.txt':
            continue
        lines = text(name).splitlines()
        if lines and lines[0].startswith(('#!', '<?xml', '<!DOCTYPE')):
            lines = lines[1:]
        match = SPDX.search(lines[0]) if lines else None
        # A licence of its own for what others copy freely: metainfo must be CC0.
        wanted = 'LGPL-3.0-or-later' if name.startswith('engine/') else 'GPL-3.0-or-later'
        if 'metainfo' in name:
            wanted = 'CC0-1.0'
        if not match:
            wrong.append(f'{name}: no SPDX line')
        elif match[1] != wanted:
            wrong.append(f'{name}: says {match[1]}, its folder is {wanted}')
    expect_none(wrong)


def text_starts(name, start):
    with open(ROOT / name, 'rb') as file:
        return file.read(len(start)) == start.encode()


def test_nothing_is_left_to_do_and_nothing_speaks_of_a_machine():
    banned = re.compile(r'\b(TODO|FIXME|XXX)\b|/home/\w|/work/[a-z]|/root/\w')
    wrong = []
    for name in sources() + [name for name in files() if name.endswith(('.md', '.vmatlas'))]:
        for number, line in enumerate(text(name).splitlines(), 1):
            if banned.search(line):
                wrong.append(f'{name}:{number}: {line.strip()}')
    expect_none(wrong)


def test_the_top_level_is_what_the_house_says():
    allowed = {'app', 'engine', 'ui', 'data', 'tests', 'meson.build', 'meson_options.txt',
               'README.md', 'LICENSE'}
    tops = {name.split('/')[0] for name in files()}
    expect_none([f'{top} at the top level' for top in sorted(tops - allowed)
                 if not top.startswith('.')])


if __name__ == '__main__':
    tap.run(tap.of_module(globals()))
