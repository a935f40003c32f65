"""Choice: which findings a reader wants to see. It changes what is shown, never what is judged or written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from mappings.calendar import Calendar
from mappings.suggest import allowed
from sync.core.condition import Sighting
from sync.core.drift.standing import found_at, new_since
from sync.core.finding import Audience, Finding, State
from sync.core.world import World

_ACTING = {
    Audience.TECHNICAL: {Audience.TECHNICAL, Audience.BOTH},
    Audience.ENGINEERING: {Audience.ENGINEERING, Audience.BOTH},
    Audience.BOTH: {Audience.TECHNICAL, Audience.ENGINEERING, Audience.BOTH},
    Audience.OPERATOR: {Audience.OPERATOR},
}
"""Whose findings each audience is to act on."""


class Choice(Struct, frozen=True, kw_only=True):
    """What must hold of a finding to be shown. ``select`` and ``ignore`` are beginnings of rule codes; an empty ``select`` takes all.

    ``since`` is the first day on which it may have counted first; ``audience`` takes the findings that it is to act on, alone or with the other.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    commitment: str | None = None
    audience: Audience | None = None
    since: date | None = None
    is_new: bool = False

    def takes_rule(self, code: str) -> bool:
        """True for a rule that is selected and not ignored."""
        return (not self.select or code.startswith(self.select)) and not code.startswith(
            self.ignore or ("\0",)
        )


def chosen(world: World, findings: Iterable[Finding], choice: Choice) -> tuple[Finding, ...]:
    """The findings that the choice takes, in the given order."""
    return tuple(f for f in findings if _is_chosen(world, f, choice))


def cleared_lately(world: World, choice: Choice) -> tuple[Sighting, ...]:
    """Findings that were and are no more since the last working day, newest first; the choice's day and audience play no part."""
    since = new_since(world)
    found = (
        s
        for s in world.condition.sightings
        if s.was_told
        and s.cleared_at
        and s.cleared_at >= since
        and choice.takes_rule(s.rule)
        and choice.commitment in {None, s.commitment_key}
    )
    return tuple(sorted(found, key=lambda s: (s.cleared_at, s.fingerprint), reverse=True))


def prefixes_of(text: str, codes: Iterable[str]) -> tuple[str, ...]:
    """The code prefixes of ``S,R04``, in upper case. Raises ``ValueError``, with what was probably meant, for one with which no code begins."""
    known = tuple(codes)
    wanted = tuple(part.strip().upper() for part in text.split(",") if part.strip())
    for prefix in wanted:
        if not any(code.startswith(prefix) for code in known):
            raise ValueError(f'no rule begins with "{prefix}". {allowed(prefix, known)}')
    if not wanted:
        raise ValueError(f"names no rule. {allowed(text, known)}")
    return wanted


def _is_chosen(world: World, finding: Finding, choice: Choice) -> bool:
    return (
        choice.takes_rule(finding.rule)
        and choice.commitment in {None, finding.commitment_key}
        and (choice.audience is None or finding.audience in _ACTING[choice.audience])
        and (not choice.is_new or finding.state is State.NEW)
        and (choice.since is None or _day_found(world, finding) >= choice.since)
    )


def _day_found(world: World, finding: Finding) -> date:
    seen = world.sighting.get(finding.fingerprint)
    return Calendar(world.spec.calendar).day_of(found_at(seen, now=world.now))
