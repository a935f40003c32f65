"""Pieces: the parents of a project's commits as they were read, kept apart from the commits, whose rows are wide: one piece, and what changed since in further ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import orjson
from sqlalchemy import ColumnElement, Connection, Text, delete, insert, select, type_coerce

from connectors.records import Commit
from mappings.lines import Graph
from sync.store.dialect import is_one_of
from sync.store.kept.lookup import BATCH
from sync.store.tables import RECORD_TABLES, graphs

_COMMITS = RECORD_TABLES[Commit]
_MOST = 32
"""Pieces of one project; with more they are put together."""


def keep_graph(connection: Connection, place: tuple[str, str], graph: Graph) -> None:
    """Put the graph of a project, (source, id), in the place of the former one."""
    source, project_id = place
    connection.execute(delete(graphs).where(graphs.c.source == source, graphs.c.project_id == project_id))
    _add(connection, place, 0, graph)


def keep_graph_as_read(connection: Connection, place: tuple[str, str]) -> None:
    """The same with the graph of the project's commits as they are now."""
    is_its = (_COMMITS.c.source == place[0]) & (_COMMITS.c.project_id == place[1])
    keep_graph(connection, place, dict(_parents(connection, is_its)))


def graph_now(connection: Connection, place: tuple[str, str], changed: Iterable[str]) -> Graph:
    """The graph as it was kept, with the commits of these ids as they are now, which is kept too."""
    source, project_id = place
    is_its = (graphs.c.source == source) & (graphs.c.project_id == project_id)
    query = select(graphs.c.commits).where(is_its).order_by(graphs.c.piece)
    pieces = connection.execute(query).scalars().all()
    graph: dict[str, tuple[str, ...]] = {}
    for text in pieces:
        _take(graph, orjson.loads(text))
    now = _parents_now(connection, source, sorted(changed))
    news = {sha: parents for sha, parents in now.items() if graph.get(sha) != parents}
    _take(graph, news)
    if len(pieces) >= _MOST:
        keep_graph(connection, place, graph)
    elif news:
        _add(connection, place, len(pieces), news)
    return graph


def _take(graph: dict[str, tuple[str, ...]], news: Mapping[str, Iterable[str] | None]) -> None:
    """Commits that are gone have None for their parents."""
    for sha, parents in news.items():
        if parents is None:
            graph.pop(sha, None)
        else:
            graph[sha] = tuple(parents)


def _parents_now(connection: Connection, source: str, ids: list[str]) -> Mapping[str, tuple[str, ...] | None]:
    found: dict[str, tuple[str, ...] | None] = dict.fromkeys(id_.rpartition("/")[2] for id_ in ids)
    for start in range(0, len(ids), BATCH):
        is_it = is_one_of(connection, _COMMITS.c.id, ids[start : start + BATCH])
        found.update(_parents(connection, (_COMMITS.c.source == source) & is_it))
    return found


def _parents(connection: Connection, where: ColumnElement[bool]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The parents of live commits, by sha; as text from the store, for that is faster than its type."""
    query = select(_COMMITS.c.sha, type_coerce(_COMMITS.c.parent_shas, Text))
    for sha, text in connection.execute(query.where(where, _COMMITS.c.gone_at.is_(None))):
        yield sha, tuple(orjson.loads(text))


def _add(
    connection: Connection,
    place: tuple[str, str],
    number: int,
    commits: Mapping[str, Iterable[str] | None],
) -> None:
    source, project_id = place
    text = orjson.dumps(dict(commits)).decode()
    row = {"source": source, "project_id": project_id, "piece": number, "commits": text}
    connection.execute(insert(graphs), row)
