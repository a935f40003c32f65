"""Signs of activity: which projects need not be asked now, by what their listing and the merge requests of this run tell.

GitLab puts a project's ``last_activity_at`` forward with pushes, merge requests, issues, milestones and notes (not with pipelines, deployments, releases and edited labels), and
not again within an hour of the last time (app/models/event.rb, RESET_PROJECT_ACTIVITY_INTERVAL). So a young sign hides what came soon after it, and a missing one is no proof.
"""

from __future__ import annotations

from datetime import datetime

from connectors.cursor import Cursor
from connectors.gitlab.catalogue import Catalogue
from connectors.port import Request

TELLING = frozenset({"merge_requests"})
"""The streams besides the projects that tell of activity, to who reads them in the same run: another process need not wait for them."""


def after_signs(catalogue: Catalogue) -> frozenset[str]:
    """The streams that tell of activity in projects. Before merge requests were ever read they tell nothing: all is new, and nothing has to wait for them."""
    return frozenset({"projects"}) | (TELLING if catalogue.is_followed else frozenset())


def sign_of(catalogue: Catalogue, partition: str) -> datetime | None:
    """The newest sign of activity in a project, or in any project of a group; None where one tells of none. Raises NotFoundError or ForbiddenError."""
    ids = [id_ for id_, _ in catalogue.places_in(partition)] if catalogue.is_group(partition) else [partition]
    signs = [_sign_in(catalogue, id_) for id_ in ids]
    told = [sign for sign in signs if sign]
    return max(told) if told and len(told) == len(signs) else None


def _sign_in(catalogue: Catalogue, id_: str) -> datetime | None:
    active_at = catalogue.require(id_).record.last_activity_at
    return max(active_at, catalogue.signs.get(id_, active_at)) if active_at else None


def has_changed(catalogue: Catalogue, partition: str) -> bool:
    """True if this run saw a change in the project, or in one of the group."""
    return partition in catalogue.changed or any(
        id_ in catalogue.changed for id_, _ in catalogue.places_in(partition)
    )


def rests(catalogue: Catalogue, request: Request) -> bool:
    """True if a project or group need not be asked now. Raises as ``sign_of``.

    One that had been silent for some time when it was read is left alone for as long again, at most for the request's ``max_age``: what a young sign may hide is found
    soon, and a project that was silent for an hour is asked once an hour.
    """
    if not request.may_stand or has_changed(catalogue, request.scope.partition):
        return False
    sign = sign_of(catalogue, request.scope.partition)
    return sign is not None and is_left_alone(request.cursor, sign, now=catalogue.now(request.now))


def is_left_alone(cursor: Cursor, sign: datetime, *, now: datetime) -> bool:
    """True from when the cursor was read for as long as nothing had happened before; never where the sign is younger than the cursor."""
    return cursor.read_to is not None and now - cursor.read_to < cursor.read_to - sign
