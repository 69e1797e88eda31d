#!/bin/sh
# Installs what is missing, builds with sanitizers, runs every test. Ends with CTest's closing line; its exit code is
# CTest's. Words behind it go to ctest: sh tests/run.sh -L unit
set -eu
cd "$(dirname "$0")/.."
sh tests/prepare.sh tests
cmake --preset dev >/dev/null
cmake --build --preset dev
exec ctest --preset dev -j "$(nproc)" "$@"
