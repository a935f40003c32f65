"""One GitLab project's code with all that its reading needs, and nothing else of the world."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, Select, bindparam, func, select, text, tuple_

from connectors.records import (
    Branch,
    Commit,
    Deployment,
    Issue,
    KeyAlias,
    MergeRequest,
    MergeRequestCommits,
    Project,
    Record,
    Ref,
    Release,
)
from mappings.inherited import named_elsewhere
from mappings.landings import ids_by_path
from mappings.observed import Observed
from mappings.reverts import referred_elsewhere
from sync.store.kept.lookup import BATCH, Lookup
from sync.store.kept.rows import in_order
from sync.store.questions import narrowed
from sync.store.records import live, live_by
from sync.store.tables import RECORD_TABLES, aliases

_DIGITS = "0123456789"
_AFTER_DIGITS = ":"  # in the order of bytes

_OWN: tuple[type[Record], ...] = (Branch, Commit, MergeRequest, Deployment, Release)


class ProjectObserved(Observed):
    """The code of one project, whole. Issues are known by key and ref only, as they are asked for."""

    def __init__(
        self, records: Iterable[Record], *, aliases: tuple[KeyAlias, ...], issue_refs: Lookup[str, Ref]
    ) -> None:
        view = Observed.of(records, aliases=aliases)
        super().__init__(records=view.records, aliases=view.aliases)
        object.__setattr__(self, "_issue_refs", issue_refs)

    _issue_refs: Lookup[str, Ref]

    @cached_property
    def issue_refs(self) -> Lookup[str, Ref]:
        """Refs of issues by current and former key."""
        return self._issue_refs


class Surroundings(Struct, frozen=True, kw_only=True):
    """What reading any project's code needs beside it: all projects, by whose paths they are named, an alias of each Jira project, and issues by key.

    Where it ``has_all_issues``, to ask for many keys at once is no faster than one by one.
    """

    projects: tuple[Project, ...]
    aliases: tuple[KeyAlias, ...]
    issue_refs: Lookup[str, Ref]
    has_all_issues: bool = False

    @classmethod
    def of(cls, connection: Connection) -> Surroundings:
        """The surroundings as the connection sees them. Issues are looked up as they are asked for, while it is open."""
        return cls(
            projects=in_order(live(connection, Project)),
            aliases=alias_of_each_project(connection),
            issue_refs=Lookup(lambda keys: issue_refs_of(connection, keys)),
        )

    def over(self, connection: Connection) -> Surroundings:
        """The same, with issues looked up by another connection, nothing of which is known yet."""
        return replace(self, issue_refs=Lookup(lambda keys: issue_refs_of(connection, keys)))

    def with_issues(self, known: Mapping[str, Ref]) -> Surroundings:
        """The same with all issues known before, for who asks for most of them."""
        lookup = Lookup[str, Ref](lambda keys: {k: r for k in keys if (r := known.get(k))})
        return replace(self, issue_refs=lookup, has_all_issues=True)


def observed_of(
    connection: Connection, around: Surroundings, *, source: str, project_id: str
) -> ProjectObserved:
    """The project's code with the changes of other projects that it names, and all projects."""
    projects = around.projects
    own = tuple(own_records(connection, source, project_id))
    first = Observed.of((*own, *projects))
    return ProjectObserved(
        {r.ref: r for r in (*own, *projects, *_named(connection, first))}.values(),
        aliases=around.aliases,
        issue_refs=around.issue_refs,
    )


def own_records(connection: Connection, source: str, project_id: str) -> Iterator[Record]:
    """The live records of the project's code."""
    for kind in _OWN:
        yield from live_by(connection, kind, source=source, project_id=project_id)
    yield from live_by(connection, MergeRequestCommits, source=source, partition=project_id)


def _named(connection: Connection, observed: Observed) -> Iterator[Record]:
    """Commits and merge requests of other projects that the project's code names."""
    for source, sha in sorted(named_elsewhere(observed)):
        yield from live_by(connection, Commit, source=source, sha=sha)
    yield from requests_named(connection, observed.all(Project), referred_elsewhere(observed))


def requests_named(
    connection: Connection, projects: Iterable[Project], asked: Iterable[tuple[str, str, str]]
) -> Iterator[MergeRequest]:
    """Merge requests by (source, path of the project, reference)."""
    ids = ids_by_path(projects)
    for source, path, reference in sorted(asked):
        if id_ := ids.get((source, path)):
            yield from live_by(connection, MergeRequest, source=source, project_id=id_, reference=reference)


def issues_below(connection: Connection, keys: frozenset[str]) -> tuple[Issue, ...]:
    """Issues that name one of ``keys`` as their parent or epic."""
    named, found = sorted(keys), dict[Ref, Issue]()
    for start in range(0, len(named), BATCH):
        part = named[start : start + BATCH]
        for column in ("parent_key", "epic_key"):
            found |= {issue.ref: issue for issue in live_by(connection, Issue, **{column: part})}
    return tuple(found.values())


def issue_refs_of(connection: Connection, keys: tuple[str, ...] | None = None) -> Mapping[str, Ref]:
    """Refs of live issues by current or former key, by all keys where none are given; a current key wins over an alias."""
    found: dict[str, Ref] = {}
    for query in _asking_refs(is_by_key=keys is not None):
        rows = connection.execute(query, {} if keys is None else {"key": keys}).all()
        for name, source, id_ in sorted(rows, key=lambda r: (r.source, len(r.id), r.id)):
            found[name] = Ref(source, Issue.kind, id_)
    return found


@cache
def _asking_refs(*, is_by_key: bool) -> tuple[Select[Any], ...]:
    """The questions for former and for current keys."""
    issues = RECORD_TABLES[Issue]
    current: Select[Any] = select(issues.c["key"].label("name"), issues.c.source, issues.c.id)
    former: Select[Any] = select(
        aliases.c.key.label("name"), aliases.c.source, aliases.c.issue_id.label("id")
    ).join(issues, (issues.c.source == aliases.c.source) & (issues.c.id == aliases.c.issue_id))
    if is_by_key:
        shape = (("key", True),)
        current, former = narrowed(current, issues, shape), narrowed(former, aliases, shape)
    else:
        former = former.where(aliases.c.key != issues.c["key"])
    return tuple(query.where(issues.c.gone_at.is_(None)) for query in (former, current))


def count_of_issues(connection: Connection, *, most: int) -> int:
    """How many issues there are, counted up to ``most``."""
    some = select(RECORD_TABLES[Issue].c.id).limit(most).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def alias_of_each_project(connection: Connection) -> tuple[KeyAlias, ...]:
    """A former or present key of each Jira project that there ever was: all that is asked of the aliases as a whole is which projects they name. One step through an index for each project.

    SQLite is asked for each by itself, by its index of keys: its text is in the order of its bytes.
    """
    if connection.dialect.name == "sqlite":
        return tuple(_first_aliases(connection))
    rows = sorted(tuple(row) for row in connection.execute(ONE_OF_EACH))
    return tuple(KeyAlias(source=source, key=key, issue_id="") for source, key in rows)


ONE_OF_EACH = text("""
    WITH RECURSIVE one AS (
        (SELECT source, key, rtrim(key, '0123456789') AS prefix
        FROM aliases ORDER BY source, rtrim(key, '0123456789') LIMIT 1)
        UNION ALL
        SELECT following.* FROM one CROSS JOIN LATERAL (
            SELECT aliases.source, aliases.key, rtrim(aliases.key, '0123456789') AS prefix
            FROM aliases WHERE (aliases.source, rtrim(aliases.key, '0123456789')) > (one.source, one.prefix)
            ORDER BY aliases.source, rtrim(aliases.key, '0123456789') LIMIT 1
        ) AS following
    )
    SELECT source, key FROM one
""")
"""For PostgreSQL, which has an index of what stands before the number of a key."""


_NEXT_ALIAS = (
    select(aliases.c.source, aliases.c.key)
    .where(tuple_(aliases.c.source, aliases.c.key) > tuple_(bindparam("source"), bindparam("key")))
    .order_by(aliases.c.source, aliases.c.key)
    .limit(1)
)


def _first_aliases(connection: Connection) -> Iterator[KeyAlias]:
    """The first key of each project, by source and key."""
    source, last = "", ""
    while row := connection.execute(_NEXT_ALIAS, {"source": source, "key": last}).first():
        yield KeyAlias(source=row.source, key=row.key, issue_id="")
        source, project = row.source, row.key.rstrip(_DIGITS)
        last = row.key if project == row.key else project + _AFTER_DIGITS
