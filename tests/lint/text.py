#!/usr/bin/env python3
"""
text: what .editorconfig asks for, in every text file of the tree.

No white space at the end of a line, lines end with LF, the last one too, UTF-8. C is indented by tabs and its lines
have at most 120 columns; scripts, CMake files and INI files are indented by spaces. Shell scripts are parsed by
`sh -n`, Python by its compiler. No file knows somebody's home directory.
"""
import argparse
import os
import re
import subprocess
import sys

from report import Report, files, read

COLUMNS = 120
TAB = 8
C = (".c", ".h", ".def")
SPACES = (".py", ".sh", ".cmake", ".json", ".ini", ".sample", ".yml", ".story", "CMakeLists.txt")
# Bytes on purpose.
DATA = ("tests/fuzz/corpus/",)
HOME = re.compile(r"(?<![\w.$}])/(?:home|root)/")
# Files that may, and why.
HOMES = {
    "tests/unit/test_outside_lookup.c": "a made-up entry of the user database",
    "tests/lint/text.py": "the pattern above",
}


def check_lines(report, path, text):
    """What holds for a line of any kind."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.endswith("\r"):
            report.add(path, number, "ends with CR LF; lines end with LF alone")
            line = line[:-1]
        if line != line.rstrip():
            report.add(path, number, "white space at the end of the line; take it away")
        indent = line[:len(line) - len(line.lstrip())]
        if path.endswith(C):
            if " \t" in indent:
                report.add(path, number, "a space before a tab; indent with tabs, then spaces")
            elif " " * TAB in indent and line.strip() != "\\":
                report.add(path, number, f"{TAB} spaces of indentation; that is a tab in C")
            columns = len(line.expandtabs(TAB))
            if columns > COLUMNS:
                report.add(path, number, f"{columns} columns, at most {COLUMNS} are allowed; break the line")
        elif path.endswith(SPACES) and "\t" in indent:
            report.add(path, number, "a tab of indentation; that is spaces here")
        if HOME.search(line) and path not in HOMES:
            report.add(path, number, "somebody's home directory; write $HOME, or a path that no machine has")
    if text and not text.endswith("\n"):
        report.add(path, text.count("\n") + 1, "no end of line at the end of the file; add it")
    elif text.endswith("\n\n"):
        report.add(path, text.count("\n"), "empty lines at the end of the file; take them away")


def check_syntax(report, path, text):
    if path.endswith(".sh") or re.match(r"#!\s*/bin/sh\b|#!\s*/usr/bin/env sh\b", text):
        made = subprocess.run(["sh", "-n", os.path.join(report.root, path)], capture_output=True, text=True, check=False)
        if made.returncode != 0:
            problem = re.search(r": (?:line )?(\d+): (.*)", made.stderr)
            report.add(path, int(problem[1]) if problem else 1,
                       f"sh cannot read it: {problem[2] if problem else made.stderr.strip()}")
    elif path.endswith(".py"):
        try:
            compile(text, path, "exec")
        except SyntaxError as error:
            report.add(path, error.lineno or 1, f"Python cannot read it: {error.msg}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", required=True, help="top of the tree")
    report = Report("text", parser.parse_args().root)

    for path in files(report.root, ["."], ("",)):
        full = os.path.join(report.root, path)
        if path.startswith(DATA) or not os.path.isfile(full):
            continue
        with open(full, "rb") as file:
            data = file.read()
        if b"\0" in data or data[:2] in (b"P5", b"P6", b"\xff\xd8"):
            continue
        report.looked_at += 1
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            report.add(path, data.count(b"\n", 0, error.start) + 1, "is not UTF-8; convert it")
        text = read(full)
        check_lines(report, path, text)
        check_syntax(report, path, text)
    return report.end("files")


if __name__ == "__main__":
    sys.exit(main())
