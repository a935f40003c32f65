"""The judge: options, grace, first sight, blindness, order, and rules that fail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from connectors.port import Completeness
from connectors.records import KeyAlias
from mappings.observed import Gone
from sync.core.drift.catalogue import documentation_of, rules
from sync.core.drift.judge import RuleFailedError, findings_of, options_for
from sync.core.finding import Severity
from tests import builders

pytestmark = pytest.mark.pure

CODES = [
    "C03",
    "C04",
    "C06",
    "C07",
    "D01",
    "D02",
    "D03",
    "D04",
    "D05",
    "D06",
    "D09",
    "G01",
    "G02",
    "G08",
    "G10",
    "L01",
    "L02",
    "L03",
    "L04",
    "L05",
    "L06",
    "L07",
    "L08",
    "R01",
    "R02",
    "R03",
    "R04",
    "R05",
    "R06",
    "R07",
    "R08",
    "R09",
    "R10",
    "R11",
    "R12",
    "S01",
    "S02",
    "S03",
    "S04",
    "S05",
    "S06",
    "S07",
    "S08",
    "S09",
    "S10",
    "S11",
    "S12",
    "S13",
    "S14",
    "S15",
    "S16",
    "S17",
    "T02",
    "T04",
    "T06",
    "T07",
    "X01",
    "X02",
    "X03",
    "X04",
    "X05",
    "X06",
]
"""The codes are public: a rule keeps its code for ever."""
OVERDUE = {"milestones": [{"key": "m", "title": "M", "due": "2026-11-01", "scope": {"project": "PAY"}}]}


def test_the_catalogue_holds_every_rule_in_the_order_of_codes() -> None:
    assert list(rules()) == CODES
    assert [rule.code for rule in rules().values()] == CODES


@pytest.mark.parametrize("code", CODES)
def test_every_rule_is_documented_in_five_parts(code: str) -> None:
    text = documentation_of(rules()[code])
    assert all(part in text for part in ("What drifts:", "Why it matters:", "Stays quiet:", "Clears when"))


def test_the_mapping_lays_its_options_over_the_defaults() -> None:
    spec = builders.spec(drift={"S07": {"severity": "high", "thresholds": {"business_days": 2, "other": 1}}})
    options = options_for(rules()["S07"], spec)
    assert (options.severity, options.grace) == (Severity.HIGH, timedelta(0))
    assert dict(options.thresholds) == {"business_days": 2}


def test_absurd_options_leave_the_calendar_alone() -> None:
    drift = {code: {"grace_hours": 1e300} for code in CODES} | {
        "S07": {"thresholds": {"business_days": 1e300}},
        "L01": {"thresholds": {"days": 1e300}},
        "L03": {"thresholds": {"days": -5}},
        "X01": {"thresholds": {"stale_hours": 1e300}},
    }
    records = [builders.issue(status="In Progress"), builders.mr(1)]
    world = builders.world(records, mapping={"drift": drift}, verdicts=[builders.verdict("commits", "7")])
    assert {f.rule for f in findings_of(world, rules()).findings} == {"L01"}


def test_a_drift_without_a_date_counts_from_the_run_that_first_saw_it() -> None:
    world = builders.world(mapping=OVERDUE | {"drift": {"G01": {"grace_hours": 48}}})
    ruled = {"G01": rules()["G01"]}
    first = findings_of(world, ruled)
    assert first.findings == ()
    assert [w.until for w in first.waiting] == [builders.NOW + timedelta(hours=48)] * 2
    seen = {w.fingerprint: builders.NOW - timedelta(hours=48) for w in first.waiting}
    later = findings_of(world, ruled, first_seen=seen)
    assert [f.since for f in later.findings] == [builders.NOW - timedelta(hours=48)] * 2


def test_a_sighting_from_the_future_gives_no_negative_age() -> None:
    world = builders.world(mapping=OVERDUE)
    finding = findings_of(world, {"G01": rules()["G01"]}).findings[0]
    seen = {finding.fingerprint: builders.NOW + timedelta(days=1)}
    again = findings_of(world, {"G01": rules()["G01"]}, first_seen=seen)
    assert max(f.since for f in again.findings) == builders.NOW


def test_findings_are_sorted_worst_first_then_by_rule_and_subject() -> None:
    records = [builders.issue("PAY-1", status="In Progress"), builders.mr(2), builders.mr(1)]
    found = findings_of(builders.world(records, mapping=OVERDUE), rules()).findings
    assert [(f.rule, f.severity.word) for f in found] == [
        ("T02", "high"),
        ("G01", "warning"),
        ("G01", "warning"),
        ("L01", "notice"),
        ("L01", "notice"),
        ("S07", "notice"),
    ]


def test_a_rule_that_needs_silence_is_not_asked_while_a_source_is_unread_and_says_which() -> None:
    blind = builders.verdict("commits", "8", completeness=Completeness.FORBIDDEN, reason="403 Forbidden")
    world = builders.world([builders.issue(status="In Progress")], verdicts=[blind])
    judgement = findings_of(world, rules())
    asked_of_silence = {code for code, rule in rules().items() if "commits" in rule.absence}
    assert {"S04", "S07"} <= asked_of_silence
    assert {(n.rule, n.commitment_key) for n in judgement.not_asked} == {
        (code, "pay-2.0") for code in asked_of_silence
    }
    assert {n.reason for n in judgement.not_asked} == {"gitlab/commits/8: 403 Forbidden"}


def test_an_unknown_commitment_is_not_judged_and_global_rules_are() -> None:
    world = builders.world([builders.issue(status="In Progress"), builders.mr(1)], mapping=OVERDUE)
    judgement = findings_of(world, rules(), unknown=frozenset({"m"}))
    assert {f.rule for f in judgement.findings} == {"L01"}


def test_a_failing_rule_is_named_with_its_commitment() -> None:
    def broken(world, commitment, options):
        yield from ()
        raise ZeroDivisionError("by zero")

    rule = replace(rules()["S01"], find=broken)
    with pytest.raises(RuleFailedError, match=r"rule S01 failed on commitment pay-2\.0: by zero"):
        findings_of(builders.world(), {"S01": rule})


@pytest.mark.parametrize(
    ("record", "is_quiet"),
    [("PAY-1", True), ("OLD-1", True), ("PAY-2", False), ("acme/pay!1", False)],
)
def test_a_suppression_names_the_subject_by_present_or_former_key(record: str, is_quiet: bool) -> None:
    given = {"rule": "S01", "record": record, "reason": "migration", "owner": "Li Wei", "until": "2026-12-01"}
    records = [
        builders.issue("PAY-1", status="Done"),
        builders.change("PAY-1", "Done", builders.NOW - timedelta(days=3)),
        builders.mr(1, title="PAY-1: x"),
    ]
    alias = KeyAlias(source="jira", key="OLD-1", issue_id=builders.number_of("PAY-1"))
    world = builders.world(records, mapping={"suppressions": [given]}, aliases=[alias])
    (finding,) = findings_of(world, {"S01": rules()["S01"]}).findings
    assert (finding.suppressed is not None) is is_quiet


def test_a_merge_request_is_suppressed_by_its_full_reference() -> None:
    given = {"record": "Acme/Pay!1", "reason": "migration", "owner": "Li Wei", "until": "2026-12-01"}
    world = builders.world([builders.mr(1), builders.mr(2)], mapping={"suppressions": [given]})
    found = findings_of(world, {"L01": rules()["L01"]}).findings
    assert {f.subject_label: f.suppressed is not None for f in found} == {"!1": True, "!2": False}


def test_a_suppression_names_a_deleted_issue_by_the_key_that_it_had() -> None:
    gone = [Gone(issue=builders.issue(key), noticed_at=builders.NOW) for key in ("PAY-1", "PAY-2")]
    given = {"record": "PAY-1", "reason": "migration", "owner": "Li Wei", "until": "2026-12-01"}
    world = builders.world(gone=gone, mapping={"suppressions": [given]})
    found = findings_of(world, {"L06": rules()["L06"]}).findings
    assert [(f.subject_label, f.suppressed is not None) for f in found] == [("PAY-1", True), ("PAY-2", False)]
