"""Explain comments: what has changed about a commitment since each of its managed comments last spoke."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from connectors.commands import Slot
from sync.core.comment_since import differences
from sync.core.explanation import CommentSince
from sync.core.finding import Finding
from sync.core.judged import Judged
from sync.core.slot_state import DeliveredState
from sync.core.told import Told
from sync.core.world import World

_NOT_KEPT = "what it said was not kept"
_UNKNOWN = "the commitment is unknown now, so nothing can be told of it"


def comments_since(world: World, judged: Judged, state: DeliveredState) -> Iterator[CommentSince]:
    """One for each of the commitment's slots whose issue is there, in the mapping's order."""
    commitment = judged.commitment
    issues = (world.observed.issue_by_key.get(key) for key in commitment.slot_issue_keys)
    for issue in filter(None, issues):
        known = state.comment_in(Slot(source=issue.source, issue_id=issue.id, commitment_key=commitment.key))
        if known.receipt is None:
            yield CommentSince(issue_key=issue.key, written_at=None)
        else:
            yield _since(world, judged, known.told, at=known.receipt.delivered_at, issue_key=issue.key)


def _since(world: World, judged: Judged, told: Told | None, *, at: datetime, issue_key: str) -> CommentSince:
    if told is None or judged.is_unknown:
        return CommentSince(issue_key=issue_key, written_at=at, changes=(_UNKNOWN if told else _NOT_KEPT,))
    here = {f.fingerprint for f in judged.findings}
    return CommentSince(
        issue_key=issue_key,
        written_at=at,
        changes=differences(judged, told, "en"),
        came=tuple(_names(f for f in judged.findings if f.fingerprint not in told.fingerprints)),
        cleared=tuple(sorted(_cleared(world, judged, told.fingerprints - here))),
    )


def _names(findings: Iterable[Finding]) -> Iterator[str]:
    return (f"{finding.rule} {finding.subject_label}" for finding in findings)


def _cleared(world: World, judged: Judged, fingerprints: Iterable[str]) -> Iterator[str]:
    """What was told and is no more, by rule and subject as far as that was kept; what is suppressed by now says so."""
    quiet = {
        f.fingerprint: name for f, name in zip(judged.suppressed, _names(judged.suppressed), strict=True)
    }
    for fingerprint in fingerprints:
        seen = world.sighting.get(fingerprint)
        if fingerprint in quiet:
            yield f"{quiet[fingerprint]} (suppressed)"
        elif seen:
            yield f"{seen.rule} {seen.subject_label}".rstrip()
        else:
            yield fingerprint
