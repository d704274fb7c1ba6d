#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Debian packages that data/debian/make makes: what is in them, what they ask for, and that the
programs run from what they unpack to."""

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
PACKAGES = ('libvmatlas-0-0', 'libvmatlas-dev', 'vmatlas')


def output(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True,
                          text=True, **options).stdout


@functools.lru_cache(maxsize=None)
def made():
    """The folder with the packages, which goes when the process does."""
    missing = [tool for tool in ('dpkg-deb', 'dpkg-shlibdeps', 'dpkg-gencontrol')
               if not shutil.which(tool)]
    if missing:
        raise tap.Skip(f'no {missing[0]}')
    if os.environ['ATLAS_GUI'] != 'true' or os.environ['ATLAS_SANITIZE'] != 'none':
        raise tap.Skip('not a build that anybody would install')
    folder = tempfile.TemporaryDirectory(prefix='atlas-debian-')
    output(ROOT / 'data' / 'debian' / 'make', folder.name, BUILD)
    return folder


def package(name):
    found = list(pathlib.Path(made().name).glob(f'{name}_*.deb'))
    assert len(found) == 1, found
    return found[0]


@functools.lru_cache(maxsize=None)
def unpacked():
    root = pathlib.Path(made().name) / 'root'
    for name in PACKAGES:
        output('dpkg-deb', '--extract', package(name), root)
    return root


def field(name, key):
    return output('dpkg-deb', '--field', package(name), key).strip()


def test_the_version_is_the_program_s():
    version = re.search(r"version: '([^']+)'", (ROOT / 'meson.build').read_text(encoding='utf-8'))[1]
    for name in PACKAGES:
        assert field(name, 'Version') == version, name
        assert field(name, 'Description') and field(name, 'Maintainer'), name


def test_what_is_loaded_is_asked_for():
    version = field('vmatlas', 'Version')
    library = f'libvmatlas-0-0 (= {version})'
    assert re.search(r'\blibgtk-4-1 \(>= 4\.', field('vmatlas', 'Depends'))
    assert library in field('vmatlas', 'Depends')
    assert library in field('libvmatlas-dev', 'Depends')
    assert 'libglib2.0-0' in field('libvmatlas-0-0', 'Depends')
    assert not re.search('gtk|cairo', field('libvmatlas-0-0', 'Depends'))


def test_every_file_is_in_one_package_and_as_it_was_made():
    owners = {}
    for name in PACKAGES:
        control = pathlib.Path(made().name) / f'{name}-control'
        output('dpkg-deb', '--control', package(name), control)
        sums = (control / 'md5sums').read_text(encoding='utf-8')
        output('md5sum', '--check', '--strict', '--quiet', control / 'md5sums', cwd=unpacked())
        for line in sums.splitlines():
            path = line.split('  ', 1)[1]
            assert path not in owners, (path, name, owners[path])
            owners[path] = name
        assert not list(control.glob('p*')), 'dpkg triggers of other packages do what is to be done'
    assert owners[f'{PREFIX}/bin/vmatlas'] == owners[f'{PREFIX}/bin/vmatlas-cli'] == 'vmatlas'
    assert owners[f'{PREFIX}/{LIBDIR}/libvmatlas-0.so.0'] == 'libvmatlas-0-0'
    assert owners[f'{PREFIX}/include/vmatlas-0/vmatlas.h'] == 'libvmatlas-dev'
    assert {str(path.relative_to(unpacked())) for path in unpacked().rglob('*')
            if path.is_file() and not path.is_symlink()} == set(owners)
    link = unpacked() / PREFIX / LIBDIR / 'libvmatlas-0.so'
    assert link.is_symlink() and os.readlink(link) == 'libvmatlas-0.so.0'


def test_what_policy_wants_of_a_file():
    for name in PACKAGES:
        doc = unpacked() / 'usr/share/doc' / name
        assert (doc / 'copyright').exists() and (doc / 'changelog.gz').exists(), name
        listing = output('dpkg-deb', '--contents', package(name))
        for line in listing.splitlines():
            mode, owner, path = line.split()[0], line.split()[1], line.split()[5]
            assert owner == 'root/root', line
            if mode[0] == '-':
                assert mode == ('-rwxr-xr-x' if '/bin/' in path else '-rw-r--r--'), line
    pages = [path.name for path in (unpacked() / PREFIX / 'share/man').rglob('*') if path.is_file()]
    assert sorted(pages) == ['vmatlas-cli.1.gz', 'vmatlas-scenario.5.gz', 'vmatlas.1.gz']


def test_the_programs_run_from_what_is_unpacked():
    env = os.environ | {'LD_LIBRARY_PATH': str(unpacked() / PREFIX / LIBDIR)}
    bin_dir = unpacked() / PREFIX / 'bin'
    version = field('vmatlas', 'Version')
    for program in ('vmatlas', 'vmatlas-cli'):
        assert version in output(bin_dir / program, '--version', env=env)
    scenario = unpacked() / PREFIX / 'share/vmatlas/scenarios/default.vmatlas'
    regions = output(bin_dir / 'vmatlas-cli', 'regions', scenario, env=env)
    assert 'ntdll' in regions


if __name__ == '__main__':
    tap.run(tap.of_module(globals()))
