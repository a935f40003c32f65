"""Confirmed: the links that people wrote into the mapping, under ``links.confirmed``, because the change itself names no issue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from connectors.records import Commit, MergeRequest, Project, Ref
from mappings.observed import Observed
from mappings.roles import Confidence, Place, Role, Sighting
from mappings.schema import ConfirmedLink


def confirmed_sightings(
    confirmed: Iterable[ConfirmedLink], observed: Observed
) -> Mapping[Ref, tuple[Sighting, ...]]:
    """Sightings by the merge request or commit that the mapping names; nothing for a change that is not known, or not known for sure.

    Paths have no letter case. A short sha counts where one commit of the project begins with it.
    """
    found: dict[Ref, list[Sighting]] = defaultdict(list)
    for entry in confirmed:
        path, sign, name = _parts(entry.change)
        changes = [ref for p in _projects(path, observed) for ref in _named(p, sign, name, observed)]
        if len(changes) == 1:
            found[changes[0]].append(_sighting(entry.issue))
    return MappingProxyType({ref: tuple(sightings) for ref, sightings in found.items()})


def project_of(change: str) -> str:
    """The project's path in ``group/project!12`` or ``group/project@sha``."""
    return _parts(change)[0]


def _parts(change: str) -> tuple[str, str, str]:
    return change.rpartition("!") if "!" in change else change.rpartition("@")


def _projects(path: str, observed: Observed) -> Iterable[Project]:
    wanted = path.strip("/").casefold()
    return [p for p in observed.all(Project) if wanted in {p.path.casefold(), p.id}]


def _named(project: Project, sign: str, name: str, observed: Observed) -> Iterable[Ref]:
    place = (project.source, project.id)
    if sign == "!":
        requests: tuple[MergeRequest, ...] = observed.merge_requests_of.get(place, ())
        return [r.ref for r in requests if r.reference == f"!{name}"]
    shas = (sha for sha in observed.graph_of.get(place, ()) if sha.startswith(name.lower()))
    return [Commit.ref_at(project.source, project.id, sha) for sha in shas]


def _sighting(key: str) -> Sighting:
    return Sighting(
        key=key,
        place=Place.MAPPING,
        role=Role.IMPLEMENTS,
        confidence=Confidence.CERTAIN,
        reason="confirmed in the mapping",
    )
