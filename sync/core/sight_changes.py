"""Sight changes: how a finding differs from what was seen of it before, in English."""

from __future__ import annotations

from collections.abc import Iterator

from sync.core.finding import Sight


def changes_between(then: Sight, now: Sight) -> tuple[str, ...]:
    """What is different ``now``: the severity, what came into the evidence, what left it and what is observed otherwise, then the sentence of ``then``."""
    return tuple(_changes(then, now))


def _changes(then: Sight, now: Sight) -> Iterator[str]:
    if then.severity is not now.severity:
        yield f"severity {now.severity.word}, was {then.severity.word}"
    before = {ref: (label, observed) for ref, label, observed in then.evidence}
    after = {ref: (label, observed) for ref, label, observed in now.evidence}
    for ref, (label, observed) in after.items():
        if ref not in before:
            yield f"{label} came: {observed}"
        elif before[ref][1] != observed:
            yield f"{label} {observed}; was {before[ref][1]}"
    yield from (f"{label} left" for ref, (label, _) in before.items() if ref not in after)
    if then.says != now.says:
        yield f"it said: {then.says}"
