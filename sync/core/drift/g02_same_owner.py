"""Both owners of a commitment are the same person.

What drifts: the technical and the engineering owner are one person by the mapping's people, be it under two names with the same account.
Why it matters: the two sides were named apart so that they check each other.
Stays quiet: for closed commitments, and in small teams: mappings with fewer than ``team_size`` active people.
Clears when a second person is named.
"""

from __future__ import annotations

from collections.abc import Iterable

from mappings.commitments import Commitment
from mappings.people import People
from mappings.schema import Person
from sync.core.drift import evidence
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:
    if commitment is None or commitment.is_closed:
        return
    people = People.of(world.spec).by_name
    technical = people.get(commitment.technical_owner or "")
    engineering = people.get(commitment.engineering_owner or "")
    is_small = sum(person.active for person in world.spec.people) < options.thresholds["team_size"]
    if technical and engineering and not is_small and _is_same(technical, engineering):
        yield _drift(world, commitment, technical)


def _is_same(one: Person, other: Person) -> bool:
    accounts = {(one.jira or "").casefold(), (one.gitlab or "").casefold()} - {""}
    others = {(other.jira or "").casefold(), (other.gitlab or "").casefold()} - {""}
    return one == other or not accounts.isdisjoint(others)


def _drift(world: World, commitment: Commitment, person: Person) -> Drift:
    return Drift(
        subject=evidence.commitment_ref(commitment),
        since=None,
        values=(("commitment", commitment.title), ("person", person.name)),
        evidence=(evidence.of_commitment(world, commitment, observed=f"both owners: {person.name}"),),
        trace=(evidence.held("both owners are one person", person.name),),
    )


RULE = Rule(
    code="G02",
    title=Text(en="Both owners are one person", zh="两位负责人为同一人"),
    severity=Severity.NOTICE,
    audience=Audience.BOTH,
    says=Text(
        en="{person} is technical and engineering owner of {commitment}",
        zh="{person} 同时是 {commitment} 的技术负责人和工程负责人",
    ),
    means=Text(
        en="Nobody checks {person} on {commitment}: both sides are in one hand",
        zh="{commitment} 的双方都由 {person} 一人负责，无人复核",
    ),
    clears=Text(en="Name a second owner of {commitment}", zh="为 {commitment} 另外指定一位负责人"),
    find=_find,
    thresholds=(("team_size", 4),),
)
