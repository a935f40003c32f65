"""A commitment lacks one of its two owners, or an owner has left.

What drifts: the mapping names no technical owner or no engineering owner, or names a person who is marked as no longer active.
Why it matters: nobody answers for one side of the truth, so its drift stays.
Stays quiet: for closed commitments and for debt that is repaid or dropped.
Clears when an active person is named.
"""

from __future__ import annotations

from collections.abc import Iterable

from mappings.commitments import Commitment
from mappings.people import People
from sync.core.drift import evidence
from sync.core.drift.members import debt_issue, is_open
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World

_MISSING = {
    "technical": Text(en="{commitment} has no technical owner", zh="{commitment} 没有技术负责人"),
    "engineering": Text(en="{commitment} has no engineering owner", zh="{commitment} 没有工程负责人"),
}
_LEFT = {
    "technical": Text(
        en="{owner}, technical owner of {commitment}, has left", zh="{commitment} 的技术负责人 {owner} 已离开"
    ),
    "engineering": Text(
        en="{owner}, engineering owner of {commitment}, has left",
        zh="{commitment} 的工程负责人 {owner} 已离开",
    ),
}
_NAME = {
    "technical": Text(en="Name a technical owner of {commitment}", zh="为 {commitment} 指定技术负责人"),
    "engineering": Text(en="Name an engineering owner of {commitment}", zh="为 {commitment} 指定工程负责人"),
}


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    if commitment is None or commitment.is_closed:
        return
    issue = debt_issue(world, commitment)
    if issue and not is_open(world, issue):
        return
    people = People.of(world.spec).by_name
    owners = {"technical": commitment.technical_owner, "engineering": commitment.engineering_owner}
    for role, owner in owners.items():
        person = people.get(owner or "")
        if not owner or (person and not person.active):
            yield _drift(world, commitment, role, owner=owner)


def _drift(world: World, commitment: Commitment, role: str, *, owner: str | None) -> Drift:
    observed = f"{owner}, no longer active" if owner else "nobody"
    values = (("commitment", commitment.title), ("owner", owner or ""))
    return Drift(
        subject=evidence.commitment_ref(commitment),
        discriminator=role,
        since=None,
        values=values,
        evidence=(evidence.of_commitment(world, commitment, observed=f"{role} owner: {observed}"),),
        trace=(evidence.held(f"no active person is {role} owner", observed),),
        says=(_LEFT if owner else _MISSING)[role],
        clears=_NAME[role],
    )


RULE = Rule(
    code="G01",
    title=Text(en="Owner missing", zh="缺少负责人"),
    severity=Severity.WARNING,
    audience=Audience.BOTH,
    says=Text(en="{commitment} lacks an owner", zh="{commitment} 缺少负责人"),
    means=Text(
        en="Nobody answers for one side of {commitment}",
        zh="{commitment} 有一方无人负责",
    ),
    clears=Text(en="Name an active owner of {commitment}", zh="为 {commitment} 指定在职负责人"),
    find=_find,
)
