"""A person edited or deleted a managed comment.

What drifts: what Tandem wrote and what stands in Jira.
Why it matters: readers take the managed comment for what both owners agreed on, and the person who changed it wanted something that Tandem does not know.
Stays quiet: for comments of other people, for Tandem's own edits, and where the mapping has no comment any more. The comment is put back once; if it is touched again, it is left alone: a fight helps nobody.
Clears when ours stands there again, or a new start is ordered with ``tandem outbox retry KEY``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from mappings.commitments import Commitment
from sync.core.condition import Touch, TouchedSlot
from sync.core.drift import evidence
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World

_ONCE: Mapping[Touch, Text] = {
    Touch.EDITED: Text(
        en="A person edited the managed comment about {commitment} on {issue}; ours is put back once",
        zh="有人修改了 {issue} 上关于 {commitment} 的托管评论，系统会恢复一次",
    ),
    Touch.DELETED: Text(
        en="A person deleted the managed comment about {commitment} on {issue}; ours is put back once",
        zh="有人删除了 {issue} 上关于 {commitment} 的托管评论，系统会恢复一次",
    ),
}
_AGAIN: Mapping[Touch, Text] = {
    Touch.EDITED: Text(
        en="A person edited the comment about {commitment} on {issue} again after ours was put back; it is left alone",
        zh="{issue} 上关于 {commitment} 的托管评论恢复后又被修改，系统不再改动",
    ),
    Touch.DELETED: Text(
        en="A person deleted the comment about {commitment} on {issue} again after ours was put back; it is left alone",
        zh="{issue} 上关于 {commitment} 的托管评论恢复后又被删除，系统不再改动",
    ),
}
_TALK = Text(
    en="Nothing needs to be done; if the comment is not wanted there, agree on another slot in the mapping",
    zh="无需处理；若此处不需要该评论，请商定并在映射文件中改用其他位置",
)


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    return (_drift(world, touched) for touched in world.condition.touched if world.is_slot(touched.slot))


def _drift(world: World, touched: TouchedSlot) -> Drift:
    slot, is_left = touched.slot, touched.is_left_alone
    at = evidence.instant_of(touched.since)
    title = world.commitment[slot.commitment_key].title
    issue = evidence.of_slot(
        world, slot, observed=f"comment in slot {slot} {touched.touch.value}, noticed {at}"
    )
    return Drift(
        subject=issue.record,
        discriminator=slot.commitment_key,
        since=touched.since,
        values=(("issue", issue.label), ("commitment", title)),
        evidence=(issue,),
        trace=(
            evidence.held(
                "the comment does not stand as it was written", f"{touched.touch.value} by a person"
            ),
            evidence.held("ours was put back before", "once, so it is left alone" if is_left else "not yet"),
        ),
        says=(_AGAIN if is_left else _ONCE)[touched.touch],
        clears=None if is_left else _TALK,
    )


RULE = Rule(
    code="X02",
    title=Text(en="Managed comment touched by a person", zh="托管评论被人改动"),
    severity=Severity.NOTICE,
    audience=Audience.ENGINEERING,
    says=_ONCE[Touch.EDITED],
    clears=Text(
        en="Agree with whoever touched it; to have ours put back: tandem outbox retry {issue}",
        zh="与改动者沟通；如需恢复，请运行：tandem outbox retry {issue}",
    ),
    find=_find,
    lag=timedelta(0),
    is_global=True,
)
