#!/usr/bin/env python3
"""
headers: each header can be included alone, and twice.

It compiles by itself, with the include path and the definitions of its layer and no others. Its guard is BROOD_ and
its name. Public headers also compile as C99, C11 and C++, without any definition and without a warning.
"""
import argparse
import concurrent.futures
import os
import re
import subprocess
import sys

import c_source
from layers import Layers
from report import Report, files, read

PUBLIC = [["-std=c99"], ["-std=c11"]]
PUBLIC_CXX = [["-std=c++98"], ["-std=c++17"]]
STRICT = ["-pedantic-errors", "-Wall", "-Wextra", "-Werror"]


class Lint:
    def __init__(self, options):
        self.options = options
        self.report = Report("headers", options.root)
        self.layers = Layers(options.root)

    def run(self):
        jobs = []
        for layer in self.layers.values():
            for folder in layer.path():
                for path in files(self.report.root, [folder], (".h",)):
                    if os.path.dirname(path) == folder:
                        jobs.append((path, layer))
        jobs = sorted(((p, la) for p, la in jobs if self.layers.owner(p) in (la, None) and not la.is_view),
                      key=lambda job: job[0])
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            list(pool.map(lambda job: self.header(*job), jobs))
        self.report.looked_at = len(jobs)
        return self.report.end("headers")

    def header(self, path, layer):
        self.guard(path)
        if self.layers.owner(path) is None:
            for flags in PUBLIC:
                self.compile(path, [self.options.cc, "-x", "c"] + flags + STRICT)
            for flags in PUBLIC_CXX if self.options.cxx else []:
                self.compile(path, [self.options.cxx, "-x", "c++"] + flags + STRICT)
            return
        command = [self.options.cc, "-x", "c", "-std=c11"] + ["-D" + d for d in layer.definitions]
        for other in self.layers.reach(layer):
            for folder in other.path():
                command += ["-iquote", os.path.join(self.report.root, folder)]
        self.compile(path, command + self.options.flags.split())

    def guard(self, path):
        stem = os.path.basename(path)[:-2].upper().replace("-", "_")
        name = "BROOD_H" if stem == "BROOD" else f"BROOD_{stem}_H"
        text = c_source.without_comments(read(os.path.join(self.report.root, path)))
        form = rf"\s*#ifndef {name}\n#define {name}\n.*\n#endif\s*"
        if not re.fullmatch(form, text, re.S):
            first = re.search(r"\S", text)
            line = c_source.line_of(text, first.start()) if first else 1
            self.report.add(path, line, f"no guard that is called {name}; #ifndef, #define and #endif of it go around "
                                        "everything")

    def compile(self, path, command):
        text = f'#include "{os.path.join(self.report.root, path)}"\n' * 2
        # LC_ALL: the compiler's words, as the planted violations expect them
        made = subprocess.run(command + ["-fsyntax-only", "-"], input=text, capture_output=True, text=True, check=False,
                              env={**os.environ, "LC_ALL": "C"})
        if made.returncode == 0:
            return
        problem = re.search(r"^([^\n:]+):(\d+):(?:\d+:)? (?:fatal )?error: ([^\n]*)", made.stderr, re.M)
        if not problem:
            self.report.add(path, 1, f"{command[0]} failed: {made.stderr.strip()}")
            return
        language = next((f for f in PUBLIC + PUBLIC_CXX if f[0] in command), None)
        how, advice = "alone", "include what it needs"
        if language and self.layers.owner(path) is None:
            how, advice = f"with {language[0]}", "programs in that language include it too"
        line, where = int(problem[2]), ""
        if os.path.abspath(problem[1]) != os.path.join(self.report.root, path):
            line, where = 1, f" ({self.report.short(problem[1])}:{line})"
        self.report.add(path, line, f"does not compile {how}: {problem[3]}{where}; {advice}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", required=True, help="top of the tree")
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--cxx", default="", help="C++ compiler; none: public headers are not tried as C++")
    parser.add_argument("--flags", default="", help="include paths of libraries, as pkg-config gives them")
    return Lint(parser.parse_args()).run()


if __name__ == "__main__":
    sys.exit(main())
