#!/bin/sh
# Debian's FluidSynth is linked to libraries for parts of it that Descant never calls: its shell
# (readline, GPL), SDL and the JACK driver.  Each is replaced in the bundle by a library of the same
# name whose functions do nothing and answer 0, which FluidSynth reads as "not there".
# usage: stand_ins.sh FLUIDSYNTH.so FOLDER
set -eu
fluidsynth=$1 folder=$2
mkdir -p "$folder"

make_library() { # name, pattern of the functions that FluidSynth takes from it
  nm -D --undefined-only "$fluidsynth" | sed -nE "s/^ +U (($2)[A-Za-z0-9_]*)$/long \1(void) { return 0; }/p" |
    LC_ALL=C sort >"$folder/$1.c"
  [ -s "$folder/$1.c" ] || { echo "stand_ins.sh: FluidSynth no longer needs $1" >&2; exit 1; }
  cc -x c -w -fno-builtin -O1 -shared -fPIC -nostdlib -s -Wl,-soname,"$1" -Wl,--build-id=none \
    -o "$folder/$1" "$folder/$1.c"
  rm "$folder/$1.c"
}

make_library libreadline.so.8 'readline|add_history'
make_library libSDL2-2.0.so.0 'SDL_'
make_library libjack.so.0 'jack_'
