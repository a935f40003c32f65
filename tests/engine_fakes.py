"""A connector that implements the production port from values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors.check import Check
from connectors.commands import Command, CommentCommand, ObservedComment, Receipt, Slot
from connectors.cursor import Cursor
from connectors.errors import TandemError
from connectors.port import Census, Details, Page, Request, Stream
from connectors.records import Issue, Record
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
    """A census over given ids; ``really_gone`` is what a direct read confirms."""

    now_there: frozenset[str]
    really_gone: frozenset[str] = frozenset()
    kind: str = "issue"
    error: TandemError | None = None

    def partitions(self) -> Iterable[str]:
        return ("PAY",)

    def ids(self, partition: str) -> frozenset[str]:
        if self.error:
            raise self.error
        return self.now_there

    def confirmed_gone(self, partition: str, ids: frozenset[str]) -> frozenset[str]:
        return ids & self.really_gone


@dataclass
class GivenDetails:
    """Details by parent id; an error stands for a parent that cannot be read."""

    found: Mapping[str, tuple[Record, ...] | TandemError]
    name: str = "jobs"

    def fetch(self, parents: Iterable[Record]) -> Iterator[tuple[Record, ...]]:
        for parent in parents:
            answer = self.found[parent.id]
            if isinstance(answer, TandemError):
                raise answer
            yield answer


@dataclass
class SlotBoard:
    """A sink over a dictionary of slots; ``refuses`` are issue ids whose writes fail."""

    written: dict[tuple[Slot, str], str] = field(default_factory=dict)
    refuses: dict[str, TandemError] = field(default_factory=dict)

    def observe(self, slot: Slot, receipt: Receipt | None) -> ObservedComment | None:
        return None

    def deliver(self, command: Command, receipt: Receipt | None, *, now: datetime) -> Receipt:
        if command.slot.issue_id in self.refuses:
            raise self.refuses[command.slot.issue_id]
        body = command.body if isinstance(command, CommentCommand) else command.value
        target = outbox.target_of(command)
        self.written[command.slot, target] = body
        return Receipt(
            slot=command.slot,
            target=target,
            digest=command.digest,
            body=body,
            delivered_at=now,
            remote_id="1",
        )


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

    def checks(self, *, write_test: bool) -> Iterator[Check]:
        return iter(())

    def attend(self, paths: tuple[tuple[str, str], ...]) -> None:
        return None

    def close(self) -> None:
        return None


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
