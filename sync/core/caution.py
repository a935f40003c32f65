"""Caution: what makes a plan look like a mistake in the mapping rather than a day's work. Such a plan is not carried out until a person has read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from connectors.commands import Slot
from mappings.schema import BreakerOptions
from sync.core.actions import COMMENT, Action
from sync.core.told import Told

_NOTHING: frozenset[str] = frozenset()

LEAST_TOLD = 10
"""Of fewer findings no share is taken: clearing three of four is a good day, not a mistake."""


def gone_from(told: Iterable[Slot], keys: Iterable[str]) -> tuple[Slot, ...]:
    """Slots in which a commitment was told of that is none of ``keys`` any more, sorted."""
    known = frozenset(keys)
    return tuple(sorted(slot for slot in told if slot.commitment_key not in known))


def cautions_of(
    drafts: Iterable[Action], told: Mapping[Slot, Told], *, gone: Iterable[Slot], limits: BreakerOptions
) -> tuple[str, ...]:
    """Why the plan of ``drafts`` (before any write budget) needs a person; empty where it does not. In English, with the numbers and the limits.

    Judged by what was told so far and not by the plan before, so that a plan that was held stays held. What was told of a commitment that has left the mapping
    (in the slots ``gone``) counts as withdrawn; what stays as it was said (unchanged, unknown or left alone) does not.
    """
    comments = [draft for draft in drafts if draft.target == COMMENT]
    writes = {draft.slot: draft.told.fingerprints for draft in comments if draft.told}
    says = {draft.slot: writes.get(draft.slot) for draft in comments} | dict.fromkeys(gone, _NOTHING)
    before = {slot: said.fingerprints for slot, said in told.items() if slot in says}
    withdrawn = (said - now for slot, said in before.items() if (now := says[slot]) is not None)
    numbers = len(_NOTHING.union(*withdrawn)), len(_NOTHING.union(*before.values()))
    return (*_wide(len(writes), limits), *_withdrawing(*numbers, limits))


def _wide(slots: int, limits: BreakerOptions) -> tuple[str, ...]:
    if slots <= limits.max_slots:
        return ()
    return (f"it writes {slots} comments, more than write.breaker.max_slots ({limits.max_slots})",)


def _withdrawing(withdrawn: int, told: int, limits: BreakerOptions) -> tuple[str, ...]:
    if told < LEAST_TOLD or withdrawn * 100 <= told * limits.max_withdrawn_percent:
        return ()
    limit = f"write.breaker.max_withdrawn_percent ({limits.max_withdrawn_percent})"
    return (f"it withdraws {withdrawn} of the {told} findings told so far, more than {limit}",)
