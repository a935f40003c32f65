"""Plan: the ordered actions for every slot, each with before, after and why. A value, byte-for-byte reproducible from its inputs."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from msgspec import Struct, to_builtins
from msgspec.structs import replace

from connectors.commands import Command, Slot
from sync.core.actions import (
    COMMENT,
    Action,
    ActionKind,
    DeliveredState,
    PlanOptions,
    SlotIssue,
    comment_action,
    property_action,
)
from sync.core.caution import cautions_of, gone_from
from sync.core.judged import Judged
from sync.core.status_property import digest_of

__all__ = [
    "SCHEMA_VERSION",
    "Action",
    "ActionKind",
    "DeliveredState",
    "Plan",
    "PlanOptions",
    "SlotIssue",
    "is_stale",
    "plan_for",
]

SCHEMA_VERSION = 3
"""Version of the plan's shape, its first field in JSON. A plan of another version is refused: one that knows no cautions must not slip past them."""


class Plan(Struct, frozen=True, kw_only=True):
    """What is to be written. Sorted by source, project and number of the issue, comments before the property, then by commitment key.

    ``basis`` identifies what was decided upon (desired and present content of every slot, not the time); ``unplaced`` are keys of commitments without a
    slot. ``is_write_enabled`` repeats the mapping: while it is False the plan is a preview and must not be applied.
    ``cautions`` say why a person must read the plan before it is carried out; ``gone`` are slots that were told of commitments which have left the mapping: once
    the plan is carried out, what was told there is forgotten. The comments there stay as they are.
    """

    schema_version: int
    basis: str
    planned_at: datetime
    is_write_enabled: bool
    commitments: int
    unknown: int
    unplaced: tuple[str, ...]
    actions: tuple[Action, ...]
    cautions: tuple[str, ...] = ()
    gone: tuple[Slot, ...] = ()

    @property
    def digest(self) -> str:
        """Sixteen hexadecimal digits that identify the whole plan, its time included."""
        return digest_of(json.dumps(to_builtins(self), sort_keys=True))

    @property
    def commands(self) -> tuple[Command, ...]:
        """The writes, in order."""
        return tuple(action.command for action in self.actions if action.command)

    @property
    def counts(self) -> Mapping[str, int]:
        """Number of actions of every kind, and of the writes that notify."""
        kinds = {kind.value: sum(action.kind is kind for action in self.actions) for kind in ActionKind}
        notifying = sum(action.kind.is_loud and action.target == COMMENT for action in self.actions)
        return MappingProxyType(kinds | {"writes": len(self.commands), "notifying": notifying})


def plan_for(judged: Iterable[Judged], state: DeliveredState, options: PlanOptions) -> Plan:
    """The plan that makes every slot say what it should, at most one comment and one property per issue and within the write budgets.

    Pure; the order of ``judged`` does not matter. What a budget or a second comment on one issue leaves over is deferred to the next run.
    """
    ordered = sorted(judged, key=lambda one: one.commitment.key)
    drafts = sorted(_drafts(ordered, state, options), key=_place)
    gone = gone_from(state.told, (one.commitment.key for one in ordered))
    return Plan(
        schema_version=SCHEMA_VERSION,
        basis=_basis(drafts, options),
        planned_at=options.now,
        is_write_enabled=options.write.enabled,
        commitments=len(ordered),
        unknown=sum(one.is_unknown for one in ordered),
        unplaced=tuple(one.commitment.key for one in ordered if not options.slots.get(one.commitment.key)),
        actions=_within_limits(drafts, state, options),
        cautions=cautions_of(drafts, state.told, gone=gone, limits=options.write.breaker),
        gone=gone,
    )


def is_stale(plan: Plan, current: Plan) -> bool:
    """True if what ``plan`` was decided upon is no longer so; ``current`` is a plan made now. A stale plan must be refused."""
    return plan.basis != current.basis


def _drafts(judged: list[Judged], state: DeliveredState, options: PlanOptions) -> Iterable[Action]:
    by_issue: defaultdict[SlotIssue, list[Judged]] = defaultdict(list)
    for one in judged:
        for issue in sorted(set(options.slots.get(one.commitment.key, ()))):
            by_issue[issue].append(one)
            yield comment_action(one, issue, state, options)
    for issue, carried in by_issue.items():
        yield property_action(carried, issue, state)


def _place(action: Action) -> tuple[str, str, int, str, bool, str]:
    project, _, number = action.issue_key.rpartition("-")
    return (
        action.slot.source,
        project,
        int(number) if number.isdecimal() else 0,
        action.slot.issue_id,
        action.target != COMMENT,
        action.slot.commitment_key,
    )


def _within_limits(drafts: list[Action], state: DeliveredState, options: PlanOptions) -> tuple[Action, ...]:
    """The drafts with those deferred that exceed a limit. What broke off goes first, then what notifies, then silent edits, then properties."""
    budget = _budget(state, options)
    actions = list(drafts)
    commented: set[tuple[str, str]] = set()
    writes = (place for place, draft in enumerate(drafts) if draft.kind.is_write)
    for place in sorted(writes, key=lambda place: (_urgency(drafts[place], state), place)):
        draft = drafts[place]
        issue = (draft.slot.source, draft.slot.issue_id)
        if draft.target == COMMENT and issue in commented:
            actions[place] = _deferred(draft, f"another comment on {draft.issue_key} is written in this run")
        elif budget <= 0:
            actions[place] = _deferred(draft, "the write budget of this run or day is spent")
        else:
            budget -= 1
            commented |= {issue} if draft.target == COMMENT else set()
    return tuple(actions)


def _budget(state: DeliveredState, options: PlanOptions) -> int:
    left_today = options.write.max_writes_per_day - state.written_today
    return max(0, min(options.write.max_writes_per_run, left_today))


def _urgency(action: Action, state: DeliveredState) -> int:
    if (action.slot, action.target) in state.unsure:
        return 0
    if action.target != COMMENT:
        return 3
    return 1 if action.kind.is_loud else 2


def _deferred(action: Action, why: str) -> Action:
    return replace(action, kind=ActionKind.DEFERRED, why=why, command=None, told=None)


def _basis(drafts: list[Action], options: PlanOptions) -> str:
    """Digest over what decides: kind, desired content (without its ages) and present content of every slot, and the write options."""
    rows = [
        (
            str(draft.slot),
            draft.target,
            draft.kind.value,
            draft.command.digest if draft.command else draft.why,
            draft.before or "",
        )
        for draft in drafts
    ]
    inputs = [options.write.enabled, options.voice.language, options.voice.readers, rows]
    return digest_of(json.dumps(inputs))
