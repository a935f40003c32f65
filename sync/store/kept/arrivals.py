"""Arrivals: which commits are on a project's default branch, and with what each went out first. Of a large project they are kept in parts, by the first digits of their shas: neither keeping nor asking holds all of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, TypeAlias

import orjson
from msgspec import Struct
from sqlalchemy import Connection, select, tuple_

from connectors.records import Ref
from mappings.shipments import Place as CommitPlace
from mappings.shipments import Shipment
from sync.store import bulk
from sync.store.kept.lookup import Lookup
from sync.store.questions import rows_by
from sync.store.tables import arrivals, arrived

_FULL = 10_000
"""From more commits in a part on, the parts go by a further digit."""
_BASE = 16
_AT_ONCE = 8
"""Parts of which the text is in memory at once."""

Place: TypeAlias = tuple[str, str]
"""A project: (source, id)."""


class Arrived(Struct, frozen=True, kw_only=True):
    """The shas on a project's default branch, and its shipments, oldest first, with the shas that went out with each first."""

    landed: Collection[str]
    shipped: Sequence[tuple[Shipment, Sequence[str]]]


def keep_arrived(connection: Connection, place: Place, what: Arrived, *, full: int = _FULL) -> None:
    """Put it in the place of what was kept of the project; a part that stands as it stood is not written."""
    at = {"source": place[0], "project_id": place[1]}
    digits = _digits_of(what, full)
    shipments = tuple(_told(shipment) for shipment, _ in what.shipped)
    bulk.put(connection, arrivals, [at | {"digits": digits, "shipments": shipments}])
    parts = _parts_of(what, digits)
    known = set(rows_by(connection, arrived, ("begin",), **at).scalars())
    bulk.remove(connection, arrived, [at | {"begin": begin} for begin in sorted(known - parts.keys())])
    begins = sorted(parts)
    for start in range(0, len(begins), _AT_ONCE):
        texts = {begin: _text_of(parts[begin]) for begin in begins[start : start + _AT_ONCE]}
        kept = dict(map(tuple, rows_by(connection, arrived, ("begin", "commits"), **at, begin=[*texts])))
        fresh = [
            {"begin": begin, "commits": text} for begin, text in texts.items() if kept.get(begin) != text
        ]
        bulk.put(connection, arrived, [at | row for row in fresh])


_Part: TypeAlias = dict[str, list[str]]
"""Shas by what they arrived with: the name of a shipment, or nothing for the default branch."""
_LANDED = ""


def _digits_of(what: Arrived, full: int) -> int:
    """So many digits that a part holds about ``full`` commits at most."""
    count = max(len(what.landed), sum(len(shas) for _, shas in what.shipped))
    digits = 0
    while count > full * _BASE**digits:
        digits += 1
    return digits


def _parts_of(what: Arrived, digits: int) -> dict[str, _Part]:
    """The parts that there are, by the first digits."""
    parts: dict[str, _Part] = defaultdict(dict)
    for name, shas in (
        (_LANDED, what.landed),
        *((_name_of(s.ref.kind, s.ref.id), shas) for s, shas in what.shipped),
    ):
        for begin, some in _by_begin(shas, digits).items():
            parts[begin][name] = some
    return parts


def _by_begin(shas: Collection[str], digits: int) -> Mapping[str, list[str]]:
    if not digits:
        return {"": [*shas]} if shas else {}
    found: dict[str, list[str]] = defaultdict(list)
    for sha in shas:
        found[sha[:digits]].append(sha)
    return found


def _text_of(part: _Part) -> str:
    return orjson.dumps({name: sorted(shas) for name, shas in part.items()}).decode()


def _name_of(kind: str, id_: str) -> str:
    return f"{kind} {id_}"


def _told(shipment: Shipment) -> tuple[Any, ...]:
    one = shipment
    return (one.ref.kind, one.ref.id, one.name, one.at.isoformat(), one.sha, one.url, one.is_deployment)


def _shipment(place: Place, told: Sequence[Any]) -> Shipment:
    kind, id_, name, at, sha, url, is_deployment = told
    return Shipment(
        ref=Ref(place[0], kind, id_),
        name=name,
        at=datetime.fromisoformat(at),
        project_id=place[1],
        sha=sha,
        url=url,
        is_deployment=is_deployment,
    )


class _Project(Struct, frozen=True, kw_only=True):
    """What is kept of a project as a whole: by so many digits its parts go, and its shipments by name."""

    digits: int
    shipments: Mapping[str, Shipment]


class _Asked(Struct, frozen=True, kw_only=True):
    """A part as it is asked for."""

    landed: frozenset[str]
    shipped: Mapping[str, Shipment]


class StoredArrivals:
    """What is kept, as a connection sees it while it is open; what was asked for is remembered."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def has_landed(self, place: CommitPlace) -> bool:
        """True of a commit on the default branch of its project."""
        part = self._part_of(place)
        return part is not None and place[2] in part.landed

    def shipped(self, places: tuple[CommitPlace, ...]) -> Mapping[CommitPlace, Shipment]:
        """With what each of the commits went out first; without those that did not."""
        self._projects.fetch(place[:2] for place in places)
        keys = {place: self._key_of(place) for place in places}
        self._parts.fetch(key for key in keys.values() if key)
        found = ((place, self._parts.get(key)) for place, key in keys.items() if key)
        return {place: part.shipped[place[2]] for place, part in found if part and place[2] in part.shipped}

    def first_of(self, projects: tuple[Place, ...]) -> Mapping[Place, datetime]:
        """When each of the projects shipped for the first time that is known."""
        self._projects.fetch(projects)
        kept = ((place, self._projects.get(place)) for place in projects)
        return {
            place: min(shipment.at for shipment in one.shipments.values())
            for place, one in kept
            if one and one.shipments
        }

    def _part_of(self, place: CommitPlace) -> _Asked | None:
        key = self._key_of(place)
        return self._parts.get(key) if key else None

    def _key_of(self, place: CommitPlace) -> tuple[str, str, str] | None:
        project = self._projects.get(place[:2])
        return (*place[:2], place[2][: project.digits]) if project else None

    @cached_property
    def _projects(self) -> Lookup[Place, _Project]:
        return Lookup(lambda keys: dict(self._projects_at(keys)))

    def _projects_at(self, keys: tuple[Place, ...]) -> Iterator[tuple[Place, _Project]]:
        is_asked = tuple_(arrivals.c.source, arrivals.c.project_id).in_(keys)
        for row in self._connection.execute(select(arrivals).where(is_asked)):
            place = (row.source, row.project_id)
            shipments = {_name_of(told[0], told[1]): _shipment(place, told) for told in row.shipments}
            yield place, _Project(digits=row.digits, shipments=shipments)

    @cached_property
    def _parts(self) -> Lookup[tuple[str, str, str], _Asked]:
        return Lookup(lambda keys: dict(self._parts_at(keys)))

    def _parts_at(self, keys: tuple[tuple[str, str, str], ...]) -> Iterator[tuple[Any, _Asked]]:
        is_asked = tuple_(arrived.c.source, arrived.c.project_id, arrived.c.begin).in_(keys)
        for row in self._connection.execute(select(arrived).where(is_asked)):
            shipments = self._projects[row.source, row.project_id].shipments
            part: _Part = orjson.loads(row.commits)
            landed = frozenset(part.pop(_LANDED, ()))
            shipped = {sha: shipments[name] for name, shas in part.items() for sha in shas}
            yield (row.source, row.project_id, row.begin), _Asked(landed=landed, shipped=shipped)
