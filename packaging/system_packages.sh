#!/bin/sh
# Installs the Debian packages Descant builds and draws with, where it may; elsewhere says which are
# missing and goes on, because most systems have them already under other names.
# usage: system_packages.sh [packages]    with it, also what `make package` needs
set -eu

packages="python3-venv cmake ninja-build doctest-dev libegl1 libgl1 libxkbcommon0 libfontconfig1
libglib2.0-0 libdbus-1-3 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-xkb1
libxkbcommon-x11-0 libasound2 libfluidsynth3 fluidr3mono-gm-soundfont"
if [ "${1:-}" = packages ]; then
  packages="$packages python3-dev libpython3-dev binutils file xz-utils zstd debootstrap xvfb xauth xdotool
imagemagick nsis desktop-file-utils appstream lintian"
fi

command -v dpkg-query >/dev/null 2>&1 || exit 0
missing=""
for package in $packages; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then run=""; elif sudo -n true 2>/dev/null; then run="sudo -n"; else
  echo "These system packages are missing; install them with: apt-get install$missing" >&2
  exit 0
fi
echo "Installing system packages:$missing"
$run apt-get update -qq
# shellcheck disable=SC2086  # a list on purpose
$run env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends $missing >/dev/null
