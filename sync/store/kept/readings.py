"""Readings: what the code of each GitLab project says, worked out anew where something changed, and kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, delete, exists, insert, select

from connectors.records import Branch, Commit, Issue, KeyAlias, MergeRequest
from mappings.code import Code, code_of
from mappings.inherited import named_elsewhere
from mappings.links import Link
from mappings.schema import MappingSpec
from sync.store import bulk, marks
from sync.store.kept import judgements
from sync.store.kept.project import ProjectObserved, Surroundings, alias_of_each_project, observed_of
from sync.store.tables import RECORD_TABLES, aliases, links, missed, readings, reverts

REVISION = 1
"""Grows when the same code is read otherwise than before: then everything is read again."""

_BATCH = 500
Place = tuple[str, str]


def refreshed(
    engine: Engine, spec: MappingSpec, *, guard: Callable[[Connection], None] = lambda _: None
) -> tuple[Place, ...]:
    """Read again the code of every project in which something changed, each in a transaction of its own; returns (source, project id) of those."""
    with engine.connect() as connection:
        rules = rules_of(spec, alias_of_each_project(connection))
        projects_due = tuple(sorted(_due(connection, rules)))
        lost = marks.marked(connection, marks.KEY)
        if not projects_due and not lost:
            return ()
        around = Surroundings.of(connection)
    for source, project_id in projects_due:
        with engine.begin() as connection:
            guard(connection)
            observed = observed_of(connection, around, source=source, project_id=project_id)
            keep(connection, Reading.of(spec, observed, source=source, project_id=project_id), rules=rules)
    with engine.begin() as connection:
        guard(connection)
        marks.unmark(connection, lost)
    return projects_due


def due(connection: Connection, spec: MappingSpec, names: tuple[KeyAlias, ...]) -> frozenset[Place]:
    """(source, project id) of the projects whose code must be read again; ``names`` are an alias of each Jira project."""
    return frozenset(_due(connection, rules_of(spec, names)))


def rules_of(spec: MappingSpec, names: tuple[KeyAlias, ...]) -> str:
    """A digest of all in the mapping by which code is read, and of the Jira projects that there are."""
    said = {
        "revision": REVISION,
        "links": spec.links.model_dump(mode="json"),
        "bots": sorted(spec.vocabulary.bots),
        "production": list(spec.vocabulary.production),
        "projects": sorted({p for site in spec.sources.jira for p in site.projects}),
        "names": sorted({alias.key.rpartition("-")[0] for alias in names}),
    }
    text = json.dumps(said, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _due(connection: Connection, rules: str) -> set[Place]:
    """Projects whose code changed, was read by other rules, or named something that was not there then and is now, or the other way round."""
    old = select(readings.c.source, readings.c.project_id).where(readings.c.rules != rules)
    due = {(r.source, r.project_id) for r in connection.execute(old)}
    due |= {(source, name) for source, _, name in marks.marked(connection, marks.CODE)}
    return due | _found_since(connection) | _lost_since(connection)


def _found_since(connection: Connection) -> set[Place]:
    commits = RECORD_TABLES[Commit]
    is_there = exists().where(
        commits.c.source == missed.c.source, commits.c.sha == missed.c.name, commits.c.gone_at.is_(None)
    )
    rows = select(missed.c.source, missed.c.project_id).where(missed.c.kind == "sha", is_there)
    found = {(r.source, r.project_id) for r in connection.execute(rows)}
    names = [
        (r.source, r.project_id, r.name)
        for r in connection.execute(select(missed).where(missed.c.kind == "key", _is_key_known()))
    ]
    return found | {(source, project_id) for source, project_id, _ in names}


def _is_key_known() -> Any:  # noqa: ANN401  # an SQL condition
    issues = RECORD_TABLES[Issue]
    current = exists().where(issues.c["key"] == missed.c.name, issues.c.gone_at.is_(None))
    former = exists().where(
        aliases.c.key == missed.c.name,
        issues.c.source == aliases.c.source,
        issues.c.id == aliases.c.issue_id,
        issues.c.gone_at.is_(None),
    )
    return current | former


def _lost_since(connection: Connection) -> set[Place]:
    keys = [name for _, _, name in marks.marked(connection, marks.KEY)]
    found: set[Place] = set()
    for start in range(0, len(keys), _BATCH):
        part = select(links.c.source, links.c.project_id).where(links.c.key.in_(keys[start : start + _BATCH]))
        found |= {(r.source, r.project_id) for r in connection.execute(part.distinct())}
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the code of one project says, as rows. ``missed`` are (kind, name) of what it names and nobody has."""

    source: str
    project_id: str
    links: Mapping[tuple[str, str, str, str], dict[str, Any]]
    reverts: tuple[dict[str, Any], ...]
    landed: str
    shipments: tuple[Any, ...]
    asked: tuple[str, ...]
    missed: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, spec: MappingSpec, observed: ProjectObserved, *, source: str, project_id: str) -> Reading:
        """The reading of ``observed`` by the rules of ``spec``; what it says of other projects' changes is theirs to say."""
        code = code_of(spec, observed)
        changes: tuple[Branch | Commit | MergeRequest, ...] = (
            *observed.all(Branch),
            *observed.all(Commit),
            *observed.all(MergeRequest),
        )
        own = {r.ref for r in changes if (r.source, r.project_id) == (source, project_id)}
        at = {"source": source, "project_id": project_id}
        return cls(
            source=source,
            project_id=project_id,
            links={_key_of(link): at | _row_of(link) for link in code.links if link.change in own},
            reverts=tuple(
                at
                | {"of_kind": r.of.kind, "of_id": r.of.id, "by_kind": r.by.kind, "by_id": r.by.id}
                | {"at": r.at, "is_partial": r.is_partial}
                for r in code.reverts
                if r.by in own
            ),
            landed="\n".join(
                sorted(
                    c.sha
                    for c in observed.all(Commit)
                    if c.ref in own and (source, project_id, c.sha) in code.landed
                )
            ),
            shipments=_shipments(code, source, project_id),
            asked=tuple(m.id for m in code.asked if m.ref in own),
            missed=frozenset({("key", key) for key in observed.issue_refs.missing})
            | {("sha", sha) for _, sha in named_elsewhere(observed)},
        )


def _key_of(link: Link) -> tuple[str, str, str, str]:
    return (link.change.kind, link.change.id, link.key, link.place.value)


def _row_of(link: Link) -> dict[str, Any]:
    kind, id_, key, place = _key_of(link)
    return {
        "change_kind": kind,
        "change_id": id_,
        "key": key,
        "place": place,
        "role": link.role.value,
        "confidence": link.confidence.value,
        "reason": link.reason,
    }


def _shipments(code: Code, source: str, project_id: str) -> tuple[Any, ...]:
    """Each shipment with the shas that went out with it first."""
    shas: dict[Any, list[str]] = {}
    for (of, project, sha), shipment in code.shipments.items():
        if (of, project) == (source, project_id):
            shas.setdefault(shipment, []).append(sha)
    return tuple(
        (s.ref.kind, s.ref.id, s.name, s.at.isoformat(), s.sha, s.url, s.is_deployment, tuple(found))
        for s, found in shas.items()
    )


def keep(connection: Connection, reading: Reading, *, rules: str) -> None:
    """Put the reading in the place of the former one."""
    moved = _keep_links(connection, reading)
    if judgements.are_kept(connection):
        marks.mark(connection, {(reading.source, marks.NAMED, key) for key in moved})
    at = {"source": reading.source, "project_id": reading.project_id}
    for table, rows in (
        (reverts, reading.reverts),
        (missed, [at | {"kind": kind, "name": name} for kind, name in sorted(reading.missed)]),
        (readings, [at | _kept_of(reading) | {"rules": rules}]),
    ):
        connection.execute(
            delete(table).where(table.c.source == reading.source, table.c.project_id == reading.project_id)
        )
        if rows:
            connection.execute(insert(table), list(rows))
    marks.unmark(connection, {(reading.source, marks.CODE, reading.project_id)})


def _kept_of(reading: Reading) -> dict[str, Any]:
    return {"landed": reading.landed, "shipments": reading.shipments, "asked": reading.asked}


def _keep_links(connection: Connection, reading: Reading) -> frozenset[str]:
    """Keep the links; those that stand as they stood are not touched. Returns the keys of the others."""
    is_its = (links.c.source == reading.source) & (links.c.project_id == reading.project_id)
    kept = {
        (r.change_kind, r.change_id, r.key, r.place): (r.role, r.confidence, r.reason)
        for r in connection.execute(select(links).where(is_its))
    }
    at = {"source": reading.source, "project_id": reading.project_id}
    names = ("change_kind", "change_id", "key", "place")
    gone = sorted(kept.keys() - reading.links.keys())
    left = [at | dict(zip(names, key, strict=True)) for key in gone]
    bulk.remove(connection, links, left)
    fresh = [
        row
        for key, row in reading.links.items()
        if kept.get(key) != (row["role"], row["confidence"], row["reason"])
    ]
    bulk.put(connection, links, fresh)
    return frozenset(row["key"] for row in fresh) | {row["key"] for row in left}
