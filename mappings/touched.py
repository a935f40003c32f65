"""Touched: which commits, merge requests and issues have work below a path of a repository."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from connectors.records import Commit, MergeRequest, Project, Ref
from mappings.commitments import PathIn
from mappings.graph import Carried, carried_commits, landed_shas
from mappings.links import Confidence, Link
from mappings.observed import Observed


def is_below(prefix: str, watched: str) -> bool:
    """True if ``prefix`` is the path ``watched`` or lies below it; an empty ``watched`` is the whole repository."""
    inner, outer = prefix.strip("/"), watched.strip("/")
    return not outer or inner == outer or inner.startswith(outer + "/")


@dataclass(frozen=True)
class Touches:
    """Work below paths, by the touched commits that were read and by the links that tell whose work it is."""

    observed: Observed
    links: tuple[Link, ...] = ()

    def refs_below(self, path: PathIn) -> frozenset[Ref]:
        """Issues and merge requests with work below ``path``: certain and likely implementing links only."""
        return self.changes_below(path) | self._issues_of(self.changes_below(path))

    def changes_below(self, path: PathIn) -> frozenset[Ref]:
        """Commits and merge requests that changed something below ``path``."""
        return frozenset(
            ref for project in self._projects(path.project) for ref in self._in(project, path.prefix)
        )

    def _projects(self, name: str | int) -> Iterable[Project]:
        wanted = str(name).strip("/").casefold()
        return [p for p in self.observed.all(Project) if wanted in {p.path.casefold(), p.id}]

    def _in(self, project: Project, prefix: str) -> Iterable[Ref]:
        touches = self.observed.touches_of.get((project.source, project.id), ())
        shas = {touch.sha for touch in touches if is_below(touch.prefix, prefix)}
        if not shas:
            return
        for sha in shas:
            yield Commit.ref_at(project.source, project.id, sha)
        for request in self.observed.merge_requests_of.get((project.source, project.id), ()):
            if not shas.isdisjoint(self._shas(request)):
                yield request.ref

    def _shas(self, request: MergeRequest) -> set[str]:
        """What landed of a merge request, its head, and what it carries as far as that is known."""
        carried = self._carried.get((request.source, request.id)) or ()
        return {*carried, *landed_shas(request)}

    @cached_property
    def _carried(self) -> Carried:
        return carried_commits(self.observed)

    @cached_property
    def _work(self) -> tuple[tuple[Ref, Ref], ...]:
        return tuple(
            (x.change, x.issue)
            for x in self.links
            if x.issue and x.role.is_work and x.confidence is not Confidence.WEAK
        )

    def _issues_of(self, changes: frozenset[Ref]) -> frozenset[Ref]:
        return frozenset(issue for change, issue in self._work if change in changes)
