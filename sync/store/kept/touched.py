"""Touched: whose work changed something below a path, told from the kept readings of the path's project alone."""

from __future__ import annotations

from sqlalchemy import Connection, select

from connectors.records import PathTouch, Project, Ref
from mappings.commitments import PathIn
from mappings.links import Link
from mappings.observed import Observed
from mappings.touched import Touches
from sync.store.kept.code import StoredCode
from sync.store.kept.observed import StoredObserved
from sync.store.kept.project import own_records
from sync.store.records import live_by
from sync.store.tables import links


class StoredTouches:
    """Work below paths. Each project in question is read once."""

    def __init__(self, connection: Connection, observed: StoredObserved) -> None:
        self._connection = connection
        self._observed = observed
        self._code = StoredCode(connection)
        self._found: dict[PathIn, frozenset[Ref]] = {}

    def refs_below(self, path: PathIn) -> frozenset[Ref]:
        """Issues and merge requests with work below ``path``: certain and likely implementing links only."""
        if path not in self._found:
            self._found[path] = self._below(path)
        return self._found[path]

    def _below(self, path: PathIn) -> frozenset[Ref]:
        wanted = str(path.project).strip("/").casefold()
        projects = [p for p in self._observed.all(Project) if wanted in {p.path.casefold(), p.id}]
        records = [record for p in projects for record in (p, *own_records(self._connection, p.source, p.id))]
        for p in projects:
            records += live_by(self._connection, PathTouch, source=p.source, project_id=p.id)
        return Touches(Observed.of(records), tuple(self._links(projects))).refs_below(path)

    def _links(self, projects: list[Project]) -> list[Link]:
        found: list[Link] = []
        for p in projects:
            is_its = (links.c.source == p.source) & (links.c.project_id == p.id)
            keys = self._connection.execute(select(links.c.key).where(is_its).distinct()).scalars().all()
            self._code.links_by_key.fetch(keys)
            found += [link for key in keys for link in self._code.links_by_key.get(key, ())]
        return found
