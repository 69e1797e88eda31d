#!/bin/sh
# Builds the fuzzers with clang's libFuzzer and runs each for so many seconds (60). Ends with a line for each, and with 1
# if one of them found something: the input lies in build/fuzz/findings then, and is run again by giving its path to the
# fuzzer. Without clang and its runtime (Debian: clang, libclang-rt-14-dev) it skips: exit code 77.
#   sh tests/fuzz/run.sh [SECONDS [NAME...]]        names without "fuzz_": frame hello head session channel config board
set -eu
seconds=${1:-60}
[ $# -eq 0 ] || shift
cd "$(dirname "$0")/../.."
names=${*:-frame head hello board session channel config}

mkdir -p build/fuzz/findings
probe=build/fuzz/probe
echo 'int LLVMFuzzerTestOneInput(const char *p, unsigned long n) { (void)p; return n > 0 ? 0 : 0; }' >"$probe.c"
if ! clang -fsanitize=fuzzer,address "$probe.c" -o "$probe" 2>"$probe.log"; then
    echo "skipped: no clang with libFuzzer here (Debian: apt install clang libclang-rt-14-dev)" >&2
    exit 77
fi
cmake --preset fuzz >/dev/null
for name in $names; do
    cmake --build --preset fuzz --target "fuzz_$name" >/dev/null
done

failed=0
table=""
for name in $names; do
    found=build/fuzz/corpus/$name
    log=build/fuzz/fuzz_$name.log
    dict=tests/fuzz/fuzz_$name.dict
    mkdir -p "$found"
    [ -f "$dict" ] && words="-dict=$dict" || words=""
    verdict=fine
    # shellcheck disable=SC2086
    build/fuzz/tests/fuzz/fuzz_$name $words -max_total_time="$seconds" -max_len=4096 -timeout=10 -print_final_stats=1 \
        -artifact_prefix="build/fuzz/findings/$name-" "$found" "tests/fuzz/corpus/fuzz_$name" >"$log" 2>&1 ||
        verdict="FOUND SOMETHING, see $log"
    [ "$verdict" = fine ] || failed=1
    runs=$(sed -n 's/^stat::number_of_executed_units: //p' "$log")
    cov=$(sed -n 's/.* cov: \([0-9]*\) ft: \([0-9]*\).*/\1 edges, \2 features/p' "$log" | tail -n 1)
    line=$(printf '%-8s %10s executions  %-28s %s' "$name" "${runs:-?}" "${cov:-?}" "$verdict")
    echo "$line"
    table="$table$line
"
done
echo
printf '%ss each:\n%s' "$seconds" "$table"
exit $failed
