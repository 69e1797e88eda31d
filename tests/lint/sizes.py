#!/usr/bin/env python3
"""
sizes: files, headers and functions that a reader can take in.

The limits are given where the lint is called. Whatever is larger is split by noun, or stands below with its reason.
"""
import argparse
import os
import sys

import c_source
from report import Report, files, read

# "path" or "path:function" -> its own limit, and why
EXCEPTIONS = {
    "worker-sdk/include/brood.h": (550, "the whole public interface, with its contract, is one header"),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", required=True, help="top of the tree")
    parser.add_argument("--file", type=int, required=True, help="most lines of a file")
    parser.add_argument("--header", type=int, required=True, help="most lines of a header")
    parser.add_argument("--function", type=int, required=True, help="most lines of a function")
    options = parser.parse_args()
    report = Report("sizes", options.root)
    unused = set(EXCEPTIONS)

    def check(name, path, line, size, limit, what):
        if name in EXCEPTIONS:
            if size > limit:
                unused.discard(name)
            limit = EXCEPTIONS[name][0]
        if size > limit:
            report.add(path, line, f"{what} has {size} lines, at most {limit} are allowed; split it by noun")

    for path in files(options.root, ["worker-sdk", "supervisor"], (".c", ".h", ".def")):
        report.looked_at += 1
        text = read(os.path.join(options.root, path))
        if path.endswith(".h"):
            check(path, path, 1, text.count("\n"), options.header, "the header")
        else:
            check(path, path, 1, text.count("\n"), options.file, "the file")
        if path.endswith(".def"):
            continue
        functions = c_source.functions_of(text)
        if functions is None:
            report.add(path, 1, "braces do not balance, so functions cannot be told; keep both branches of an #if whole")
        for f in functions or []:
            check(f"{path}:{f.name}", path, f.first, f.lines(), options.function, f"{f.name}()")
    for name in sorted(unused):
        if os.path.exists(os.path.join(options.root, name.split(":")[0])):
            report.add(name.split(":")[0], 1, f"{name} needs no exception any more; take it out of tests/lint/sizes.py")
    return report.end("files")


if __name__ == "__main__":
    sys.exit(main())
