"""Decision: what is to happen in one slot and why, by what it should say, what it says, and what became of the last write there."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from sync.core.comment import Comment
from sync.core.condition import Touch
from sync.core.finding import Finding
from sync.core.judged import Judged, told_of
from sync.core.slot_state import SlotState
from sync.core.status import Health
from sync.core.told import LOUD, Told

BROKE_OFF = "the last write broke off: look and put right"


class ActionKind(StrEnum):
    """What is to happen in a slot. Only the first three write. ``left`` is a comment that a person touched twice: nothing more is written there."""

    CREATE = "create"
    REPLACE = "replace"
    UPDATE = "update"
    NO_OP = "no_op"
    BLOCKED = "blocked"
    DEFERRED = "deferred"
    LEFT = "left"

    @property
    def is_write(self) -> bool:
        """True if a command belongs to it."""
        return self in {ActionKind.CREATE, ActionKind.REPLACE, ActionKind.UPDATE}

    @property
    def is_loud(self) -> bool:
        """True if a comment written so notifies people."""
        return self in {ActionKind.CREATE, ActionKind.REPLACE}


Decision: TypeAlias = tuple[ActionKind, str]
"""What is to happen, and why in English."""


def comment_decision(judged: Judged, comment: Comment, known: SlotState, *, loud_per_day: int) -> Decision:
    """What is to happen with a managed comment that is not left alone, about a commitment that is known.

    News beyond ``loud_per_day`` new comments on one issue are edited in silently. A first comment, or one that a person deleted, is no edit: it is always posted.
    """
    kind, why = _by_content(judged, comment, known)
    if kind is ActionKind.REPLACE and known.loud_today >= loud_per_day:
        kind, why = (
            ActionKind.UPDATE,
            f"silent, the issue has had its {loud_per_day} new comments today: {why}",
        )
    if known.touched:
        return _put_back(kind, why, known.touched.touch)
    return _looked_after((kind, why), is_unsure=known.is_unsure)


def property_decision(before: str | None, after: str, *, is_unsure: bool) -> Decision:
    """What is to happen with a property that holds ``before`` (None: it is not set) and shall hold ``after``."""
    if before == after:
        return _looked_after((ActionKind.NO_OP, "nothing changed"), is_unsure=is_unsure)
    return (ActionKind.UPDATE, "status or findings changed") if before else (ActionKind.CREATE, "not set yet")


def left_alone(touch: Touch, issue_key: str) -> Decision:
    """Nothing, in a slot whose comment was touched again after ours had been put back once."""
    why = f"{touch.value} by a person again after ours was put back: left alone until: tandem outbox retry {issue_key}"
    return ActionKind.LEFT, why


def _looked_after(decision: Decision, *, is_unsure: bool) -> Decision:
    """A place whose last write broke off is never taken for what it should be."""
    is_idle = decision[0] is ActionKind.NO_OP
    return (ActionKind.UPDATE, BROKE_OFF) if is_idle and is_unsure else decision


def _put_back(kind: ActionKind, why: str, touch: Touch) -> Decision:
    is_idle = kind is ActionKind.NO_OP
    said = f"{touch.value} by a person, put back once" + ("" if is_idle else f"; {why}")
    if touch is Touch.DELETED:
        return ActionKind.CREATE, said
    return (ActionKind.UPDATE if is_idle else kind), said


def _by_content(judged: Judged, comment: Comment, known: SlotState) -> Decision:
    receipt, told = known.receipt, known.told
    if receipt is None:
        return ActionKind.CREATE, "nothing stands here yet"
    if receipt.digest == comment.digest:
        return ActionKind.NO_OP, "nothing changed"
    if told is None:
        return ActionKind.UPDATE, "silent: what was said last time is not known"
    now = told_of(judged)
    if told.health is not now.health and told.heard_health is not now.heard_health:
        return ActionKind.REPLACE, f"health was {_words(told.health)}"
    news = [f for f in judged.findings if _is_news(f, told)]
    if news:
        return ActionKind.REPLACE, "new: " + ", ".join(f"{f.rule} {f.severity.word}" for f in news[:5])
    return ActionKind.UPDATE, f"silent: {_what_changed(told, now)}"


def _is_news(finding: Finding, told: Told) -> bool:
    """True for a loud finding that was not told yet, or was told as less severe; nobody is told again of one that is acknowledged or flapping."""
    before = told.severities.get(finding.fingerprint)
    return finding.severity >= LOUD and not finding.is_muted and (before is None or before < finding.severity)


def _what_changed(told: Told, now: Told) -> str:
    if told.findings != now.findings:
        return "findings changed"
    if told.counts != now.counts or told.member_keys != now.member_keys:
        return "progress only"
    return "wording, dates or readers only"


def _words(health: Health) -> str:
    return health.value.replace("_", " ")
