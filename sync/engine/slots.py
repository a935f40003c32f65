"""Slots: looks whether people touched our comments. What was found is decided purely; only slots that can have changed are looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, Engine

from connectors.commands import ObservedComment, Receipt, reads_same
from connectors.errors import AuthenticationError, BlockedError, DeferredError, FatalError, RetryableError
from connectors.port import Sink
from sync.core.condition import Touch
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What looking needs: the store, a sink per source, and the clock. ``tick``, ``guard`` and ``skew_s`` are as in ``Post``."""

    engine: Engine
    sinks: Mapping[str, Sink]
    now: Callable[[], datetime]
    tick: Callable[[], None] = lambda: None
    guard: Callable[[Connection], None] = lambda _: None
    skew_s: Callable[[str], float] = lambda _: 0.0


def inspect(inspection: Inspection) -> int:
    """Look at every comment that may have been touched and store how it was found; returns how many were looked at.

    A look that fails says nothing, and the slot is looked at again in the next run. A site that refuses the log-in, blocks our address or is near its limit
    is asked no more.
    """
    closed: set[str] = set()
    looked = 0
    for receipt, sight, updated_at in _candidates(inspection.engine):
        source = receipt.slot.source
        tool_now = inspection.now() + timedelta(seconds=inspection.skew_s(source))
        is_wanted = source in inspection.sinks and source not in closed
        if not is_wanted or not is_due(sight, updated_at=updated_at, tool_now=tool_now):
            continue
        inspection.tick()
        looked += 1
        try:
            comments = inspection.sinks[source].observe(receipt.slot, receipt)
        except (RetryableError, FatalError) as error:
            log().warning("slot_not_looked_at", slot=str(receipt.slot), reason=str(error))
            closed |= (
                {source} if isinstance(error, AuthenticationError | BlockedError | DeferredError) else set()
            )
            continue
        before = sight or Sight(slot=receipt.slot, checked_at=updated_at)
        _keep(inspection, receipt, before, found_in(receipt, comments), checked_at=max(updated_at, tool_now))
    return looked


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


def _keep(
    inspection: Inspection, receipt: Receipt, before: Sight, found: Found, *, checked_at: datetime
) -> None:
    touch = TOUCH.get(found)
    since = None if touch is None else before.since if touch is before.touch else inspection.now()
    with inspection.engine.begin() as connection:
        inspection.guard(connection)
        slots.keep(
            connection,
            Sight(slot=receipt.slot, checked_at=checked_at, touch=touch, since=since, reposts=before.reposts),
        )
        if found is Found.EXTRAS:
            outbox.doubt(connection, receipt, "found otherwise than the receipt says", now=inspection.now())
    if found is not Found.STANDING:
        log().warning("slot_found", slot=str(receipt.slot), found=found.value)
