#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an installation gives to others: a library without a screen, headers that stand alone, a
pkg-config file that works, and the files that a desktop looks for."""

import concurrent.futures
import functools
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import tap

ROOT = pathlib.Path(os.environ['ATLAS_SOURCE_ROOT'])
BUILD = pathlib.Path(os.environ['ATLAS_BUILD_ROOT'])
PREFIX = os.environ['ATLAS_PREFIX'].lstrip('/')
LIBDIR = os.environ['ATLAS_LIBDIR']
HAS_GUI = os.environ['ATLAS_GUI'] == 'true'
IS_SANITIZED = os.environ['ATLAS_SANITIZE'] != 'none'

SCREEN_LIBRARY = re.compile(r'lib(gtk-|gdk|gsk|adwaita|cairo|pango|X11|wayland)')
APP_ID = 'org.vmatlas.VMAtlas'
DESKTOP_FILES = (
    'bin/vmatlas',
    f'share/applications/{APP_ID}.desktop',
    f'share/metainfo/{APP_ID}.metainfo.xml',
    f'share/glib-2.0/schemas/{APP_ID}.gschema.xml',
    f'share/icons/hicolor/scalable/apps/{APP_ID}.svg',
    f'share/icons/hicolor/symbolic/apps/{APP_ID}-symbolic.svg',
    f'share/mime/packages/{APP_ID}.xml',
    'share/man/man1/vmatlas.1',
)


@functools.lru_cache(maxsize=None)
def stage():
    """A staged installation; the folder goes when the process does."""
    folder = tempfile.TemporaryDirectory(prefix='atlas-stage-')
    subprocess.run(['meson', 'install', '-C', str(BUILD), '--no-rebuild', '--quiet',
                    '--destdir', folder.name], check=True, capture_output=True)
    root = pathlib.Path(folder.name) / PREFIX
    # A staged file still names the final prefix; everything else in it is tried as it is.
    file = root / LIBDIR / 'pkgconfig' / 'libvmatlas-0.pc'
    file.write_text(re.sub(r'^prefix=.*', f'prefix={root}', file.read_text(encoding='utf-8'),
                           flags=re.MULTILINE), encoding='utf-8')
    return folder, root


def staged(path):
    return stage()[1] / path


def headers():
    found = sorted(staged('include/vmatlas-0').rglob('*.h'))
    assert found, 'no header is installed'
    return found


def needed_libraries(path):
    """Everything that a program or library loads, its libraries' libraries included."""
    output = subprocess.run(['ldd', str(path)], check=True, capture_output=True, text=True).stdout
    return [line.split()[0] for line in output.splitlines()]


@functools.lru_cache(maxsize=None)
def pkg_config(*args):
    env = os.environ | {'PKG_CONFIG_PATH': str(staged(f'{LIBDIR}/pkgconfig'))}
    return subprocess.run(['pkg-config', *args, 'libvmatlas-0'], check=True, capture_output=True,
                          text=True, env=env).stdout.split()


def compile_alone(compiler, standard, language, header):
    name = header.relative_to(staged('include/vmatlas-0'))
    code = f'#include "{name}"\n#include "{name}"\n'
    done = subprocess.run([compiler, standard, '-x', language, '-fsyntax-only', '-Wall', '-Wextra',
                           '-Wno-unused-parameter', '-Werror', *pkg_config('--cflags'), '-'],
                          input=code, capture_output=True, text=True, check=False)
    return '' if done.returncode == 0 else f'{name}:\n{done.stderr}'


def expect_all_compile(compiler, standard, language):
    if not shutil.which(compiler):
        raise tap.Skip(f'no {compiler}')
    pkg_config('--cflags')
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        wrong = list(filter(None, pool.map(
            lambda header: compile_alone(compiler, standard, language, header), headers())))
    assert not wrong, '\n' + '\n'.join(wrong)


def test_the_library_needs_no_screen():
    if IS_SANITIZED:
        raise tap.Skip('a sanitizer brings its own libraries')
    wrong = [lib for lib in needed_libraries(staged(f'{LIBDIR}/libvmatlas-0.so'))
             if SCREEN_LIBRARY.match(lib)]
    assert not wrong, wrong


def test_the_command_line_needs_no_gtk():
    wrong = [lib for lib in needed_libraries(BUILD / 'app' / 'cli' / 'vmatlas-cli')
             if re.match(r'lib(gtk-|gdk-|adwaita)', lib)]
    assert not wrong, wrong


def test_the_library_shows_only_its_own_names():
    output = subprocess.run(['nm', '-D', '--defined-only', str(staged(f'{LIBDIR}/libvmatlas-0.so'))],
                            check=True, capture_output=True, text=True).stdout
    names = [line.split()[-1] for line in output.splitlines()]
    assert any(name.startswith('atlas_') for name in names), 'nothing is exported'
    # A sanitizer's build adds names that begin with underscores.
    wrong = [name for name in names if not name.startswith(('atlas_', 'ATLAS_', '_'))]
    assert not wrong, wrong


def test_every_header_compiles_alone_as_c17():
    expect_all_compile('gcc', '-std=c17', 'c')


def test_every_header_compiles_alone_as_cpp17():
    expect_all_compile('g++', '-std=c++17', 'c++')


def test_no_private_header_is_installed():
    wrong = [str(header) for header in headers() if header.name.endswith('-private.h')]
    assert not wrong, wrong


def test_what_a_header_includes_is_installed_too():
    wrong = []
    for header in headers():
        for include in re.findall(r'#include "([^"]+)"', header.read_text(encoding='utf-8')):
            if not staged(f'include/vmatlas-0/{include}').exists():
                wrong.append(f'{header.name} includes {include}')
    assert not wrong, wrong


def test_a_program_builds_and_runs_against_the_staged_library():
    if IS_SANITIZED:
        raise tap.Skip('the program would have to be sanitized too')
    code = '''
#include <stdio.h>
#include "paging/walk.h"
#include "space/space.h"
#include "session/session.h"

int
main (void)
{
  AtlasSession *session = atlas_session_new ();
  printf ("%u\\n", atlas_session_get_n_commands (session));
  atlas_session_free (session);
  return 0;
}
'''
    program = staged('demo')
    subprocess.run(['gcc', '-std=c17', '-x', 'c', '-', '-o', str(program), *pkg_config('--cflags'),
                    '-x', 'none', *pkg_config('--libs')], input=code, text=True, check=True)
    env = os.environ | {'LD_LIBRARY_PATH': str(staged(LIBDIR))}
    output = subprocess.run([str(program)], check=True, capture_output=True, text=True, env=env)
    assert output.stdout == '0\n', output.stdout


def test_no_scenario_or_tour_is_left_behind():
    """A tour names its scenario by the name of a file, which the program has in its resources."""
    if not HAS_GUI:
        raise tap.Skip('only the program has them')
    data = ROOT / 'data'
    listed = subprocess.run(['gresource', 'list', str(BUILD / 'app' / 'vmatlas')], check=True,
                            capture_output=True, text=True).stdout
    for folder in ('scenarios', 'tours'):
        made = {path.name for path in (data / folder).iterdir()}
        assert made == set(re.findall(rf'/{folder}/(\S+)', listed)), folder
    assert {path.name for path in staged('share/vmatlas/scenarios').iterdir()} == {
        path.name for path in (data / 'scenarios').iterdir()}


def test_the_layout_is_complete():
    wanted = [f'{LIBDIR}/libvmatlas-0.so', f'{LIBDIR}/libvmatlas-0.so.0',
              f'{LIBDIR}/pkgconfig/libvmatlas-0.pc', 'bin/vmatlas-cli']
    if HAS_GUI:
        wanted += DESKTOP_FILES
    wrong = [path for path in wanted if not staged(path).exists()]
    assert not wrong, wrong


if __name__ == '__main__':
    tap.run(tap.of_module(globals()))
