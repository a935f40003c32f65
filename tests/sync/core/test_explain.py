"""What explain answers: values, and the lines that a terminal shows."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec import to_builtins

from connectors.port import Completeness
from connectors.records import KeyAlias
from mappings.observed import Gone
from sync.core.condition import Condition, Sighting
from sync.core.drift.catalogue import rules
from sync.core.drift.judge import findings_of
from sync.core.explain import explanation_of, lines_of, links_why
from sync.core.explanation import CommitmentExplanation, FindingWhy, IssueExplanation, RuleExplanation
from sync.core.finding import Acknowledged, Severity, Sight
from tests import builders

pytestmark = pytest.mark.pure


def position_of(path: str) -> str:
    return f"mapping.yaml:{path}"


def world():
    records = [
        builders.issue("PAY-118", status="Done", title="Retry settlement batches"),
        builders.change("PAY-118", "Done", builders.NOW - timedelta(days=3)),
        builders.mr(412, source_branch="feature/PAY-118-retry"),
        builders.mr(399, state="merged", title="RISK-1: base", description="Related to PAY-118."),
        builders.issue("RISK-1", status="Done"),
    ]
    alias = KeyAlias(source="jira", key="OLD-7", issue_id=builders.number_of("PAY-118"))
    return builders.world(records, aliases=[alias])


def explained(key: str, given=None):
    given = given or world()
    return explanation_of(given, findings_of(given, rules()), key, position_of=position_of)


def test_an_issue_tells_its_status_since_when_and_by_whom() -> None:
    found = explained("PAY-118")
    assert isinstance(found, IssueExplanation)
    assert (found.status, found.progress, found.by) == ("Done", "delivered", "Zhang Min")
    assert found.since == builders.NOW - timedelta(days=3)


def test_an_issue_tells_what_it_belongs_to_because_of_which_rule_and_where() -> None:
    (belonging,) = explained("PAY-118").belongs_to
    assert (belonging.commitment_key, belonging.because) == ("pay-2.0", "project = PAY")
    assert belonging.position == "mapping.yaml:milestones[0].scope"


def test_an_issue_tells_its_links_work_first_and_which_count() -> None:
    links = explained("PAY-118").links
    assert [(x.label, x.place, x.role, x.confidence, x.is_counted) for x in links] == [
        ("!412", "branch", "implements", "certain", True),
        ("!399", "description", "mentions", "likely", False),
    ]


def test_an_issue_tells_its_findings_with_conditions_and_what_clears_them() -> None:
    (finding,) = explained("PAY-118").findings
    assert (finding.rule, finding.severity, finding.age_s) == ("S01", "high", 3 * 86400)
    assert finding.clears == "Merge or close !412, or reopen PAY-118"
    assert [(c.observed, c.held) for c in finding.conditions] == [
        ("Done since 2026-11-17 12:00 UTC", True),
        ("1 (!412)", True),
        ("3 days", True),
    ]


def test_former_keys_and_lower_case_are_understood() -> None:
    assert explained("old-7").key == "PAY-118"
    assert explained("OLD-7").asked_key == "OLD-7"
    assert "(asked for as OLD-7)" in lines_of(explained("OLD-7"))[0]


def test_a_commitment_tells_its_items_and_findings() -> None:
    found = explained("PAY-2.0")
    assert isinstance(found, CommitmentExplanation)
    assert found.items == (("PAY-118", "Done", "project = PAY"),)
    assert [f.rule for f in found.findings] == ["S01"]
    assert found.position == "mapping.yaml:milestones[0]"


def test_a_finding_is_found_by_its_fingerprint() -> None:
    fingerprint = explained("PAY-118").findings[0].fingerprint
    found = explained(fingerprint)
    assert isinstance(found, FindingWhy)
    assert found.fingerprint == fingerprint


def test_a_rule_tells_its_documentation_options_and_findings() -> None:
    found = explained("s01")
    assert isinstance(found, RuleExplanation)
    assert found.documentation.startswith("Jira says done while")
    assert (found.severity, found.grace_hours, found.is_enabled) == ("high", 24.0, True)
    assert [f.subject for f in found.findings] == ["PAY-118"]


def test_a_rule_tells_where_it_was_not_asked_and_why() -> None:
    blind = builders.verdict("branches", "7", completeness=Completeness.PARTIAL, reason="timed out")
    found = explained("S04", builders.world(verdicts=[blind]))
    assert found.not_asked == (("pay-2.0", "gitlab/branches/7: timed out"),)
    assert any("not asked" in line and "timed out" in line for line in lines_of(found))


def seen(given, *, first=True, **more):
    """The world as it is once the S01 of PAY-118 was seen two days ago: as a warning about !411 where ``first``."""
    finding = explained("PAY-118", given).findings[0]
    was = Sight(
        severity=Severity.WARNING,
        says="PAY-118 is Done, but !411 is still open",
        evidence=(
            *((str(e.record), e.label, e.observed) for e in finding.evidence[:1]),
            ("gitlab:merge_request:411", "!411", "opened"),
        ),
    )
    at = builders.NOW - timedelta(days=2)
    kept = {"rule": "S01", "commitment_key": "pay-2.0", "first_seen_at": at}
    sighting = Sighting(fingerprint=finding.fingerprint, first=was if first else None, **(kept | more))
    return replace(given, condition=Condition(sightings=(sighting,)))


def test_a_finding_tells_how_it_has_changed_since_it_was_first_seen() -> None:
    found = explained("PAY-118", seen(world())).findings[0]
    assert (found.first_seen.severity, found.first_seen.age_s) == ("warning", 2 * 86400)
    assert found.first_seen.changes[0] == "severity high, was warning"
    assert found.first_seen.changes[-2:] == ("!411 left", "it said: PAY-118 is Done, but !411 is still open")
    lines = [line.strip() for line in lines_of(found)]
    assert "first seen  2026-11-18 12:00 UTC as warning (2 days); since then:" in lines
    assert lines[lines.index("first seen  2026-11-18 12:00 UTC as warning (2 days); since then:") + 1] == (
        "severity high, was warning"
    )


def test_what_was_first_seen_before_sights_were_kept_says_so() -> None:
    found = explained("PAY-118", seen(world(), first=False)).findings[0]
    assert (found.first_seen.severity, found.first_seen.changes) == (None, None)
    lines = [line.strip() for line in lines_of(found)]
    assert "first seen  2026-11-18 12:00 UTC (2 days); what it was then was not kept" in lines


def test_a_finding_that_no_run_has_seen_in_this_age_has_no_first_sight() -> None:
    assert explained("PAY-118").findings[0].first_seen is None
    cleared = seen(world(), cleared_at=builders.NOW - timedelta(days=1))
    assert explained("PAY-118", cleared).findings[0].first_seen is None


def test_a_deleted_issue_tells_what_it_was_to_whom_and_what_still_names_it() -> None:
    gone = Gone(issue=builders.issue("PAY-9", status="In Progress"), noticed_at=builders.NOW)
    debt = {"key": "cache", "title": "Secret cache", "issue": "PAY-9"}
    given = builders.world([builders.mr(1, title="PAY-9: x")], gone=[gone], mapping={"debt": [debt]})
    found = explained("pay-9", given)
    assert (found.is_gone, found.since, found.status) == (True, builders.NOW, "In Progress")
    assert [(b.commitment_key, b.because, b.position) for b in found.belongs_to] == [
        ("cache", "issue = PAY-9", "mapping.yaml:debt[0].issue"),
        ("pay-2.0", "project = PAY", "mapping.yaml:milestones[0]"),
    ]
    assert [link.label for link in found.links] == ["!1"]
    assert {f.rule for f in found.findings} == {"L06"}
    assert (
        "gone (deleted, or hidden from Tandem), missed 2026-11-20 12:00 UTC; last In Progress"
        in (lines_of(found)[0])
    )


def test_a_deleted_issue_that_was_a_commitment_says_so() -> None:
    gone = Gone(issue=builders.issue("RISK-9", labels=("tech-debt",)), noticed_at=builders.NOW)
    given = builders.world(gone=[gone], mapping={"debt": [{"from": "jira", "label": "tech-debt"}]})
    (belonging,) = explained("RISK-9", given).belongs_to
    assert (belonging.commitment_key, belonging.title) == ("*", "Title of RISK-9")
    assert belonging.position == ""


@pytest.mark.parametrize("key", ["PAY-999", "", "S99", "0123456789abcdef", "{x}"])
def test_what_is_not_known_has_no_explanation(key: str) -> None:
    assert explained(key) is None


@pytest.mark.parametrize("key", ["PAY-118", "RISK-1", "pay-2.0", "S01", "S07", "X01"])
def test_explanations_serialise_to_json(key: str) -> None:
    text = json.dumps(to_builtins(explained(key)), default=str)
    assert json.loads(text)


def test_the_lines_of_an_issue_read_from_status_to_what_clears() -> None:
    lines = lines_of(explained("PAY-118"))
    assert lines[0] == (
        'PAY-118  "Retry settlement batches"    Jira: Done (delivered) since 2026-11-17 12:00 UTC, by Zhang Min'
    )
    assert lines[1].startswith("belongs to   Payment core 2.0   because project = PAY")
    assert lines[2].startswith("linked       !412 opened")
    assert lines[3].endswith("mentions, likely, not counted")
    assert lines[4] == "finding      S01 high, 3 days old in pay-2.0: PAY-118 is Done, but !412 is still open"
    assert lines[-1].strip().startswith("clears by   Merge or close !412, or reopen PAY-118")


def test_an_issue_without_anything_says_so() -> None:
    text = "\n".join(lines_of(explained("RISK-5", builders.world([builders.issue("RISK-5")]))))
    assert "belongs to   no commitment" in text
    assert "linked       nothing names it" in text
    assert "finding      none" in text


def test_a_suppressed_finding_says_until_when_and_why() -> None:
    quiet = {"rule": "L01", "reason": "migration", "owner": "Li Wei", "until": "2026-12-01"}
    given = builders.world([builders.mr(1)], mapping={"suppressions": [quiet]})
    assert any("until 2026-12-01 by Li Wei: migration" in line for line in lines_of(explained("L01", given)))


def test_links_why_answers_for_keys_that_no_issue_has() -> None:
    given = builders.world([builders.mr(1, title="PAY-999: x")])
    assert [x.label for x in links_why(given, "pay-999")] == ["!1"]
    assert links_why(given, "PAY-1000") is None


def test_links_why_of_an_issue_without_links_is_empty() -> None:
    assert links_why(builders.world([builders.issue("PAY-1")]), "PAY-1") == ()


def test_an_acknowledged_and_a_flapping_finding_say_so() -> None:
    (plain,) = explained("S01").findings
    ack = Acknowledged(
        fingerprint=plain.fingerprint, owner="Li Wei", severity=Severity.HIGH, at=builders.NOW, note="known"
    )
    came_back = Sighting(
        fingerprint=plain.fingerprint,
        rule="S01",
        commitment_key="pay-2.0",
        first_seen_at=builders.NOW,
        returned_at=(builders.NOW,) * 3,
    )
    known = replace(world(), condition=Condition(acknowledged=(ack,)))
    flaps = replace(world(), condition=Condition(sightings=(came_back,)))
    assert any(line.strip() == "acknowledged by Li Wei: known" for line in lines_of(explained("S01", known)))
    assert any(line.strip().startswith("flapping") for line in lines_of(explained("S01", flaps)))
    assert not any("acknowledged" in line or "flapping" in line for line in lines_of(explained("S01")))
