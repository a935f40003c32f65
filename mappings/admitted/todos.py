"""TODO comments: marks in the comments of source files by which people leave something for later."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import MappingProxyType

from mappings.keys import keys_in

LIMIT = 1_000_000
"""How many characters of a file are read."""

_FOREIGN = frozenset(
    {"vendor", "third_party", "third-party", "node_modules", "testdata", "fixtures", "__fixtures__"}
)

_TRIPLE = r'"""(?:[^"\\]|\\.|"(?!""))*+(?:"""|\Z)' + r"|'''(?:[^'\\]|\\.|'(?!''))*+(?:'''|\Z)"
_DOUBLE = r'"(?:[^"\\\n]|\\.)*+"?'
_SINGLE = r"'(?:[^'\\\n]|\\.)*+'?"
_LETTER = r"'(?:[^'\\\n]|\\[^\n]{1,10}?)'"
_TEMPLATE = r"`(?:[^`\\]|\\.)*+`?"
_BLOCK = r"(?P<block>/\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/)?)"
_SLASHES = r"(?P<line>//[^\n]*+)"
_SLASHES_OR_HASH = r"(?P<line>(?://|\#)[^\n]*+)"
_HASH = r"(?P<line>\#[^\n]*+)"
_HASH_APART = r"(?P<line>(?<![^\s;&|()])\#[^\n]*+)"
_DASHES = r"(?P<line>--[^\n]*+)"
_CLOSED = r'"[^"\n]*+"' + r"|'[^'\n]*+'"


def _syntax(*parts: str) -> re.Pattern[str]:
    return re.compile("|".join(parts), re.DOTALL)


_SYNTAXES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("py pyi pyx", _syntax(_TRIPLE, _DOUBLE, _SINGLE, _HASH)),
    ("js jsx mjs cjs ts tsx vue", _syntax(_BLOCK, _SLASHES, _DOUBLE, _SINGLE, _TEMPLATE)),
    ("go", _syntax(_BLOCK, _SLASHES, _DOUBLE, _LETTER, _TEMPLATE)),
    ("java kt kts scala groovy gradle swift dart", _syntax(_BLOCK, _SLASHES, _TRIPLE, _DOUBLE, _LETTER)),
    ("c h cc cpp cxx hh hpp hxx m mm cs rs proto", _syntax(_BLOCK, _SLASHES, _DOUBLE, _LETTER)),
    ("php", _syntax(_BLOCK, _SLASHES_OR_HASH, _DOUBLE, _SINGLE)),
    ("css scss less", _syntax(_BLOCK, _SLASHES, _DOUBLE, _SINGLE)),
    ("sql", _syntax(_BLOCK, _DASHES, _CLOSED)),
    ("sh bash zsh ksh rb pl r yaml yml toml mk tf dockerfile makefile", _syntax(_CLOSED, _HASH_APART)),
)
_BY_ENDING: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {ending: syntax for endings, syntax in _SYNTAXES for ending in endings.split()}
)
_MARK = re.compile(
    r"(?<![\w-])(TODO|FIXME|HACK|XXX)(?![\w-])(?:\([^()\n]{0,80}\))?[ \t:：.-]*+(?P<text>[^\n]*+)"
)
_KEY = re.compile(r"(?<![\w-])[A-Z][A-Z0-9_]{1,20}-[1-9]\d{0,6}(?![\w-])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """One mark in a comment: ``text`` is what follows it on its line, ``issue_keys`` are those that the line names, in order."""

    path: str
    line: int
    mark: str
    text: str
    issue_keys: tuple[str, ...] = ()


def todos_of(path: str, text: str, *, projects: frozenset[str] | None = None) -> tuple[Todo, ...]:
    """The TODO, FIXME, HACK and XXX comments of a file, in order; none for vendored and fixture folders and for unknown kinds of files.

    Only capitals count, and only comments: a mark inside a string says nothing. Keys count where their project is one of ``projects``; without
    these, whatever looks like a key does. Reads the first million characters, in linear time.
    """
    syntax = _syntax_of(path)
    return tuple(_todos(path, text[:LIMIT], syntax, projects)) if syntax else ()


def _syntax_of(path: str) -> re.Pattern[str] | None:
    place = PurePosixPath(path.replace("\\", "/"))
    name = place.name.casefold()
    if not _FOREIGN.isdisjoint(part.casefold() for part in place.parts[:-1]) or ".min." in name:
        return None
    return _BY_ENDING.get(name.rpartition(".")[2])


def _todos(path: str, text: str, syntax: re.Pattern[str], projects: frozenset[str] | None) -> Iterator[Todo]:
    line, counted_to = 1, 0
    for token in syntax.finditer(text):
        if token.lastgroup is None:
            continue
        for mark in _MARK.finditer(token[0]):
            start = token.start() + mark.start()
            line += text.count("\n", counted_to, start)
            counted_to = start
            keys = _keys_in(mark[0], projects)
            yield Todo(path=path, line=line, mark=mark[1], text=_said(mark["text"]), issue_keys=keys)


def _said(rest: str) -> str:
    return rest.strip().removesuffix("*/").strip()


def _keys_in(said: str, projects: frozenset[str] | None) -> tuple[str, ...]:
    found = _KEY.findall(said) if projects is None else (seen.key for seen in keys_in(said, projects))
    return tuple(dict.fromkeys(found))
