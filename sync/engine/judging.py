"""Judging: the judgement over what the store holds, a few commitments at a time, so that what is held at once does not grow with the company."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from typing import Protocol, TypeVar

from msgspec import Struct
from sqlalchemy import Connection, Engine

from connectors.records import Record, Ref
from mappings.commitments import EVERY, Commitment
from mappings.observed import Observed
from mappings.schema import MappingSpec
from sync.core.build import world_of
from sync.core.coverage import unknown_of
from sync.core.drift.catalogue import rules
from sync.core.drift.judge import Judgement, findings_of, merged
from sync.core.drift.rule import Rule
from sync.core.judged import Judged, judged_of
from sync.core.kept_judgement import Bases, KeptJudgement, Validity, kept_of, parted
from sync.core.wanted import wanted_of
from sync.core.world import World
from sync.store import kept, progress, records, sightings
from sync.store.condition import condition_in
from sync.store.copy import snapshot
from sync.store.kept import judgements
from sync.version import version

V = TypeVar("V", bound=Validity)


class _Made(Protocol):
    def __call__(self, connection: Connection, world: World, *, for_: tuple[Commitment, ...]) -> World: ...


_TOGETHER = 20
"""Commitments that are judged over one view of the store."""


class Judging(Struct, frozen=True, kw_only=True):
    """All that one judgement is made of: the world, the findings, and each commitment as it stands. ``unknown`` are the keys of those that cannot be judged.

    The world answers while the block that made it lasts; what it was asked for before, afterwards too. ``fresh`` is what was not judged before and can be kept.
    """

    world: World
    judgement: Judgement
    judged: tuple[Judged, ...]
    unknown: frozenset[str] = frozenset()
    fresh: tuple[KeptJudgement, ...] = ()


def observed_in(engine: Engine) -> Observed:
    """Everything that the store holds at one instant, whoever writes meanwhile."""
    with snapshot(engine) as connection:
        return _everything(connection)


def _everything(connection: Connection) -> Observed:
    return Observed.of(
        records.all_records(connection),
        aliases=records.all_aliases(connection),
        verdicts=progress.all_verdicts(connection),
        gone=records.all_gone(connection),
    )


@contextmanager
def judging(
    engine: Engine, spec: MappingSpec, *, now: datetime, about: Collection[Ref] | None = None
) -> Iterator[Judging]:
    """The judgement over what the store holds, as of ``now``. Reads only: where what is kept is out of date, it is worked out in memory instead.

    ``about`` are issues: only the commitments are judged that hold them or their kin, and what is about no single one.
    """
    with snapshot(engine) as connection:
        condition = condition_in(connection)
        observed = kept.StoredObserved(connection)
        if kept.is_fresh(connection, spec, observed=observed):
            whole = kept.world_in(connection, spec, now=now, condition=condition, observed=observed)
            # the rules about the mapping and the plan look at these one by one
            observed.issue_by_key.fetch(key for c in whole.commitments for key in c.slot_issue_keys)
            asked = None if about is None else kept.commitments_about(whole, about)
            yield _kept_judging(connection, whole, asked)
        else:
            world = world_of(spec, _everything(connection), now=now, condition=condition)
            yield _whole(connection, world)


def judging_of(engine: Engine, spec: MappingSpec, *, now: datetime) -> Judging:
    """The same over everything at once, for those who look around in its world afterwards."""
    with snapshot(engine) as connection:
        world = world_of(spec, _everything(connection), now=now, condition=condition_in(connection))
        return _whole(connection, world)


def _whole(connection: Connection, world: World) -> Judging:
    unknown = unknown_of(world)
    seen = sightings.first_seen(connection)
    judgement = findings_of(world, rules(), first_seen=seen, unknown=unknown)
    judged = judged_of(world, judgement.findings)
    return Judging(world=world, judgement=judgement, judged=judged, unknown=unknown)


def _kept_judging(connection: Connection, whole: World, asked: frozenset[str] | None) -> Judging:
    """Judges what was not judged before, or not as things are now, and takes up the rest as it was kept."""
    bases, seen = Bases(whole, version()), sightings.first_seen(connection)
    before = {
        key: one
        for key, one in _usable(judgements.usable(connection), whole, bases).items()
        if asked is None or key in asked | {EVERY}
    }
    fresh = [] if EVERY in before else [_about_no_single_one(connection, whole, bases, seen)]
    parts = [findings_of(whole, _rules(are_about_us=True), first_seen=seen, among={EVERY})]
    unknown: set[str] = set()
    judged = {c.key: before[c.key].judged(whole, c) for c in whole.commitments if c.key in before}
    left = (c.key for c in whole.commitments if c.key not in before and (asked is None or c.key in asked))
    for world, keys in _groups_of(connection, whole, frozenset(left)):
        blind = unknown_of(world, among=keys)
        part = findings_of(world, rules(), first_seen=seen, unknown=blind, among=keys)
        parts.append(part)
        found = {one.commitment.key: one for one in judged_of(world, part.findings, among=keys)}
        judged |= found
        unknown |= blind
        own = parted(part, keys - blind)
        fresh += [
            kept_of(world, bases.of(found[key].commitment), one, judged=found[key])
            for key, one in own.items()
        ]
    parts += [one.judgement for one in (*before.values(), *fresh) if one.key == EVERY]
    parts += [one.judgement for key, one in before.items() if key != EVERY and key in judged]
    return Judging(
        world=whole,
        judgement=merged(parts, rules()),
        judged=tuple(judged[c.key] for c in whole.commitments if c.key in judged),
        unknown=frozenset(unknown),
        fresh=tuple(fresh),
    )


def _usable(found: Mapping[str, V], world: World, bases: Bases) -> Mapping[str, V]:
    """Those of the judgements that can be used again, by commitment."""
    about: dict[str, Commitment | None] = {EVERY: None, **world.commitment}
    return {
        key: one
        for key, one in found.items()
        if key in about and one.is_good(bases.of(about[key]), now=world.now)
    }


def _about_no_single_one(
    connection: Connection, whole: World, bases: Bases, seen: Mapping[str, datetime]
) -> KeptJudgement:
    world = kept.for_everyone(connection, whole)
    part = findings_of(world, _rules(are_about_us=False), first_seen=seen, among={EVERY})
    kept.forget(world)
    return kept_of(whole, bases.of(None), part)


def _rules(*, are_about_us: bool) -> Mapping[str, Rule]:
    """The rules about Tandem itself and its sources, whose facts change with every run and are few, or all others."""
    return {code: rules()[code] for code in rules() if code.startswith("X") is are_about_us}


def _groups_of(
    connection: Connection, whole: World, asked: frozenset[str], *, made: _Made = kept.anew
) -> Iterator[tuple[World, frozenset[str]]]:
    """The world, ``made`` for a few of the commitments ``asked`` for at a time, with their keys; each is forgotten when the next is asked for."""
    commitments = tuple(c for c in whole.commitments if c.key in asked)
    for start in range(0, len(commitments), _TOGETHER):
        group = commitments[start : start + _TOGETHER]
        world = made(connection, whole, for_=group)
        yield world, frozenset(commitment.key for commitment in group)
        kept.forget(world)


def wanted_in(
    engine: Engine, spec: MappingSpec, *, now: datetime, is_full: bool = False
) -> Mapping[str, tuple[Record, ...]]:
    """What the judgement wants asked one by one, over what is kept; see ``wanted_of``. With ``is_full`` what was asked before is asked again.

    What a commitment wants whose judgement can be used again was asked before that was made, unless something could not be read then.
    """
    found: dict[str, dict[Ref, Record]] = {}
    with snapshot(engine) as connection:
        whole = kept.world_in(connection, spec, now=now, condition=condition_in(connection))
        is_anew = is_full or bool(whole.blind)
        known = {} if is_anew else judgements.validities(connection)
        before = _usable(known, whole, Bases(whole, version()))
        left = frozenset(c.key for c in whole.commitments if c.key not in before)
        asked = progress.read_instants(connection) if left and not is_full else {}
        groups = _groups_of(connection, whole, left, made=kept.for_asking)
        for world, keys in chain([(whole, frozenset[str]())], groups):
            for name, wanted in wanted_of(world, asked=asked, among=keys).items():
                found.setdefault(name, {}).update({record.ref: record for record in wanted})
    return {name: tuple(by_ref[ref] for ref in sorted(by_ref)) for name, by_ref in found.items()}
