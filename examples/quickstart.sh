#!/bin/sh
# brood at work, in one command:
#
#   sh examples/quickstart.sh [DIRECTORY WITH PICTURES]
#
# Installs what is missing, builds, starts brood with conf/quickstart.ini (a pool of four thumbnail workers), sends it
# pictures, one of which crashes its decoder, kills a worker with SIGKILL meanwhile, and tells what became of it all.
# With a directory of your own, its pictures are sent too. Everything it makes lies in build/quickstart.
set -eu
pictures=${1:-}
[ -z "$pictures" ] || pictures=$(cd "$pictures" && pwd)
cd "$(dirname "$0")/.."
build=$PWD/build/quickstart
out=$build/thumbnails
log=$build/brood.log

say() { printf '\n== %s\n' "$*"; }

say "1. build (in build/quickstart)"
sh tests/prepare.sh
mkdir -p "$build"
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF >"$build/build.log" 2>&1 ||
    { cat "$build/build.log"; exit 1; }
cmake --build "$build" >"$build/build.log" 2>&1 || { cat "$build/build.log"; exit 1; }
PATH=$build/examples/bin:$build/supervisor:$PATH
export PATH
unset BROOD_SOCKET
command -v thumbs >/dev/null || { echo "the example thumbs was not built: stb_image.h (libstb-dev) is missing"; exit 1; }

say "2. start: brood -i quickstart -c conf/quickstart.ini run"
brood -i quickstart -c conf/quickstart.ini run 2>"$log" &
brood_pid=$!
trap 'kill "$brood_pid" 2>/dev/null || true; wait "$brood_pid" 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM
tries=0
until brood -q -i quickstart start all >"$build/start.log" 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ] || ! kill -0 "$brood_pid" 2>/dev/null; then
        cat "$build/start.log" "$log"
        exit 1
    fi
    sleep 0.1
done
socket=unix:$(brood -i quickstart status --json | sed -n 's/.*"listen": "unix:\(.*thumbs\.sock\)".*/\1/p')
echo "four workers are up, clients connect to $socket"

say "3. send every picture eight times; after a moment, kill -9 one worker"
rm -rf "$out"
set -- examples/thumbs/pictures
[ -z "$pictures" ] || set -- "$@" "$pictures"
thumbs-send --repeat 8 "$socket" "$out" "$@" >"$build/sent.log" 2>"$build/retried.log" &
sender=$!
victim=
tries=0
while [ -z "$victim" ] && [ "$tries" -lt 100 ]; do # one that has a picture in hand
    victim=$(brood -i quickstart status --plain thumbs | awk '$2 == "up" && $5 > 0 { print $3; exit }')
    tries=$((tries + 1))
done
[ -n "$victim" ] && kill -9 "$victim" && echo "killed worker process $victim with SIGKILL"
sent=0
wait "$sender" || sent=$?
cat "$build/sent.log"

say "4. what crashed (lines of brood's log, $log)"
grep -E 'brood \| thumbs/[0-9]+ gen [0-9]+: .*\(signal ' "$log" | sed 's/^[^|]*| //' || true

say "5. what the client did about it"
cat "$build/retried.log"

say "6. brood status"
brood -i quickstart status || true

say "7. the end: brood shutdown"
brood -i quickstart shutdown
wait "$brood_pid" || true
trap - EXIT
good=$(find "$out" -type f | wc -l)
echo
echo "$good thumbnails are in $out"
case $sent in
0) echo "every picture has its thumbnail" ;;
3) echo "the pictures that could not be decoded are named above as FAILED, each with its reason; all others have their thumbnail" ;;
*) exit "$sent" ;;
esac
