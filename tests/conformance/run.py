#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the conformance guest under an emulator and compares what it says with the engine.

run.py qemu|bochs GUEST COMPARE CASES SEED

Exits with 77 where the emulator is not installed.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time

TIMEOUT_S = 150
SHARE = '/usr/share/bochs'


def skip(reason):
    print(reason)
    sys.exit(77)


def need(*programs):
    for program in programs:
        if shutil.which(program) is None:
            skip(f'{program} is not installed')


def run_qemu(guest, options, folder):
    need('qemu-system-x86_64')
    output = os.path.join(folder, 'output')
    subprocess.run(
        ['qemu-system-x86_64', '-nodefaults', '-display', 'none', '-machine', 'accel=tcg',
         '-cpu', 'max,phys-bits=40', '-m', '128', '-no-reboot', '-debugcon', f'file:{output}',
         '-global', 'isa-debugcon.iobase=0xe9',
         '-device', 'isa-debug-exit,iobase=0xf4,iosize=4',
         '-kernel', guest, '-append', options],
        stdin=subprocess.DEVNULL, timeout=TIMEOUT_S, check=False)
    return output


def make_disc(guest, options, folder):
    grub = os.path.join(folder, 'disc', 'boot', 'grub')
    disc = os.path.join(folder, 'disc.iso')
    os.makedirs(grub)
    shutil.copy(guest, os.path.join(folder, 'disc', 'boot', 'guest'))
    with open(os.path.join(grub, 'grub.cfg'), 'w', encoding='utf-8') as file:
        file.write(f'set timeout=0\nterminal_output console\n'
                   f'menuentry guest {{\n  multiboot /boot/guest {options}\n  boot\n}}\n')
    subprocess.run(['grub-mkrescue', '-o', disc, os.path.join(folder, 'disc')],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return disc


def run_bochs(guest, options, folder):
    need('bochs', 'grub-mkrescue', 'xorriso', 'mformat')
    if not os.path.isdir('/usr/lib/grub/i386-pc'):
        skip('grub-pc-bin is not installed')
    output = os.path.join(folder, 'output')
    config = os.path.join(folder, 'bochsrc')
    # Without the dummy sound it looks for ALSA and gives up.
    with open(config, 'w', encoding='utf-8') as file:
        file.write(f'''megs: 64
romimage: file={SHARE}/BIOS-bochs-latest
vgaromimage: file={SHARE}/VGABIOS-lgpl-latest
cpu: model=tigerlake, ips=200000000
ata0-master: type=cdrom, path={make_disc(guest, options, folder)}, status=inserted
boot: cdrom
display_library: rfb, options="timeout=0"
sound: driver=dummy
speaker: enabled=0
port_e9_hack: enabled=1
clock: sync=none
panic: action=fatal
error: action=ignore
info: action=ignore
debug: action=ignore
log: {folder}/log
config_interface: textconfig
''')
    # meson fills fresh memory with garbage, and then bochs hangs.
    environment = {name: value for name, value in os.environ.items() if name != 'MALLOC_PERTURB_'}
    # Debian's bochs stops in its debugger first ("c"), and does not end by itself.
    with open(output, 'wb') as file:
        bochs = subprocess.Popen(['bochs', '-q', '-f', config], cwd=folder, env=environment,
                                 stdin=subprocess.PIPE, stdout=file, stderr=subprocess.STDOUT)
    try:
        bochs.stdin.write(b'c\n')
        bochs.stdin.flush()
        end = time.monotonic() + TIMEOUT_S
        while bochs.poll() is None and time.monotonic() < end:
            time.sleep(0.2)
            with open(output, 'rb') as file:
                file.seek(max(0, os.path.getsize(output) - 64))
                if b'\nEND' in file.read():
                    break
    finally:
        bochs.kill()
        bochs.wait()
    return output


def main():
    emulator, guest, compare, cases, seed = sys.argv[1:]
    options = f'cases={cases} seed={seed}'
    with tempfile.TemporaryDirectory() as folder:
        start = time.monotonic()
        run = {'qemu': run_qemu, 'bochs': run_bochs}[emulator]
        output = run(os.path.abspath(guest), options, folder)
        print(f'{emulator} took {time.monotonic() - start:.1f} s')
        sys.stdout.flush()
        sys.exit(subprocess.run([compare, emulator, output], check=False).returncode)


main()
