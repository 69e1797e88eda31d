#!/usr/bin/env python3
"""
noticed: shows that a lint finds what was planted for it.

    noticed.py EXPECTED -- LINT ARGUMENTS...

The lint has to end with 1 and to print exactly the lines of the file EXPECTED, in any order; "*" in a line stands for
any text (compilers put things differently), empty lines and those that begin with "#" are comments.
"""
import re
import subprocess
import sys

from report import read


def main():
    if len(sys.argv) < 4 or sys.argv[2] != "--":
        print(__doc__.strip(), file=sys.stderr)
        return 2
    expected = [line for line in read(sys.argv[1]).splitlines() if line and not line.startswith("#")]
    made = subprocess.run(sys.argv[3:], capture_output=True, text=True, check=False)
    found = made.stdout.splitlines()

    wrong = 0
    if made.returncode != 1:
        print(f"the lint ended with {made.returncode}, 1 was expected\n{made.stderr}")
        wrong += 1
    for line in expected:
        pattern = re.compile(".*".join(re.escape(part) for part in line.split("*")))
        match = next((other for other in found if pattern.fullmatch(other)), None)
        if match is None:
            print(f"not noticed: {line}")
            wrong += 1
        else:
            found.remove(match)
    for line in found:
        print(f"not expected: {line}")
        wrong += 1
    print(f"{len(expected)} findings were expected, {wrong} things are wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
