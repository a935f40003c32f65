"""The outbox for people: what waits, what failed and why, and which slots are left alone."""

from __future__ import annotations

from datetime import datetime

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table

from sync.core.condition import Touch
from sync.reports.words import age, counted, safe
from sync.store.outbox import DEAD, DOUBT, Delivery
from sync.store.outbox_care import Waiting

_COLOURS = {DEAD: "red", DOUBT: "yellow"}


def view_of(waiting: Waiting, *, now: datetime) -> RenderableType:
    """A table of deliveries, the slots left alone below it, and what can be done."""
    parts: list[RenderableType] = [_table_of(waiting, now=now), ""] if waiting.deliveries else []
    parts += [
        f"[cyan]left alone[/]  {safe(waiting.issue_of(sight.slot))}  {safe(str(sight.slot))}: {_touched(sight.touch)} by a person again after ours was put back, "
        f"{age(sight.since or now, now)}"
        for sight in waiting.left_alone
    ]
    return Group(*parts, _last_line(waiting))


def _touched(touch: Touch | None) -> str:
    return touch.value if touch else ""


def _table_of(waiting: Waiting, *, now: datetime) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for name in ("ID", "STATE", "TARGET", "ISSUE", "ATTEMPTS", "AGE", "REASON"):
        table.add_column(
            name, overflow="fold", no_wrap=name != "REASON", justify="right" if name == "ID" else "left"
        )
    for delivery in waiting.deliveries:
        slot, target = delivery.place
        about = "" if slot.commitment_key == "*" else f" {slot.commitment_key}"
        colour = _COLOURS.get(delivery.state, "default")
        table.add_row(
            str(delivery.id),
            f"[{colour}]{state_of(delivery)}[/]",
            safe(f"{target}{about}"),
            safe(waiting.issue_of(slot)),
            str(delivery.attempts),
            age(delivery.created_at, now),
            safe(delivery.last_error or "-"),
        )
    return table


def state_of(delivery: Delivery) -> str:
    """``pending``, ``dead`` or ``doubt``; a delivery whose write broke off is also ``unsure``."""
    is_worth_saying = delivery.is_unsure and delivery.state != DOUBT
    return f"{delivery.state}, unsure" if is_worth_saying else delivery.state


def _last_line(waiting: Waiting) -> str:
    dead = sum(d.state == DEAD for d in waiting.deliveries)
    if not waiting.deliveries and not waiting.left_alone:
        return "Nothing waits."
    line = f"{len(waiting.deliveries)} waiting, {dead} of them dead; {counted(len(waiting.left_alone), 'slot')} left alone."
    is_retryable = dead or waiting.left_alone
    return f"{line} Try again with: tandem outbox retry ID or issue key" if is_retryable else line


def document_of(waiting: Waiting) -> dict[str, object]:
    """The same as a JSON document."""
    return {
        "deliveries": [_delivery(waiting, delivery) for delivery in waiting.deliveries],
        "left_alone": [
            {
                "slot": str(sight.slot),
                "issue_key": waiting.issue_of(sight.slot),
                "touch": _touched(sight.touch),
                "since": sight.since.isoformat() if sight.since else None,
            }
            for sight in waiting.left_alone
        ],
    }


def _delivery(waiting: Waiting, delivery: Delivery) -> dict[str, object]:
    slot, target = delivery.place
    return {
        "id": delivery.id,
        "state": delivery.state,
        "is_unsure": delivery.is_unsure,
        "target": target,
        "slot": str(slot),
        "issue_key": waiting.issue_of(slot),
        "attempts": delivery.attempts,
        "created_at": delivery.created_at.isoformat(),
        "updated_at": delivery.updated_at.isoformat(),
        "reason": delivery.last_error,
    }
