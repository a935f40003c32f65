"""Keys: Jira issue keys as people write them in branch names, titles, descriptions and commit messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from mappings.observed import Observed
from mappings.schema import MappingSpec

_NUMBER = re.compile(
    r"[-\u2010-\u2013\u2212\ufe63\uff0d]([1-9][0-9]{0,6})(?![0-9])(?!\.[xX](?![0-9A-Za-z]))(?!\.[0-9](?![0-9]{0,3}\.(?:patch|diff)\b))"
)
"""A hyphen (also the kinds that word processors and Chinese keyboards make) and an issue number; ``1.2`` is a version, ``12.002.patch`` a file."""
_DAY = re.compile(r"(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9](?![0-9])")
_SUFFIX = re.compile(r"(?:[a-z]{1,16}|[A-Z])(?![0-9A-Za-z])")
_IN_WORD = re.compile(r"[0-9A-Za-z\u00c0-\u024f]")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}\Z")


class KeySeen(Struct, frozen=True, kw_only=True):
    """One key in a text: ``key`` upper-cased with a plain hyphen, ``text[start:end]`` is ``written``."""

    key: str
    start: int
    end: int
    written: str

    @property
    def is_exact(self) -> bool:
        """True where it is written just as Jira writes it."""
        return self.written == self.key

    @property
    def is_upper(self) -> bool:
        """True where all its letters are capitals."""
        return self.written == self.written.upper()


def keys_in(text: str, projects: frozenset[str], *, lower_case: bool = False) -> tuple[KeySeen, ...]:
    """Keys of the known ``projects`` (upper-case) in ``text``, in order, repetitions included. Linear in the length of ``text``.

    A key stands on its own: no ASCII or Latin letter or digit before it, no digit and no version (``PAY-1.2``) after it, no calendar day
    (``PAY-2026-10-01``). Underscores, hyphens, slashes, Chinese and full-width characters are boundaries, and so is a percent escape in an address.
    Numbers have no leading zero and at most seven digits. A letter suffix (``PAY-12b``, ``PAY-963fix``) names a second try at the same issue and counts
    from two digits on, so that ``AUTH-2FA`` is no key. Only with ``lower_case`` are keys found in any case (branch names), then without suffix.
    """
    if not has_number(text):
        return ()
    return tuple(_seen(text, projects, lower_case=lower_case))


def has_number(text: str) -> bool:
    """True if anything in ``text`` could be the end of a key; most texts are told apart by this alone."""
    return _NUMBER.search(text) is not None


def known_projects(spec: MappingSpec, observed: Observed) -> frozenset[str]:
    """Project keys that may stand in text: all mapped ones, and those of the former keys of moved issues."""
    mapped = {project.upper() for site in spec.sources.jira for project in site.projects}
    return frozenset(mapped | {alias.key.rpartition("-")[0].upper() for alias in observed.aliases} - {""})


@lru_cache(maxsize=64)
def _lengths(projects: frozenset[str]) -> tuple[int, ...]:
    return tuple(sorted({len(project) for project in projects}, reverse=True))


def _seen(text: str, projects: frozenset[str], *, lower_case: bool) -> Iterator[KeySeen]:
    lengths = _lengths(projects)
    for number in _NUMBER.finditer(text):
        word = _project_before(text, number.start(), projects, lengths)
        if word is None or _DAY.match(text, number.start(1)):
            continue
        is_upper = word == word.upper()
        if (is_upper or lower_case) and _ends(text, number, is_upper=is_upper):
            start = number.start() - len(word)
            yield KeySeen(
                key=f"{word.upper()}-{number[1]}",
                start=start,
                end=number.end(),
                written=text[start : number.end()],
            )


def _project_before(text: str, end: int, projects: frozenset[str], lengths: tuple[int, ...]) -> str | None:
    """The longest known project that ends at ``end`` and is not the tail of a longer word."""
    for length in lengths:
        start = end - length
        if start >= 0 and (word := text[start:end]).upper() in projects and _begins(text, start):
            return word
    return None


def _begins(text: str, start: int) -> bool:
    return (
        start == 0
        or not _IN_WORD.match(text, start - 1)
        or bool(_ESCAPE.search(text[max(0, start - 3) : start]))
    )


def _ends(text: str, number: re.Match[str], *, is_upper: bool) -> bool:
    if not _IN_WORD.match(text, number.end()):
        return True
    return is_upper and len(number[1]) > 1 and bool(_SUFFIX.match(text, number.end()))
