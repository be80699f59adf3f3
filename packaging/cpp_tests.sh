#!/bin/sh
# Builds the C++ unit tests and runs them through ctest.
# usage: cpp_tests.sh plain | address,undefined | thread
set -eu
kind=$1
# As shipped; with sanitizers just fast enough to run, since most of the time goes into compiling.
type=None flags="-O1 -g1" sanitize=$kind
[ "$kind" = plain ] && type=Release flags="" sanitize=""
build="build/cpp-$(echo "$kind" | tr , -)"
generator=""
command -v ninja >/dev/null 2>&1 && generator="-G Ninja"
# shellcheck disable=SC2086
cmake -S cpp -B "$build" $generator -DCMAKE_BUILD_TYPE="$type" -DCMAKE_CXX_FLAGS="$flags" \
  -DDESCANT_PYTHON=OFF -DDESCANT_TESTS=ON -DDESCANT_SANITIZE="$sanitize" >/dev/null
cmake --build "$build" --parallel 2
ctest --test-dir "$build" --output-on-failure
