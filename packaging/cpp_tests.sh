#!/bin/sh
# Builds the C++ unit tests and runs them through ctest.
# usage: cpp_tests.sh plain | address,undefined | thread
set -eu
kind=$1
sanitize=$kind
[ "$kind" = plain ] && sanitize=""
build="build/cpp-$(echo "$kind" | tr , -)"
generator=""
command -v ninja >/dev/null 2>&1 && generator="-G Ninja"
# shellcheck disable=SC2086
cmake -S cpp -B "$build" $generator -DCMAKE_BUILD_TYPE=RelWithDebInfo -DDESCANT_PYTHON=OFF \
  -DDESCANT_TESTS=ON -DDESCANT_SANITIZE="$sanitize" >/dev/null
cmake --build "$build" --parallel 2
ctest --test-dir "$build" --output-on-failure
