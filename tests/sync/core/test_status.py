from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from connectors.port import Completeness
from connectors.records import Ref
from mappings.commitments import CommitmentKind
from mappings.terms import Debt
from sync.core.finding import Evidence, Severity
from sync.core.status import Agreement, Health, headline, rank_of, status_of

pytestmark = pytest.mark.pure


@pytest.fixture(scope="session")
def status(make):
    """Status of one milestone with so many delivered and open items and the given findings."""

    def of(delivered, still_open, findings=(), *, verdicts=(), **more):
        done = [make.issue(f"PAY-{n}", "delivered") for n in range(100, 100 + delivered)]
        rest = [make.issue(f"PAY-{n}") for n in range(300, 300 + still_open)]
        world = make.world([*done, *rest], commitments=(make.commitment(**more),), verdicts=verdicts)
        return status_of(world, world.commitments[0], findings)

    return of


def test_everything_delivered_is_done_and_agreed(status):
    found = status(3, 0)
    assert (found.health, found.agreement) == (Health.DONE, Agreement.AGREED)
    assert headline(found, "en") == "Every item is delivered (3 of 3)."
    assert headline(found, "zh") == "3 项已全部交付。"


def test_nothing_to_deliver_is_not_done(status):
    found = status(0, 0)
    assert found.health is Health.ON_TRACK
    assert headline(found, "en") == "No items belong to it yet."


def test_open_items_without_findings_are_on_track(status):
    found = status(1, 2)
    assert (found.health, found.agreement) == (Health.ON_TRACK, Agreement.AGREED)
    assert [reason.code for reason in found.reasons] == ["under_way"]


def test_a_blind_spot_makes_both_unknown_and_names_the_scope_and_the_sources_words(status, make):
    blind = make.verdict("commits", "214", Completeness.FORBIDDEN, reason="403: no access")
    found = status(3, 0, [make.finding()], verdicts=[blind])
    assert (found.health, found.agreement) == (Health.UNKNOWN, Agreement.UNKNOWN)
    assert headline(found, "en") == "Not completely read: gitlab/commits/214 (403: no access)."


@pytest.mark.parametrize(
    "case",
    [
        ("T02", Severity.HIGH, Health.OFF_TRACK),
        ("D01", Severity.HIGH, Health.OFF_TRACK),
        ("S09", Severity.CRITICAL, Health.OFF_TRACK),
        ("S01", Severity.CRITICAL, Health.OFF_TRACK),
        ("S01", Severity.HIGH, Health.AT_RISK),
        ("D02", Severity.HIGH, Health.BLOCKED),
        ("S05", Severity.WARNING, Health.ON_TRACK),
        ("S04", Severity.NOTICE, Health.ON_TRACK),
    ],
)
def test_a_finding_decides_health_by_rule_and_severity_and_always_means_drift(status, make, case):
    rule, severity, health = case
    found = status(1, 2, [make.finding(rule, severity)])
    assert (found.health, found.agreement) == (health, Agreement.DRIFTING)
    assert rule in [reason.code for reason in found.reasons]


def test_debt_that_shares_a_module_slows_but_does_not_block(status, make):
    touched = Evidence(
        record=Ref(source="gitlab", kind="commit", id="11/abc"),
        label="abc",
        url="https://x",
        observed="src/core",
    )
    found = status(1, 2, [make.finding("D02", evidence=(*make.finding().evidence, touched))])
    assert found.health is Health.AT_RISK


def test_an_information_is_no_drift(status, make):
    assert status(1, 2, [make.finding("R09", Severity.INFO)]).agreement is Agreement.AGREED


def test_suppressed_findings_and_other_commitments_findings_do_not_count(status, make):
    quiet = make.finding(severity=Severity.CRITICAL, suppressed=make.suppressed())
    foreign = make.finding(severity=Severity.CRITICAL, commitment_key="other")
    everyones = make.finding("X01", commitment_key="*")
    found = status(1, 2, [quiet, foreign, everyones])
    assert (found.health, found.agreement) == (Health.ON_TRACK, Agreement.AGREED)


def test_all_delivered_with_a_reverted_change_is_not_done(status, make):
    assert status(3, 0, [make.finding("S09", Severity.CRITICAL)]).health is Health.OFF_TRACK
    assert status(3, 0, [make.finding("S05", Severity.WARNING)]).health is Health.DONE


def test_a_closed_commitment_is_done_and_its_drift_shows_in_agreement(status, make):
    found = status(1, 2, [make.finding(severity=Severity.CRITICAL)], is_closed=True)
    assert (found.health, found.agreement) == (Health.DONE, Agreement.DRIFTING)
    assert headline(found, "en").startswith("It is closed, with 1 of 3 items delivered; PAY-118 is Done")


def test_the_whole_is_as_bad_as_its_worst_part_and_reasons_are_worst_first(status, make):
    findings = [
        make.finding("S01"),
        make.finding("S09", Severity.CRITICAL, label="PAY-9"),
        make.finding("S05", Severity.WARNING),
    ]
    found = status(1, 2, findings)
    assert found.health is Health.OFF_TRACK
    assert [reason.code for reason in found.reasons] == ["S09", "S01", "under_way", "S05"]


@pytest.mark.parametrize(
    "case",
    [
        (date(2026, 12, 4), 1, 2, Health.AT_RISK),
        (date(2026, 12, 4), 2, 2, Health.ON_TRACK),
        (date(2026, 12, 7), 1, 2, Health.ON_TRACK),
        (None, 0, 2, Health.ON_TRACK),
    ],
)
def test_less_than_half_delivered_near_the_due_date_is_at_risk(status, case):
    due_on, delivered, still_open, health = case
    assert status(delivered, still_open, due_on=due_on).health is health


def test_the_headline_joins_the_two_worst_and_counts_the_rest(status, make):
    findings = [make.finding("S01", label=f"PAY-{n}") for n in range(100, 104)]
    said = headline(status(1, 5, findings), "en")
    assert said.count("is Done, but merge request !412 is still open") == 2
    assert said.endswith("; and 2 more.")


def test_the_headline_goes_on_with_the_next_worst_finding_before_milder_ones(status, make):
    findings = [
        make.finding(rule, severity, label=f"PAY-{n}")
        for n, (rule, severity) in enumerate(
            [("S05", Severity.WARNING), ("S01", Severity.HIGH), ("T02", Severity.HIGH)]
        )
    ]
    said = headline(status(1, 5, findings), "en")
    assert said.startswith("PAY-2 is Done")
    assert "; PAY-1 is Done" in said
    assert "PAY-0" not in said
    assert "delivered" not in said


def test_the_headline_of_a_healthy_commitment_adds_what_drifts(status, make):
    said = headline(status(1, 2, [make.finding("S05", Severity.WARNING)]), "en")
    assert said.startswith("1 of 3 items are delivered and nothing serious is in the way; PAY-118 is Done")


def test_findings_that_decide_the_health_come_first_among_equals(make):
    findings = [make.finding(rule) for rule in ("S01", "T02", "D02", "S03")] + [
        make.finding("S09", Severity.CRITICAL)
    ]
    assert [f.rule for f in sorted(findings, key=rank_of)] == ["S09", "D02", "T02", "S01", "S03"]


def test_the_order_of_findings_does_not_matter(status, make):
    findings = [make.finding("S01", label=f"PAY-{n}") for n in range(100, 104)]
    assert status(1, 5, findings) == status(1, 5, findings[::-1])


def test_a_debt_item_speaks_of_debt(make):
    near = datetime(2026, 12, 20, tzinfo=UTC)
    texts = []
    for progress, due_on in (
        ("to_do", near.date() + timedelta(days=90)),
        ("to_do", near.date()),
        ("delivered", near.date()),
    ):
        own = make.commitment(kind=CommitmentKind.DEBT, due_on=due_on, debt=Debt(issue_key="PAY-7"))
        world = make.world([make.issue("PAY-7", progress)], commitments=(own,), now=near)
        texts.append(headline(status_of(world, own, ()), "en"))
    assert texts == [
        "The debt is not repaid yet and nothing serious is in the way.",
        "The debt is accepted for at most 10 more working days and is not repaid yet.",
        "The debt is repaid.",
    ]


def test_worst_of_follows_the_order_of_the_codes():
    assert Health.worst_of([]) is Health.DONE
    assert Health.worst_of([Health.AT_RISK, Health.BLOCKED, Health.DONE]) is Health.BLOCKED
    assert Health.worst_of(Health) is Health.UNKNOWN
