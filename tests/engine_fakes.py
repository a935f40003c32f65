"""A connector that implements the production port from values."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors.check import Check
from connectors.commands import Announce, Command, CommentCommand, ObservedComment, Receipt, Slot
from connectors.cursor import Cursor
from connectors.errors import TandemError
from connectors.port import Census, Details, Look, Order, Page, Request, Settled, Steps, Stream, Vitals, Write
from connectors.records import Issue, Record
from connectors.steps import Way
from sync.store import outbox

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

Script = Mapping[str, tuple[Page | TandemError, ...]]
"""Pages, and errors in their midst, by partition."""


@dataclass
class ScriptedStream:
    """A stream that yields what its script says and remembers what it was asked."""

    script: Script
    name: str = "issues"
    asked: list[Request] = field(default_factory=list)
    order: Order = field(default_factory=Order)

    def partitions(self, known: frozenset[str]) -> Iterable[str]:
        return tuple(self.script)

    def pages(self, request: Request) -> Iterator[Page]:
        self.asked.append(request)
        for step in self.script[request.scope.partition]:
            if isinstance(step, TandemError):
                raise step
            yield step


@dataclass
class ListedCensus:
    """A census over given ids; ``really_gone`` is what a direct read confirms, ``moved`` what it finds elsewhere."""

    now_there: frozenset[str]
    really_gone: frozenset[str] = frozenset()
    kind: str = "issue"
    stream: str = "issues"
    error: TandemError | None = None
    moved: tuple[tuple[str, Page], ...] = ()

    def partitions(self) -> Iterable[str]:
        return ("PAY",)

    def ids(self, partition: str) -> frozenset[str]:
        if self.error:
            raise self.error
        return self.now_there

    def settled(self, partition: str, missing: frozenset[str]) -> Settled:
        return Settled(gone=missing & self.really_gone, moved=self.moved)


@dataclass
class SlotBoard:
    """A sink over a dictionary of slots, with a comment or property each; ``refuses`` are issue ids whose writes are refused.

    ``step`` is called with a name before each thing that the sink does: what it raises happens there. ``lies`` makes receipts of what was not asked for. With
    ``looks_together`` deliveries look at their slots together; ``together`` are the slots of each such look.
    """

    written: dict[tuple[Slot, str], str] = field(default_factory=dict)
    refuses: dict[str, TandemError] = field(default_factory=dict)
    comments: dict[Slot, list[ObservedComment]] = field(default_factory=dict)
    step: Callable[[str], None] = lambda _: None
    looks: list[Slot] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    lies: Callable[[Receipt], Receipt] = lambda receipt: receipt
    last_id: int = 0
    looks_together: bool = False
    together: list[tuple[str, ...]] = field(default_factory=list)
    slots: dict[str, Slot] = field(default_factory=dict)

    def observe(self, slot: Slot, receipt: Receipt | None) -> tuple[ObservedComment, ...]:
        self.looks.append(slot)
        self.step("look")
        return tuple(self.comments.get(slot, ()))

    def look_up(self, looks: Sequence[Look]) -> Mapping[Look, object]:
        self.together.append(tuple(look.key for look in looks))
        self.step("look")
        return {look: tuple(self.comments.get(self.slots[look.key], ())) for look in looks}

    def deliver(
        self, command: Command, receipt: Receipt | None, *, now: datetime, is_unsure: bool = False
    ) -> Steps:
        if self.looks_together:
            self.slots[str(command.slot)] = command.slot
            yield Look(kind="comment", key=str(command.slot))
        else:
            self.step("look")
        if command.slot.issue_id in self.refuses:
            raise self.refuses[command.slot.issue_id]
        target = outbox.target_of(command)
        body = command.body if isinstance(command, CommentCommand) else command.value
        id_ = None
        if isinstance(command, CommentCommand):
            id_ = yield from self._comment(command)
        elif self.written.get((command.slot, target)) != body:
            yield from self._send("put", lambda: None)
        self.written[command.slot, target] = body
        self.step("receipt")
        made = Receipt(
            slot=command.slot,
            target=target,
            digest=command.digest,
            body=body,
            delivered_at=now,
            remote_id=id_,
        )
        return self.lies(made)

    def _comment(self, command: CommentCommand) -> Way[str]:
        """What Jira's sink does, without Jira: look, remove extras, then edit, or remove and post."""
        there = self.comments.setdefault(command.slot, [])
        for extra in there[1:]:
            yield from self._send("delete", lambda extra=extra: there.remove(extra))
        if there and there[0].digest == command.digest and not there[0].is_edited_by_other:
            return there[0].remote_id
        if there and command.announce is Announce.SILENT:
            edited = ObservedComment(remote_id=there[0].remote_id, body=command.body, digest=command.digest)
            yield from self._send("put", lambda: there.__setitem__(0, edited))
            return edited.remote_id
        if there:
            yield from self._send("delete", lambda: there.pop(0))
        self.last_id += 1
        posted = ObservedComment(remote_id=str(self.last_id), body=command.body, digest=command.digest)
        yield from self._send("post", lambda: there.append(posted))
        return posted.remote_id

    def _send(self, name: str, do: Callable[[], object]) -> Way[None]:
        """One write, with a step before it, one once it is granted, and one after it."""
        self.step(f"before {name}")
        yield Write()
        self.step(f"sending {name}")
        do()
        self.writes.append(name)
        self.step(f"after {name}")


@dataclass
class FakeConnector:
    """One site made of values."""

    source: str = "jira"
    streams_: tuple[Stream, ...] = ()
    censuses_: tuple[Census, ...] = ()
    details_: tuple[Details, ...] = ()
    board: SlotBoard = field(default_factory=SlotBoard)
    refuses_login: TandemError | None = None
    requests_made: int = 0
    vitals_: Vitals = field(default_factory=Vitals)

    def connect(self) -> None:
        if self.refuses_login:
            raise self.refuses_login

    def streams(self) -> tuple[Stream, ...]:
        return self.streams_

    def details(self) -> tuple[Details, ...]:
        return self.details_

    def censuses(self) -> tuple[Census, ...]:
        return self.censuses_

    def sink(self) -> SlotBoard:
        return self.board

    def vitals(self) -> Vitals:
        return self.vitals_

    def checks(self, *, write_test: bool) -> Iterator[Check]:
        return iter(())

    def attend(self, paths: tuple[tuple[str, str], ...]) -> None:
        return None

    def close(self) -> None:
        return None


def threads_asking() -> list[threading.Thread]:
    """The threads that a pull has begun and that have not ended."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("asking")]


def an_issue(id_: str = "1", **given: Any) -> Issue:
    """An issue with the least that an issue has."""
    values: dict[str, Any] = {
        "source": "jira",
        "id": id_,
        "key": f"PAY-{id_}",
        "project_key": "PAY",
        "title": "Retry settlement",
        "type": "Story",
        "status": "To Do",
        "status_category": "new",
        "created_at": NOW,
        "updated_at": NOW,
        "url": f"https://jira.example/browse/PAY-{id_}",
    }
    return Issue(**{**values, **given})


def page(*found: Record, cursor: Cursor | None = None, **more: Any) -> Page:
    """A page that ends a walk begun at NOW."""
    return Page(records=found, cursor=cursor or Cursor(walk_started_at=NOW).finished(), **more)
