"""Health: whether the last good run is recent enough, as a judgement over what the store noted. The dead man's signal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from sync.reports.words import counted
from sync.store.progress import GOOD, READING, Run

_CLOCKS = timedelta(minutes=5)
"""A run that ended further than this in the future was noted by a wrong clock and proves nothing."""

_NAMED = 3


class Health(Struct, frozen=True, kw_only=True):
    """``is_well``, the last good run if there is one, and sentences: first the verdict, then what happened since and what to do."""

    is_well: bool
    last_good: Run | None
    sentences: tuple[str, ...]


def last_good(runs: Iterable[Run], *, now: datetime) -> Run | None:
    """The run that read the tools and ended last as complete or partial, none from the future: a held or failed run is not good."""
    good = (r for r in runs if r.outcome in GOOD and r.command in READING and r.finished_at)
    told = [(r.finished_at, r) for r in good if r.finished_at and r.finished_at <= now + _CLOCKS]
    return max(told, key=lambda pair: pair[0])[1] if told else None


def health_of(
    runs: Iterable[Run], *, overdue_at: datetime | None, now: datetime, trouble: str = ""
) -> Health:
    """Well if there was a good run and ``now`` is not past ``overdue_at``, the instant at which the next one is missed (None: never).

    ``trouble`` is what is wrong with the store itself, in words; with any, nothing is well. ``runs`` in any order.
    """
    noted = tuple(runs)
    good = last_good(noted, now=now)
    is_late = overdue_at is not None and now > overdue_at
    since = sorted(
        (r for r in noted if good is None or r.started_at > good.started_at), key=lambda r: r.started_at
    )
    sentences = (_verdict(good, now=now), *_since(since), *((trouble,) if trouble else ()))
    return Health(
        is_well=good is not None and not is_late and not trouble, last_good=good, sentences=sentences
    )


def _verdict(good: Run | None, *, now: datetime) -> str:
    if good is None or good.finished_at is None:
        return "No run has ended well yet: tandem doctor, then tandem sync."
    minutes = max(0, round((now - good.finished_at).total_seconds() / 60))
    return f"The last good run ({good.command}, {good.outcome}) ended {good.finished_at:%Y-%m-%d %H:%M} UTC, {counted(minutes, 'minute')} ago."


def _since(runs: list[Run]) -> Iterable[str]:
    bad = [r for r in runs if r.outcome and r.outcome not in GOOD]
    for run in bad[-_NAMED:]:
        reason = f": {run.detail}" if run.detail else ""
        yield f"{run.started_at:%Y-%m-%d %H:%M} UTC {run.command} {run.outcome}{reason}"
    if len(bad) > _NAMED:
        yield f"{counted(len(bad), 'run')} since then did not end well."
