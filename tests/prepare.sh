# Installs what is missing to build (and, with "tests", to test) brood on Debian 12 and its like. Sourced or run:
#   sh tests/prepare.sh [tests]
# Nothing is installed if nothing is missing. Elsewhere than on Debian it says what is needed.
set -eu

wanted="gcc libc6-dev cmake ninja-build pkg-config libuv1-dev libinih-dev libjansson-dev libstb-dev"
if [ "${1:-}" = tests ]; then
    wanted="$wanted g++ binutils libcmocka-dev python3 strace procps"
fi

if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "not a Debian system: make sure that these are installed: $wanted" >&2
    exit 0
fi

missing=
for package in $wanted; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] && continue
    # a program that came some other way will do as well
    case $package in
    gcc | cmake | g++ | strace | python3 | pkg-config) command -v "$package" >/dev/null 2>&1 && continue ;;
    ninja-build) command -v ninja >/dev/null 2>&1 && continue ;;
    procps) command -v ps >/dev/null 2>&1 && continue ;;
    esac
    missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "missing, and only root can install them: apt-get install$missing" >&2
        exit 1
    fi
    as_root=sudo
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q >/dev/null
# shellcheck disable=SC2086  # words on purpose
$as_root apt-get install -q -y --no-install-recommends $missing >/dev/null
