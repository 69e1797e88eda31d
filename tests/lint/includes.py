#!/usr/bin/env python3
"""
includes: who includes whom.

A file includes headers of its own layer and of those it may use, by name and not by path; which those are is read from
layer(... MAY_USE ...). Pure layers include the system's headers of the lists below and no others. Headers have no
circle. A .c includes the header of its own name first. Every .c of a layer's directory is in its SOURCES.
"""
import argparse
import os
import sys

import c_source
from layers import Layers, circle_in
from report import Report, files, read

ALWAYS = {
    "assert.h", "inttypes.h", "limits.h", "stdalign.h", "stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "string.h",
}
# Layers without system calls, and what they may include beside that. stdlib.h is memory and numbers.
PURE = {
    "brood_core": {"stdio.h"},
    "brood_config": {"stdio.h", "stdlib.h", "errno.h", "ini.h"},
    "brood_admin": {"stdio.h", "stdlib.h", "jansson.h"},
    "brood_wire": {"stdio.h", "stdlib.h", "errno.h"},
}
# One file, one header, one reason. IMPURE: a file of a pure layer that is not, and may include what it likes.
ALLOWED = {
    ("supervisor/core/exits.c", "signal.h"): "numbers of signals",
    ("supervisor/config/value_signal.c", "signal.h"): "numbers of signals",
    ("supervisor/config/value_limit.c", "sys/resource.h"): "numbers of limits",
    ("supervisor/admin/view.c", "time.h"): "gmtime_r(), which makes text of a time that it is given",
    ("worker-sdk/wire/outbox.h", "sys/uio.h"): "struct iovec, as data: what the channel is to send",
    ("worker-sdk/wire/fdqueue.h", "sys/types.h"): "ssize_t, in the interface of the impure fdqueue.c",
    ("worker-sdk/wire/fdsend.h", "sys/types.h"): "ssize_t, in the interface of the impure fdsend.c",
    ("worker-sdk/wire/peer.h", "sys/types.h"): "uid_t and its like, in the interface of the impure peer.c",
    ("worker-sdk/wire/place.h", "sys/types.h"): "uid_t and its like, in the interface of the impure place.c",
}
IMPURE = {
    "worker-sdk/wire/fdqueue.c": "reads from sockets what only recvmsg() gives",
    "worker-sdk/wire/fds.c": "closes and duplicates descriptors",
    "worker-sdk/wire/fdsend.c": "writes to sockets what only sendmsg() takes",
    "worker-sdk/wire/memory.c": "makes memfds, and reads and writes those of others",
    "worker-sdk/wire/peer.c": "asks the kernel who is at the other end",
    "worker-sdk/wire/place.c": "looks at directories",
}
# Libraries that stay in one place.
HOME = {"uv.h": {"brood_host"}, "ini.h": {"brood_config"}}


class Lint:
    def __init__(self, root):
        self.report = Report("includes", root)
        self.layers = Layers(root)
        self.headers = {}  # directory -> names that can be included from there
        self.graph = {}    # header -> headers
        for layer in self.layers.values():
            for folder in layer.path():
                if folder not in self.headers:
                    names = os.listdir(os.path.join(root, folder)) if os.path.isdir(os.path.join(root, folder)) else []
                    self.headers[folder] = {n for n in names if n.endswith((".h", ".def"))}

    def run(self):
        circle = self.layers.circle()
        if circle:
            place, line = self.layers[circle[0]].place.split(":")
            self.report.add(place, line, f"layers use each other in a circle: {' -> '.join(circle)}; "
                                         "the use that points upwards has to go from its MAY_USE")
        for name in PURE:
            if name not in self.layers:
                self.report.add("CMakeLists.txt", 1, f"no layer({name}); if it has a new name, give it that in PURE of "
                                                     "tests/lint/includes.py")
        folders = sorted({la.directory for la in self.layers.values() if la.directory} |
                         {f for la in self.layers.values() for f in la.folders})
        for path in files(self.report.root, folders, (".c", ".h", ".def")):
            if os.path.dirname(path) in folders:
                self.file(path)
        circle = circle_in(self.graph)
        if circle:
            self.report.add(circle[0], 1, f"headers include each other in a circle: {' -> '.join(circle)}; "
                                          "one of them can do with a forward declaration")
        return self.report.end("files")

    def file(self, path):
        self.report.looked_at += 1
        layer = self.layers.owner(path)
        includes = c_source.includes_of(read(os.path.join(self.report.root, path)))
        if path.endswith(".c"):
            if layer is None or path not in layer.sources:
                self.report.add(path, 1, "no layer has it in its SOURCES; add it, or delete the file")
                return
            self.own_first(path, includes)
        for line, name, is_quoted in includes:
            if is_quoted:
                self.quoted(path, layer, line, name)
            elif layer:
                self.system(path, layer, line, name)

    def own_first(self, path, includes):
        own = os.path.splitext(os.path.basename(path))[0] + ".h"
        if own not in self.headers.get(os.path.dirname(path), ()):
            return
        if not includes or includes[0][1:] != (own, True):
            line = includes[0][0] if includes else 1
            self.report.add(path, line, f'the first include is not "{own}"; own header first, so that it is known to '
                                        "compile alone")

    def quoted(self, path, layer, line, name):
        if "/" in name:
            self.report.add(path, line, f'"{name}" is a path; include headers by name, MAY_USE makes them visible')
            return
        everywhere = [os.path.join(folder, name) for folder, names in self.headers.items() if name in names]
        if layer is None:  # a public header: sees its own directory
            visible = [p for p in everywhere if os.path.dirname(p) == os.path.dirname(path)]
        else:
            visible = [p for p in everywhere if self.may(layer, p)]
        if len(visible) > 1:
            self.report.add(path, line, f'"{name}" could be {" or ".join(sorted(visible))}; rename one of them')
        elif visible:
            if path.endswith(".h") and name.endswith(".h"):
                self.graph.setdefault(path, []).append(visible[0])
        elif not everywhere:
            self.report.add(path, line, f'there is no "{name}" in any layer; <> is for the system\'s headers')
        elif layer is None:
            self.report.add(path, line, f'"{name}" is internal; a public header includes the system\'s only')
        else:
            owner = self.layers.owner(everywhere[0])
            self.report.add(path, line, f'"{name}" belongs to {owner.name if owner else everywhere[0]}, which '
                                        f"{layer.name} may not use (MAY_USE at {layer.place}); pass what is needed as a "
                                        "value, or move it down")

    def may(self, layer, header):
        """May files of this layer include that header?"""
        owner = self.layers.owner(header)
        for other in self.layers.reach(layer):
            if owner is other or (owner is None and os.path.dirname(header) in other.folders):
                return True
            # a view on another layer's directory: its plain data, not its functions
            if other.is_view and os.path.dirname(header) in other.folders:
                if os.path.splitext(header)[0] + ".c" not in owner.sources:
                    return True
        return False

    def system(self, path, layer, line, name):
        if name in HOME and layer.name not in HOME[name]:
            self.report.add(path, line, f"<{name}> in {layer.name}; only {', '.join(sorted(HOME[name]))} uses it")
        elif layer.name in PURE and path not in IMPURE and (path, name) not in ALLOWED:
            if name not in ALWAYS | PURE[layer.name]:
                self.report.add(path, line, f"<{name}> in the pure layer {layer.name}; the host does what needs it and "
                                            "hands in the result")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", required=True, help="top of the tree")
    return Lint(parser.parse_args().root).run()


if __name__ == "__main__":
    sys.exit(main())
