#!/bin/sh
# The first command of the README, in a copy of the tree in which nothing was ever built: quickstart.sh SOURCE SCRATCH
set -eu
source=$1
copy=$2/quickstart.$$
trap 'rm -rf "$copy" "$copy.log" "$copy.stamp"' EXIT
trap 'exit 130' INT TERM

if [ -S "/run/brood/quickstart/admin.sock" ]; then
    echo "skipped: a quickstart is running already"
    exit 77
fi
mkdir -p "$copy"
tar -C "$source" --exclude=./build --exclude=./.git -cf - . | tar -C "$copy" -xf -
said=$copy.log
stamp=$copy.stamp
touch "$stamp"
sh "$copy/examples/quickstart.sh" >"$said" 2>&1 || { cat "$said"; exit 1; }
expect() {
    grep -q "$1" "$said" || { echo "not said: $1"; cat "$said"; exit 1; }
}
expect "^brood has ended"
expect "^6 thumbnails are in $copy/build/quickstart/thumbnails"
expect "FAILED"
expect "signal 11 SEGV"
left=$(cd "$copy" && find . -newer "$stamp" -not -path "./build*" -type f | head -3)
[ -z "$left" ] || { echo "made outside of build/: $left"; exit 1; }
