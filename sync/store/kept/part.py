"""Part: a project's code read again where it changed, and where the change can matter to what others say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias, TypeVar

from msgspec.structs import replace
from sqlalchemy import Connection, select

from connectors.records import Commit, MergeRequest, MergeRequestCommits, Ref
from mappings.confirmed import confirmed_sightings
from mappings.graph import Carried, Carriers, carried_shas, carriers_of
from mappings.inherited import named_by
from mappings.keys import keys_in
from mappings.observed import Observed
from mappings.reverts import referred_by
from mappings.roles import Place
from mappings.schema import MappingSpec
from mappings.texts import Reader, of_request
from sync.store import marks
from sync.store.kept import names
from sync.store.kept.parted import Facts, PartedProject
from sync.store.kept.pieces import graph_now
from sync.store.kept.project import Surroundings, requests_named
from sync.store.kept.reading import Part, Reading, Silent, basis_of, reading_of
from sync.store.kept.skimmed import Skimmed, commits_of, records_of
from sync.store.questions import rows_by
from sync.store.tables import links, named, readings

Change: TypeAlias = Commit | MergeRequest
R = TypeVar("R", Commit, MergeRequest)

MOST = 0.5
"""From this share of a project's changes on, it is read whole: that costs no more then."""


class Changed(NamedTuple):
    """What of a project (source, id) is marked as changed; if that is more than the share ``most`` of it, it is to be read whole.

    ``is_last`` says that it is all; ``facts`` are those of the project, where they are known.
    """

    place: tuple[str, str]
    marks: frozenset[marks.Mark]
    most: float
    is_last: bool
    facts: Facts | None


def part_of(
    connection: Connection,
    spec: MappingSpec,
    around: Surroundings,
    changed: Changed,
    *,
    may_be_whole: Callable[[], bool],
) -> tuple[Reading, Facts] | None:
    """The reading of what changed in a project that was read before, and of what that can matter to, with the facts that it took; None where so much changed that it is to be read whole, if it may be."""
    source, project_id = place = changed.place
    kept = rows_by(connection, readings, ("silent",), source=source, project_id=project_id).scalar_one()
    moved = frozenset(_moved(changed.marks))
    commits = (ref.id for ref in moved if ref.kind == Commit.kind)
    facts = changed.facts
    skimmed = facts.skimmed if facts else Skimmed.of(connection, place, graph_now(connection, place, commits))
    if len(moved) > changed.most * (len(skimmed.graph) + len(skimmed.requests)) and may_be_whole():
        return None
    project = PartedProject(
        connection=connection,
        spec=spec,
        around=around,
        place=place,
        skimmed=skimmed,
        silent=tuple(Silent(*one) for one in kept),
    )
    facts = facts or Facts(skimmed=skimmed, carriers=carriers_of(project.base, carried_shas(project.base)))
    return _read(project, moved, facts.carriers, is_last=changed.is_last), facts


def _moved(changed: Iterable[marks.Mark]) -> Iterator[Ref]:
    """The changes that are marked; the commits for which GitLab was asked are their merge request's."""
    for mark in changed:
        source, _, name = mark
        kind = marks.kind_of_change(mark)
        is_answer = kind == MergeRequestCommits.kind
        yield Ref(source, MergeRequest.kind if is_answer else kind, name.partition(" ")[2])


def _read(project: PartedProject, moved: frozenset[Ref], carriers: Carriers, *, is_last: bool) -> Reading:
    carried = carriers.carried
    moved |= _confirmed(project, project.base)
    silent = tuple(_silent_still(project, moved, carriers))
    left = {one.id for one in project.silent} - {one.id for one in silent}
    among = moved | {project.ref(MergeRequest.kind, id_) for id_ in left}
    full = _in_full(project, among, carried)
    theirs = tuple(_theirs(project, among, full))
    records = {r.ref: r for r in (*full, *theirs)}.values()
    others = carried_shas(Observed.of(theirs))
    return reading_of(
        project.spec,
        project.observed(records),
        project.place,
        carriers=replace(carriers, carried={**others, **carried}) if others else carriers,
        part=Part(among=among, silent=silent, is_last=is_last),
    )


def _confirmed(project: PartedProject, base: Observed) -> frozenset[Ref]:
    """The changes that the mapping confirms, or confirmed when they were read."""
    confirmed = project.spec.links.confirmed
    if not confirmed:
        return frozenset()
    source, project_id = project.place
    is_it = (
        (links.c.source == source)
        & (links.c.project_id == project_id)
        & (links.c.place == Place.MAPPING.value)
    )
    rows = project.connection.execute(select(links.c.change_kind, links.c.change_id).where(is_it))
    before = {project.ref(kind, id_) for kind, id_ in rows}
    return frozenset(before | {ref for ref in confirmed_sightings(confirmed, base) if _is_own(project, ref)})


def _is_own(project: PartedProject, ref: Ref) -> bool:
    is_request = ref.kind == MergeRequest.kind and ref.id in project.skimmed.requests
    return ref.source == project.place[0] and (is_request or ref.id.startswith(f"{project.place[1]}/"))


def _silent_still(project: PartedProject, moved: frozenset[Ref], carriers: Carriers) -> Iterator[Silent]:
    """The merge requests for which the same commits speak as before, with the same words."""
    shas = project.shas(moved)
    for one in project.silent:
        request = project.skimmed.requests.get(one.id)
        if request is None or request.ref in moved:
            continue
        carried = carriers.carried.get((request.source, request.id)) or ()
        if basis_of(request, carriers) == one.basis and shas.isdisjoint(carried):
            yield one


def _in_full(project: PartedProject, among: frozenset[Ref], carried: Carried) -> tuple[Change, ...]:
    """What of the project must be known with its text: the changes themselves, what takes something back, and the commits that speak for merge requests."""
    source, project_id = project.place
    wanted = among | {project.ref(kind, id_) for kind, id_, _ in _named(project, names.BACK)}
    requests = tuple(_records(project, MergeRequest, wanted))
    _fetch_keys(project, requests)
    reader = Reader(spec=project.spec, observed=project.base, projects=project.keys)
    speaking = {
        Commit.ref_at(source, project_id, sha)
        for request in requests
        if request.ref in among and not of_request(request, reader).known
        for sha in carried.get((source, request.id)) or ()
    }
    commits = tuple(_records(project, Commit, wanted | speaking))
    shas = {sha for commit in commits if (sha := named_by(commit)) and sha in project.skimmed.graph}
    origins = _records(project, Commit, {Commit.ref_at(source, project_id, sha) for sha in shas})
    found: tuple[Change, ...] = (*requests, *commits, *origins)
    _fetch_keys(project, found[len(requests) :])
    return found


def _theirs(project: PartedProject, among: frozenset[Ref], full: tuple[Change, ...]) -> Iterator[Change]:
    """What is asked for of other projects: the merge requests that the code names to be taken back, and the commits that it repeats; if there are such merge requests, all those commits."""
    source, place = project.place[0], project.place
    asked = {(source, *named) for change in full for named in referred_by(change)}
    asked |= {
        (source, *names.request_of(name)[1:])
        for kind, id_, name in _named(project, names.REQUEST)
        if project.ref(kind, id_) not in among
    }
    requests = [
        request
        for request in requests_named(project.connection, project.around.projects, asked)
        if (request.source, request.project_id) != place
    ]
    shas = {sha for change in full if isinstance(change, Commit) and (sha := named_by(change))}
    if requests:
        shas |= {
            name for kind, id_, name in _named(project, names.ORIGIN) if project.ref(kind, id_) not in among
        }
    commits = tuple(commits_of(project.connection, source, shas - project.skimmed.graph.keys()))
    _fetch_keys(project, commits)
    yield from requests
    yield from commits


def _named(project: PartedProject, kind: str) -> Iterator[tuple[str, str, str]]:
    """(kind, id, name) of the changes that name something of a kind, as they were read."""
    source, project_id = project.place
    columns = ("change_kind", "change_id", "name")
    rows = rows_by(project.connection, named, columns, source=source, project_id=project_id, kind=kind)
    yield from map(tuple, rows.all())


def _records(project: PartedProject, record_type: type[R], refs: Iterable[Ref]) -> Iterator[R]:
    ids = {ref.id for ref in refs if ref.kind == record_type.kind}
    return records_of(project.connection, record_type, project.place[0], ids)


def _fetch_keys(project: PartedProject, changes: Iterable[Change]) -> None:
    """Have the issues looked up together that texts may name; what else they name is looked up when it is asked for."""
    if project.around.has_all_issues:
        return
    texts = (text for change in changes for text in _texts(change))
    keys = {seen.key for text in texts for seen in keys_in(text, project.keys, lower_case=True)}
    project.around.issue_refs.fetch(sorted(keys))


def _texts(change: Change) -> tuple[str, ...]:
    if isinstance(change, MergeRequest):
        return change.source_branch, change.title, change.description
    return change.title, change.message, *(value for _, value in change.trailers)
