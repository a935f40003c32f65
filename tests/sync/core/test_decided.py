"""Which decisions of people stand, and which findings each holds."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from mappings.drift_options import SuppressionSpec
from sync.core.condition import Condition, Sighting
from sync.core.decided import acknowledged_now, suppressed_now
from sync.core.drift.catalogue import rules
from sync.core.drift.judge import findings_of
from sync.core.drift.standing import Lapse
from sync.core.finding import Acknowledged, Finding, Severity
from sync.core.world import World
from tests import builders

pytestmark = pytest.mark.pure
NOW = builders.NOW
DAY = timedelta(days=1)


def world(*keys: str, condition: Condition | None = None, **mapping: object) -> World:
    """Items that are done while their merge requests are open."""
    records: list = []
    for number, key in enumerate(keys, 1):
        records += [builders.issue(key, status="Done"), builders.change(key, "Done", NOW - 5 * DAY)]
        records.append(builders.mr(number, title=f"{key}: x"))
    return builders.world(records, mapping=mapping, condition=condition)


def found_in(given: World) -> tuple[Finding, ...]:
    return findings_of(given, {"S01": rules()["S01"]}).findings


FINDING = found_in(world("PAY-1"))[0]


def ack(**more: object) -> Acknowledged:
    given = {"owner": "Li Wei", "severity": Severity.HIGH, "at": NOW - DAY} | more
    return Acknowledged(fingerprint=FINDING.fingerprint, **given)  # type: ignore[arg-type]


def seen(**more: object) -> Sighting:
    at = NOW - 4 * DAY
    given = {"first_seen_at": at, "found_at": at, "first": FINDING.sight} | more
    return Sighting(fingerprint=FINDING.fingerprint, rule="S01", commitment_key="pay-2.0", **given)  # type: ignore[arg-type]


def row(*keys: str, given: Acknowledged, sighting: Sighting | None = None):
    condition = Condition(acknowledged=(given,), sightings=(sighting,) if sighting else ())
    at_hand = world(*keys, condition=condition)
    (one,) = acknowledged_now(at_hand, found_in(at_hand))
    return one


def test_an_acknowledgement_that_stands_shows_what_it_holds() -> None:
    one = row("PAY-1", given=ack(), sighting=seen())
    assert (one.about, one.commitment_key, one.lapse) == ("S01 PAY-1", "pay-2.0", None)
    assert one.finding is not None
    assert one.finding.fingerprint == FINDING.fingerprint


@pytest.mark.parametrize(
    ("given", "sighting", "lapse"),
    [
        (ack(until=date(2026, 11, 19)), seen(), Lapse.DAY_OVER),
        (ack(until=date(2026, 11, 20)), seen(), None),
        (ack(), seen(cleared_at=NOW - DAY / 2), Lapse.CLEARED),
        (ack(), seen(first_seen_at=NOW - DAY / 2), Lapse.CAME_BACK),
        (ack(severity=Severity.WARNING), seen(), Lapse.WORSE),
        (ack(severity=Severity.CRITICAL), seen(), None),
    ],
)
def test_a_lapsed_acknowledgement_says_why_and_the_finding_stands_open(given, sighting, lapse) -> None:
    one = row("PAY-1", given=given, sighting=sighting)
    assert one.lapse is lapse
    assert one.finding is not None
    assert (one.finding.acknowledged is None) is (lapse is not None)


def test_of_a_finding_that_is_gone_what_was_seen_first_tells_the_name() -> None:
    assert row(given=ack(), sighting=seen()).about == "S01 PAY-1"
    assert row(given=ack(), sighting=seen(first=None)).about == f"S01 {FINDING.fingerprint}"
    assert row(given=ack()).about == FINDING.fingerprint


def test_what_stands_is_listed_before_what_has_lapsed() -> None:
    lapsed = replace(ack(), fingerprint="0" * 16, until=date(2020, 1, 1))
    at_hand = world("PAY-1", condition=Condition(acknowledged=(lapsed, ack())))
    assert [r.lapse for r in acknowledged_now(at_hand, found_in(at_hand))] == [None, Lapse.DAY_OVER]


def quiet(**more: object) -> SuppressionSpec:
    given = {"rule": "S01", "reason": "migration", "owner": "Li Wei", "until": date(2026, 11, 20)} | more
    return SuppressionSpec.model_validate(given)


def test_every_suppression_shows_the_findings_that_it_is_about_even_where_another_is_too() -> None:
    at_hand = world("PAY-1", "PAY-2", suppressions=[quiet(record="PAY-2", until=date(2026, 12, 1))])
    rows = suppressed_now(at_hand, found_in(at_hand), {3: quiet(), 4: quiet(record="PAY-9")})
    assert [(r.id, [f.subject_label for f in r.holds]) for r in rows] == [
        (3, ["PAY-1", "PAY-2"]),
        (4, []),
        (None, ["PAY-2"]),
    ]


def test_an_expired_suppression_holds_nothing() -> None:
    at_hand = world("PAY-1")
    (one,) = suppressed_now(at_hand, found_in(at_hand), {1: quiet(until=date(2026, 11, 19))})
    assert (one.is_expired, one.holds) == (True, ())
