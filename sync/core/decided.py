"""Decided: what people have acknowledged and suppressed, whether it stands, and which findings each holds now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from mappings.drift_options import SuppressionSpec
from sync.core.drift.standing import Lapse, lapse_of, today_of
from sync.core.drift.suppression import is_about
from sync.core.finding import Acknowledged, Finding
from sync.core.world import World


class AcknowledgedNow(Struct, frozen=True, kw_only=True):
    """One acknowledgement. ``lapse`` is None while it stands; ``finding`` is what it holds, None where that is not found now.

    ``about`` is rule and subject, as far as they are still known.
    """

    given: Acknowledged
    about: str
    commitment_key: str
    lapse: Lapse | None
    finding: Finding | None


class SuppressedNow(Struct, frozen=True, kw_only=True):
    """One suppression with the findings that it holds now, none if it has expired. ``id`` is None for one of the mapping, which only the mapping can take away."""

    id: int | None
    spec: SuppressionSpec
    is_expired: bool
    holds: tuple[Finding, ...]


def acknowledged_now(world: World, findings: Iterable[Finding]) -> tuple[AcknowledgedNow, ...]:
    """Every acknowledgement: those that stand first, then by what they are about."""
    found = {finding.fingerprint: finding for finding in findings}
    rows = (_acknowledged(world, given, found) for given in world.condition.acknowledged)
    return tuple(sorted(rows, key=lambda r: (r.lapse is not None, r.about, r.given.fingerprint)))


def suppressed_now(
    world: World, findings: Iterable[Finding], by_command: Mapping[int, SuppressionSpec]
) -> tuple[SuppressedNow, ...]:
    """Every suppression: those made ``by_command`` by number, then the mapping's in its order. A finding that several are about is held by each."""
    found = tuple(findings)
    numbered: list[tuple[int | None, SuppressionSpec]] = [*by_command.items()]
    numbered += [(None, spec) for spec in world.spec.suppressions]
    return tuple(_suppressed(world, id_, spec, found) for id_, spec in numbered)


def _acknowledged(world: World, given: Acknowledged, found: Mapping[str, Finding]) -> AcknowledgedNow:
    finding, seen = found.get(given.fingerprint), world.sighting.get(given.fingerprint)
    about, key = given.fingerprint, ""
    if finding:
        about, key = f"{finding.rule} {finding.subject_label}", finding.commitment_key
    elif seen:
        about, key = f"{seen.rule} {seen.subject_label or given.fingerprint}", seen.commitment_key
    lapse = lapse_of(world, given, finding.severity if finding else None)
    return AcknowledgedNow(given=given, about=about, commitment_key=key, lapse=lapse, finding=finding)


def _suppressed(
    world: World, id_: int | None, spec: SuppressionSpec, findings: tuple[Finding, ...]
) -> SuppressedNow:
    is_expired = spec.until < today_of(world)
    holds = () if is_expired else tuple(f for f in findings if is_about(world, f, spec))
    return SuppressedNow(id=id_, spec=spec, is_expired=is_expired, holds=holds)
