"""Actions: what is to happen in one slot, decided by comparing what it should say with what it does say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from connectors.commands import (
    Announce,
    Command,
    CommentCommand,
    PropertyCommand,
    Receipt,
    Slot,
    Visibility,
)
from mappings.schema import CommentVisibility, WriteOptions
from sync.core.comment import Comment, Voice, comment_in
from sync.core.judged import Judged, told_of
from sync.core.language import Language
from sync.core.status import Agreement, Health
from sync.core.status_property import PROPERTY_KEY, digest_of, kept_of, property_of
from sync.core.told import LOUD, Told
from sync.core.wiki import plain

COMMENT = "comment"
"""The target of a managed comment; a property's target is its key."""

SlotIssue: TypeAlias = tuple[str, str, str]
"""The issue that carries a comment: source, immutable id, present key."""


class ActionKind(StrEnum):
    """What is to happen in a slot. Only the first three write."""

    CREATE = "create"
    REPLACE = "replace"
    UPDATE = "update"
    NO_OP = "no_op"
    BLOCKED = "blocked"
    DEFERRED = "deferred"

    @property
    def is_write(self) -> bool:
        """True if a command belongs to it."""
        return self in {ActionKind.CREATE, ActionKind.REPLACE, ActionKind.UPDATE}

    @property
    def is_loud(self) -> bool:
        """True if a comment written so notifies people."""
        return self in {ActionKind.CREATE, ActionKind.REPLACE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One line of a plan. ``before`` is what stands in the slot (None: nothing), ``after`` what shall stand there; ``why`` is in English.

    ``command`` is set if and only if the kind writes. ``told`` is to be kept for the slot once a comment is delivered.
    """

    kind: ActionKind
    target: str
    slot: Slot
    issue_key: str
    title: str
    health: Health
    agreement: Agreement
    before: str | None
    after: str | None
    why: str
    command: Command | None = None
    told: Told | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredState:
    """What is known to stand in Jira: receipts by (slot, target), what was told by slot, and how many writes were made today."""

    receipts: Mapping[tuple[Slot, str], Receipt] = field(default_factory=dict)
    told: Mapping[Slot, Told] = field(default_factory=dict)
    written_today: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOptions:
    """How a plan is made. ``slots`` are the issues that carry the comment, by commitment key; ``now`` is the instant of the judgement."""

    write: WriteOptions
    language: Language
    now: datetime
    slots: Mapping[str, Sequence[SlotIssue]]

    @property
    def voice(self) -> Voice:
        """Language and readers of the comments."""
        visibility = visibility_of(self.write.visibility)
        readers = f"{visibility.kind}:{visibility.name}" if visibility else ""
        return Voice(language=self.language, readers=readers)


def visibility_of(spec: CommentVisibility | None) -> Visibility | None:
    """Who may read the comments, None for everybody; a role wins over a group."""
    if spec and spec.role:
        return Visibility(kind="role", name=spec.role)
    return Visibility(kind="group", name=spec.group) if spec and spec.group else None


def comment_action(judged: Judged, issue: SlotIssue, state: DeliveredState, options: PlanOptions) -> Action:
    """What is to happen with the comment about ``judged`` on ``issue``. Nothing is done about an unknown commitment."""
    source, issue_id, issue_key = issue
    slot = Slot(source=source, issue_id=issue_id, commitment_key=judged.commitment.key)
    receipt, told = state.receipts.get((slot, COMMENT)), state.told.get(slot)
    before = receipt.body if receipt else None
    kind, why, after, command = ActionKind.BLOCKED, _blind(judged), before, None
    if not judged.is_unknown:
        comment = comment_in(judged, told, voice=options.voice, now=options.now, slot=slot)
        kind, why = _decision(judged, told, comment, receipt)
        if kind.is_write:
            after, command = comment.body, _comment_command(slot, comment, kind, options)
    return Action(
        kind=kind,
        target=COMMENT,
        slot=slot,
        issue_key=issue_key,
        title=plain(judged.commitment.title, 200),
        health=judged.status.health,
        agreement=judged.status.agreement,
        before=before,
        after=after,
        why=why,
        command=command,
        told=told_of(judged, readers=options.voice.readers) if command else None,
    )


def property_action(judged: Sequence[Judged], issue: SlotIssue, state: DeliveredState) -> Action:
    """What is to happen with the status property of ``issue``, which carries the comments about ``judged`` (at least one)."""
    source, issue_id, issue_key = issue
    slot = Slot(source=source, issue_id=issue_id, commitment_key="*")
    receipt = state.receipts.get((slot, PROPERTY_KEY))
    before = receipt.body if receipt else None
    unknown = [one for one in judged if one.is_unknown]
    after = property_of(judged, kept=kept_of(before or "{}", [one.commitment.key for one in unknown]))
    kind, why = _property_decision(before, after, is_blind=len(unknown) == len(judged))
    is_write = kind.is_write
    command = PropertyCommand(slot=slot, key=PROPERTY_KEY, value=after, digest=digest_of(after))
    return Action(
        kind=kind,
        target=PROPERTY_KEY,
        slot=slot,
        issue_key=issue_key,
        title=plain(", ".join(one.commitment.title for one in judged), 200),
        health=Health.worst_of(one.status.health for one in judged),
        agreement=max((one.status.agreement for one in judged), key=tuple(Agreement).index),
        before=before,
        after=after if is_write else before,
        why=_blind(unknown[0]) if kind is ActionKind.BLOCKED else why,
        command=command if is_write else None,
    )


def _comment_command(slot: Slot, comment: Comment, kind: ActionKind, options: PlanOptions) -> CommentCommand:
    return CommentCommand(
        slot=slot,
        body=comment.body,
        digest=comment.digest,
        announce=Announce.NOTIFY if kind.is_loud else Announce.SILENT,
        visibility=visibility_of(options.write.visibility),
    )


def _decision(
    judged: Judged, told: Told | None, comment: Comment, receipt: Receipt | None
) -> tuple[ActionKind, str]:
    if receipt is None:
        return ActionKind.CREATE, "nothing stands here yet"
    if receipt.digest == comment.digest:
        return ActionKind.NO_OP, "nothing changed"
    if told is None:
        return ActionKind.UPDATE, "silent: what was said last time is not known"
    if told.health is not judged.status.health:
        return ActionKind.REPLACE, f"health was {_words(told.health)}"
    news = [f for f in judged.findings if f.severity >= LOUD and f.fingerprint not in told.loud]
    if news:
        return ActionKind.REPLACE, "new: " + ", ".join(f"{f.rule} {f.severity.word}" for f in news[:5])
    return ActionKind.UPDATE, f"silent: {_what_changed(told, told_of(judged))}"


def _what_changed(told: Told, now: Told) -> str:
    if told.findings != now.findings:
        return "findings changed"
    if told.counts != now.counts or told.member_keys != now.member_keys:
        return "progress only"
    return "wording, dates or readers only"


def _property_decision(before: str | None, after: str, *, is_blind: bool) -> tuple[ActionKind, str]:
    if is_blind:
        return ActionKind.BLOCKED, ""
    if before == after:
        return ActionKind.NO_OP, "nothing changed"
    return (ActionKind.UPDATE, "status or findings changed") if before else (ActionKind.CREATE, "not set yet")


def _blind(judged: Judged) -> str:
    """Why nothing is done: the failing scopes in the words of their sources, each reason once."""
    by_reason: dict[str, list[str]] = {}
    for v in judged.blind_spots:
        by_reason.setdefault(plain(v.reason, 200) or v.completeness.value, []).append(str(v.scope))
    said = [
        f"{', '.join(scopes[:3])}{' …' if len(scopes) > 3 else ''}: {reason}"
        for reason, scopes in by_reason.items()
    ]
    more = len(said) - 3
    return "unknown: " + "; ".join(said[:3]) + (f"; and {more} more" if more > 0 else "")


def _words(health: Health) -> str:
    return health.value.replace("_", " ")
