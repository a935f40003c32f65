"""Touched: which commits, merge requests and issues have work below a path of a repository."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from connectors.records import Branch, Commit, MergeRequest, Project, Ref
from mappings.commitments import PathIn
from mappings.links import Confidence, Link
from mappings.observed import Observed

_LONGEST_BRANCH = 1000  # commits; a longer walk means that the graph is not known well enough to tell


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
            yield Ref(source=project.source, kind=Commit.kind, id=f"{project.id}/{sha}")
        for request in self.observed.merge_requests_of.get((project.source, project.id), ()):
            if not shas.isdisjoint(self._carried(request)):
                yield request.ref

    def _carried(self, request: MergeRequest) -> set[str]:
        """Shas of a merge request: its head, what landed, and the commits behind the head that the default branch did not take by itself."""
        landed = {request.sha, request.merge_commit_sha, request.squash_commit_sha} - {None}
        asked = self.observed.asked_commits_of.get((request.source, request.id))
        behind = {sha for sha, _ in asked.commits} if asked else self._behind(request)
        return {sha for sha in landed if sha} | behind

    def _behind(self, request: MergeRequest) -> set[str]:
        mainline = self._mainline.get((request.source, request.project_id), frozenset())
        found: set[str] = set()
        waiting = [request.sha]
        while waiting and len(found) < _LONGEST_BRANCH:
            sha = waiting.pop()
            commit = self.observed.commit.get((request.source, request.project_id, sha or ""))
            if commit and commit.sha not in mainline and commit.sha not in found:
                found.add(commit.sha)
                waiting += commit.parent_shas
        return found if mainline else set()

    @cached_property
    def _mainline(self) -> dict[tuple[str, str], frozenset[str]]:
        """By project, the first-parent chain of the default branch."""
        tips = (b for b in self.observed.all(Branch) if b.is_default)
        return {(b.source, b.project_id): self._first_parents(b) for b in tips}

    def _first_parents(self, branch: Branch) -> frozenset[str]:
        chain: set[str] = set()
        sha: str | None = branch.sha
        while sha and sha not in chain:
            chain.add(sha)
            commit = self.observed.commit.get((branch.source, branch.project_id, sha))
            sha = commit.parent_shas[0] if commit and commit.parent_shas else None
        return frozenset(chain)

    @cached_property
    def _work(self) -> tuple[tuple[Ref, Ref], ...]:
        return tuple(
            (x.change, x.issue)
            for x in self.links
            if x.issue and x.role.is_work and x.confidence is not Confidence.WEAK
        )

    def _issues_of(self, changes: frozenset[Ref]) -> frozenset[Ref]:
        return frozenset(issue for change, issue in self._work if change in changes)
