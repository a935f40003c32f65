"""Branches: the tips of one project as they stand, and how they differ from those of the cursor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from connectors.errors import NotFoundError, RetryableError
from connectors.gitlab.catalogue import Catalogue
from connectors.gitlab.client import path_of
from connectors.gitlab.parse_code import parse_branch
from connectors.parsing import parsed
from connectors.port import Skipped
from connectors.records import Branch

_WATCHED = "path:"
"""Before a watched prefix, in a cursor's tips: its commits were listed up to these tips. No branch name may hold a colon."""


_STALE = "?"
"""Before the sha of a stale tip."""


def mark_of_prefix(prefix: str) -> str:
    """The name under which a walked prefix stands among the tips."""
    return f"{_WATCHED}{prefix}"


def stale(tips: Mapping[str, str]) -> dict[str, str]:
    """The tips marked as stale: where the branches stood, though what is reachable from there is to be listed anew."""
    return {name: f"{_STALE}{sha.removeprefix(_STALE)}" for name, sha in tips.items()}


def settled(sha: str | None) -> str | None:
    """The sha of a tip up to which everything is stored; None for a stale tip, or none."""
    return None if sha is None or sha.startswith(_STALE) else sha


def bare(sha: str) -> str:
    """The sha of a tip, stale or not."""
    return sha.removeprefix(_STALE)


def tips_of(pairs: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Branch name -> sha of a cursor's tips, the marks of walked prefixes left out."""
    return {name: sha for name, sha in pairs if not name.startswith(_WATCHED)}


@dataclass(frozen=True, kw_only=True)
class Branches:
    """The branches of one project, default branch first, then by name. ``names`` are those that are listed, None where a row has no name."""

    all: tuple[Branch, ...]
    skipped: tuple[Skipped, ...]
    names: frozenset[str] | None

    @cached_property
    def heads(self) -> Mapping[str, str]:
        """Branch name -> sha."""
        return {branch.name: branch.sha for branch in self.all}

    @property
    def base(self) -> str | None:
        """The tip of the default branch; None where there is none."""
        return next((branch.sha for branch in self.all if branch.is_default), None)

    def holds(self, branch: Branch) -> bool:
        """True if the default branch holds all of another one, so that nothing needs to be listed for it.

        Should it hold it by commits that came while the branches were listed, the default branch's next range brings them.
        """
        return branch.is_merged and not branch.is_default and self.base is not None

    def parted(self, tips: Mapping[str, str]) -> tuple[tuple[Branch, ...], tuple[Branch, ...]]:
        """(branches whose names are in ``tips``, new ones)."""
        known = tuple(branch for branch in self.all if branch.name in tips)
        return known, tuple(branch for branch in self.all if branch.name not in tips)

    def gone_from(self, tips: Mapping[str, str]) -> tuple[str, ...]:
        """Names in ``tips`` that are no longer listed; none where the list has a row without a name."""
        return () if self.names is None else tuple(sorted(tips.keys() - self.names))

    def span_of(self, branch: Branch, old: str | None) -> str:
        """The revisions to list for a branch that stood at ``old``; for a new one, what it has beyond the default branch."""
        start = old or (None if branch.is_default else self.base)
        return f"{start}..{branch.sha}" if start else branch.sha


def whole_branches_of(catalogue: Catalogue, project_id: str) -> Branches:
    """The branches, once their list is confirmed to be whole; notes the default branch's tip. Raises as ``branches_of``, and RetryableError for a short list."""
    default = catalogue.require(project_id).record.default_branch
    branches = branches_of(catalogue, project_id)
    confirm_whole(catalogue, project_id, branches, default=default)
    catalogue.tips[project_id] = branches.base
    return branches


def tip_of(catalogue: Catalogue, project_id: str) -> str | None:
    """The default branch's tip, asked where nobody has asked in this run; None where there is no such branch. Raises as ``whole_branches_of``."""
    if project_id not in catalogue.tips:
        whole_branches_of(catalogue, project_id)
    return catalogue.tips[project_id]


def branches_of(catalogue: Catalogue, project_id: str) -> Branches:
    """The branches as the tool lists them now. Raises NotFoundError or ForbiddenError for a project that cannot be read."""
    rows = tuple(catalogue.client.rows(path_of("projects", project_id, "repository", "branches")))
    place = catalogue.place
    good, bad = parsed(rows, lambda row: parse_branch(row, place, project_id=project_id), what="branch")
    names = [row.get("name") if isinstance(row, dict) else None for row in rows]
    return Branches(
        all=tuple(sorted(good, key=lambda b: (not b.is_default, b.name))),
        skipped=bad,
        names=frozenset(map(str, names)) if all(names) else None,
    )


def confirm_whole(catalogue: Catalogue, project_id: str, branches: Branches, *, default: str | None) -> None:
    """Ask after the ``default`` branch where the listing leaves it out. Raises RetryableError if it is there, or the project says that it is not empty."""
    if branches.base is not None or default is None or default in branches.heads:
        return
    confirm_gone(catalogue, project_id, default)
    if branches.all:
        return
    project = catalogue.client.get(path_of("projects", project_id))
    if project.get("empty_repo") is False:
        raise RetryableError(
            f"GitLab project {project_id} is not empty but no branch is listed; the list was not trusted"
        )


def confirm_gone(catalogue: Catalogue, project_id: str, name: str) -> None:
    """Ask for the branch itself: a listing can be cut short. Raises RetryableError if the branch is there."""
    try:
        catalogue.client.get(path_of("projects", project_id, "repository", "branches", name))
    except NotFoundError:
        return
    raise RetryableError(
        f"GitLab project {project_id}: branch {name} exists but the list of branches left it out; the list was not trusted"
    )
