"""Every case file under tests/cases, and what each rule must have cases for."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from sync.core.drift.catalogue import rules
from sync.core.drift.judge import findings_of
from sync.core.finding import Finding
from tests.case_notation import age_of, case_of

pytestmark = pytest.mark.pure

FOLDER = Path(__file__).parents[3] / "cases"
FILES = sorted(FOLDER.glob("*/*.yaml"))

TRAPS = {
    "S01": {"mention", "draft", "back-port", "docs"},
    "S02": {"dropped", "landed otherwise"},
    "S03": {
        "newer green", "not finished", "running newer", "required jobs", "allowed to fail",
        "infrastructure", "child pipeline", "other branch",
    },
    "S04": {"type", "child linked", "parent linked", "sub-task", "mention", "blind"},
    "S05": {"first of several", "reverted", "feature flag", "reopened"},
    "S06": {"policy", "shipped", "reopened", "first of several", "reverted", "newer work", "blind"},
    "S07": {"weekend", "holiday", "type", "in review", "blind"},
    "S08": {"spike", "all merged", "weak link", "closed branch", "merged branch"},
    "S09": {"revert of revert", "partial", "merged again"},
    "S10": {"paperwork", "work again", "on hold"},
    "S11": {"dark launch", "to do", "first of several", "other environment", "failed"},
    "S12": {"other channel", "tag later", "cherry-pick", "no code", "first shipment", "blind"},
    "S13": {"one to many", "lag", "confidential"},
    "S14": {"next version", "own work", "anchor"},
    "S15": {
        "hot-fix", "bot", "bot's thread", "resolved after merge", "begun after merge", "approvals unknown", "not required",
        "self-approval", "blind", "reverted", "stale",
    },
    "S16": {"other cadence"},
    "S17": {"kept on reopen", "no field"},
    "R01": {"no milestone", "several versions", "spelling", "not comparable"},
    "R02": {"gitlab only", "maintenance", "not planned in gitlab"},
    "R03": {"no policy", "feature branch", "docs", "draft"},
    "R04": {"split", "re-keyed", "bulk", "no baseline"},
    "R05": {"honest", "far date", "came back", "not of the baseline", "no baseline"},
    "R06": {"first estimate", "before", "taken back"},
    "R07": {"no date", "archived", "closed"},
    "R11": {"released in part", "documentation", "unknown version"},
    "R12": {"closed late", "several versions", "no date"},
    "R08": {"delegate", "owner", "automation", "no list", "confirmed", "triage"},
    "R09": {"shared", "closed"},
    "R10": {"new", "discovered", "closed"},
    "T02": {"later date elsewhere", "no items", "closed", "zone"},
    "T04": {"stale link", "no date", "inside", "debt"},
    "T06": {"draft", "weekend", "author away", "worked on", "bot"},
    "T07": {"removed and added", "unknown sprint"},
    "D01": {"last day", "done", "no date", "zone"},
    "D02": {"planned", "repaid", "item done", "old commits", "other module"},
    "D03": {"child built", "dropped", "blind", "vendored", "follow-up"},
    "D04": {"partial", "reverted", "blind", "todo left"},
    "D05": {"imported", "no place"},
    "D06": {"generated", "no core", "other module"},
    "D09": {"split", "in a milestone", "done"},
    "G01": {"closed", "repaid"},
    "G02": {"small team", "closed"},
    "G08": {"other scale", "neighbour", "several items"},
    "G10": {"last day", "renewed", "zone"},
    "C03": {"support", "little"},
    "C04": {"type", "team does not log", "child"},
    "C06": {"batch", "clock", "other person"},
    "C07": {"re-planned", "several versions", "no dates"},
    "L01": {"bot", "ignored branch", "docs", "revert", "protected", "blind"},
    "L03": {"moved", "blind", "foreign project"},
    "L02": {"support queue", "triage"},
    "L04": {
        "open issue", "also open", "fixture", "vendored", "string", "moved", "repaid debt", "foreign project", "few", "other tracker", "blind",
    },
    "L05": {"nothing open", "long ago"},
    "L06": {"permission lost", "came back", "moved", "dropped", "with its parent", "not in the plan", "closed"},
    "L07": {"release"},
    "L08": {"on hold", "in progress", "young"},
    "X01": {"fresh"},
    "X02": {"deleted", "left alone", "no slot any more"},
    "X03": {"property"},
    "X04": {"blind", "moved", "renamed", "group path", "missing project", "missing path", "words"},
    "X05": {"behind", "no date", "source gone"},
    "X06": {"unknown day", "last day", "zone", "source gone"},
}  # fmt: skip
"""What looks like drift and is none, by rule: each has at least one case that covers it."""


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parent.name}/{f.stem}")
def test_a_case_finds_exactly_what_it_says(file: Path) -> None:
    case, code = case_of(file.read_text("utf-8")), file.parent.name
    judgement = findings_of(case.world, {code: rules()[code]}, unknown=case.unknown)
    found = sorted(judgement.findings, key=lambda f: (f.subject_label, f.commitment_key, f.discriminator))
    assert [_seen(f, case.now) for f in found] == [
        _wanted(e, f) for e, f in zip(case.expect, found, strict=False)
    ]
    assert len(found) == len(case.expect)
    assert sorted(w.subject_label for w in judgement.waiting) == sorted(case.waiting)
    assert bool(judgement.not_asked) is case.not_asked


def _seen(finding: Finding, now) -> dict:
    return {
        "subject": finding.subject_label,
        "age": now - finding.since,
        "severity": finding.severity.word,
        "audience": finding.audience.value,
        "commitment": finding.commitment_key,
        "discriminator": finding.discriminator,
        "suppressed": finding.suppressed is not None,
        "says": finding.says.filled("en", dict(finding.values)),
        "clears": finding.clears.filled("en", dict(finding.values)),
        "evidence": [e.label for e in finding.evidence],
    }


def _wanted(expected: dict, finding: Finding) -> dict:
    """What the case asks, and for what it does not ask the finding's own; a finding that nobody suppresses is open."""
    unknown = set(expected) - set(_seen(finding, finding.since))
    assert not unknown, f"the notation knows no {unknown}"
    asked = dict(expected)
    return _seen(finding, finding.since) | {"suppressed": False} | asked | {"age": age_of(asked["age"])}


@pytest.mark.parametrize("code", rules())
def test_every_finding_of_a_rules_cases_starts_its_evidence_with_its_subject_and_speaks_both_languages(
    code: str,
) -> None:
    for file in (f for f in FILES if f.parent.name == code):
        case = case_of(file.read_text("utf-8"))
        findings = findings_of(case.world, {code: rules()[code]}, unknown=case.unknown).findings
        assert len({f.fingerprint for f in findings}) == len(findings)
        for finding in findings:
            assert finding.evidence[0].record == finding.subject
            assert finding.since <= case.now
            texts = [text for text in (finding.says, finding.clears, finding.means) if text]
            spoken = [text.filled("zh", dict(finding.values)) for text in texts]
            assert all(text.filled("en", dict(finding.values)) for text in texts)
            assert all(any("\u4e00" <= letter <= "\u9fff" for letter in text) for text in spoken)


@pytest.mark.parametrize("code", rules())
def test_every_rule_has_cases_that_raise_stay_quiet_and_stand_on_its_boundary(code: str) -> None:
    cases = [yaml.safe_load(f.read_text("utf-8")) for f in FILES if f.parent.name == code]
    covered = {trap for case in cases for trap in case.get("covers", ())}
    assert any(case["expect"] for case in cases)
    assert any(not case["expect"] for case in cases)
    assert "boundary" in covered
    assert TRAPS[code] <= covered


def test_every_case_belongs_to_a_rule_and_says_what_it_is_about() -> None:
    assert {f.parent.name for f in FILES} == set(rules())
    assert [f for f in FILES if not yaml.safe_load(f.read_text("utf-8")).get("note")] == []
    assert len(FILES) >= 130
