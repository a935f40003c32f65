"""Listed: one project as the tool lists it, with the features that it has switched off."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from connectors.gitlab.parse import Place
from connectors.gitlab.parse_code import parse_project
from connectors.records import Project

_FEATURES = {
    "repository": None,
    "builds": "jobs_enabled",
    "merge_requests": "merge_requests_enabled",
    "issues": "issues_enabled",
    "environments": None,
    "releases": None,
}
"""Features that a project can switch off, with the flag by which older versions tell."""


class Listed(Struct, frozen=True, kw_only=True):
    """A project and its features that are switched off: asking for these would be refused although nothing is closed to us."""

    record: Project
    off: frozenset[str]


def listed(row: Any, place: Place) -> Listed:  # noqa: ANN401  # a raw row ends here
    """The project of a row. Raises one of ``MALFORMED`` for one that is none."""
    off = (
        name
        for name, flag in _FEATURES.items()
        if row.get(f"{name}_access_level") == "disabled" or (flag and row.get(flag) is False)
    )
    return Listed(record=parse_project(row, place), off=frozenset(off))


def group_paths_in(rows: dict[str, Any]) -> dict[str, str]:
    """Full paths of the groups that raw projects lie in, by the groups' ids."""
    spaces = (row.get("namespace") for row in rows.values())
    return {
        str(s["id"]): str(s["full_path"])
        for s in spaces
        if isinstance(s, dict) and s.get("id") and s.get("full_path") and s.get("kind") == "group"
    }
