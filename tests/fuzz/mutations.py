"""Damage to a file: bytes, tokens of a text, lines, parts of an archive, leaves of JSON."""

import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from typing import Any

NASTY = (
    "",
    "0",
    "-1",
    "1e308",
    "-1e-308",
    "nan",
    "inf",
    "-inf",
    "99999999999999999999",
    "9" * 400,
    "0x10",
    "1_0",
    "1,5",
    "true",
    "null",
    "24:00",
    "25:61",
    "23:59:60",
    "00.00.00",
    "31.02.2024",
    "0000-00-00",
    "9999-12-31 23:59:59",
    "1677-09-21",
    "2024-03-31 02:30",
    "=cmd|'!A1",
    "\x1b[31m",
    "\x00",
    "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "\u202e",
    "../../etc/passwd",
    '"',
    "]",
    "[[a]]",
    "a.b.c = 1",
    "<!ENTITY x 'y'>",
    "&x;",
    "{}",
    "%s%n",
)
_TOKEN = re.compile(rb"[0-9]+(?:[.:,/-][0-9]+)*|[A-Za-z_]+|[^\sA-Za-z0-9_]")
_MOST_BYTES = 200_000


def damaged(seed_file: bytes, other: bytes, rng: random.Random) -> bytes:
    """Return the file after one to six changes; ``other`` is a file that parts are taken from."""
    content = seed_file
    if content[:2] == b"PK" and rng.random() < 0.7:
        return _archive(content, rng)
    if content[:1] == b"{" and rng.random() < 0.6:
        content = _json(content, rng)
    for _ in range(rng.choice([1, 1, 1, 2, 3, 6])):
        content = rng.choice(_CHANGES)(content, other, rng)[:_MOST_BYTES]
    return content


def _place(content: bytes, rng: random.Random) -> int:
    return rng.randrange(len(content) + 1)


def _flip(content: bytes, _other: bytes, rng: random.Random) -> bytes:
    found = bytearray(content)
    for _ in range(rng.choice([1, 4, 40])):
        if found:
            found[rng.randrange(len(found))] ^= rng.randrange(1, 256)
    return bytes(found)


def _noise(content: bytes, _other: bytes, rng: random.Random) -> bytes:
    at, size = _place(content, rng), rng.choice([1, 8, 120, 2000])
    return content[:at] + rng.randbytes(size) + content[at + rng.choice([0, size]) :]


def _cut(content: bytes, _other: bytes, rng: random.Random) -> bytes:
    at = _place(content, rng)
    return content[:at] + content[at + rng.choice([1, 30, 500, len(content)]) :]


def _repeat(content: bytes, _other: bytes, rng: random.Random) -> bytes:
    at, size = _place(content, rng), rng.choice([1, 60, 600])
    return content[:at] + content[at : at + size] * rng.choice([2, 3, 50]) + content[at + size :]


def _splice(content: bytes, other: bytes, rng: random.Random) -> bytes:
    return content[: _place(content, rng)] + other[_place(other, rng) :]


def _token(content: bytes, _other: bytes, rng: random.Random) -> bytes:
    """Put something nasty in the place of a number, a word or a sign."""
    tokens = list(_TOKEN.finditer(content))
    if not tokens:
        return content
    token = rng.choice(tokens)
    nasty = rng.choice(NASTY).encode("utf-8", "replace")
    return content[: token.start()] + nasty + content[token.end() :]


def _lines(content: bytes, _other: bytes, rng: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    if len(lines) > 1:
        one, two = rng.randrange(len(lines)), rng.randrange(len(lines))
        change = rng.choice(["swap", "drop", "again"])
        if change == "swap":
            lines[one], lines[two] = lines[two], lines[one]
        elif change == "drop":
            del lines[one]
        else:
            lines[two:two] = [lines[one]] * rng.choice([1, 2, 200])
    return b"".join(lines)


def _encoding(content: bytes, _other: bytes, rng: random.Random) -> bytes:
    text = content.decode("utf-8", "replace")
    mark = rng.choice(["", "\ufeff"])
    return (mark + text).encode(rng.choice(["utf-16", "utf-16-be", "latin-1", "utf-8"]), "replace")


_CHANGES: tuple[Callable[[bytes, bytes, random.Random], bytes], ...] = (
    _flip,
    _noise,
    _cut,
    _repeat,
    _splice,
    _token,
    _token,
    _token,
    _token,
    _lines,
    _encoding,
)


def _archive(content: bytes, rng: random.Random) -> bytes:
    """Return an archive with one damaged member, or one method that no one knows."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    wrong = rng.choice(list(members))
    change = rng.choice(_CHANGES)
    members[wrong] = change(members[wrong], members[wrong], rng)[:_MOST_BYTES]
    method = rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return _flip(out.getvalue(), b"", rng) if rng.random() < 0.3 else out.getvalue()


def _json(content: bytes, rng: random.Random) -> bytes:
    """Return JSON in which one leaf, list or mapping is another."""
    try:
        found = json.loads(content)
    except ValueError:
        return content
    at = found
    while True:
        keys: list[Any] = list(at) if isinstance(at, dict) else list(range(len(at)))
        if not keys:
            return content
        key = rng.choice(keys)
        if isinstance(at[key], dict | list) and rng.random() < 0.9:
            at = at[key]
            continue
        values = [None, True, -1, 10**30, 1e308, "", "\ud800", [], {}, [[[]]], {"a": 1}]
        at[key] = rng.choice([*values, *NASTY])
        return json.dumps(found).encode()
