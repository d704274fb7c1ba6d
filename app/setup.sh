# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# What app/run and tests/run share: the packages, one meson build, one private display.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build_root=$root/.build

build_packages=(gcc libc6-dev pkg-config meson ninja-build gettext libglib2.0-dev-bin
                libgtk-4-dev libadwaita-1-dev libjson-glib-dev libxml2-utils
                desktop-file-utils shared-mime-info)
run_packages=(adwaita-icon-theme fonts-cantarell fonts-dejavu-core librsvg2-common)
display_packages=(xvfb xdotool imagemagick)
test_packages=(g++ binutils python3 appstream dbus-daemon locales
               at-spi2-core python3-pyatspi gir1.2-atspi-2.0 x11-utils)
if [ "$(uname -m)" = x86_64 ]; then
  # The engine is compared with emulated processors.
  test_packages+=(qemu-system-x86 bochs bochsbios vgabios grub-common grub-pc-bin xorriso mtools)
fi

say ()
{
  printf '%s\n' "$*"
}

fail ()
{
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# Runs a command into a log; shows the log's end when it fails.
logged ()
{
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  "$@" >"$log" 2>&1 && return
  local status=$?
  tail -n 40 "$log" >&2
  return $status
}

as_root ()
{
  if [ "$EUID" -eq 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

# Waits for another apt or dpkg instead of failing: its lists have no lock timeout of their own.
apt_get ()
{
  local log=$build_root/apt.log tries=0
  mkdir -p "$build_root"
  until as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
      apt-get -q -y -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 "$@" >"$log" 2>&1 </dev/null; do
    grep -q -i 'could not get lock\|unable to lock\|unable to acquire' "$log" || return 1
    [ $((tries++)) -lt 120 ] || return 1
    [ "$tries" -gt 1 ] || say "Waiting for another package manager to finish…"
    sleep 5
  done
}

missing_packages ()
{
  dpkg-query -W -f '${db:Status-Abbrev}${binary:Package}\n' "$@" 2>/dev/null \
    | sed -n 's/^.i. *\([^:]*\).*/\1/p' | sort -u \
    | comm -13 - <(printf '%s\n' "$@" | sort -u)
}

need_packages ()
{
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    pkg-config --exists gtk4 libadwaita-1 json-glib-1.0 2>/dev/null \
      && command -v meson >/dev/null && command -v ninja >/dev/null && return
    fail "there is no apt here to install with. Needed, by their Debian names: $*"
  fi

  local missing
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$EUID" -ne 0 ] && ! command -v sudo >/dev/null; then
    fail "not root and no sudo. As root, run: apt-get install ${missing[*]}"
  fi

  say "Installing ${#missing[@]} packages with apt: ${missing[*]}"
  if apt-cache show "${missing[@]}" >/dev/null 2>&1 \
      && apt_get install --no-install-recommends "${missing[@]}"; then
    return
  fi
  apt_get update && apt_get install --no-install-recommends "${missing[@]}" && return
  tail -n 20 "$build_root/apt.log" >&2
  fail "apt could not install what is missing."
}

# build NAME OPTION…: a meson build in .build/NAME, made anew when the options or the folder changed.
build ()
{
  local name=$1
  local dir=$build_root/$name stamp
  shift
  stamp="$root $*"
  if [ ! -f "$dir/build.ninja" ] || [ "$(cat "$dir/stamp" 2>/dev/null)" != "$stamp" ]; then
    rm -rf "$dir"
    say "Configuring .build/$name"
    logged "$build_root/$name.log" meson setup "$dir" "$root" "$@" || return
    printf '%s\n' "$stamp" >"$dir/stamp"
  fi
  ninja -C "$dir" -n 2>/dev/null | grep -q 'no work to do' && return
  say "Building .build/$name"
  logged "$build_root/$name.log" ninja -C "$dir"
}

# start_display GEOMETRY: a private X server that picks a free number itself; sets DISPLAY.
start_display ()
{
  local number=
  exec {display_output}< <(exec Xvfb -screen 0 "$1" -nolisten tcp -noreset -displayfd 1 2>/dev/null)
  display_pid=$!
  read -r -t 60 -u "$display_output" number || fail "the private X server did not start."
  export DISPLAY=:$number
}

stop_display ()
{
  [ -n "${display_pid:-}" ] || return 0
  kill "$display_pid" 2>/dev/null
  display_pid=
}
