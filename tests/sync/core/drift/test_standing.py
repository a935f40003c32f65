"""Where a finding stands in its life: suppressed, acknowledged, flapping, new or open."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from mappings.drift_options import SuppressionSpec
from sync.core.condition import Condition, Sighting
from sync.core.drift.catalogue import rules
from sync.core.drift.judge import findings_of
from sync.core.finding import Acknowledged, Finding, Severity, State
from tests import builders

pytestmark = pytest.mark.pure
NOW = builders.NOW
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RECORDS = (
    builders.issue("PAY-1", status="Done"),
    builders.change("PAY-1", "Done", NOW - 3 * DAY),
    builders.mr(1, title="PAY-1: x"),
)


def found(
    *,
    sighting: Sighting | None = None,
    ack: Acknowledged | None = None,
    suppressions: tuple[SuppressionSpec, ...] = (),
    now: datetime = NOW,
    **mapping: object,
) -> Finding:
    """The one S01 finding on PAY-1 under the given decisions."""
    condition = Condition(
        sightings=(sighting,) if sighting else (),
        acknowledged=(ack,) if ack else (),
        suppressions=suppressions,
    )
    world = builders.world(RECORDS, mapping=mapping, condition=condition, now=now)
    (finding,) = findings_of(world, {"S01": rules()["S01"]}).findings
    return finding


FINGERPRINT = found().fingerprint


def seen(*, since: datetime = NOW - 30 * DAY, **more: object) -> Sighting:
    given = {"first_seen_at": since, "found_at": since} | more
    return Sighting(fingerprint=FINGERPRINT, rule="S01", commitment_key="pay-2.0", **given)  # type: ignore[arg-type]


def ack(**more: object) -> Acknowledged:
    given = {"owner": "Li Wei", "severity": Severity.HIGH, "at": NOW - DAY} | more
    return Acknowledged(fingerprint=FINGERPRINT, **given)  # type: ignore[arg-type]


def quiet(**more: object) -> SuppressionSpec:
    given = {"rule": "S01", "reason": "migration", "owner": "Li Wei", "until": date(2026, 12, 1)} | more
    return SuppressionSpec.model_validate(given)


def test_a_finding_that_was_never_seen_is_new() -> None:
    assert found().state is State.NEW


MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("found_at", "state"),
    [
        (datetime(2026, 11, 20, 0, 0, tzinfo=UTC), State.NEW),
        (datetime(2026, 11, 19, 23, 59, tzinfo=UTC), State.OPEN),
    ],
)
def test_on_a_monday_what_was_found_since_friday_is_new(found_at: datetime, state: State) -> None:
    sighting = seen(since=found_at - 9 * DAY, found_at=found_at)
    assert found(sighting=sighting, now=MONDAY, calendar={"zone": "UTC"}).state is state


@pytest.mark.parametrize("returned", [0, 1, 2, 3])
def test_a_finding_that_came_back_three_times_in_a_week_is_flapping(returned: int) -> None:
    at = tuple(NOW - (returned - i) * DAY for i in range(returned))
    assert (found(sighting=seen(returned_at=at)).state is State.FLAPPING) is (returned >= 3)


def test_the_return_of_this_very_run_counts_before_and_after_it_is_noted() -> None:
    earlier = (NOW - 3 * DAY, NOW - DAY)
    before = seen(returned_at=earlier, cleared_at=NOW - HOUR)
    after = seen(since=NOW, returned_at=(*earlier, NOW))
    assert found(sighting=before).state is found(sighting=after).state is State.FLAPPING


def test_a_drift_that_left_within_its_grace_did_not_come_back() -> None:
    before = seen(returned_at=(NOW - 3 * DAY, NOW - DAY), cleared_at=NOW - HOUR, found_at=None)
    assert found(sighting=before).state is State.NEW


def test_returns_of_long_ago_do_not_flap_and_the_mapping_says_how_many_do() -> None:
    at = tuple(NOW - n * DAY for n in (20, 9, 8))
    assert found(sighting=seen(returned_at=at)).state is State.OPEN
    assert found(sighting=seen(returned_at=at), flapping={"days": 21}).state is State.FLAPPING
    assert (
        found(sighting=seen(returned_at=at[1:]), flapping={"returns": 2, "days": 9}).state is State.FLAPPING
    )


@pytest.mark.parametrize(
    ("given", "sighting", "holds"),
    [
        (ack(), seen(), True),
        (ack(), None, True),
        (ack(until=NOW.date()), seen(), True),
        (ack(until=NOW.date() - DAY), seen(), False),
        (ack(severity=Severity.CRITICAL), seen(), True),
        (ack(severity=Severity.WARNING), seen(), False),
        (ack(), seen(cleared_at=NOW - HOUR), False),
        (ack(), seen(since=NOW - HOUR), False),
    ],
    ids=["holds", "unseen", "last day", "over", "was worse", "got worse", "comes back", "came back"],
)
def test_an_acknowledgement_lapses_by_date_by_severity_and_by_return(
    given: Acknowledged, sighting: Sighting | None, holds: bool
) -> None:
    finding = found(ack=given, sighting=sighting)
    assert (finding.state is State.ACKNOWLEDGED, finding.acknowledged == given) == (holds, holds)
    assert finding.suppressed is None


@pytest.mark.parametrize(
    ("given", "is_quiet"),
    [
        (quiet(), True),
        (quiet(until=NOW.date()), True),
        (quiet(until=NOW.date() - DAY), False),
        (quiet(rule="S02"), False),
        (quiet(commitment="other"), False),
        (quiet(record="PAY-1"), True),
        (quiet(record="PAY-2"), False),
        (quiet(path="Acme/Pay/"), True),
        (quiet(path="acme"), True),
        (quiet(path="acme/pa"), False),
        (quiet(rule=None, path="acme/pay/core"), False),
    ],
)
def test_a_suppression_made_by_command_means_what_one_in_the_mapping_means(
    given: SuppressionSpec, is_quiet: bool
) -> None:
    by_command = found(suppressions=(given,))
    world = builders.world(RECORDS, mapping={"suppressions": (given,)})
    (by_mapping,) = findings_of(world, {"S01": rules()["S01"]}).findings
    assert by_command == by_mapping
    assert (by_command.state is State.SUPPRESSED) is is_quiet


def test_a_suppressed_finding_is_suppressed_even_if_acknowledged() -> None:
    assert found(ack=ack(), suppressions=(quiet(),)).state is State.SUPPRESSED


def test_a_finding_with_evidence_elsewhere_too_is_not_suppressed_by_path() -> None:
    other = builders.project("8", path="acme/core")
    records = (*RECORDS, other, builders.mr(2, title="PAY-1: y", project_id="8"))
    condition = Condition(suppressions=(quiet(path="acme/pay"),))
    world = builders.world(records, condition=condition)
    (finding,) = findings_of(world, {"S01": rules()["S01"]}).findings
    assert len(finding.evidence) == 3
    assert finding.state is State.NEW
