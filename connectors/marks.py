"""Marks: TODO, FIXME, HACK and XXX in the comments of source files, by which people leave something for later. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from pathlib import PurePosixPath
from types import MappingProxyType

from msgspec import Struct

LIMIT = 1_000_000
"""How many characters of a file are read."""

VERSION = 1
"""Goes up when the same file gives other marks than before, so that what was read is read again."""

_LONGEST = 300  # characters of what follows a mark

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
    r"(?<![\w-])(?P<word>TODO|FIXME|HACK|XXX)(?![\w-])(?:\((?P<addressee>[^()\n]{0,80})\))?[ \t:：.-]*+(?P<text>[^\n]*+)"
)


class Mark(Struct, frozen=True, kw_only=True):
    """One mark: ``addressee`` is what stands in the parentheses behind the ``word`` (a name or an issue key), ``text`` what follows on its line, cut after 300 characters.

    ``digest`` tells it from the other marks of its file by what it says, not by where it stands: twelve hexadecimal digits.
    """

    line: int
    word: str
    addressee: str
    text: str
    digest: str


def is_readable(path: str) -> bool:
    """True for a file whose kind of comments is known and that is the project's own: not vendored, no fixture, not minified."""
    return _syntax_of(path) is not None


def marks_in(path: str, text: str) -> tuple[Mark, ...]:
    """The marks of a file, in order; none for a file that is not readable.

    Only capitals count, and only comments: a mark inside a string says nothing. Reads the first million characters, in linear time.
    """
    syntax = _syntax_of(path)
    return tuple(_marks(text[:LIMIT], syntax)) if syntax else ()


def masked(text: str) -> str:
    """The text without its code: letters and digits are replaced but in what follows a mark on its line. It has the same marks, whatever kind of file it is."""
    return _TAIL.sub(lambda found: _WORDS.sub("x", found["head"]) + (found["tail"] or ""), text)


_TAIL = re.compile(r"(?P<head>(?:(?!TODO|FIXME|HACK|XXX)[^\n])*+)(?P<tail>[^\n]*+\n?)")
_WORDS = re.compile(r"\w")


def _syntax_of(path: str) -> re.Pattern[str] | None:
    place = PurePosixPath(path.replace("\\", "/"))
    name = place.name.casefold()
    if not _FOREIGN.isdisjoint(part.casefold() for part in place.parts[:-1]) or ".min." in name:
        return None
    return _BY_ENDING.get(name.rpartition(".")[2])


def _marks(text: str, syntax: re.Pattern[str]) -> Iterator[Mark]:
    line, counted_to = 1, 0
    seen: Counter[str] = Counter()
    for token in syntax.finditer(text):
        if token.lastgroup is None:
            continue
        for found in _MARK.finditer(token[0]):
            start = token.start() + found.start()
            line += text.count("\n", counted_to, start)
            counted_to = start
            word, addressee, said = found["word"], found["addressee"] or "", _said(found["text"])
            content = f"{word}({' '.join(addressee.split())}) {' '.join(said.split())}"
            seen[content] += 1
            yield Mark(
                line=line,
                word=word,
                addressee=addressee.strip(),
                text=said[:_LONGEST],
                digest=_digest_of(content, seen[content]),
            )


def _digest_of(content: str, number: int) -> str:
    """The digest of what a mark says, and of how many of its file said the same before."""
    return blake2b(f"{number} {content}".encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def _said(rest: str) -> str:
    return rest.strip().removesuffix("*/").strip()
