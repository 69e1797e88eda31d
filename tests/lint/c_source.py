"""
c_source: what the lints need to know of C: code without comments and strings, functions, includes.

Not a parser: it knows comments, literals, directives and braces, which is enough for code laid out like ours.
"""
import re

LITERAL = re.compile(r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.S)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]*)"|<([^>\n]*)>)', re.M)
LINKAGE = re.compile(r'\bextern\s*"[^"]*"\s*\{')


def blank(text):
    """As many characters and lines, and nothing in them."""
    return re.sub(r"[^\n]", " ", text)


def without_comments(text):
    return LITERAL.sub(lambda m: blank(m[0]) if m[0][0] == "/" else m[0], text)


def code_of(text):
    """Without comments, and with empty strings and characters; every character stays where it was."""
    def empty(match):
        found = match[0]
        return blank(found) if found[0] == "/" else found[0] + blank(found[1:-1]) + found[-1]

    return LITERAL.sub(empty, text)


def without_directives(code):
    return DIRECTIVE.sub(lambda m: blank(m[0]), code)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def includes_of(text):
    """(line, name, is_quoted) of every #include."""
    text = without_comments(text)
    return [(line_of(text, m.start(1 if m[1] is not None else 2)), m[1] if m[1] is not None else m[2],
             m[1] is not None) for m in INCLUDE.finditer(text)]


class Function:
    def __init__(self, name, first, last, start, end):
        self.name = name
        self.first, self.last = first, last  # lines, from that of the type to that of the closing brace
        self.start, self.end = start, end    # the same as positions in the text

    def lines(self):
        return self.last - self.first + 1


def functions_of(text):
    """All function definitions; None if the braces do not balance, so that they cannot be told."""
    code = LINKAGE.sub(lambda m: blank(m[0]), without_directives(code_of(text)))
    found = []
    depth = 0
    begun = 0         # where what stands in front of the next brace of the outermost level begins
    name, start = None, 0
    for m in re.finditer(r"[{};]", code):
        at = m.start()
        if m[0] == "{":
            if depth == 0:
                name, start = function_head(code, begun, at)
            depth += 1
        elif m[0] == "}" and depth > 0:
            depth -= 1
            if depth == 0 and name:
                found.append(Function(name, line_of(code, start), line_of(code, at), start, at))
                begun = at + 1
        elif depth == 0:  # also the brace that ends extern "C"
            begun = at + 1
    return found if depth == 0 else None


def function_head(code, begun, brace):
    """(name, where its lines begin) if what stands between is the head of a function, else (None, 0)."""
    head = code[begun:brace].rstrip()
    if not head.endswith(")"):
        return None, 0
    depth = 0
    for at in range(len(head) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(head[at], 0)
        if depth == 0:
            break
    # macros that expand to definitions may stand before, without a semicolon
    start = head.rfind("\n\n", 0, at) + 1
    name = re.search(r"([A-Za-z_]\w*)\s*$", head[:at])
    if not name or "=" in head[start:at]:
        return None, 0
    return name[1], begun + start + len(head[start:]) - len(head[start:].lstrip())
