#!/bin/sh
# Builds the C++ unit tests and runs them through ctest.
# usage: cpp_tests.sh plain | address,undefined | thread | arm
set -eu
kind=$1
# As shipped; with sanitizers just fast enough to run, since most of the time goes into compiling.
type=None flags="-O1 -g1" sanitize=$kind
target=""
case $kind in
  plain) type=Release flags="" sanitize="" ;;
  arm) # for another processor, which qemu plays; with the dot products that all but the oldest have
    type=Release flags="-march=armv8.2-a+dotprod" sanitize=""
    target="-DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64
      -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ -DCMAKE_PREFIX_PATH=/usr
      -DCMAKE_CROSSCOMPILING_EMULATOR=qemu-aarch64;-L;/usr/aarch64-linux-gnu"
    for tool in aarch64-linux-gnu-g++ qemu-aarch64; do
      command -v $tool >/dev/null || {
        echo "$tool is missing: apt-get install g++-aarch64-linux-gnu qemu-user" >&2
        exit 1
      }
    done ;;
esac
build="build/cpp-$(echo "$kind" | tr , -)"
generator=""
command -v ninja >/dev/null 2>&1 && generator="-G Ninja"
# shellcheck disable=SC2086
cmake -S cpp -B "$build" $generator $target -DCMAKE_BUILD_TYPE="$type" -DCMAKE_CXX_FLAGS="$flags" \
  -DDESCANT_PYTHON=OFF -DDESCANT_TESTS=ON -DDESCANT_SANITIZE="$sanitize" >/dev/null
cmake --build "$build" --parallel 2
ctest --test-dir "$build" --output-on-failure
