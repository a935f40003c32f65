"""Skimmed: one project's code of which commits are known by their parents and merge requests without their text, but for those that were asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import TypeVar

from msgspec import Struct
from sqlalchemy import Connection, case, select

from connectors.records import (
    Branch,
    Commit,
    Deployment,
    KeyAlias,
    MergeRequest,
    MergeRequestCommits,
    Record,
    Ref,
    Release,
)
from mappings.commit_graph import CommitGraph
from sync.store.kept.lookup import BATCH, Lookup
from sync.store.kept.project import ProjectObserved
from sync.store.records import live_by
from sync.store.tables import RECORD_TABLES

R = TypeVar("R", Commit, MergeRequest)

_REQUESTS = RECORD_TABLES[MergeRequest]
_SKIMMED = (
    *("source", "id", "project_id", "reference", "title", "state", "source_branch", "target_branch"),
    *("merged_at", "sha", "merge_commit_sha", "squash_commit_sha"),
)
"""What of a merge request tells where it landed."""
_TIMES = ("created_at", "updated_at")
"""What tells of one that did not; of one that did they are not read."""
_SHARED = ("source", "project_id", "state", "target_branch")
_SHAS = ("sha", "merge_commit_sha", "squash_commit_sha")
_ROWS = 1000
_MANY = 20_000
"""Commits of a project from which on to hold what is the same once is worth its time."""


class Skimmed(Struct, frozen=True, kw_only=True):
    """The graph of a project's commits, its merge requests by id without their text and address, and everything else of it but commits."""

    graph: CommitGraph
    requests: Mapping[str, MergeRequest]
    others: tuple[Record, ...]

    @classmethod
    def of(cls, connection: Connection, place: tuple[str, str], graph: CommitGraph) -> Skimmed:
        """As the connection sees them, of a project (source, id) with this graph."""
        source, project_id = place
        others: list[Record] = []
        for kind in (Branch, Deployment, Release):
            others += live_by(connection, kind, source=source, project_id=project_id)
        others += live_by(connection, MergeRequestCommits, source=source, partition=project_id)
        return cls(
            graph=graph,
            requests={r.id: r for r in _requests(connection, place, graph)},
            others=tuple(others),
        )


def _requests(connection: Connection, place: tuple[str, str], graph: CommitGraph) -> Iterator[MergeRequest]:
    """The merge requests of a project, a merged one with that instant for all others; where they are many, texts that several have and shas of its commits are held once for all."""
    is_its = (_REQUESTS.c.source == place[0]) & (_REQUESTS.c.project_id == place[1])
    times = (case((_REQUESTS.c.merged_at.is_(None), _REQUESTS.c[name])) for name in _TIMES)
    query = select(*(_REQUESTS.c[name] for name in _SKIMMED), *times)
    names = (*_SKIMMED, *_TIMES)
    is_large = len(graph) > _MANY
    held: dict[str, str] = {}
    for row in connection.execute(
        query.where(is_its, _REQUESTS.c.gone_at.is_(None)), execution_options={"yield_per": _ROWS}
    ):
        values = dict(zip(names, row, strict=True))
        if (merged_at := values["merged_at"]) is not None:
            values["created_at"] = values["updated_at"] = merged_at
        if is_large:
            values |= {name: held.setdefault(values[name], values[name]) for name in _SHARED}
            values |= {name: graph.held(values[name]) for name in _SHAS}
        yield MergeRequest(**values, url="")


class SkimmedObserved(ProjectObserved):
    """``ProjectObserved`` of what was read of a project. Its graphs are whole, also of commits that are in no other index."""

    def __init__(
        self,
        records: Iterable[Record],
        *,
        aliases: tuple[KeyAlias, ...],
        issue_refs: Lookup[str, Ref],
        graphs: Mapping[tuple[str, str], CommitGraph],
    ) -> None:
        super().__init__(records, aliases=aliases, issue_refs=issue_refs)
        object.__setattr__(self, "_graphs", graphs)

    _graphs: Mapping[tuple[str, str], CommitGraph]

    @cached_property
    def graph_of(self) -> Mapping[tuple[str, str], CommitGraph]:
        """The parents of each commit by its sha, by (source, project id)."""
        return MappingProxyType({**super().graph_of, **self._graphs})


def records_of(connection: Connection, record_type: type[R], source: str, ids: Iterable[str]) -> Iterator[R]:
    """Live records by id."""
    wanted = sorted(ids)
    for start in range(0, len(wanted), BATCH):
        yield from live_by(connection, record_type, source=source, id=wanted[start : start + BATCH])


def commits_of(connection: Connection, source: str, shas: Iterable[str]) -> Iterator[Commit]:
    """Live commits of all projects of a source by sha."""
    wanted = sorted(shas)
    for start in range(0, len(wanted), BATCH):
        yield from live_by(connection, Commit, source=source, sha=wanted[start : start + BATCH])
