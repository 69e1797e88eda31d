#!/usr/bin/env python3
"""
exports: what libbrood gives to programs is what worker-sdk/libbrood.symbols lists, no more and no less.

The list has one name@VERSION a line. Of the shared library the dynamic symbols count, with their version; of the
static one all global symbols of its objects. A name that is gone, or has come without being listed, is a change of the
interface: it happens on purpose or not at all. With --update the list is written anew.
"""
import argparse
import re
import subprocess
import sys

from report import Report, fail, read

HEAD = """\
# What libbrood exports: name@version, sorted. A line that goes away breaks programs that are already built: it needs a
# new SOVERSION, or a new minor number while the version is 0.x. Written by cmake --build ... --target libbrood_symbols.
"""
UPDATE = "if that is meant: cmake --build ... --target libbrood_symbols, and commit the list"


def names(nm, how, path):
    made = subprocess.run([nm, "-P", "--defined-only", *how, path], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        fail(f"{nm} {path}: {made.stderr.strip()}; build first")
    found = set()
    for line in made.stdout.splitlines():
        words = line.split()
        if len(words) >= 2 and words[1] != "A" and not line.endswith(":"):  # A: the name of a version
            found.add(words[0].replace("@@", "@"))
    return found


def listed(report, path):
    found = {}
    for number, line in enumerate(read(path).splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        if not re.fullmatch(r"\w+@\w+", line):
            report.add(path, number, f"'{line}' is not name@VERSION; {UPDATE}")
        else:
            found[line] = number
    return found


def compare(report, options, library, have, want):
    """want: name -> line of the list."""
    for name in sorted(have - set(want)):
        if not name.startswith("brood_"):
            report.add(options.map, 1, f"{library} exports {name}, which does not begin with brood_; make it static or "
                                       "hidden")
        else:
            report.add(options.symbols, 1, f"{library} exports {name}, which is not listed; {UPDATE}")
    for name in sorted(set(want) - have):
        report.add(options.symbols, want[name], f"{library} no longer exports {name}; programs that use it will not "
                                                f"start; {UPDATE}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", required=True, help="top of the tree")
    parser.add_argument("--shared", required=True)
    parser.add_argument("--static", required=True)
    parser.add_argument("--symbols", required=True, help="the list")
    parser.add_argument("--map", required=True, help="the linker's version script")
    parser.add_argument("--nm", default="nm")
    parser.add_argument("--update", action="store_true", help="write the list instead of checking it")
    options = parser.parse_args()

    shared = names(options.nm, ["-D"], options.shared)
    if options.update:
        with open(options.symbols, "w", encoding="utf-8") as file:
            file.write(HEAD + "".join(f"{name}\n" for name in sorted(shared)))
        return 0
    report = Report("exports", options.root)
    want = listed(report, options.symbols)
    report.looked_at = len(want)
    compare(report, options, "libbrood.so", shared, want)
    plain = {name.split("@")[0]: line for name, line in want.items()}
    compare(report, options, "libbrood.a", names(options.nm, ["-g"], options.static), plain)
    return report.end("names")


if __name__ == "__main__":
    sys.exit(main())
