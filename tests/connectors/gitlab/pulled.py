"""What an engine would hold after pulling: records by ref and cursors by scope."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.cursor import Cursor
from connectors.errors import TandemError
from connectors.gitlab.connector import CONNECTOR
from connectors.port import Page, Policy, Request, Scope, Site
from tests.connectors.gitlab.fake_gitlab import NOW, URL


@dataclass
class Store:
    """What the engine would hold: records by ref, cursors by scope. ``pull`` reads all streams and returns what failed, by scope."""

    records: dict[Any, Any] = field(default_factory=dict)
    cursors: dict[tuple[str, str], Cursor] = field(default_factory=dict)
    skipped: list[Any] = field(default_factory=list)

    def pull(
        self,
        connector: Any,
        *,
        now: datetime = NOW,
        only: tuple[str, ...] = (),
        is_full: bool = False,
        max_age: timedelta = timedelta(0),
    ):
        connector.connect()
        failed: dict[tuple[str, str], TandemError] = {}
        for stream in connector.streams():
            known = frozenset(p for s, p in self.cursors if s == stream.name)
            for partition in stream.partitions(known):
                if only and stream.name not in only:
                    continue
                try:
                    for page in self.pages(stream, partition, now=now, is_full=is_full, max_age=max_age):
                        self.land(stream.name, partition, page)
                except TandemError as error:
                    failed[stream.name, partition] = error
        return failed

    def pages(self, stream: Any, partition: str, *, now: datetime = NOW, is_full: bool = False, **more: Any):
        scope = Scope(source="gitlab", stream=stream.name, partition=partition)
        cursor = self.cursors.get((stream.name, partition), Cursor())
        return stream.pages(Request(scope=scope, cursor=cursor, now=now, is_full=is_full, **more))

    def break_off(self, connector: Any, *, after: int, now: datetime = NOW, is_full: bool = False) -> None:
        """Pull the commits of project 7, up to so many pages."""
        connector.connect()
        stream = next(s for s in connector.streams() if s.name == "commits")
        pages = self.pages(stream, "7", now=now, is_full=is_full)
        for _, page in zip(range(after), pages, strict=False):
            self.land("commits", "7", page)
        pages.close()

    def land(self, stream: str, partition: str, page: Page) -> None:
        self.records |= {record.ref: record for record in page.records}
        for ref in page.gone:
            self.records.pop(ref, None)
        self.cursors[stream, partition] = page.cursor
        self.skipped += page.skipped

    def of(self, kind: str) -> dict[str, Any]:
        return {ref.id: record for ref, record in self.records.items() if ref.kind == kind}


def opened(**selection: Any) -> Any:
    """A connector on the fake host, which has a REST API alone."""
    policy = Policy(attempts=1)
    site = Site(source="gitlab", url=URL, token="secret", policy=policy, is_graphql_on=False)
    return CONNECTOR.open(site, {"groups": ("team",), **selection})
