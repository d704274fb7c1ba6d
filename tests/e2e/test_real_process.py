#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process of Windows 11 as it was, made anew by calls: every region comes out the same."""

import os
import pathlib
import subprocess
import tempfile

import real_process
import tap

PROGRAM = os.environ['ATLAS_CLI']
LISTING = pathlib.Path(os.environ.get('ATLAS_SAMPLES', '')) / 'windows11-22000-regions.csv'


def list_regions(path):
    run = subprocess.run([PROGRAM, 'regions', path, '--format=csv'], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, timeout=60)
    assert run.returncode == 0, run.stderr.decode()
    listing = pathlib.Path(path).with_suffix('.csv')
    listing.write_bytes(run.stdout)
    return real_process.read_regions(listing)


def find_seed(folder, hypervisor_va):
    """The boot decides where the hypervisor's page is: look for one that agrees."""
    path = folder / 'boot.vmatlas'
    for seed in range(200):
        path.write_text(f'system memory=64M seed={seed}\nprocess tiny.exe bare\n')
        if any(region['base'] == hypervisor_va and region['state'] == 'commit'
               for region in list_regions(path)):
            return seed
    raise AssertionError('no boot has the hypervisor page there')


def test_a_real_process_is_rebuilt_region_by_region():
    if not LISTING.is_file():
        raise tap.Skip('the folder of samples (ATLAS_SAMPLES) is not there')
    expected = real_process.read_regions(LISTING)
    assert len(expected) == 557
    hypervisor = [region['base'] for region in expected
                  if 0x7ffe1000 <= region['base'] < 0x7fff0000 and region['state'] == 'commit']
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        path = folder / 'real.vmatlas'
        path.write_text(real_process.make_scenario(expected, folder,
                                                   find_seed(folder, hypervisor[0])))
        found = list_regions(path)
        run = subprocess.run([PROGRAM, 'run', path], stdout=subprocess.PIPE, timeout=60)
        assert b'refused' not in run.stdout, run.stdout.decode().split('refused')[0][-300:]
    for row, (one, other) in enumerate(zip(expected, found)):
        assert one == other, (row, one, other)
    assert len(found) == len(expected), (len(found), len(expected))


if __name__ == '__main__':
    tap.run(tap.of_module(globals()))
