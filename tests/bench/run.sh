#!/bin/sh
# Builds brood as it is installed and measures it: memory and idling, starting and stopping, relayed calls on all cores
# and on one, ways for large bodies. Each beside the least that bare C needs for the same, in turn, in the same run; and calls beside those of
# other libraries, where they are installed (peers/CMakeLists.txt names their packages). Takes about ten minutes.
# Arguments go to every measurement: see build/release/tests/bench/bench_relay --help.
set -eu

cd "$(dirname "$0")/../.."
sh tests/prepare.sh tests

cmake --preset release -DBUILD_TESTING=ON >/dev/null
cmake --build build/release --target bench
cmake --build build/release --target peers
for what in memory unread start relay "relay --pin" bodies peers; do
    # shellcheck disable=SC2086 # --pin is a word of its own
    build/release/tests/bench/bench_$what "$@"
    echo
done
