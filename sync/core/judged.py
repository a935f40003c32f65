"""Judged: one commitment with all that was found out about it. Every view (comment, table, property, plan) is made of these values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable
from datetime import date, datetime

from msgspec import Struct

from connectors.port import Completeness, Verdict
from mappings.commitments import Commitment
from sync.core.coverage import verdicts_for
from sync.core.deadline import due_on_of
from sync.core.finding import Finding
from sync.core.progress import Counts, progress_of_commitment
from sync.core.status import Health, Status, rank_of, status_of
from sync.core.told import Told
from sync.core.world import World

__all__ = ["Judged", "SourceRead", "Told", "judged_alone", "judged_of", "told_of"]


class SourceRead(Struct, frozen=True, kw_only=True):
    """How old and how complete one source is for one commitment: the oldest instant and the worst completeness of the scopes that it depends on."""

    source: str
    at: datetime
    completeness: Completeness


class Judged(Struct, frozen=True, kw_only=True):
    """A commitment as it stands. ``findings`` are the open ones, worst first; ``suppressed`` in the same order.

    ``member_keys`` are the keys of its member issues, sorted; ``reads`` are by source; ``zone`` is the zone in which people read dates. ``heard`` is the
    health without the findings that notify nobody, None where it is the same.
    """

    commitment: Commitment
    status: Status
    counts: Counts
    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    blind_spots: tuple[Verdict, ...]
    member_keys: tuple[str, ...]
    reads: tuple[SourceRead, ...]
    due_on: date | None
    zone: str
    heard: Health | None = None

    @property
    def is_unknown(self) -> bool:
        """True if something was not completely read: then nothing is written."""
        return self.status.health is Health.UNKNOWN


def judged_of(
    world: World, findings: Iterable[Finding], *, among: Container[str] | None = None
) -> tuple[Judged, ...]:
    """Every commitment judged (those ``among`` the keys, where it is given), in the order of the mapping. Findings about no single commitment are left out."""
    by_key: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in sorted(findings, key=rank_of):
        by_key[finding.commitment_key].append(finding)
    asked = (c for c in world.commitments if among is None or c.key in among)
    return tuple(_judged(world, commitment, by_key[commitment.key]) for commitment in asked)


def judged_alone(world: World, commitment: Commitment, findings: Iterable[Finding]) -> Judged:
    """One commitment judged; ``findings`` may be anyone's."""
    own = (f for f in findings if f.commitment_key == commitment.key)
    return _judged(world, commitment, sorted(own, key=rank_of))


def told_of(judged: Judged, *, readers: str = "") -> Told:
    """What a comment about ``judged`` says, to be kept once it is delivered."""
    return Told(
        health=judged.status.health,
        agreement=judged.status.agreement,
        counts=judged.counts,
        findings=tuple(sorted((f.fingerprint, f.severity.word) for f in judged.findings)),
        member_keys=judged.member_keys,
        readers=readers,
        heard=judged.heard,
    )


def _judged(world: World, commitment: Commitment, findings: list[Finding]) -> Judged:
    status = status_of(world, commitment, findings)
    heard = status_of(world, commitment, [f for f in findings if not f.is_muted]).health
    verdicts = verdicts_for(world, commitment)
    return Judged(
        commitment=commitment,
        status=status,
        counts=progress_of_commitment(world, commitment),
        findings=tuple(f for f in findings if f.suppressed is None),
        suppressed=tuple(f for f in findings if f.suppressed is not None),
        blind_spots=tuple(v for v in verdicts if not v.is_complete),
        member_keys=tuple(sorted(issue.key for issue in world.issues_in(commitment))),
        reads=reads_of(verdicts),
        due_on=due_on_of(world, commitment),
        zone=world.spec.calendar.zone,
        heard=None if heard is status.health else heard,
    )


_FROM_BEST = tuple(Completeness)


def reads_of(verdicts: tuple[Verdict, ...]) -> tuple[SourceRead, ...]:
    """How old and how complete each source is, by source."""
    by_source: defaultdict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        by_source[verdict.scope.source].append(verdict)
    return tuple(
        SourceRead(
            source=source,
            at=min(v.at for v in of_source),
            completeness=max((v.completeness for v in of_source), key=_FROM_BEST.index),
        )
        for source, of_source in sorted(by_source.items())
    )
