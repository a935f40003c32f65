"""Landings: from a sha, a reference or a title to the merge request that landed it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from connectors.records import Commit, MergeRequest, Project, Ref
from mappings.graph import Carried, carriers_of, default_branch_shas
from mappings.observed import Observed, grouped

_SHORT = 8
"""The fewest digits by which a sha may be named."""


@dataclass(frozen=True)
class Landings:
    """Lookups over merged merge requests. ``carried`` is ``carried_commits(observed)``; all are per project of the change that asks."""

    observed: Observed
    carried: Carried

    def of_sha(self, asker: Commit | MergeRequest, prefix: str) -> tuple[Ref, frozenset[str]] | None:
        """What a sha of at least 8 digits stands for: a whole merge request, part of one (with the sha), or a lone commit.

        None where no or more than one known sha begins so.
        """
        project = (asker.source, asker.project_id)
        fitting = {s for s in self._by_prefix.get((*project, prefix[:_SHORT]), ()) if s.startswith(prefix)}
        if len(fitting) != 1:
            return None
        return self._target((*project, fitting.pop()))

    def carrier_of(self, commit: Commit) -> MergeRequest | None:
        """The merged merge request that landed a commit, as its content or as its merge or squash commit."""
        place = (commit.source, commit.project_id, commit.sha)
        return self._landed_whole.get(place) or self._carrier.get(place)

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
        graph = self.observed.graph_of.get((request.source, request.project_id), {})
        return frozenset(sha for sha in shas if len(graph.get(sha, ())) < 2)

    def _target(self, place: tuple[str, str, str]) -> tuple[Ref, frozenset[str]] | None:
        whole = self._landed_whole.get(place)
        if whole is not None:
            return whole.ref, frozenset()
        request = self._carrier.get(place) or self._headed.get(place)
        if request is None:
            return (Commit.ref_at(*place), frozenset()) if place in self.on_default else None
        is_whole = self.content_of(request.ref) <= {place[2]}
        return request.ref, frozenset() if is_whole else frozenset({place[2]})

    @cached_property
    def on_default(self) -> frozenset[tuple[str, str, str]]:
        """(source, project id, sha) of the commits on default branches."""
        return default_branch_shas(self.observed)

    @cached_property
    def _merged(self) -> tuple[MergeRequest, ...]:
        merged = (r for r in self.observed.all(MergeRequest) if r.state == "merged")
        return tuple(sorted(merged, key=lambda r: (r.merged_at or r.updated_at, r.ref)))

    @cached_property
    def _landed_whole(self) -> Mapping[tuple[str, str, str], MergeRequest]:
        return {
            (r.source, r.project_id, sha): r
            for r in reversed(self._merged)
            for sha in (r.merge_commit_sha, r.squash_commit_sha)
            if sha
        }

    @cached_property
    def _headed(self) -> Mapping[tuple[str, str, str], MergeRequest]:
        return {(r.source, r.project_id, r.sha): r for r in reversed(self._merged) if r.sha}

    @cached_property
    def _carrier(self) -> Mapping[tuple[str, str, str], MergeRequest]:
        merged = {r.ref: r for r in self._merged}
        first_of = carriers_of(self.observed, self.carried).first_of
        return {
            (*project, sha): merged[ref]
            for project, brought in first_of.items()
            for sha, ref in brought.items()
            if ref in merged
        }

    @cached_property
    def _by_prefix(self) -> Mapping[tuple[str, str, str], tuple[str, ...]]:
        known = ((*project, sha) for project, graph in self.observed.graph_of.items() for sha in graph)
        places = {*known, *self._landed_whole, *self._headed, *self._carrier}
        groups: dict[tuple[str, str, str], list[str]] = {}
        for source, project_id, sha in places:
            groups.setdefault((source, project_id, sha[:_SHORT]), []).append(sha)
        return {key: tuple(shas) for key, shas in groups.items()}

    @cached_property
    def _by_title(self) -> Mapping[tuple[str, str, str], tuple[MergeRequest, ...]]:
        return grouped(self._merged, lambda r: (r.source, r.project_id, r.title))

    @cached_property
    def _by_reference(self) -> Mapping[tuple[str, str, str], tuple[MergeRequest, ...]]:
        return grouped(self._merged, lambda r: (r.source, r.project_id, r.reference))

    @cached_property
    def _id_of_path(self) -> Mapping[tuple[str, str], str]:
        return ids_by_path(self.observed.all(Project))


def ids_by_path(projects: Iterable[Project]) -> Mapping[tuple[str, str], str]:
    """Ids of projects by source and path without letter case."""
    return {(p.source, p.path.lower()): p.id for p in projects}
