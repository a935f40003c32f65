"""Suggestions: the known word that somebody probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LISTED = 12


def meant(word: str, known: Iterable[str]) -> str:
    """``Did you mean "x"?`` for the closest of ``known``, letter case aside; empty where nothing is close."""
    by_folded = {k.casefold().replace("-", "_"): k for k in sorted(known, reverse=True)}
    close = difflib.get_close_matches(word[:60].casefold().replace("-", "_"), by_folded, n=1, cutoff=0.6)
    return f' Did you mean "{by_folded[close[0]]}"?' if close else ""


def listed(known: Iterable[str]) -> str:
    """Known words as a list for a sentence, in the given order, cut after twelve; ``none`` for an empty one."""
    words = list(known)
    if len(words) > _LISTED:
        return f"{', '.join(words[:_LISTED])}, and {len(words) - _LISTED} more"
    return ", ".join(words) or "none"


def allowed(word: str, known: Iterable[str]) -> str:
    """``Allowed: a, b. Did you mean "a"?``, beginning with the closest words where the list is cut."""
    words = list(known)
    if len(words) > _LISTED:
        near = difflib.get_close_matches(word[:60], words, n=_LISTED, cutoff=0.0)
        words = sorted(words, key=lambda k: (near.index(k) if k in near else _LISTED, words.index(k)))
    return f"Allowed: {listed(words)}.{meant(word, words)}"
