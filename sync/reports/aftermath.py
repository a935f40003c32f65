"""Aftermath: what a run leaves behind besides what it wrote: comments that were kept, and writes that were given up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from connectors.commands import Slot
from sync.core.actions import COMMENT, ActionKind
from sync.engine.run import Outcome
from sync.store.outbox import ATTEMPTS


def kept_of(outcome: Outcome) -> Mapping[str, tuple[str, ...]]:
    """Commitments that keep the comment which stands because something they depend on is unknown: their keys, each once, by the reason."""
    by_reason: defaultdict[str, list[str]] = defaultdict(list)
    for action in outcome.plan.actions if outcome.plan else ():
        if action.kind is ActionKind.BLOCKED and action.target == COMMENT and action.before:
            by_reason[action.why].append(action.slot.commitment_key)
    return {why: tuple(dict.fromkeys(keys)) for why, keys in by_reason.items()}


def dead_after(outcome: Outcome) -> frozenset[tuple[Slot, str]]:
    """The places, (slot, target), whose write has been given up, after this run: dead before it and not taken up again, or dead by it."""
    ended = {d.delivery.place: d for d in outcome.delivered}
    fallen = {place for place, d in ended.items() if d.error and d.delivery.attempts + 1 >= ATTEMPTS}
    before = outcome.judging.world.condition.dead if outcome.judging else ()
    still = {(letter.slot, letter.target) for letter in before} - ended.keys() - _settled(outcome)
    return frozenset(fallen | still)


def _settled(outcome: Outcome) -> frozenset[tuple[Slot, str]]:
    """Places that stand as they should: a run that writes takes their dead letters out."""
    if outcome.plan is None or outcome.held or not outcome.plan.is_write_enabled:
        return frozenset()
    return frozenset((a.slot, a.target) for a in outcome.plan.actions if a.kind is ActionKind.NO_OP)
