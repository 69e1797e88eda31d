#!/usr/bin/env python3
"""
api: each function of brood.h is exported, each exported one is declared there, and each has a comment above it or
above its group (declarations that follow each other without an empty line).
"""
import argparse
import os
import re
import sys

import c_source
from report import Report, read

DECLARED = re.compile(r"^(?:BROOD_API\b[^;{]*?|[A-Za-z_][^;{()#]*?)\b(brood_\w+)\s*\(", re.M)


def declarations(text):
    """(name, line, has BROOD_API) of every function that is declared and not defined there."""
    code = c_source.without_directives(c_source.code_of(text))
    found = []
    for match in DECLARED.finditer(code):
        if match[0].startswith(("typedef", "static")):
            continue
        found.append((match[1], c_source.line_of(code, match.start()), "BROOD_API" in match[0]))
    return found


def is_documented(lines, line):
    """A comment ends right above the declaration, or above those that it follows without an empty line."""
    for above in reversed(lines[:line - 1]):
        if not above.strip():
            return False
        if above.rstrip().endswith("*/") and not re.match(r"\s*[A-Za-z_]", above):
            return True
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", required=True, help="top of the tree")
    parser.add_argument("--header", default="worker-sdk/include/brood.h")
    parser.add_argument("--symbols", default="worker-sdk/libbrood.symbols")
    options = parser.parse_args()
    report = Report("api", options.root)

    text = read(os.path.join(options.root, options.header))
    exported = {}
    for number, line in enumerate(read(os.path.join(options.root, options.symbols)).splitlines(), 1):
        if line and not line.startswith("#"):
            exported[line.split("@")[0]] = number
    declared = declarations(text)
    for name, line, is_public in declared:
        if not is_public:
            report.add(options.header, line, f"{name}() is declared without BROOD_API; programs could not link to it")
        if name not in exported:
            report.add(options.header, line, f"{name}() is not in {options.symbols}; define it, then build the target "
                                             "libbrood_symbols")
        if not is_documented(text.splitlines(), line):
            report.add(options.header, line, f"{name}() has no comment above it or its group; say what it promises")
    for name in sorted(set(exported) - {d[0] for d in declared}):
        report.add(options.symbols, exported[name], f"{name} is exported and not declared in {options.header}; make it "
                                                    "static or hidden, or declare it")
    report.looked_at = len(declared)
    return report.end("functions")


if __name__ == "__main__":
    sys.exit(main())
