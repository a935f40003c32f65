"""Verdict: whether one text admits debt, of which kind, and by which words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from mappings.admitted.model import ABOUT, About, DebtKind, Model, packed
from mappings.admitted.words import features_of

_MOST_WORDS = 5
_FILLER = re.compile(
    r"a[nst]?|are|all|any|and|be|but|by|can|could|do|for|from|has|have|i[fnst]|its|just|not|o[fnr]|over|should|some?|that|the|then|there|these|they"
    r"|this|those|to|was|we|were|when|which|will|with|would|you"
)
"""Words that weigh a little and tell a reader nothing."""


class Admission(Struct, frozen=True, kw_only=True):
    """A text that admits debt: debt that it leaves, or debt that it says to have found and repaid.

    ``because`` are the words of the text that weigh most for the verdict, the weightiest first, at most five; words such as "the" are passed over.
    """

    kind: DebtKind
    probability: float
    because: tuple[str, ...]


def admission_of(
    text: str, *, about: About, at_least: float | None = None, model: Model | None = None
) -> Admission | None:
    """What ``text``, a commit message or the title and description of a merge request, admits; None where it admits nothing.

    It counts from the probability ``at_least`` on, without one from that learned for its sort of text. Any text is judged by its first 6,000
    characters, in linear time. ``model`` is the one of the package unless given.
    """
    judge = model or packed()
    found = features_of(text)
    probability = judge.probability(found, about)
    least = judge.thresholds[ABOUT.index(about)] if at_least is None else at_least
    if not found or probability < least:
        return None
    return Admission(
        kind=judge.kind_of(found), probability=probability, because=tuple(_because(found, about, judge))
    )


def _because(found: Mapping[str, str], about: About, model: Model) -> Iterator[str]:
    """The words with positive weight, each said once: "clean" is left out after "clean up"."""
    weights: dict[str, float] = {}
    for feature, words in found.items():
        row = model.debt.weights.get(feature)
        if row and not words.startswith("z"):
            weights[words.lower()] = weights.get(words.lower(), 0.0) + row[ABOUT.index(about)]
    said: list[str] = []
    for words in sorted(weights, key=lambda w: (-weights[w], w)):
        if weights[words] > 0 and len(said) < _MOST_WORDS and _is_new(words, said):
            said.append(words)
            yield " ".join(words.split())


def _is_new(words: str, said: list[str]) -> bool:
    is_telling = words.isprintable() and len(words) > 1 and not _FILLER.fullmatch(words)
    return is_telling and not any(words in other or other in words for other in said)
