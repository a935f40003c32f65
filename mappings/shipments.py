"""Shipments: which commits went out to users, by a production deployment or a release, told from the commits already pulled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import TypeAlias

from connectors.records import Deployment, Ref, Release
from mappings.observed import Observed

Place: TypeAlias = tuple[str, str, str]
"""A commit: (source, project id, sha)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """One successful deployment to production, or one release. ``name`` is the environment or the tag, ``url`` may be empty."""

    ref: Ref
    name: str
    at: datetime
    project_id: str
    sha: str
    url: str = ""
    is_deployment: bool = True


def shipments_of(observed: Observed, production: tuple[str, ...]) -> Mapping[Place, Shipment]:
    """The first shipment of every commit that is part of one. ``production`` are patterns of environment names, in any case.

    Linear: shipments are walked oldest first, and each walk ends where an earlier one has been.
    """
    first: dict[Place, Shipment] = {}
    for shipment in sorted(_shipments(observed, production), key=lambda s: (s.at, s.ref)):
        waiting: list[Place] = [(shipment.ref.source, shipment.project_id, shipment.sha)]
        while waiting:
            place = waiting.pop()
            if place in first:
                continue
            first[place] = shipment
            commit = observed.commit.get(place)
            waiting.extend((place[0], place[1], sha) for sha in (commit.parent_shas if commit else ()))
    return MappingProxyType(first)


def _shipments(observed: Observed, production: tuple[str, ...]) -> Iterator[Shipment]:
    patterns = tuple(pattern.casefold() for pattern in production)
    for one in observed.all(Deployment):
        is_production = any(fnmatchcase(one.environment.casefold(), pattern) for pattern in patterns)
        if one.status == "success" and is_production:
            at = one.finished_at or one.updated_at
            yield Shipment(ref=one.ref, name=one.environment, at=at, project_id=one.project_id, sha=one.sha)
    for release in observed.all(Release):
        if release.sha:
            at = release.released_at or release.created_at
            yield Shipment(
                ref=release.ref,
                name=release.tag,
                at=at,
                project_id=release.project_id,
                sha=release.sha,
                url=release.url,
                is_deployment=False,
            )
