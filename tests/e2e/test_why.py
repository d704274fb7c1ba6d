#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why something is where it is: the whole answer, who says so, and whether anything may be allocated
there; beside the map and in the console."""

import os

import atlas_driver as driver
import atlas_window
import tap

VMATLAS = os.environ['ATLAS_PROGRAM']

CHEN_2022 = 'Raymond Chen, The Old New Thing, 2022-12-16'
CHEN_2014 = 'Raymond Chen, The Old New Thing, 2014-10-09'
GRANULARITY = 'Raymond Chen, The Old New Thing, 2003-10-08'
INTERNALS = 'Windows Internals, 7th edition, part 1, chapter 5'
HOLE = 'Bits 63…48 must repeat bit 47; the processor refuses every address in between.'
BLOCK = ('VirtualQuery calls it free, but its 64 KB slot belongs to KUSER_SHARED_DATA and the '
         'hypervisor page, and a reservation would have to start at 0x7ffe0000.')
ALPHA = ('On the Alpha AXP an address in the last 32 KB below 2 GB took three instructions to load '
         'instead of two; the 64 KB that hold it stay invalid on every processor.')
GUARD = ('The last 64 KB of the user half stay invalid: the kernel need only check where a buffer '
         'starts, for one that runs on faults here before it leaves the user half.')
FREE_BELOW = ('Nobody has reserved it. Below it: null-pointer guard; above it: KUSER_SHARED_DATA. It '
              'has 32,765 slots of 64 KB; a reservation takes whole slots. All of it is below 2 GB, '
              'where a program that is not large-address aware can use it.')
CONFLICT = 'STATUS_CONFLICTING_ADDRESSES (0xc0000018) · Win32 error 487, ERROR_INVALID_ADDRESS'
PARAMETER = 'STATUS_INVALID_PARAMETER_2 (0xc00000f0) · Win32 error 87, ERROR_INVALID_PARAMETER'

# The default scenario. Address, what is there, why, who says so; what is said of an allocation
# there beside the map, and by the console with who says that.
ANSWERS = (
    ('0x0', 'null-pointer guard',
     'Nothing is ever allocated in the first 64 KB, so that a null pointer, with a small offset '
     'added too, faults at once.', CHEN_2022,
     ['No: VirtualQuery calls it free, but no call ever gets it.'],
     'No: VirtualQuery calls it free, but no call ever gets it.', CHEN_2022),
    ('0x7ffe0000', 'KUSER_SHARED_DATA',
     'One page at the same address in every process, read-only here: programs read the time without '
     'a system call. The kernel writes it through fffff780`00000000.', CHEN_2022,
     ['No.', f'The range is taken by KUSER_SHARED_DATA at 00000000`7ffe0000.\n{CONFLICT}'],
     'No: it is taken by KUSER_SHARED_DATA at 00000000`7ffe0000.', 'Microsoft Learn, VirtualAlloc'),
    ('0x7ffe1000', 'shared data block', BLOCK, CHEN_2022,
     ['No.', f'The address lies in the shared data block. {BLOCK}\n{CONFLICT}'],
     'No: VirtualQuery calls it free, but a reservation starts at a multiple of 64 KB, and there '
     'this slot is taken.', GRANULARITY),
    ('0x7ffee000', 'hypervisor reference TSC page',
     "The hypervisor's factors for turning the processor's time-stamp counter into time, in one of "
     '15 pages behind KUSER_SHARED_DATA; the slot is drawn at boot.',
     f'{CHEN_2022}; Hypervisor Top Level Functional Specification, “Timers”',
     ['No.',
      f'The range is taken by hypervisor reference TSC page at 00000000`7ffee000.\n{CONFLICT}'],
     'No: it is taken by hypervisor reference TSC page at 00000000`7ffee000.',
     'Microsoft Learn, VirtualAlloc'),
    ('0x7fff0000', "no-man's land below 2 GB", ALPHA, CHEN_2022,
     ['No.', f"The range touches no-man's land below 2 GB. {ALPHA}\n{CONFLICT}"],
     'No: VirtualQuery calls it free, but no call ever gets it.', CHEN_2022),
    ('0x40000000', 'free', FREE_BELOW, None,
     ['Yes.', 'One byte here takes 4 KB from 00000000`40000000; 15 pages of the slot are lost.'],
     'Yes: up to 1023.9 MB.', GRANULARITY),
    ('0x7fffffff0000', "no-man's land below the hole", GUARD, CHEN_2014,
     ['No.', f'{GUARD}\n{PARAMETER}'],
     'No: it lies beyond the addresses that the program may use.', CHEN_2014),
    ('0x800000000000', 'non-canonical hole', HOLE, 'Intel SDM vol. 1 §3.3.7.1',
     ['No.', f'{HOLE}\n{PARAMETER}'],
     'No: the processor refuses the address, whatever tables say.', 'Intel SDM vol. 1 §3.3.7.1'),
    ('0xffff7fffffffffff', 'non-canonical hole', HOLE, 'Intel SDM vol. 1 §3.3.7.1',
     ['No.', f'{HOLE}\n{PARAMETER}'],
     'No: the processor refuses the address, whatever tables say.', 'Intel SDM vol. 1 §3.3.7.1'),
    ('0xffff800000000000', 'unassigned kernel space',
     'The kernel has not given these slots to any use in this boot.', INTERNALS,
     ['No.', f'The address belongs to the kernel.\n{PARAMETER}'],
     "No: programs get nothing in the kernel's half.", INTERNALS),
    ('0xfffff78000000000', "KUSER_SHARED_DATA (kernel's view)",
     'The kernel writes the clocks here; user mode reads the same page, read-only, at 0x7ffe0000.',
     CHEN_2022, ['No.', f'The address belongs to the kernel.\n{PARAMETER}'],
     "No: programs get nothing in the kernel's half.", INTERNALS),
)

program = None


def section(texts, begin, end):
    """What is said from one text to another, without both."""
    first = texts.index(begin) + 1
    return texts[first:texts.index(end, first)]


def test_the_region_tells_the_whole_answer():
    program.press('ctrl+3')
    panel = program.wait_for('panel', 'Region')
    for address, what, why, source, may, _, _ in ANSWERS:
        program.go_to(address)
        number = f'{int(address, 16):016x}'
        driver.wait_until(lambda place=number: f'{place[:8]}`{place[8:]} Selected' in
                          program.texts(panel), f'{address} to be told of')
        texts = program.texts(panel)
        said = section(texts, what, 'Selected')
        wanted = [why] + ([f'Source: {source}'] if source else [])
        # The kind of the region stands before its reason where it has a name too.
        assert said[-len(wanted):] == wanted, (address, said)
        assert section(texts, 'May I allocate here?', 'Allocate Here…') == may, (address, texts)


def test_the_console_tells_it_in_a_line():
    program.press('ctrl+9')
    told = program.wait_for('text', 'What ran')
    for address, what, why, source, _, verdict, rule in ANSWERS:
        before = len(told.get_text())
        program.run(f'why {address}')
        line = f'{why} ({source})' if source else why
        line += f' Allocate here? {verdict} ({rule})'
        driver.wait_until(lambda n=before, words=line: words in told.get_text()[n:],
                          lambda n=before, words=line: f'“{words}”, not {told.get_text()[n:]}')
        assert what in told.get_text()[before:], told.get_text()[before:]


def test_nothing_is_complained_of():
    assert program.read_complaints() == '', program.complaints


if __name__ == '__main__':
    with atlas_window.Window([VMATLAS]) as program:
        driver.run(tap.of_module(globals()))
