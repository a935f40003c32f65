"""Standing: where a finding stands in its life, by when it was seen and what people decided about it. The one place where decisions of people meet findings."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

from msgspec.structs import replace

from mappings.calendar import Calendar
from mappings.drift_options import FlappingOptions
from sync.core.condition import Sighting
from sync.core.drift.suppression import suppressed_of
from sync.core.finding import Acknowledged, Finding, Severity, State
from sync.core.world import World

_DAY = timedelta(days=1)
_LONGEST_SEARCH_DAYS = 400


class Lapse(StrEnum):
    """Why an acknowledgement holds no more: its last day is over, its finding cleared, or cleared and came back, or is worse than it was then."""

    DAY_OVER = "day_over"
    CLEARED = "cleared"
    CAME_BACK = "came_back"
    WORSE = "worse"


def standing_of(world: World, finding: Finding) -> Finding:
    """The finding with its suppression, its acknowledgement and its state as of ``world.now``.

    Of several states the first of suppressed, acknowledged, flapping, new, open counts.
    """
    seen = world.sighting.get(finding.fingerprint)
    suppressed = suppressed_of(world, finding)
    acknowledged = acknowledged_of(world, finding)
    if suppressed:
        state = State.SUPPRESSED
    elif acknowledged:
        state = State.ACKNOWLEDGED
    elif is_flapping(seen, world.spec.flapping, now=world.now):
        state = State.FLAPPING
    else:
        state = State.NEW if found_at(seen, now=world.now) >= new_since(world) else State.OPEN
    return replace(finding, suppressed=suppressed, acknowledged=acknowledged, state=state)


def acknowledged_of(world: World, finding: Finding) -> Acknowledged | None:
    """Who has taken notice of the finding, None if nobody has, or if that holds no more."""
    given = world.acknowledgement.get(finding.fingerprint)
    return given if given and lapse_of(world, given, finding.severity) is None else None


def lapse_of(world: World, given: Acknowledged, severity: Severity | None) -> Lapse | None:
    """Why an acknowledgement holds no more, None while it does. ``severity`` is that of its finding now, None if it is not found now."""
    if given.until is not None and given.until < today_of(world):
        return Lapse.DAY_OVER
    seen = world.sighting.get(given.fingerprint)
    if seen is not None and seen.cleared_at is not None:
        return Lapse.CLEARED
    if seen is not None and seen.first_seen_at > given.at:
        return Lapse.CAME_BACK
    return Lapse.WORSE if severity is not None and severity > given.severity else None


def is_flapping(seen: Sighting | None, options: FlappingOptions, *, now: datetime) -> bool:
    """True for a finding seen now that came back ``options.returns`` times within ``options.days``, this time included."""
    if seen is None:
        return False
    returns = (*seen.returned_at, *((now,) if seen.was_told else ()))
    lately = [at for at in returns if timedelta(0) <= now - at <= timedelta(days=options.days)]
    return len(lately) >= options.returns


def found_at(seen: Sighting | None, *, now: datetime) -> datetime:
    """When a finding of now counted for the first time in its present age."""
    if seen is None or seen.cleared_at is not None or seen.found_at is None:
        return now
    return min(seen.found_at, now)


def new_since(world: World) -> datetime:
    """The beginning of the last working day before today: what was found since is new, so that nobody misses a weekend's findings."""
    calendar = Calendar(world.spec.calendar)
    day = today_of(world) - _DAY
    for _ in range(_LONGEST_SEARCH_DAYS):
        if calendar.is_workday(day):
            break
        day -= _DAY
    return calendar.start_of(day)


def today_of(world: World) -> date:
    """The day of the judgement in the calendar's zone."""
    return Calendar(world.spec.calendar).day_of(world.now)
