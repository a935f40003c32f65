"""What a drift rule is: a pure function from (world, commitment, options) to drifts, and the facts about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from msgspec import Struct

from mappings.commitments import Commitment
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World


class Options(Struct, frozen=True, kw_only=True):
    """A rule's options after the mapping's have been laid over its defaults. ``thresholds`` holds every threshold the rule names."""

    is_enabled: bool
    severity: Severity
    grace: timedelta
    thresholds: Mapping[str, float]


class Rule(Struct, frozen=True, kw_only=True):
    """One drift rule. Its module's docstring is its documentation: what drifts, why it matters, which traps it avoids.

    ``find`` is called once per commitment, or once with None when ``is_global``, or both when ``is_also_global``; it returns drifts in any order and applies no grace. ``absence`` are
    the streams whose silence the rule takes as evidence: it is not asked while any scope of them is unknown. ``says`` (what the systems say) and ``means`` (what it means for delivery, with the same numbers; none for rules about Tandem itself) and ``clears`` are filled with the
    drift's values. ``lag`` is how long a drift must have been true at
    least, for the slower tool must have had time to say so; what Tandem knows by itself has none. A closed commitment is judged only by rules with ``judges_closed``: its plan is history, but what broke since is not.
    ``explained_by`` are the rules whose findings about the same commitment and subject (or that cover this one) are its cause: what is to be done first about those
    clears this. Such a pair has a case under ``tests/causes``.
    """

    code: str
    title: Text
    severity: Severity
    audience: Audience
    says: Text
    clears: Text
    means: Text | None = None
    find: Callable[[World, Commitment | None, Options], Iterable[Drift]]
    grace: timedelta = timedelta(0)
    lag: timedelta = timedelta(minutes=15)
    thresholds: tuple[tuple[str, float], ...] = ()
    absence: frozenset[str] = frozenset()
    is_global: bool = False
    is_also_global: bool = False
    judges_closed: bool = False
    explained_by: frozenset[str] = frozenset()
