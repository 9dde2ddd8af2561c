"""What source code says: English left in it, and which texts of the reports it asks for."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeGuard

_ASKS = {"text", "has_text", "TextTable", "word_of", "counted", "_in_words"}
_ENDINGS = {"word_of": ".\0", "TextTable": ".\0", "counted": ".\0", "_in_words": ".\0"}
_NOT_SEEN = {"Raise", "Import", "ImportFrom"}
_WORDS = re.compile(r"[A-Za-z]{2,}[ ,:;(]+[A-Za-z]|^[ ,(]+[A-Za-z]{2,}|[A-Za-z]{2,}[ ,:(]+$")
"""Two words beside each other, or a word beside what is filled in."""
_SENTENCE = re.compile(r"[A-Z][a-z]+")
_NUMBER = re.compile(r"[+,]?(?:\.\d+)?[fgde]|,|[+,]+d?")
_MARKUP = re.compile(r"[<>{}]|--|'none'|-src|\\t|\t|^[.#:@]")


def trees(folder: Path) -> Iterator[tuple[Path, ast.Module]]:
    """Yield the modules of a folder, parsed."""
    for path in sorted(folder.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def english_in(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and text of what reads like English and is neither documentation nor an error."""
    hidden = _hidden(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in hidden:
            value = node.value
            if _MARKUP.search(value):
                continue
            if _WORDS.search(value) or _SENTENCE.fullmatch(value):
                yield node.lineno, value


def _hidden(tree: ast.Module) -> set[ast.AST]:
    """Return the nodes that no reader of a report sees."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        if type(node).__name__ in _NOT_SEEN:
            found |= set(ast.walk(node))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found.add(node.value)
        elif isinstance(node, ast.FunctionDef) and node.returns is not None:
            found |= set(ast.walk(node.returns))
        elif isinstance(node, (ast.AnnAssign, ast.arg)) and node.annotation is not None:
            found |= set(ast.walk(node.annotation))
        elif isinstance(node, ast.Call) and _called(node).endswith(("Error", "cast")):
            found |= set(ast.walk(node))
        elif isinstance(node, ast.Call) and _called(node) in _ASKS:
            found |= {one for argument in node.args[:1] for one in ast.walk(argument)}
    return found


def _called(node: ast.Call) -> str:
    """Return the last name of what is called."""
    named = node.func
    return named.id if isinstance(named, ast.Name) else getattr(named, "attr", "")


@dataclass
class AskedFor:
    """Keys of texts in source code: as they are, and patterns of those that are put together."""

    keys: dict[str, str] = field(default_factory=dict)
    patterns: dict[str, set[str]] = field(default_factory=dict)
    certain: set[str] = field(default_factory=set)
    constants: set[str] = field(default_factory=set)

    def made_by(self, pattern: str, key: str) -> bool:
        """Return whether ``pattern`` can become ``key``."""
        return _made_of(key, pattern, self.patterns[pattern])

    def asks_for(self, key: str) -> bool:
        """Return whether the code can ask for ``key``."""
        if key in self.keys or key in self.constants:
            return True
        return any(self.made_by(pattern, key) for pattern in self.patterns)


def asked_for(folders: Iterable[Path]) -> AskedFor:
    """Return the keys that modules ask for."""
    found = AskedFor()
    for folder in folders:
        for path, tree in trees(folder):
            own = set(_constants(tree))
            found.constants |= own
            for node in ast.walk(tree):
                where = f"{path.name}:{getattr(node, 'lineno', 0)}"
                if _asks(node):
                    _note(node.args[0], where, own, found, _ENDINGS.get(_called(node), ""))
                elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "key":
                    _note(node.value, "", own, found)
    return found


def _constants(tree: ast.Module) -> Iterator[str]:
    """Yield the strings of a module, and the words of those that are lists."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
            yield from node.value.split()


def _asks(node: ast.AST) -> TypeGuard[ast.Call]:
    """Return whether this is a call that asks for a text."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
        return False
    return node.func.id in _ASKS


def _note(asked: ast.expr, where: str, own: set[str], found: AskedFor, ending: str = "") -> None:
    """Note the key or keys that an expression stands for; ``own`` are strings of its module.

    Without a place it may be the key of something else.
    """
    for inner in ast.walk(asked):
        if isinstance(inner, ast.JoinedStr):
            parts = (v.value if isinstance(v, ast.Constant) else "\0" for v in inner.values)
            pattern = "".join(map(str, parts)) + ending
            if pattern.startswith("\0"):  # a table that this module names somewhere
                found.patterns[pattern] = own | found.patterns.get(pattern, set())
            else:
                found.patterns[pattern] = found.constants
            found.certain |= {pattern} if where else set()
            return
    for inner in ast.walk(asked):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            if ending:
                found.patterns[inner.value + ending] = found.constants
            elif where and re.fullmatch(r"\w+(\.\S+)+", inner.value):
                found.keys[inner.value] = where


def _made_of(key: str, pattern: str, constants: set[str]) -> bool:
    """Return whether ``key`` is ``pattern`` with strings of the code in its gaps."""
    head, gap, rest = pattern.partition("\0")
    if not key.startswith(head):
        return False
    if not gap:
        return key == pattern
    tail = key[len(head) :]
    return any(
        tail[:end] in constants and _made_of(tail[end:], rest, constants)
        for end in range(1, len(tail) + 1)
    )


def fields_given(folder: Path) -> Iterator[tuple[str, str, set[str]]]:
    """Yield where, key and fields of each call of ``text`` with a plain key and plain fields."""
    for path, tree in trees(folder):
        for node in ast.walk(tree):
            if not _asks(node) or _called(node) != "text":
                continue
            key, names = node.args[0], [one.arg for one in node.keywords]
            if isinstance(key, ast.Constant) and "." in str(key.value) and None not in names:
                yield f"{path.name}:{node.lineno}", str(key.value), set(map(str, names))


def numbers_written_in(tree: ast.Module) -> Iterator[int]:
    """Yield the lines on which a number is formatted for a reader."""
    read_back = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _called(node) == "float"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.FormattedValue) or node in read_back:
            continue
        parts = getattr(node.format_spec, "values", ())
        form = "".join(str(part.value) for part in parts if isinstance(part, ast.Constant))
        if _NUMBER.fullmatch(form):
            yield node.lineno
