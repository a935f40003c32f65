"""Landings: from a sha, a reference or a title to the merge request that landed it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from connectors.records import Commit, MergeRequest, Project, Ref
from mappings.commit_graph import NO_COMMITS, Reached
from mappings.graph import Carried, Carriers, carriers_of, landed_in
from mappings.observed import Observed, grouped

_LAST = "\U0010ffff"
"""Comes after every letter of a sha."""


@dataclass(frozen=True)
class Landings:
    """Lookups over merged merge requests. ``carried`` is ``carried_commits(observed)``; all are per project of the change that asks."""

    observed: Observed
    carried: Carried

    def of_sha(self, asker: Commit | MergeRequest, prefix: str) -> tuple[Ref, frozenset[str]] | None:
        """What a sha of at least 8 digits stands for: a whole merge request, part of one (with the sha), or a lone commit.

        None where no or more than one known sha begins so.
        """
        project = self._of(asker)
        fitting = project.beginning_with(prefix)
        return self._target(project, fitting[0]) if len(fitting) == 1 else None

    def carrier_of(self, commit: Commit) -> MergeRequest | None:
        """The merged merge request that landed a commit, as its content or as its merge or squash commit."""
        project = self._of(commit)
        return project.whole.get(commit.sha) or project.carrier_of(commit.sha)

    def is_on_default(self, commit: Commit) -> bool:
        """True if the commit is on its project's default branch."""
        return commit.sha in self._of(commit).on_default

    def referred(self, asker: Commit | MergeRequest, *, path: str, number: str) -> MergeRequest | None:
        """The merge request ``!number`` of the project at ``path``, of the asker's own where ``path`` is empty."""
        project_id = self._id_of_path.get((asker.source, path.lower())) if path else asker.project_id
        found = self._by_reference.get((asker.source, project_id or "", f"!{number}"))
        return found[0] if found else None

    def titled(self, asker: Commit | MergeRequest, title: str) -> tuple[MergeRequest, ...]:
        """Merged merge requests of the asker's project with exactly this title."""
        return self._by_title.get((asker.source, asker.project_id, title), ())

    def content_of(self, change: Ref) -> frozenset[str]:
        """The shas that a merge request carries, merges left out; empty where unknown or ``change`` is a commit."""
        request = self.observed.by_ref.get(change)
        shas = self.carried.get((change.source, change.id)) or ()
        if not isinstance(request, MergeRequest):
            return frozenset()
        graph = self.observed.graph_of.get((request.source, request.project_id), NO_COMMITS)
        return frozenset(sha for sha in shas if len(graph.get(sha, ())) < 2)

    def _target(self, project: _Project, sha: str) -> tuple[Ref, frozenset[str]] | None:
        whole = project.whole.get(sha)
        if whole is not None:
            return whole.ref, frozenset()
        request = project.carrier_of(sha) or project.headed.get(sha)
        if request is None:
            return (Commit.ref_at(*project.place, sha), frozenset()) if sha in project.on_default else None
        is_whole = self.content_of(request.ref) <= {sha}
        return request.ref, frozenset() if is_whole else frozenset({sha})

    def _of(self, asker: Commit | MergeRequest) -> _Project:
        place = (asker.source, asker.project_id)
        if place not in self._projects:
            self._projects[place] = _Project(
                place=place,
                observed=self.observed,
                merged=self._merged_of.get(place, ()),
                brought=self._carriers.first_of.get(place, {}),
            )
        return self._projects[place]

    @cached_property
    def _projects(self) -> dict[tuple[str, str], _Project]:
        return {}

    @cached_property
    def _carriers(self) -> Carriers:
        return carriers_of(self.observed, self.carried)

    @cached_property
    def _merged(self) -> tuple[MergeRequest, ...]:
        merged = (r for r in self.observed.all(MergeRequest) if r.state == "merged")
        return tuple(sorted(merged, key=lambda r: (r.merged_at or r.updated_at, r.ref)))

    @cached_property
    def _merged_of(self) -> Mapping[tuple[str, str], tuple[MergeRequest, ...]]:
        return grouped(self._merged, lambda r: (r.source, r.project_id))

    @cached_property
    def _by_title(self) -> Mapping[tuple[str, str, str], tuple[MergeRequest, ...]]:
        return grouped(self._merged, lambda r: (r.source, r.project_id, r.title))

    @cached_property
    def _by_reference(self) -> Mapping[tuple[str, str, str], tuple[MergeRequest, ...]]:
        return grouped(self._merged, lambda r: (r.source, r.project_id, r.reference))

    @cached_property
    def _id_of_path(self) -> Mapping[tuple[str, str], str]:
        return ids_by_path(self.observed.all(Project))


@dataclass(frozen=True)
class _Project:
    """Lookups by sha in one project, (source, id). ``merged`` are its merged merge requests, the earliest first, ``brought`` tells which merge request brought a commit first."""

    place: tuple[str, str]
    observed: Observed
    merged: tuple[MergeRequest, ...]
    brought: Mapping[str, Ref]

    def beginning_with(self, prefix: str) -> list[str]:
        """The known shas that begin so."""
        return self._shas[bisect_left(self._shas, prefix) : bisect_left(self._shas, prefix + _LAST)]

    def carrier_of(self, sha: str) -> MergeRequest | None:
        """The merged merge request that brought a commit first."""
        ref = self.brought.get(sha)
        return self._by_ref.get(ref) if ref else None

    @cached_property
    def whole(self) -> Mapping[str, MergeRequest]:
        """Merge requests by merge and squash commit, the earliest of each."""
        landed = reversed(self.merged)
        return {sha: r for r in landed for sha in (r.merge_commit_sha, r.squash_commit_sha) if sha}

    @cached_property
    def headed(self) -> Mapping[str, MergeRequest]:
        """Merge requests by head, the earliest of each."""
        return {r.sha: r for r in reversed(self.merged) if r.sha}

    @cached_property
    def on_default(self) -> Reached:
        """Shas of the commits on the default branch."""
        return landed_in(self.observed, self.place)

    @cached_property
    def _by_ref(self) -> Mapping[Ref, MergeRequest]:
        return {r.ref: r for r in self.merged}

    @cached_property
    def _shas(self) -> list[str]:
        graph = self.observed.graph_of.get(self.place, NO_COMMITS)
        brought = (sha for sha, ref in self.brought.items() if ref in self._by_ref)
        others = {sha for sha in (*self.whole, *self.headed, *brought) if sha not in graph}
        return sorted((*graph, *others))


def ids_by_path(projects: Iterable[Project]) -> Mapping[tuple[str, str], str]:
    """Ids of projects by source and path without letter case."""
    return {(p.source, p.path.lower()): p.id for p in projects}
