"""Slots: looks whether people touched our comments, several side by side. What was found is decided purely; only slots that can have changed are looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct
from sqlalchemy import Connection, Engine

from connectors.commands import ObservedComment, Receipt, reads_same
from connectors.errors import AuthenticationError, BlockedError, DeferredError, TandemError
from connectors.port import Ahead, Sink
from sync.core.condition import Touch
from sync.engine.crew import Crew, Errand, Told
from sync.engine.threads import crew_of
from sync.logs import log
from sync.store import outbox, slots
from sync.store.slots import Sight

EVERY = timedelta(days=1)
"""Every comment is looked at this often even if the tool names no change of its issue."""


class Found(StrEnum):
    """How a comment was found. ``extras``: ours, but more of them or another than the receipt knows of, so the next delivery puts it right."""

    STANDING = "standing"
    EDITED = "edited"
    DELETED = "deleted"
    EXTRAS = "extras"


TOUCH: Mapping[Found, Touch] = {Found.EDITED: Touch.EDITED, Found.DELETED: Touch.DELETED}
"""What a person did, by how the comment was found."""


def found_in(receipt: Receipt, comments: Sequence[ObservedComment]) -> Found:
    """How the comment that ``receipt`` knows was found, by all of ours in the slot, lowest id first.

    A person edited it if its text differs and either the tool names somebody else as its editor or our marker is gone. A tool may change a text on its own
    (line ends, blanks, characters), so a text that differs under our name and our marker is ours. One of ours with another digest is not a person's work
    either: the store is older than the tool, as after a restore.
    """
    if not comments:
        return Found.DELETED
    first = comments[0]
    differs = not reads_same(first.body, receipt.body)
    if differs and (first.is_edited_by_other or first.digest is None):
        return Found.EDITED
    is_known = (first.remote_id, first.digest) == (receipt.remote_id, receipt.digest)
    return Found.STANDING if is_known and len(comments) == 1 else Found.EXTRAS


def is_due(sight: Sight | None, *, updated_at: datetime, tool_now: datetime) -> bool:
    """True if a slot is to be looked at: its issue changed since the last look, or that was a day ago, or a day ahead (a clock was set back)."""
    return sight is None or updated_at > sight.checked_at or abs(tool_now - sight.checked_at) >= EVERY


class Inspection(Struct, frozen=True, kw_only=True):
    """What looking needs: the store, a sink per source, the clock, and how many ``workers`` look side by side. The others are as in ``Post``."""

    engine: Engine
    sinks: Mapping[str, Sink]
    now: Callable[[], datetime]
    tick: Callable[[], None] = lambda: None
    guard: Callable[[Connection], None] = lambda _: None
    abandon: Callable[[], None] = lambda: None
    skew_s: Callable[[str], float] = lambda _: 0.0
    workers: int = 1


class _Look(Struct, frozen=True, kw_only=True):
    """A look at the comment that ``receipt`` knows, which was seen last as ``before``; its answer holds as of ``checked_at``."""

    receipt: Receipt
    before: Sight
    checked_at: datetime

    @property
    def source(self) -> str:
        return self.receipt.slot.source


def inspect(inspection: Inspection) -> int:
    """Look at every comment that may have been touched and store how it was found; returns how many were looked at.

    Each is looked for in its issue's listing, which alone shows extras. A look that fails says nothing, and the slot is looked at again in the next run. A site that
    refuses the log-in, blocks our address or is near its limit is asked no more.
    """
    closed: dict[str, TandemError] = {}
    looked: list[_Look] = []
    crew: Crew[_Look, tuple[ObservedComment, ...]] = crew_of(
        inspection.workers, tick=inspection.tick, abandon=inspection.abandon
    )
    due = _due(inspection, closed)
    with crew:
        while True:
            while crew.has_room and (look := next(due, None)):
                inspection.tick()
                crew.give(_errand(inspection, look, closed, looked))
            if crew.is_idle:
                return len(looked)
            heard = crew.heard()
            _note_errors(heard, closed)
            _keep(inspection, [(told.name, told.found) for told in heard if told.found is not None])


def _errand(
    inspection: Inspection, look: _Look, closed: Mapping[str, TandemError], looked: list[_Look]
) -> Errand[_Look, tuple[ObservedComment, ...]]:
    def steps(_: Ahead) -> Iterator[tuple[ObservedComment, ...]]:
        looked.append(look)
        yield inspection.sinks[look.source].observe(look.receipt.slot, look.receipt)

    return Errand(name=look, steps=steps, stopped=lambda: closed.get(look.source))


def _note_errors(
    heard: Iterable[Told[_Look, tuple[ObservedComment, ...]]], closed: dict[str, TandemError]
) -> None:
    for told in heard:
        if told.error is None or told.error is closed.get(told.name.source):
            continue
        slot = str(told.name.receipt.slot)
        log().warning("slot_not_looked_at", slot=slot, reason=str(told.error))
        if isinstance(told.error, AuthenticationError | BlockedError | DeferredError):
            closed.setdefault(told.name.source, told.error)


def _due(inspection: Inspection, closed: Mapping[str, TandemError]) -> Iterator[_Look]:
    """The looks to be made, on sites that are open when it comes to them."""
    for receipt, sight, updated_at in _candidates(inspection.engine):
        source = receipt.slot.source
        tool_now = inspection.now() + timedelta(seconds=inspection.skew_s(source))
        is_wanted = source in inspection.sinks and source not in closed
        if is_wanted and is_due(sight, updated_at=updated_at, tool_now=tool_now):
            before = sight or Sight(slot=receipt.slot, checked_at=updated_at)
            yield _Look(receipt=receipt, before=before, checked_at=max(updated_at, tool_now))


def _candidates(engine: Engine) -> Iterator[tuple[Receipt, Sight | None, datetime]]:
    """Receipts of comments on living issues, each with how it was seen last and when its issue changed; none whose own last write broke off."""
    with engine.connect() as connection:
        receipts = outbox.all_receipts(connection)
        unsure = outbox.unsure_in(connection)
        sights = slots.all_sights(connection)
        updated = slots.issues_updated(connection)
    for slot, target in sorted(receipts):
        issue = (slot.source, slot.issue_id)
        if target == outbox.COMMENT and (slot, target) not in unsure and issue in updated:
            yield receipts[slot, target], sights.get(slot), updated[issue]


def _keep(inspection: Inspection, answered: Sequence[tuple[_Look, tuple[ObservedComment, ...]]]) -> None:
    """Store what was seen, in one transaction, which holds the leases too."""
    found = [(look, found_in(look.receipt, comments)) for look, comments in answered]
    with inspection.engine.begin() as connection:
        inspection.guard(connection)
        slots.keep(connection, *(_sight(look, how, now=inspection.now()) for look, how in found))
        for look in (look for look, how in found if how is Found.EXTRAS):
            reason = "found otherwise than the receipt says"
            outbox.doubt(connection, look.receipt, reason, now=inspection.now())
    for look, how in found:
        if how is not Found.STANDING:
            log().warning("slot_found", slot=str(look.receipt.slot), found=how.value)


def _sight(look: _Look, found: Found, *, now: datetime) -> Sight:
    touch, before = TOUCH.get(found), look.before
    since = None if touch is None else before.since if touch is before.touch else now
    return Sight(
        slot=look.receipt.slot, checked_at=look.checked_at, touch=touch, since=since, reposts=before.reposts
    )
