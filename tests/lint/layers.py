"""
layers: which layers there are and whom each may use, as the CMake files say it.

Reads the commands that matter: layer(), add_library(... INTERFACE), add_executable(), target_link_libraries() and
the options that add include paths or definitions. Rights are passed on as CMake does it: who may use a layer may use
what that one may use. Conditions are not followed: what any configuration allows counts.
"""
import os
import re

from report import fail, read

COMMAND = re.compile(r"^[ \t]*([A-Za-z_]\w*)[ \t]*\(", re.M)
ARGUMENT = re.compile(r'"((?:\\.|[^"\\])*)"|([^\s()"]+)')
SCOPE = {"PUBLIC", "PRIVATE", "INTERFACE"}


class Layer:
    def __init__(self, name, directory, place):
        self.name = name
        self.directory = directory  # of its files; from the top of the tree, like all paths here
        self.place = place          # "file:line" of its declaration
        self.sources = []
        self.uses = []
        self.folders = []           # include paths that it hands on beside its own directory
        self.definitions = []
        self.is_view = False        # an interface library: lends the headers of a directory, has no sources

    def path(self):
        """The directories that its own #include "..." are looked for in."""
        return [self.directory] + self.folders if self.directory else self.folders


def commands(text):
    """(line, name, arguments) of every command."""
    text = re.sub(r"(?m)(^|[ \t])#[^\n]*", lambda m: " " * len(m[0]), text)
    at = 0
    while True:
        match = COMMAND.search(text, at)
        if not match:
            return
        end, depth = match.end(), 1
        while depth and end < len(text):
            if text[end] == '"':
                end = re.compile(r'"(?:\\.|[^"\\])*"').match(text, end).end()
                continue
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        words = [a[0] or a[1] for a in ARGUMENT.findall(text[match.end():end - 1])]
        yield text.count("\n", 0, match.start()) + 1, match[1].lower(), words
        at = end


def split(words, heads, flags=()):
    """Words behind each of the heads; what stands before the first one is under None."""
    parts, head = {None: []}, None
    for word in words:
        if word in heads:
            head = word
            parts.setdefault(head, [])
        elif word not in flags:
            parts[head].append(word)
    return parts


class Layers(dict):
    """Name -> Layer, of the tree's own CMake files; tests and examples have no layers."""

    def __init__(self, root):
        super().__init__()
        self.root = os.path.abspath(root)
        self.file_definitions = {}
        self.read_directory("")
        if not self:
            fail(f"{root}: its CMake files declare no layer(); give --root the top of the tree")

    def read_directory(self, directory):
        file = os.path.join(directory, "CMakeLists.txt")
        for line, command, words in commands(read(os.path.join(self.root, file))):
            words = [w.replace("${CMAKE_CURRENT_SOURCE_DIR}", os.path.join(self.root, directory)) for w in words]
            if command == "add_subdirectory" and words[0] not in ("tests", "examples"):
                self.read_directory(os.path.join(directory, words[0]))
            elif command == "layer":
                self.add_layer(directory, f"{file}:{line}", words)
            elif command == "add_library" and "INTERFACE" in words:
                self[words[0]] = Layer(words[0], "", f"{file}:{line}")
                self[words[0]].is_view = True
            elif command == "add_executable":
                self[words[0]] = Layer(words[0], directory, f"{file}:{line}")
                self[words[0]].sources = [os.path.join(directory, w) for w in words[1:]]
            elif command == "target_link_libraries" and words[0] in self:
                self[words[0]].uses += [w for w in words[1:] if w not in SCOPE]
            elif command in ("target_compile_options", "target_include_directories") and words[0] in self:
                self.add_folders(self[words[0]], directory, command, words[1:])
            elif command == "target_compile_definitions" and words[0] in self:
                self[words[0]].definitions += definitions(words[1:])
            elif command == "set_source_files_properties" and "COMPILE_DEFINITIONS" in words:
                at = words.index("COMPILE_DEFINITIONS")
                for name in words[:words.index("PROPERTIES") if "PROPERTIES" in words else at]:
                    self.file_definitions[os.path.join(directory, name)] = definitions(words[at + 1:])

    def add_layer(self, directory, place, words):
        parts = split(words, {"DIR", "SOURCES", "MAY_USE"}, {"GNU"})
        layer = Layer(parts[None][0], os.path.join(directory, parts["DIR"][0]), place)
        layer.sources = [os.path.join(layer.directory, name) for name in parts.get("SOURCES", [])]
        layer.uses = parts.get("MAY_USE", [])
        layer.definitions = ["_GNU_SOURCE"] if "GNU" in words else []
        self[layer.name] = layer

    def add_folders(self, layer, directory, command, words):
        text = " ".join(words)
        if command == "target_compile_options":
            names = re.findall(r"-(?:iquote|I|isystem)\s*([^\s<>$]+)", text)
        else:
            names = [w for w in words if w not in SCOPE and not w.startswith("$") and w != "SYSTEM"]
        for name in names:
            folder = os.path.normpath(os.path.relpath(os.path.join(self.root, directory, name), self.root))
            if folder != layer.directory:
                layer.folders.append(folder)

    def reach(self, layer):
        """All layers that it may use, itself among them; brood_flags and other libraries are none."""
        found, left = [], [layer.name]
        while left:
            name = left.pop(0)
            if name in self and name not in found:
                found.append(name)
                left += self[name].uses
        return [self[name] for name in found]

    def circle(self):
        """Names of layers that use each other in a circle, or None."""
        return circle_in({name: [u for u in layer.uses if u in self] for name, layer in self.items()})

    def owner(self, path):
        """The layer a file belongs to: who has it, or its .c of the same name, in SOURCES; else the first of its
        directory that is not a guest in another's."""
        stem = os.path.splitext(path)[0]
        here = [la for la in self.values() if not la.is_view and la.directory == os.path.dirname(path)]
        for layer in here:
            if path in layer.sources or stem + ".c" in layer.sources:
                return layer
        return max(here, key=lambda la: len(la.sources)) if here else None


def definitions(words):
    """Those without a generator expression: NAME or NAME=value."""
    return [w for w in words if re.fullmatch(r'[A-Za-z_]\w*(=[^$]*)?', w) and w not in SCOPE]


def circle_in(graph):
    """One circle of a graph {node: [nodes]} as a list that ends as it begins, or None."""
    done, path = set(), []

    def visit(node):
        if node in path:
            return path[path.index(node):] + [node]
        if node in done:
            return None
        path.append(node)
        for other in graph.get(node, []):
            found = visit(other)
            if found:
                return found
        path.pop()
        done.add(node)
        return None

    for node in sorted(graph):
        found = visit(node)
        if found:
            return found
    return None
