"""Terms: what was agreed about a milestone, and on which terms a debt is carried."""

from __future__ import annotations

from datetime import date

from msgspec import Struct


class Debt(Struct, frozen=True, kw_only=True):
    """The register's entries of a debt item. ``accepted_until`` is inclusive. ``modules`` are (GitLab project path or id, path prefix).

    ``asked`` names the terms (``accepted_until``, ``reason``) for which the mapping gives a place.
    """

    issue_key: str
    accepted_until: date | None = None
    reason: str | None = None
    modules: tuple[tuple[str, str], ...] = ()
    deferred_features: tuple[str, ...] = ()
    asked: frozenset[str] = frozenset()


class Charter(Struct, frozen=True, kw_only=True):
    """What was agreed about a milestone that the mapping names: when its scope was settled, what ends it, which target branches feed it."""

    baseline_on: date | None = None
    exit_criteria: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
