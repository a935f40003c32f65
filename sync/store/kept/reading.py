"""Reading: what the code of one project says, as rows; worked out of all of it, or of what changed and what that can matter to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from msgspec import Struct

from connectors.records import Branch, Commit, MergeRequest, Project, Ref
from mappings.changes import in_request
from mappings.graph import Carriers, carried_shas, carriers_of, landed_in
from mappings.keys import known_projects
from mappings.landings import ids_by_path
from mappings.links import Link, linked_of
from mappings.observed import Observed
from mappings.reverts import Revert, reverts_of
from mappings.schema import MappingSpec
from mappings.shipments import shipped_in
from sync.store.kept.arrivals import Arrived
from sync.store.kept.names import PATH, Name, names_of, unknown_keys


class Silent(NamedTuple):
    """A merge request whose own text names no known issue, so that its commits speak for it. ``basis`` is a digest of what it carries, empty where that is not known.

    ``is_nameless`` is True where its text names no key at all.
    """

    id: str
    basis: str
    is_nameless: bool


class Fate(Struct, frozen=True, kw_only=True):
    """What became of the changes of a project: which are taken back, which commits are on its default branch, and with what each went out first."""

    reverts: tuple[dict[str, Any], ...]
    arrived: Arrived


class Reading(Struct, frozen=True, kw_only=True):
    """What the code of one project says. ``links`` and ``names`` are those of the changes ``among`` (kind, id), of all where it is None; the rest is whole.

    ``fate`` is None where more of the project is to be read: the last part tells it.
    """

    source: str
    project_id: str
    among: frozenset[tuple[str, str]] | None
    links: Mapping[tuple[str, str, str, str], dict[str, Any]]
    names: frozenset[Name]
    asked: tuple[str, ...]
    silent: tuple[Silent, ...]
    fate: Fate | None


class Part(Struct, frozen=True, kw_only=True):
    """What of a project is read: the links of the changes ``among``; ``silent`` are the merge requests that were silent before and are not among them.

    One that ``is_last`` leaves nothing to be read.
    """

    among: frozenset[Ref]
    silent: tuple[Silent, ...]
    is_last: bool


def reading_of(
    spec: MappingSpec,
    observed: Observed,
    project: tuple[str, str],
    *,
    carriers: Carriers | None = None,
    part: Part | None = None,
) -> Reading:
    """The reading of the project (source, id) by the rules of ``spec``; what its code says of other projects' changes is theirs to say.

    Of a ``part``, ``observed`` need not hold more than ``linked_of`` and ``reverts_of`` ask for, and the graphs, and ``carriers`` are those of the project.
    """
    carriers = carriers or carriers_of(observed, carried_shas(observed))
    carried = carriers.carried
    own = frozenset(r.ref for r in _changes(observed) if (r.source, r.project_id) == project)
    among = own if part is None else part.among & own
    linked = linked_of(spec, observed, carriers=carriers, among=None if part is None else among)
    read: list[Commit | MergeRequest] = [c for c in observed.all(Commit) if c.ref in among]
    read += (r for r in observed.all(MergeRequest) if r.ref in among)
    silent = {*part.silent} if part else set()
    silent.update(_silent(read, linked.silent, carriers, known_projects(spec, observed)))
    names = {
        *names_of(read, ids_by_path(observed.all(Project)), known=_Known(observed, project[0])),
        *unknown_keys({ref: keys for ref, keys in linked.unknown.items() if ref in own}),
        *_path_of(spec, observed, project),
    }
    at = {"source": project[0], "project_id": project[1]}
    is_asked = {one for one in silent if one.is_nameless and carried.get((project[0], one.id)) is None}
    return Reading(
        source=project[0],
        project_id=project[1],
        among=None if part is None else frozenset(_pairs(part.among)) | {_itself(project[1])},
        links={_key_of(link): at | _row_of(link) for link in linked.links if link.change in own},
        names=frozenset(names),
        asked=tuple(one.id for one in _in_order(is_asked)),
        silent=tuple(_in_order(silent)),
        fate=_fate_of(spec, observed, project, carriers, own=own) if part is None or part.is_last else None,
    )


def _fate_of(
    spec: MappingSpec,
    observed: Observed,
    project: tuple[str, str],
    carriers: Carriers,
    *,
    own: frozenset[Ref],
) -> Fate:
    at = {"source": project[0], "project_id": project[1]}
    standing = (r for r in reverts_of(observed, carriers.carried) if r.by in own)
    return Fate(
        reverts=tuple(at | _row_of_revert(revert) for revert in standing),
        arrived=Arrived(
            landed=landed_in(observed, project),
            shipped=tuple(shipped_in(observed, project, spec.vocabulary.production)),
        ),
    )


def basis_of(request: MergeRequest, carriers: Carriers) -> str:
    """A digest of which commits a merge request carries and which of them it brought first; empty where that is not known."""
    shas = carriers.carried.get((request.source, request.id))
    if shas is None:
        return ""
    told = sorted(sha if carriers.first(request, sha) == request.ref else f"-{sha}" for sha in shas)
    return hashlib.blake2b("\n".join(told).encode(), digest_size=8).hexdigest()


def _silent(
    read: Iterable[Commit | MergeRequest],
    silent: frozenset[Ref],
    carriers: Carriers,
    projects: frozenset[str],
) -> Iterator[Silent]:
    for request in read:
        if isinstance(request, MergeRequest) and request.ref in silent:
            is_nameless = not in_request(request, projects, lower_case=True)
            yield Silent(request.id, basis_of(request, carriers), is_nameless)


def _pairs(refs: Iterable[Ref]) -> Iterator[tuple[str, str]]:
    return ((ref.kind, ref.id) for ref in refs)


def _in_order(found: Iterable[Silent]) -> list[Silent]:
    return sorted(found, key=lambda one: (len(one.id), one.id))


def _changes(observed: Observed) -> tuple[Branch | Commit | MergeRequest, ...]:
    return (*observed.all(Branch), *observed.all(Commit), *observed.all(MergeRequest))


class _Known:
    """Holds the shas of the commits of one source that are there."""

    def __init__(self, observed: Observed, source: str) -> None:
        self._graphs = [graph for (of, _), graph in observed.graph_of.items() if of == source]

    def __contains__(self, sha: object) -> bool:
        return any(sha in graph for graph in self._graphs)


def _path_of(spec: MappingSpec, observed: Observed, project: tuple[str, str]) -> Iterator[Name]:
    """The path of the project, where the mapping confirms links by paths."""
    if spec.links.confirmed and (found := observed.project.get(project)):
        yield Name(*_itself(project[1]), PATH, found.path.casefold())


def _itself(project_id: str) -> tuple[str, str]:
    return Project.kind, project_id


def _key_of(link: Link) -> tuple[str, str, str, str]:
    return (link.change.kind, link.change.id, link.key, link.place.value)


def _row_of(link: Link) -> dict[str, Any]:
    kind, id_, key, place = _key_of(link)
    return {
        "change_kind": kind,
        "change_id": id_,
        "key": key,
        "place": place,
        "role": link.role.value,
        "confidence": link.confidence.value,
        "reason": link.reason,
    }


def _row_of_revert(revert: Revert) -> dict[str, Any]:
    return {
        "of_kind": revert.of.kind,
        "of_id": revert.of.id,
        "by_kind": revert.by.kind,
        "by_id": revert.by.id,
        "at": revert.at,
        "is_partial": revert.is_partial,
    }
