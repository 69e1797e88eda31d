#!/bin/sh
# Installs the build into a directory of its own, looks at what is there, and uses it as others would:
#   sh check.sh SETTINGS tree        the list of files; brood.ini is never written over; DESTDIR
#   sh check.sh SETTINGS cmake       project/ by find_package(brood), C and C++, shared and static
#   sh check.sh SETTINGS pkg-config  the same by pkg-config and a compiler
# The last two use what the first has installed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=/dev/null
. "$1"
step=$2
PREFIX=$WORK/prefix

fail() {
    echo "$*" >&2
    exit 1
}

# What ought to be installed, from / where the prefix is /usr.
expected() {
    sed -e '/^#/d' -e "s|@BINDIR@|$BINDIR|" -e "s|@LIBDIR@|$LIBDIR|" -e "s|@INCLUDEDIR@|$INCLUDEDIR|" \
        -e "s|@SYSCONFDIR@|$SYSCONFDIR|" -e "s|@DOCDIR@|$DOCDIR|" -e "s|@VERSION@|$VERSION|" \
        -e "s|@CONFIG@|$CONFIG|" "$here/installed.txt"
    if [ -f "$SOURCE/README.md" ]; then
        echo "$DOCDIR/README.md"
    fi
    (cd "$SOURCE" && find docs -type f -name '*.md') | sed "s|^|$DOCDIR/|"
    if [ "$EXAMPLES" = ON ]; then
        (cd "$SOURCE/examples" && find calls echo keep stream thumbs -type f ! -name CMakeLists.txt ! -name 'test_*' ! -name scratch.h) |
            sed "s|^|$DOCDIR/examples/|"
    fi
}

files_of() {
    (cd "$1" && find . -type f -o -type l) | sed 's|^\./||'
}

compare() {
    sort "$1" >"$1.sorted"
    sort "$2" >"$2.sorted"
    diff -u "$1.sorted" "$2.sorted" >&2 ||
        fail "$3: the files are not those of tests/consumer/installed.txt (- missing, + too many); mend one of them"
}

install_to() { # WHERE-FOR-DESTDIR PREFIX
    DESTDIR=$1 "$CMAKE" --install "$BUILD" --prefix "$2" >"$WORK/install.log" 2>&1 ||
        { cat "$WORK/install.log" >&2; fail "cmake --install failed; is everything built?"; }
}

tree() {
    rm -rf "$WORK"
    mkdir -p "$WORK"
    install_to "" "$PREFIX"
    expected >"$WORK/expected"
    files_of "$PREFIX" >"$WORK/found"
    compare "$WORK/expected" "$WORK/found" "cmake --install BUILD --prefix X"

    ini=$PREFIX/$SYSCONFDIR/brood/brood.ini
    cmp "$SOURCE/conf/brood.ini.sample" "$ini" || fail "brood.ini is not the sample"
    "$PREFIX/$BINDIR/brood" check "$ini" >/dev/null 2>"$WORK/check.log" ||
        { cat "$WORK/check.log" >&2; fail "the installed brood does not like the installed brood.ini"; }
    grep -q "brood does not read it: it looks for" "$WORK/install.log" ||
        fail "nobody was told that a brood configured for another prefix does not read this brood.ini"
    echo "# the administrator's own" >"$ini"
    install_to "" "$PREFIX"
    [ "$(cat "$ini")" = "# the administrator's own" ] || fail "installing again has written over brood.ini"

    # as a package is made: /usr, whose configuration lies in /etc
    install_to "$WORK/dest" /usr
    case $SYSCONFDIR in
    /*) etc=$SYSCONFDIR ;;
    *) etc=/$SYSCONFDIR ;;
    esac
    expected | sed -e "s|^|usr/|" -e "s|^usr/$SYSCONFDIR/|${etc#/}/|" >"$WORK/expected.dest"
    files_of "$WORK/dest" >"$WORK/found.dest"
    compare "$WORK/expected.dest" "$WORK/found.dest" "DESTDIR=D cmake --install BUILD --prefix /usr"
    if grep -rlF -e "$WORK" -e "$SOURCE" "$PREFIX/$LIBDIR/cmake" "$PREFIX/$LIBDIR/pkgconfig" >&2; then
        fail "these files name the directory that brood was built in or installed to"
    fi
    echo "$(wc -l <"$WORK/found") files, as expected"
}

installed() {
    [ -d "$PREFIX" ] || fail "nothing is installed; run the test install_tree first"
}

# Runs one program and sees to it that it has libbrood the way it should.
try() { # PROGRAM shared|static
    needs=$("$READELF" -d "$1" | grep -c 'NEEDED.*libbrood\.so\.0' || true)
    case $2:$needs in
    shared:1 | static:0) ;;
    *) fail "$1 was to be linked with the $2 libbrood, and is not" ;;
    esac
    (cd "$WORK" && LD_LIBRARY_PATH=$PREFIX/$LIBDIR "$1") || fail "$1 failed"
}

languages() {
    if [ -n "$CXX" ]; then
        echo c cxx
    else
        echo "no C++ compiler was found: only C is tried" >&2
        echo c
    fi
}

with_cmake() {
    installed
    rm -rf "$WORK/cmake"
    cxx=OFF
    [ -z "$CXX" ] || cxx=ON
    {
        "$CMAKE" -S "$here/project" -B "$WORK/cmake" -G "$GENERATOR" -DCMAKE_PREFIX_PATH="$PREFIX" \
            -DCMAKE_C_COMPILER="$CC" -DCMAKE_CXX_COMPILER="$CXX" -DCONSUMER_CXX=$cxx \
            -DCMAKE_C_FLAGS="$FLAGS -Wall -Wextra -Werror" -DCMAKE_CXX_FLAGS="$FLAGS -Wall -Wextra -Werror" &&
            "$CMAKE" --build "$WORK/cmake"
    } >"$WORK/cmake.log" 2>&1 || { cat "$WORK/cmake.log" >&2; fail "the consumer does not build with find_package()"; }
    for language in $(languages); do
        for kind in shared static; do
            try "$WORK/cmake/${language}_$kind" $kind
        done
    done
    if "$CMAKE" -S "$here/project" -B "$WORK/cmake-other" -G "$GENERATOR" -DCMAKE_PREFIX_PATH="$PREFIX" \
        -DCMAKE_C_COMPILER="$CC" -DCONSUMER_CXX=OFF -DCONSUMER_BROOD=0.2 >"$WORK/cmake-other.log" 2>&1 ||
        ! grep -q "broodConfig.cmake, version: $VERSION" "$WORK/cmake-other.log"; then
        fail "find_package(brood 0.2) is not refused for having found $VERSION; minor versions of 0.x are not compatible"
    fi
}

with_pkg_config() {
    installed
    [ -n "$PKG_CONFIG" ] || { echo "no pkg-config was found"; exit 77; }
    rm -rf "$WORK/pkg-config"
    mkdir "$WORK/pkg-config"
    PKG_CONFIG_PATH=$PREFIX/$LIBDIR/pkgconfig
    export PKG_CONFIG_PATH
    [ "$("$PKG_CONFIG" --modversion libbrood)" = "$VERSION" ] || fail "libbrood.pc gives another version than $VERSION"
    cflags=$("$PKG_CONFIG" --cflags libbrood)
    for language in $(languages); do
        compiler=$CC source=$here/project/consumer.c
        [ "$language" = c ] || compiler=$CXX source=$here/project/consumer.cc
        for kind in shared static; do
            program=$WORK/pkg-config/${language}_$kind
            libs=$("$PKG_CONFIG" --libs libbrood)
            # of two libraries of a name the linker takes the shared one, if it is not told otherwise
            [ $kind = shared ] || libs=$("$PKG_CONFIG" --static --libs libbrood | sed 's/-lbrood/-l:libbrood.a/')
            # shellcheck disable=SC2086  # words on purpose
            "$compiler" $FLAGS -Wall -Wextra -Werror $cflags "$source" -o "$program" $libs ||
                fail "the consumer does not build with pkg-config"
            try "$program" $kind
        done
    done
}

case $step in
tree) tree ;;
cmake) with_cmake ;;
pkg-config) with_pkg_config ;;
*) fail "sh check.sh SETTINGS tree|cmake|pkg-config" ;;
esac
