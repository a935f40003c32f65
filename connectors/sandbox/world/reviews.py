"""What reviewers leave on a merge request: approvals, and discussions with their notes."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha1

from connectors.sandbox.state import Payload
from connectors.sandbox.world.people import gitlab_user
from connectors.sandbox.world.plan import Change, Thread
from connectors.sandbox.world.stamps import gitlab_time

_WORDS = (
    "Could this name say what it holds?",
    "这里需要处理空值吗？",
    "What happens when the line is down?",
    "请补充一个测试。",
)


def approval(change: Change) -> Payload:
    """Who approved a merge request: its reviewer, once it is merged. The counts are there where approvals can be required."""
    by: list[Payload] = []
    if change.reviewer and change.merged_at:
        by = [{"user": gitlab_user(change.reviewer), "approved_at": gitlab_time(change.merged_at)}]
    left = max(change.approvals_required - len(by), 0)
    return {
        "user_has_approved": False,
        "user_can_approve": False,
        "approved": not left,
        "approvals_required": change.approvals_required,
        "approvals_left": left,
        "approved_by": by,
    }


def comment_count(change: Change) -> int:
    """How many notes people left."""
    return len(_small_talk(change)) + len(change.threads)


def discussions(change: Change, *, project_id: int) -> list[Payload]:
    """Everything said on a merge request, oldest first: threads, single notes, and GitLab's own line about an approval."""
    threads = sorted((*_small_talk(change), *change.threads), key=lambda thread: thread.at)
    made = [_said(thread, _WORDS[n % len(_WORDS)]) for n, thread in enumerate(threads)]
    made += _events(change)
    home = {"noteable_id": change.id, "noteable_iid": change.iid, "project_id": project_id}
    return [_discussion(change.id * 100 + n, note | home) for n, note in enumerate(made)]


def _small_talk(change: Change) -> tuple[Thread, ...]:
    """What is said on any merge request; none of it is left open."""
    count, by = change.iid % 5, change.reviewer or change.author
    begin = change.opened_at
    end = change.merged_at or change.closed_at or max(change.last_at, begin)
    times = [begin + (end - begin) * (n + 1) / (count + 2) for n in range(count)]
    return tuple(Thread(by=by, at=at, resolved_at=end, is_single=n % 2 == 1) for n, at in enumerate(times))


def _events(change: Change) -> Iterator[Payload]:
    if change.merged_at and change.reviewer:
        said = Thread(by=change.reviewer, at=change.merged_at, is_single=True)
        yield _said(said, "approved this merge request") | {"system": True}


def _said(thread: Thread, body: str) -> Payload:
    at = gitlab_time(thread.at)
    return {
        "type": None if thread.is_single else "DiscussionNote",
        "body": body,
        "author": gitlab_user(thread.by),
        "created_at": at,
        "updated_at": at,
        "system": False,
        "noteable_type": "MergeRequest",
        "resolvable": not thread.is_single,
        "confidential": False,
        "internal": False,
        "imported": False,
        "imported_from": "none",
        "commands_changes": {},
        **({} if thread.is_single else _resolution(thread)),
    }


def _resolution(thread: Thread) -> Payload:
    at = thread.resolved_at
    return {
        "resolved": at is not None,
        "resolved_by": gitlab_user(thread.by) if at else None,
        "resolved_at": gitlab_time(at) if at else None,
    }


def _discussion(number: int, note: Payload) -> Payload:
    id_ = sha1(str(number).encode(), usedforsecurity=False).hexdigest()
    return {"id": id_, "individual_note": note["type"] is None, "notes": [{"id": number} | note]}
