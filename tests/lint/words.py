#!/usr/bin/env python3
"""
words: what the tables declare is told to people.

    protocol   each word of frame.def in docs/protocol.md
    sample     each key of keys.def in its section of conf/brood.ini.sample
    methods    each method of methods.def in docs, as `METHOD` or io.brood.METHOD
    verbs      each verb of verbs.def in README.md or docs, as `brood VERB`, `VERB`, or in a line of nothing but verbs
Without names, all of them. Skipped (exit code 77) while the document does not exist.
"""
import argparse
import os
import re
import sys

import c_source
from report import Report, files, read, skip


class Words:
    def __init__(self, report):
        self.report = report
        self.missing = []  # documents that do not exist yet

    def table(self, path, macros):
        """(line, macro, arguments as text) of each row."""
        text = c_source.without_comments(read(os.path.join(self.report.root, path)))
        text = c_source.without_directives(text)
        for match in re.finditer(rf"^({'|'.join(macros)})\(\s*([^)]*)", text, re.M):
            self.report.looked_at += 1
            yield c_source.line_of(text, match.start()), match[1], [w.strip() for w in match[2].split(",")]

    def documents(self, names, called):
        """The text of all of them that there are; None if there is none."""
        there = [n for n in names if os.path.isfile(os.path.join(self.report.root, n))]
        if not there:
            self.missing.append(called)
            return None
        return "\n".join(read(os.path.join(self.report.root, n)) for n in there)

    def written(self):
        return files(self.report.root, ["docs"], (".md", ".scd"))

    def each(self, table, macros, text, document, pattern):
        if text is None:
            return
        for line, macro, words in self.table(table, macros):
            word = words[0].strip('"')
            if not re.search(pattern.format(re.escape(word)), text):
                self.report.add(table, line, f"{macro} {word} is not in {document}; describe it there")

    def protocol(self):
        document = "docs/protocol.md"
        self.each("worker-sdk/wire/frame.def", ["TYPE", "FLAG", "WORD", "REASON", "FEATURE"],
                  self.documents([document], document), document, r"\b{}\b")

    def sample(self):
        document, table = "conf/brood.ini.sample", "supervisor/config/keys.def"
        text = self.documents([document], document)
        if text is None:
            return
        keys = {}
        section = ""
        for line in text.splitlines():
            head = re.match(r"#?\[(\w+)", line)
            key = re.match(r"#?(\w+) =", line)
            if head:
                section = head[1]
            elif key:
                keys.setdefault(section, set()).add(key[1])
        for line, _, words in self.table(table, ["KEY"]):
            if words[1] not in keys.get(words[0], ()):
                self.report.add(table, line, f"KEY {words[0]}.{words[1]} is not in {document}; build the target generate")

    def methods(self):
        self.each("supervisor/admin/methods.def", ["METHOD"], self.documents(self.written(), "docs/*.md"), "docs",
                  r"`{0}\b|\bio\.brood\.{0}\b")

    def verbs(self):
        table = "supervisor/cli/verbs.def"
        text = self.documents(["README.md"] + self.written(), "README.md or docs/*.md")
        if text is None:
            return
        rows = list(self.table(table, ["VERB"]))
        verbs = {words[0].strip('"') for _, _, words in rows}
        listed = {word for line in text.splitlines() for word in line.split()
                  if len(line.split()) >= 3 and set(line.split()) <= verbs}
        for line, _, words in rows:
            verb = words[0].strip('"')
            if verb not in listed and not re.search(rf"\bbrood(?: -\w(?: \S+)?)* {verb}\b|`{verb}\b", text):
                self.report.add(table, line, f"VERB {verb} is not in README.md or docs; describe it there")


def main():
    everything = ["protocol", "sample", "methods", "verbs"]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", required=True, help="top of the tree")
    parser.add_argument("what", nargs="*", metavar="|".join(everything))
    options = parser.parse_args()
    words = Words(Report("words", options.root))

    for what in options.what or everything:
        getattr(words, what)()
    if words.missing and not words.report.findings:
        skip(f"there is no {' and no '.join(words.missing)} yet")
    return words.report.end("words")


if __name__ == "__main__":
    sys.exit(main())
