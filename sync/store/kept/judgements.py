"""Judgements: what was judged of each commitment, kept until something changes that it was made of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TypeVar

from msgspec import DecodeError, json
from sqlalchemy import Connection, Engine, delete, select

from mappings.commitments import EVERY
from mappings.schema import MappingSpec
from sync.core.coverage import is_touched
from sync.core.kept_judgement import KeptJudgement, Validity
from sync.core.world import World
from sync.store import bulk, marks
from sync.store.kept.world import world_of_listings
from sync.store.tables import judgements

_TOUCHING = (marks.PLACE, marks.COMMITMENT)

V = TypeVar("V", bound=Validity)


def forget_touched(
    engine: Engine, spec: MappingSpec, *, guard: Callable[[Connection], None] = lambda _: None
) -> None:
    """Forget the judgements that a change since may make other. What is about no single commitment is one of them whatever changed."""
    with engine.begin() as connection:
        guard(connection)
        touching = marks.marked(connection, *_TOUCHING)
        if not touching:
            return
        touched = {EVERY, *(name for _, kind, name in touching if kind == marks.COMMITMENT)}
        if places := {(source, name) for source, kind, name in touching if kind == marks.PLACE}:
            touched |= set(_depending(connection, world_of_listings(connection, spec), places))
        connection.execute(delete(judgements).where(judgements.c.commitment_key.in_(touched)))
        marks.unmark(connection, touching)


def _depending(connection: Connection, world: World, places: Collection[tuple[str, str]]) -> Iterator[str]:
    """The keys of the commitments to which a change in one of the places, (source, name), can matter."""
    for key, one in _rows(connection, KeptJudgement):
        on = one.standing.dependence if one and one.standing else None
        if on is None or any(is_touched(world, on, source=source, place=name) for source, name in places):
            yield key


def are_kept(connection: Connection) -> bool:
    """True if any judgement is kept, so that what it depends on matters."""
    return connection.execute(select(judgements.c.commitment_key).limit(1)).first() is not None


def forget_all(connection: Connection) -> None:
    """Forget every judgement."""
    connection.execute(delete(judgements))


def usable(connection: Connection) -> Mapping[str, KeptJudgement]:
    """The judgements by key that no change has touched; none while there are changes that were not looked at."""
    return _untouched(connection, KeptJudgement)


def validities(connection: Connection) -> Mapping[str, Validity]:
    """For how long these can be used again, without what was judged."""
    return _untouched(connection, Validity)


def _untouched(connection: Connection, form: type[V]) -> Mapping[str, V]:
    if marks.marked(connection, *_TOUCHING, marks.NAMED, marks.TODO):
        return {}
    return {key: one for key, one in _rows(connection, form) if one}


def keep(connection: Connection, fresh: Iterable[KeptJudgement], *, now_there: frozenset[str]) -> None:
    """Put judgements in the place of former ones; those of commitments that are not ``now_there`` are forgotten."""
    known = connection.execute(select(judgements.c.commitment_key)).scalars()
    bulk.remove(connection, judgements, [{"commitment_key": key} for key in known if key not in now_there])
    rows = [{"commitment_key": one.key, "judgement": json.encode(one).decode()} for one in fresh]
    bulk.put(connection, judgements, rows)


def _rows(connection: Connection, form: type[V]) -> Iterator[tuple[str, V | None]]:
    """Keys with what is kept; None where another version of the program kept it in another form: that is judged anew."""
    for key, text in connection.execute(select(judgements).order_by(judgements.c.commitment_key)):
        try:
            yield key, json.decode(text, type=form)
        except DecodeError:
            yield key, None
