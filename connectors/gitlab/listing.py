"""Listing: the projects of the selection as the tool lists them now, group by group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from connectors.errors import ForbiddenError, NotFoundError, TandemError
from connectors.gitlab.client import GitlabClient, path_of
from connectors.gitlab.listed import Listed, group_paths_in, listed
from connectors.gitlab.parse import Place
from connectors.gitlab.settings import GitlabSelection
from connectors.parsing import parsed
from connectors.port import Skipped


class Listing(Struct, frozen=True, kw_only=True):
    """What one reading of the selection gave. ``refused`` are configured groups and projects that could not be read, by name."""

    projects: dict[str, Listed]
    in_groups: frozenset[str]
    group_paths: dict[str, str]
    refused: dict[str, TandemError]
    skipped: tuple[Skipped, ...]


def listing_of(client: GitlabClient, selection: GitlabSelection, place: Place) -> Listing:
    """What the selection holds now. A group or project that is missing or closed is noted; raises what else fails."""
    rows: dict[str, Any] = {}
    refused: dict[str, TandemError] = {}
    paths: dict[str, str] = {}
    for group in selection.groups:
        try:
            rows |= {str(r.get("id")): r for r in _group_rows(client, group) if isinstance(r, dict)}
            paths |= _path_of_group(client, group, rows)
        except (NotFoundError, ForbiddenError) as error:
            refused[str(group)] = error
    in_groups = frozenset(rows)
    for project in selection.projects:
        try:
            row = client.get(path_of("projects", project))
            rows[str(row.get("id"))] = row
        except (NotFoundError, ForbiddenError) as error:
            refused[str(project)] = error
    good, bad = parsed(rows.values(), lambda row: listed(row, place), what="project")
    refusals = (Skipped(what=f"group or project {name}", reason=str(e)) for name, e in refused.items())
    return Listing(
        projects={known.record.id: known for known in good},
        in_groups=in_groups,
        group_paths=group_paths_in(rows) | paths,
        refused=refused,
        skipped=(*bad, *refusals),
    )


def _group_rows(client: GitlabClient, group: int | str) -> Iterator[Any]:
    return client.rows(
        path_of("groups", group, "projects"),
        include_subgroups="true",
        with_shared="false",
        order_by="id",
        sort="asc",
    )


def _path_of_group(client: GitlabClient, group: int | str, rows: dict[str, Any]) -> dict[str, str]:
    """The full path of a group that is configured by number: from its own projects, else asked."""
    if not str(group).isdecimal() or str(group) in group_paths_in(rows):
        return {}
    path = client.get(path_of("groups", group)).get("full_path")
    return {str(group): str(path)} if path else {}
