"""Told: what a managed comment said last time, the basis of "since last time" and of the question whether to notify."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from sync.core.finding import Severity
from sync.core.progress import Counts
from sync.core.status import Agreement, Health

LOUD = Severity.HIGH
"""A finding of this severity or worse notifies people when it appears."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was said in one slot. ``findings`` are (fingerprint, severity word) of the open ones, ``member_keys`` issue keys, both sorted.

    ``readers`` says who could read it (``role:Developers``; empty for everybody), so that a changed visibility is written.
    """

    health: Health
    agreement: Agreement
    counts: Counts
    findings: tuple[tuple[str, str], ...]
    member_keys: tuple[str, ...]
    readers: str = ""

    @property
    def fingerprints(self) -> frozenset[str]:
        """Fingerprints of all findings that were told."""
        return frozenset(fingerprint for fingerprint, _ in self.findings)

    @property
    def loud(self) -> frozenset[str]:
        """Fingerprints of the findings that were told as high or critical."""
        return frozenset(fingerprint for fingerprint, word in self.findings if Severity.of(word) >= LOUD)

    def to_json(self) -> str:
        """Canonical JSON: equal values give equal text."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

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
        )
