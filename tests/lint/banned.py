#!/usr/bin/env python3
"""
banned: calls and assignments that are not made, or in one place only.

Comments and strings do not count, nor do members that are called so (x->kill()), nor tests that lie beside an example.
"""
import argparse
import os
import re
import sys

import c_source
from report import Report, files, read

EVERYWHERE = ("worker-sdk", "supervisor", "examples")


class Rule:
    def __init__(self, names, advice, where=EVERYWHERE, but=()):
        self.pattern = re.compile(rf"(?<![\w.>])({'|'.join(names.split())})\s*\(")
        self.advice = advice
        self.where = tuple(w + "/" for w in where)
        self.but = but  # files that may


RULES = [
    Rule("strcpy strcat stpcpy sprintf vsprintf gets", "it does not know how much room there is; use snprintf() or memcpy()"),
    Rule("atoi atol atoll atof", "it cannot tell 0 from nonsense; use the reader of the layer, or strtoul() with a check"),
    Rule("system popen", "no shell unless the user wrote one; use clone and exec as host/spawn.c does"),
    Rule("tmpnam tempnam mktemp", "somebody else may make that name first; use mkstemp(), memfd_create() or O_TMPFILE"),
    Rule("strtok", "it keeps its place in a static variable; use strcspn() and strspn()"),
    Rule("rand srand random srandom", "the core gets its seed from the host; use getrandom() there"),
    Rule("alloca", "the stack does not grow by what others send; use the storage of the owner"),
    Rule("seteuid setegid setfsuid setfsgid", "the other ids stay, and come back; use setresuid() and look at the result"),
    Rule("access faccessat euidaccess", "what is true now may not be true at open(); open it and look at the error",
         ("supervisor",), ("supervisor/cli/where.c",)),
    Rule("signal", "signals are taken by host/signals.c; use sigaction() where one must be set", EVERYWHERE,
         ("supervisor/host/run.c",)),
    Rule("kill killpg", "a pid may be somebody else's by now; host/instance.c signals", EVERYWHERE,
         ("supervisor/host/instance.c", "supervisor/host/spawn.c")),
]

STEP = ("supervisor/core/worker.c", "worker_step")  # the one function that changes the state of a worker
WORKERS = re.compile(r"\bstruct\s+worker\s*\*\s*(?:const\s+)?(\w+)")


def assignments(code):
    """Where the state of a struct worker is written: (position, text)."""
    names = "|".join(sorted({"w", "worker", *WORKERS.findall(code)}))
    change = re.compile(rf"\b(?:{names})\s*->\s*state\s*(?:[-+|&^]?=(?!=)|\+\+|--)|"
                        rf"\.\s*state\s*=\s*WORKER_\w+|"
                        rf"(?:\+\+|--)\s*(?:{names})\s*->\s*state\b")
    return [(m.start(), m[0]) for m in change.finditer(code)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", required=True, help="top of the tree")
    report = Report("banned", parser.parse_args().root)

    for path in files(report.root, EVERYWHERE, (".c", ".h", ".def")):
        if os.path.basename(path).startswith("test_"):
            continue
        report.looked_at += 1
        text = read(os.path.join(report.root, path))
        code = c_source.code_of(text)
        for rule in RULES:
            if path.startswith(rule.where) and path not in rule.but:
                for match in rule.pattern.finditer(code):
                    report.add(path, c_source.line_of(code, match.start()), f"{match[1]}(): {rule.advice}")
        if not path.startswith("supervisor/"):
            continue
        step = [f for f in c_source.functions_of(text) or [] if (path, f.name) == STEP]
        for at, found in assignments(code):
            if not any(f.start <= at <= f.end for f in step):
                report.add(path, c_source.line_of(code, at), f"'{' '.join(found.split())}': only {STEP[1]}() changes the "
                                                             "state of a worker; give it the event")
    return report.end("files")


if __name__ == "__main__":
    sys.exit(main())
