"""Told: what a managed comment said last time, the basis of "since last time" and of the question whether to notify."""

from __future__ import annotations

import json
from collections.abc import Mapping

from msgspec import Struct, to_builtins

from sync.core.finding import Severity
from sync.core.progress import Counts
from sync.core.status import Agreement, Health

LOUD = Severity.HIGH
"""A finding of this severity or worse notifies people when it appears."""


class Told(Struct, frozen=True, kw_only=True):
    """What was said in one slot. ``findings`` are (fingerprint, severity word) of the open ones, ``member_keys`` issue keys, both sorted.

    ``readers`` says who could read it (``role:Developers``; empty for everybody), so that a changed visibility is written. ``heard`` is the health without the findings that
    notify nobody, where that is another; it stands in the JSON only then.
    """

    health: Health
    agreement: Agreement
    counts: Counts
    findings: tuple[tuple[str, str], ...]
    member_keys: tuple[str, ...]
    readers: str = ""
    heard: Health | None = None

    @property
    def heard_health(self) -> Health:
        """The health without the findings that notify nobody."""
        return self.heard or self.health

    @property
    def severities(self) -> Mapping[str, Severity]:
        """The severity that each finding was told with, by fingerprint."""
        return {fingerprint: Severity.of(word) for fingerprint, word in self.findings}

    @property
    def fingerprints(self) -> frozenset[str]:
        """Fingerprints of all findings that were told."""
        return frozenset(fingerprint for fingerprint, _ in self.findings)

    def to_json(self) -> str:
        """Canonical JSON: equal values give equal text."""
        raw = {
            name: value for name, value in to_builtins(self).items() if name != "heard" or value is not None
        }
        return json.dumps(raw, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Told:
        """The value that ``to_json`` wrote; ``ValueError``, ``KeyError`` or ``TypeError`` on anything else."""
        raw = json.loads(text)
        return cls(
            health=Health(raw["health"]),
            agreement=Agreement(raw["agreement"]),
            counts=Counts(**raw["counts"]),
            findings=tuple((fingerprint, Severity.of(word).word) for fingerprint, word in raw["findings"]),
            member_keys=tuple(raw["member_keys"]),
            readers=raw["readers"],
            heard=Health(raw["heard"]) if "heard" in raw else None,
        )
