"""
report: what all lints share: the files of the tree, and findings in the form of a compiler's.

A finding is one line on stdout, "file:line: what, and what to do", the file as seen from the top of the tree.
Exit code 0: nothing found, 1: something, 2: the lint cannot work, 77: there is nothing to look at yet.
"""
import os
import sys

# What is made by building and what is not ours to judge, as directories from the top of the tree. planted/ holds
# the violations that the lints are tried on.
SKIPPED = {".git", ".cache", "build", "out", "tests/lint/planted"}


class Report:
    def __init__(self, name, root):
        self.name = name
        self.root = os.path.abspath(root)
        self.findings = set()
        self.looked_at = 0

    def add(self, path, line, text):
        self.findings.add((self.short(path), line, text))

    def short(self, path):
        """The path from the top of the tree; as it is, if it is elsewhere."""
        full = os.path.normpath(os.path.join(self.root, path))
        return os.path.relpath(full, self.root) if full.startswith(self.root + os.sep) else full

    def end(self, of_what):
        """Prints everything and returns the exit code."""
        for path, line, text in sorted(self.findings):
            print(f"{path}:{line}: {text}")
        sys.stdout.flush()
        count = len(self.findings)
        found = f"{count} finding{'' if count == 1 else 's'}" if count else "nothing found"
        print(f"{self.name}: {self.looked_at} {of_what}, {found}", file=sys.stderr)
        return 1 if count else 0


def fail(text):
    """The lint itself cannot work."""
    print(text, file=sys.stderr)
    sys.exit(2)


def skip(text):
    """There is nothing to look at yet: CTest shows it as skipped."""
    print(text)
    sys.exit(77)


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace", newline="") as file:
            return file.read()
    except OSError as error:
        return fail(f"cannot read {path}: {error.strerror}")


def files(root, where, endings):
    """All files below the directories `where` of the tree that end so, as paths from its top, sorted."""
    found = []
    for top in where:
        for directory, names, here in os.walk(os.path.join(root, top)):
            short = os.path.relpath(directory, root)
            names[:] = sorted(n for n in names if not is_skipped(os.path.normpath(os.path.join(short, n))))
            for name in here:
                if name.endswith(endings):
                    found.append(os.path.normpath(os.path.join(short, name)))
    return sorted(set(found))


def is_skipped(directory):
    return directory in SKIPPED or directory.startswith("build-") or directory.endswith("__pycache__")
