#!/usr/bin/env python3
"""
symbols: what the objects of the pure layers call.

Read from the objects themselves, so that no macro and no declaration of one's own gets past it. A pure layer calls
itself, the layers that it may use, and the functions listed here: nothing that asks the kernel, the clock or the
environment. What compilers add (sanitizers, coverage, stack protector, fortify) does not count.
"""
import argparse
import os
import re
import subprocess
import sys

import c_source
from includes import IMPURE
from layers import Layers
from report import Report, fail, read

TEXT = {
    "memcpy", "memset", "memmove", "memcmp", "memchr", "strlen", "strcmp", "strncmp", "strchr", "snprintf", "vsnprintf",
}
MEMORY = {"malloc", "calloc", "realloc", "free"}
# Layer -> the functions of the C library and others that it may call.
CALLS = {
    "brood_core": TEXT | {"strerror"},
    "brood_config": TEXT | MEMORY | {
        "strerror", "strcspn", "strspn", "strpbrk", "strrchr", "strnlen",
        "fwrite",  # into the FILE that `brood config` hands in
    },
    "brood_admin": TEXT | MEMORY | {
        "strcspn", "strspn", "strrchr", "strtoul", "strtoull", "qsort",
        "gmtime_r", "strftime",  # text of a time that it is given
    },
    "brood_wire": TEXT | MEMORY | {
        "fds_ref", "fds_unref",  # counted references; the last one closes, as the last one to a lent body frees
    },
}
LIBRARY = {"brood_config": r"ini_\w+", "brood_admin": r"json_\w+|jsonp_\w+"}
# Of the compiler's own making; clang makes bcmp() of memcmp() == 0, and memchr() of strchr().
COMPILER = re.compile(r"__(asan|hwasan|ubsan|tsan|lsan|msan|sanitizer|sancov|odr_asan|gcov|llvm|profc)_.*|"
                      r"__(start|stop)___sancov_.*|_GLOBAL_OFFSET_TABLE_|__stack_chk_fail|__assert_fail|bcmp")


class Object:
    def __init__(self, path, nm):
        made = subprocess.run([nm, "-P", "-g", path], capture_output=True, text=True, check=False)
        if made.returncode != 0:
            fail(f"{nm} {path}: {made.stderr.strip()}; build first")
        self.path = path
        self.needs, self.has = set(), set()
        for line in made.stdout.splitlines():
            name, kind = line.split()[:2]
            (self.needs if kind in "Uwv" else self.has).add(name)
        if not self.has:
            fail(f"{path}: {nm} sees no symbols in it (built with -flto?), so nothing can be said about it")


class Lint:
    def __init__(self, options):
        self.options = options
        self.report = Report("symbols", options.root)
        self.layers = Layers(options.root)
        self.objects = {}  # layer -> {source: Object}
        for given in options.objects:
            name, _, list_file = given.partition("=")
            if name not in self.layers:
                fail(f"--objects {given}: no layer({name})")
            self.objects[name] = {}
            for path in read(list_file).split():
                self.objects[name][self.source_of(name, path)] = Object(path, options.nm)
            for source in self.layers[name].sources:
                if source not in self.objects[name]:
                    fail(f"{list_file} has no object of {source}; configure anew")

    def source_of(self, name, path):
        """An object is called .../DIRECTORY/NAME.c.o."""
        end = os.path.join(os.path.basename(os.path.dirname(path)), os.path.splitext(os.path.basename(path))[0])
        for source in self.layers[name].sources:
            if source == end or source.endswith(os.sep + end):
                return source
        return fail(f"{path}: of no source of layer({name}); configure anew")

    def run(self):
        for name in CALLS:
            if name not in self.objects:
                fail(f"the objects of {name} were not given (--objects {name}=LIST)")
        for name in CALLS:
            known = set()
            for layer in self.layers.reach(self.layers[name]):
                known |= self.offered(layer.name)
            for source, made in self.objects[name].items():
                if source not in IMPURE:
                    self.report.looked_at += 1
                    self.check(name, source, made.needs - known)
        return self.report.end("objects")

    def offered(self, layer):
        """What the pure objects of a layer define."""
        return {n for source, made in self.objects.get(layer, {}).items() if source not in IMPURE for n in made.has}

    def check(self, layer, source, names):
        for name in sorted(names):
            name = re.sub(r"^__gcov_(fork|exec\w+)$", r"\1", name)  # what --coverage makes of them
            plain = re.sub(r"^__isoc(23|99)_", "", re.sub(r"^__(\w+)_chk$", r"\1", name))
            if COMPILER.fullmatch(name) or plain in CALLS[layer] or re.fullmatch(LIBRARY.get(layer, "(?!)"), name):
                continue
            self.report.add(source, self.line(source, plain), f"calls {plain}, and {layer} is pure; let the host do it "
                            "and hand in the result, or list it in tests/lint/symbols.py with a reason")

    def line(self, source, name):
        code = c_source.code_of(read(os.path.join(self.report.root, source)))
        found = re.search(rf"\b{re.escape(name)}\s*\(", code) or re.search(rf"\b{re.escape(name)}\b", code)
        return c_source.line_of(code, found.start()) if found else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", required=True, help="top of the tree")
    parser.add_argument("--objects", action="append", default=[], metavar="LAYER=FILE",
                        help="a file that lists the objects of a layer")
    parser.add_argument("--nm", default="nm")
    return Lint(parser.parse_args()).run()


if __name__ == "__main__":
    sys.exit(main())
