#!/bin/sh
# Installs what is missing, builds with sanitizers and runs every test. Without words behind it, what is installed and
# measured (the preset release) is built first, with warnings as errors, and its quick tests run: another optimisation
# sees other mistakes. Ends with CTest's closing line; its exit code is CTest's. Words behind it go to ctest:
# sh tests/run.sh -L unit
set -eu
cd "$(dirname "$0")/.."
sh tests/prepare.sh tests
if [ $# -eq 0 ]; then
    cmake --preset release -DBUILD_TESTING=ON >/dev/null # its directory may be one that README has made
    cmake --build --preset release
    ctest --preset release -j "$(nproc)" -L 'unit|story'
fi
cmake --preset dev >/dev/null
cmake --build --preset dev
exec ctest --preset dev -j "$(nproc)" "$@"
