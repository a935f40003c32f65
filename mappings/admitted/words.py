"""Words: the features of a text. What is peculiar to one project (keys, names, addresses, identifiers, numbers) is replaced by its kind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mappings.admitted.signs import signs_in

LIMIT = 6_000
"""How many characters of a text are read; with patterns that never look back this bounds the work."""

_KEPT = re.compile(r"java_?docs?|check_?style|pep_?8|todo|fixme|read_?me\.md", re.IGNORECASE)
"""Written like identifiers, but words."""
_REPLACED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"```[^`]*+(?:``?[^`]++)*+(?:```)?"), " zcode "),
    (re.compile(r"<!--[^>]*+>?"), " "),
    (re.compile(r"^git-svn-id:.*+$", re.MULTILINE), " "),
    (
        re.compile(
            r"^[ \t]*+(?:signed-off-by|reviewed-by|co-authored-by|change-id|author|committer|tested-by|acked-by|cc):.*+$",
            re.MULTILINE | re.IGNORECASE,
        ),
        " ",
    ),
    (re.compile(r"\((?:[A-Za-z. ]{1,30} via )?[a-z]{3,20}\)[ \t]*+$", re.MULTILINE), " "),
    (re.compile(r"https?://\S++"), " zurl "),
    (re.compile(r"(?<![\w.+-])[\w.+-]++@[\w.-]++"), " zmail "),
    (re.compile(r"(?<!\w)@[\w-]++"), " zuser "),
    (re.compile(r"\b[A-Za-z][A-Za-z0-9]{1,20}-\d++\b|\bgh-\d++|(?<!\w)#\d++"), " zkey "),
    (re.compile(r"\b[0-9a-f]{7,40}+\b"), " zsha "),
    (re.compile(r"`[^`\n]{1,200}+`"), " zcode "),
)
_IDENTIFIER = re.compile(r"\b[A-Za-z]\w*+(?:\.\w++)*+(?:\(\))?|\b_\w++(?:\(\))?")
_INNER = re.compile(r"[a-z0-9][A-Z]|_|\.|\(")
_WORD = re.compile(r"[a-z]++(?:['’]t)?|\d++|[?!]")
_ENDINGS = ("ations", "ation", "ings", "ing", "ies", "ed", "es", "ly", "s", "e", "y")


def normalised(text: str) -> str:
    """The first 6,000 characters of ``text`` with everything peculiar to one project replaced by words that begin with ``z``."""
    kept = text[:LIMIT]
    for pattern, word in _REPLACED:
        kept = pattern.sub(word, kept)
    return _IDENTIFIER.sub(_plain, kept)


def _plain(found: re.Match[str]) -> str:
    word = found[0]
    if _KEPT.fullmatch(word):
        return word.casefold().removesuffix(".md")
    return " zident " if _INNER.search(word) else word


def stem_of(word: str) -> str:
    """The word without a common English ending; at least four letters stay."""
    if len(word) > 5:
        return next((word[: -len(e)] for e in _ENDINGS if word.endswith(e) and len(word) - len(e) >= 4), word)
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def features_of(text: str) -> Mapping[str, str]:
    """The features of ``text``, each with the words that it stands for as they are written there. Any text has some or none; none fails."""
    plain = normalised(text)
    found = dict(signs_in(plain))
    for feature, word in _stems(plain):
        found.setdefault(feature, word)
    return found


def _stems(plain: str) -> Iterator[tuple[str, str]]:
    for found in _WORD.finditer(plain.lower()):
        word = found[0]
        yield ("0" if word.isdigit() else stem_of(word)), word
