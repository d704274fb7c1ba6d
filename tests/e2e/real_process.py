# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a scenario that rebuilds a listed process by calls: each allocation at its address, each
page with its protection. Images become program files of the same shape beside the scenario."""

import csv
import struct

PAGE = 0x1000
ALLOCATED_ANYWAY = 0x7ffe0000  # its block is the kernel's

PROTECTIONS = {
    0x01: 'noaccess', 0x02: 'readonly', 0x04: 'readwrite', 0x08: 'writecopy',
    0x10: 'execute', 0x20: 'execute_read', 0x40: 'execute_readwrite', 0x80: 'execute_writecopy',
}
GUARD = 0x100
WRITABLE = (0x04, 0x08)
EXECUTABLE = 0x20

MEM_EXECUTE, MEM_READ, MEM_WRITE = 0x20000000, 0x40000000, 0x80000000


def read_regions(path):
    """The rows of a listing, numbers as numbers."""
    with open(path, newline='', encoding='utf-8') as file:
        return [{'base': int(row['base'], 16), 'allocation_base': int(row['allocation_base'], 16),
                 'allocation_protect': int(row['allocation_protect'], 16),
                 'size': int(row['size'], 16), 'state': row['state'],
                 'protect': int(row['protect'], 16), 'type': row['type'], 'module': row['module']}
                for row in csv.DictReader(file)]


def format_protection(protect):
    name = PROTECTIONS[protect & 0xff]
    return f'{name}|guard' if protect & GUARD else name


def make_image(base, regions):
    """A program file whose sections have the rights of the regions; no byte but the header is in
    it, so every page starts as zeros."""
    sections = []
    for region in regions:
        offset, size = region['base'] - base, region['size']
        if offset == 0:  # the header's own page
            offset, size = PAGE, size - PAGE
        if size == 0:
            continue
        rights = MEM_READ
        if region['protect'] in WRITABLE:
            rights |= MEM_WRITE
        elif region['protect'] == EXECUTABLE:
            rights |= MEM_EXECUTE
        if sections and sections[-1][2] == rights:
            sections[-1][1] += size
        else:
            sections.append([offset, size, rights])

    image_bytes = regions[-1]['base'] + regions[-1]['size'] - base
    file_header = struct.pack('<HHIIIHH', 0x8664, len(sections), 0, 0, 0, 240, 0x2022)
    optional = struct.pack('<HBBIIIII', 0x20b, 14, 0, 0, 0, 0, PAGE, PAGE)
    optional += struct.pack('<QIIHHHHHHIIIIHHQQQQII', base, PAGE, 0x200, 6, 0, 0, 0, 6, 0, 0,
                            image_bytes, 0x400, 0, 3, 0x0160, 0x100000, 0x1000, 0x100000, 0x1000,
                            0, 16)
    optional += bytes(16 * 8)
    table = b''.join(struct.pack('<8sIIIIIIHHI', b'.s%d' % i, size, offset, 0, 0, 0, 0, 0, 0, rights)
                     for i, (offset, size, rights) in enumerate(sections))
    header = b'MZ' + bytes(58) + struct.pack('<I', 64) + b'PE\0\0' + file_header + optional + table
    assert len(header) <= 0x400
    return header.ljust(0x400, b'\0')


def private_lines(base, regions):
    size = sum(region['size'] for region in regions)
    protect = format_protection(regions[0]['allocation_protect'])
    yield f'alloc {base:#x} {size} reserve {protect}'
    for region in regions:
        if region['state'] == 'commit':
            yield (f'alloc {region["base"]:#x} {region["size"]} commit '
                   f'{format_protection(region["protect"])}')


def mapped_lines(base, regions, number):
    size = sum(region['size'] for region in regions)
    is_reserved = any(region['state'] == 'reserve' for region in regions)
    protect = format_protection(regions[0]['allocation_protect'])
    yield f'section $s{number} = {size} readwrite{" reserve" if is_reserved else ""}'
    yield f'map $s{number} {base:#x} {protect}'
    for region in regions:
        if region['state'] == 'commit' and is_reserved:
            yield (f'alloc {region["base"]:#x} {region["size"]} commit '
                   f'{format_protection(region["protect"])}')
    yield f'close $s{number}'


def image_lines(base, regions, number, folder):
    name = regions[0]['module']
    (folder / name).write_bytes(make_image(base, regions))
    yield f'file $f{number} = {name}'
    yield f'section $s{number} = $f{number} readonly image'
    yield f'map $s{number} {base:#x}'
    for region in regions:
        if region['protect'] == 0x04:
            for va in range(region['base'], region['base'] + region['size'], PAGE):
                yield f'write {va:#x} 1 value=1'


def make_scenario(regions, folder, seed):
    """The scenario as text; program files go into @folder."""
    allocations = {}
    for region in regions:
        if region['state'] != 'free':
            allocations.setdefault(region['allocation_base'], []).append(region)
    lines = [f'system memory=16G seed={seed} build=22000 hypervisor=yes', 'pagefile 16G',
             'process $p tiny.exe bare']
    for number, (base, parts) in enumerate(sorted(allocations.items())):
        if base & ~0xffff == ALLOCATED_ANYWAY:
            continue
        if parts[0]['type'] == 'private':
            lines += private_lines(base, parts)
        elif parts[0]['type'] == 'mapped':
            lines += mapped_lines(base, parts, number)
        else:
            lines += image_lines(base, parts, number, folder)
    return '\n'.join(lines) + '\n'
