"""Terms: what texts are compared by. Words in lower case and without endings, identifiers with their parts, Chinese, Japanese and Korean as pairs of signs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_LONGEST = 20_000
"""So many characters of a text are read; what people say about a change stands at its beginning."""
_ADDRESS = re.compile(r"https?://[^\s<>()\"'|\]]+", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z\u00c0-\u024f\u0400-\u04ff0-9_]+")
_HUMP = re.compile(
    r"[A-Z]+(?=[A-Z][a-z])|[A-Z\u00c0-\u00de]?[a-z\u00df-\u024f\u0430-\u04ff]+|[A-Z]+|[\u0400-\u042f]+|[0-9]+"
)
_SIGNS = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]+")
_NUMBER_OR_HASH = re.compile(r"[0-9]+|(?=[0-9a-f]*[0-9])[0-9a-f]{7,64}")
_ENDING = re.compile(r"(?<=[a-z]{3})(?:ings?|ies|ed|es|s|ly|e)\Z")
_DOUBLED = re.compile(r"([bdgklmnprt])\1\Z")

_SAY_NOTHING = (
    "a about after all also an and any are as at be because been before but by can cannot could did do does for from get got had has have here how i if"
    " in into is isn it its just like make more my need no not now of off on once one only or other our out over should so some such than that the their"
    " them then there these they this to too up us use used using was we were what when where which while who why will with would you your"
    " fix fixed fixes add added adds update updated updates change changed changes remove removed merge merged branch pull request commit conflicts master"
    " main develop signed off reviewed issue bug ticket jira wip draft feat chore refactor revert review reviews comments lint typo typos minor misc tidy cleanup"
)
_COMMON = frozenset(_SAY_NOTHING.split())
"""Words that say nothing about the subject."""


def terms_of(text: str) -> tuple[str, ...]:
    """The terms of ``text``, in order of kind, repetitions included. Linear in the part that is read; addresses, numbers and hashes are left out."""
    read = _ADDRESS.sub(" ", text[:_LONGEST])
    return (*(term for term, _ in _of_words(read)), *_of_signs(read))


def spelled(text: str) -> Mapping[str, str]:
    """How ``text`` writes its terms, where it first does."""
    found: dict[str, str] = {}
    for term, word in _of_words(_ADDRESS.sub(" ", text[:_LONGEST])):
        found.setdefault(term, word)
    return found


def _of_words(text: str) -> Iterator[tuple[str, str]]:
    """(term, as written)."""
    for found in _WORD.finditer(text):
        word = found[0]
        if _NUMBER_OR_HASH.fullmatch(word):
            continue
        parts = _HUMP.findall(word) if len(word) <= 60 else []
        if len(parts) > 1:
            yield word.lower().strip("_"), word
        for part in parts or (word[:60],):
            term = part.lower()
            if len(term) > 1 and term not in _COMMON and not term.isdigit():
                yield _stem(term), part


def _stem(word: str) -> str:
    """``word`` without a common English ending, so that ``crashes``, ``crashed`` and ``crashing`` are one."""
    return _DOUBLED.sub(r"\1", _ENDING.sub("", word))


def _of_signs(text: str) -> Iterator[str]:
    for found in _SIGNS.finditer(text):
        signs = found[0]
        yield from (signs[i : i + 2] for i in range(len(signs) - 1))
        if len(signs) == 1:
            yield signs
