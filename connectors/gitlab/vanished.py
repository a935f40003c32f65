"""Vanished: projects that left the list, and which of them were deleted for certain.

A 404 looks the same for a deleted project and for one that was closed to us. But membership of a group is inherited by every project in it:
where we are a member of the group, and the group was listed to its end, a 404 can only mean that the project was deleted or moved out of reach.
"""

from __future__ import annotations

from collections.abc import Iterable

from connectors.errors import ForbiddenError, NotFoundError
from connectors.gitlab.catalogue import Catalogue
from connectors.gitlab.client import path_of

_GUEST = 10
"""The lowest access level that is inherited as a right to see projects; minimal access (5) is not."""


def vanished_of(
    catalogue: Catalogue, former: Iterable[tuple[str, str]]
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """((id, path) of projects that are listed now or may still be there, ids of those that are gone for certain).

    ``former`` are (id, path) as last known. A project that is marked for deletion, or was moved and answers under its id, is still there.
    """
    listed = {id_: known.record.path for id_, known in catalogue.listed().projects.items()}
    left = {id_: path for id_, path in former if id_ not in listed}
    gone = tuple(sorted(id_ for id_, path in left.items() if _is_gone(catalogue, id_, path)))
    kept = {id_: path for id_, path in left.items() if id_ not in gone}
    return tuple(sorted((listed | kept).items())), gone


def _is_gone(catalogue: Catalogue, id_: str, path: str) -> bool:
    group = _group_of(catalogue, path)
    if group is None or group in catalogue.listed().refused:
        return False
    try:
        catalogue.require(id_)
    except NotFoundError:
        is_gone = _is_member(catalogue, group)
    except ForbiddenError:
        return False
    else:
        return False
    if is_gone:
        catalogue.forget(id_)
    return is_gone


def _group_of(catalogue: Catalogue, path: str) -> str | None:
    """The configured group that the path lies in."""
    folded = path.casefold()
    groups = catalogue.group_partitions()
    return next((group for group in groups if folded.startswith(f"{group.casefold()}/")), None)


def _is_member(catalogue: Catalogue, group: str) -> bool:
    """True if our account is an active member of the group or of one above it, with a level that is inherited."""
    user = catalogue.client.get(path_of("user"))
    try:
        member = catalogue.client.get(path_of("groups", group, "members", "all", str(user.get("id"))))
    except (NotFoundError, ForbiddenError):
        return False
    level = member.get("access_level")
    is_ours = member.get("id") == user.get("id") and member.get("state", "active") == "active"
    return is_ours and isinstance(level, int) and level >= _GUEST
