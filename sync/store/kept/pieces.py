"""Pieces: the parents of a project's commits as they were read, kept apart from the commits, whose rows are wide: in pieces of some thousand commits, and what changed since in further ones.

No more than a piece is decoded at a time: so a commit takes several times the room that it has in the graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice

import msgspec
import orjson
from sqlalchemy import ColumnElement, Connection, Text, delete, insert, select, type_coerce

from connectors.records import Commit
from mappings.commit_graph import CommitGraph
from mappings.parents import Parents, Said
from sync.store.dialect import is_one_of
from sync.store.kept.lookup import BATCH
from sync.store.tables import RECORD_TABLES, graphs

_COMMITS = RECORD_TABLES[Commit]
_FULL = 5000
"""Commits in a piece that is full."""
_AT_ONCE = 4
"""Pieces that are read together: one by one each would be a round trip to a server."""
_HELD = 10_000
"""Of so many commits the pieces are decoded once; those of more are decoded again when their shas are known."""
_MOST = 32
"""Pieces behind the last full one; with more they are put together."""


def keep_graph(connection: Connection, place: tuple[str, str], commits: Iterable[Commit]) -> None:
    """Put the graph of these commits of a project, (source, id), in the place of the former one."""
    _keep(connection, place, ((commit.sha, commit.parent_shas) for commit in commits))


def keep_graph_as_read(connection: Connection, place: tuple[str, str]) -> None:
    """The same with the graph of the project's commits as they are now."""
    is_its = (_COMMITS.c.source == place[0]) & (_COMMITS.c.project_id == place[1])
    _keep(connection, place, _parents(connection, is_its))


def graph_now(
    connection: Connection,
    place: tuple[str, str],
    changed: Iterable[str],
    *,
    full: int = _FULL,
) -> CommitGraph:
    """The graph as it was kept, with the commits of these ids as they are now, which is kept too. A piece of ``full`` commits is not written again."""
    now = _parents_now(connection, place[0], sorted(changed))
    shas, former = [*now], dict[str, tuple[str, ...] | None]()
    count, behind, held = 0, list[Parents](), list[Parents]()
    for piece in _pieces(connection, place):
        shas += piece.shas
        former.update(piece.said(now) if now else ())
        count, behind = count + 1, [] if len(piece.shas) >= full else [*behind, piece]
        held = [*held, piece] if len(shas) <= _HELD else []
    news = Parents.of((sha, parents) for sha, parents in now.items() if former.get(sha) != parents)
    graph = CommitGraph(shas, chain(iter(held) if held else _pieces(connection, place), (news,)))
    if news.shas and len(behind) >= _MOST:
        together = chain.from_iterable(piece.said() for piece in (*behind, news))
        _keep(connection, place, dict(together).items(), first=count - len(behind), full=full)
    elif news.shas:
        _add(connection, place, count, news)
    return graph


def _pieces(connection: Connection, place: tuple[str, str]) -> Iterator[Parents]:
    """The pieces in their order; they are numbered from 0 without gaps."""
    is_its = (graphs.c.source == place[0]) & (graphs.c.project_id == place[1])
    query = select(graphs.c.commits).where(is_its).order_by(graphs.c.piece)
    for text in connection.execute(query, execution_options={"yield_per": _AT_ONCE}).scalars():
        yield msgspec.json.decode(text, type=Parents)


def _parents_now(connection: Connection, source: str, ids: list[str]) -> Mapping[str, tuple[str, ...] | None]:
    found: dict[str, tuple[str, ...] | None] = dict.fromkeys(id_.rpartition("/")[2] for id_ in ids)
    for start in range(0, len(ids), BATCH):
        is_it = is_one_of(_COMMITS.c.id, ids[start : start + BATCH])
        found.update(_parents(connection, (_COMMITS.c.source == source) & is_it))
    return found


def _parents(connection: Connection, where: ColumnElement[bool]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The parents of live commits, by sha; as text from the store, for that is faster than its type."""
    query = select(_COMMITS.c.sha, type_coerce(_COMMITS.c.parent_shas, Text))
    rows = connection.execute(
        query.where(where, _COMMITS.c.gone_at.is_(None)), execution_options={"yield_per": _FULL}
    )
    for sha, text in rows:
        yield sha, tuple(orjson.loads(text))


def _keep(
    connection: Connection,
    place: tuple[str, str],
    commits: Iterable[Said],
    *,
    first: int = 0,
    full: int = _FULL,
) -> None:
    """Put these commits in the place of the piece ``first`` and all behind it."""
    is_its = (graphs.c.source == place[0]) & (graphs.c.project_id == place[1])
    connection.execute(delete(graphs).where(is_its, graphs.c.piece >= first))
    left, number = iter(commits), first
    while some := [*islice(left, full)]:
        _add(connection, place, number, Parents.of(some))
        number += 1


def _add(connection: Connection, place: tuple[str, str], number: int, commits: Parents) -> None:
    source, project_id = place
    text = msgspec.json.encode(commits).decode()
    row = {"source": source, "project_id": project_id, "piece": number, "commits": text}
    connection.execute(insert(graphs), row)
