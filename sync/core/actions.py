"""Actions: what is to happen in one slot, decided by comparing what it should say with what it does say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from msgspec import Struct, field

from connectors.commands import (
    Announce,
    Command,
    CommentCommand,
    PropertyCommand,
    Slot,
    Visibility,
)
from mappings.schema import CommentVisibility, WriteOptions
from sync.core.comment import Comment, comment_in
from sync.core.decision import ActionKind, comment_decision, left_alone, property_decision
from sync.core.finding import Audience
from sync.core.judged import Judged, told_of
from sync.core.language import Language
from sync.core.slot_state import COMMENT, DeliveredState
from sync.core.status import Agreement, Health
from sync.core.status_property import PROPERTY_KEY, digest_of, kept_of, property_of
from sync.core.told import Told
from sync.core.voice import Voice
from sync.core.wiki import plain

__all__ = [
    "COMMENT",
    "Action",
    "ActionKind",
    "DeliveredState",
    "PlanOptions",
    "SlotIssue",
    "comment_action",
    "property_action",
    "visibility_of",
]

SlotIssue: TypeAlias = tuple[str, str, str]
"""The issue that carries a comment: source, immutable id, present key."""


class Action(Struct, frozen=True, kw_only=True):
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


class PlanOptions(Struct, frozen=True, kw_only=True):
    """How a plan is made. ``slots`` are the issues that carry the comment, by commitment key; ``now`` is the instant of the judgement.

    ``vocabulary`` and ``glossary`` are those of the comments' voice.
    """

    write: WriteOptions
    language: Language
    now: datetime
    slots: Mapping[str, Sequence[SlotIssue]]
    vocabulary: Audience = Audience.BOTH
    glossary: Mapping[str, str] = field(default_factory=dict)

    @property
    def voice(self) -> Voice:
        """How the comments speak, and to whom."""
        visibility = visibility_of(self.write.visibility)
        readers = f"{visibility.kind}:{visibility.name}" if visibility else ""
        return Voice(
            language=self.language, readers=readers, vocabulary=self.vocabulary, glossary=self.glossary
        )


def visibility_of(spec: CommentVisibility | None) -> Visibility | None:
    """Who may read the comments, None for everybody; a role wins over a group."""
    if spec and spec.role:
        return Visibility(kind="role", name=spec.role)
    return Visibility(kind="group", name=spec.group) if spec and spec.group else None


def comment_action(judged: Judged, issue: SlotIssue, state: DeliveredState, options: PlanOptions) -> Action:
    """What is to happen with the comment about ``judged`` on ``issue``.

    Nothing is done about an unknown commitment, nor where a person touched the comment again after ours was put back.
    """
    source, issue_id, issue_key = issue
    slot = Slot(source=source, issue_id=issue_id, commitment_key=judged.commitment.key)
    known = state.comment_in(slot)
    kind, why, after, command = ActionKind.BLOCKED, _blind(judged), known.body, None
    if known.touched and known.is_left_alone:
        kind, why = left_alone(known.touched.touch, issue_key)
    elif not judged.is_unknown:
        comment = comment_in(judged, known.told, voice=options.voice, now=options.now, slot=slot)
        kind, why = comment_decision(judged, comment, known, loud_per_day=options.write.new_comments_per_day)
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
        before=known.body,
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
    kind, why = property_decision(before, after, is_unsure=(slot, PROPERTY_KEY) in state.unsure)
    if len(unknown) == len(judged):
        kind, why = ActionKind.BLOCKED, _blind(unknown[0])
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
        why=why,
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
