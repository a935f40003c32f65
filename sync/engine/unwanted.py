"""Unwanted: which waiting deliveries a plan does not want any more. Values in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connectors.commands import Slot
from sync.core.plan import ActionKind, Plan
from sync.store.outbox import PENDING, Delivery


def unwanted(plan: Plan, waiting: Iterable[Delivery], sources: frozenset[str]) -> Iterator[tuple[Slot, str]]:
    """The places of deliveries that the plan does not want: what waits there was wished for by an older plan, of a slot that may even have left the mapping.

    A dead letter stays, for a person to see, until its place stands as it should or is no more.
    """
    kinds = {(action.slot, action.target): action.kind for action in plan.actions}
    for delivery in waiting:
        kind = kinds.get(delivery.place, ActionKind.NO_OP)
        is_idle = kind is ActionKind.NO_OP or (delivery.state == PENDING and not kind.is_write)
        if is_idle and delivery.command.slot.source in sources:
            yield delivery.place
