"""The findings in every format, with hostile text in them."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from sync.core.drift.catalogue import rules
from sync.core.drift.choice import Choice
from sync.core.drift.judge import findings_of
from sync.core.finding import Severity
from sync.reports import drift as view
from sync.reports.drift_files import csv_of, markdown_of
from sync.reports.drift_sarif import level_of, sarif_of
from sync.reports.inert import address, cell, inert
from tests import builders

pytestmark = pytest.mark.pure
HOSTILE = "=HYPERLINK(1) | <b>@all</b> [x](javascript:alert(1)) `\x1b[31m\n# head"
QUIET = {"rule": "L03", "reason": "=1+1", "owner": "Li Wei", "until": "2026-12-01"}


def report(**choice: Any) -> view.DriftReport:
    records = [
        builders.mr(1, source_branch=HOSTILE.replace("\n", " ")),
        builders.mr(2, title="PAY-999: x"),
    ]
    world = builders.world(records, mapping={"suppressions": [QUIET]})
    return view.report_of(world, findings_of(world, rules()).findings, Choice(**choice))


def test_the_last_line_always_tells_what_is_suppressed_and_acknowledged() -> None:
    assert view.counts_line(report()).startswith("1 finding (1 notice) · 1 new, 0 cleared since ")
    assert view.counts_line(report()).endswith(" · 0 acknowledged · 1 suppressed")
    assert view.counts_line(report(select=("G",))).startswith("0 findings · ")
    assert markdown_of(report()).rstrip().endswith("1 suppressed")


def test_the_document_counts_every_state_and_holds_every_finding() -> None:
    document = view.document_of(report())
    assert document["counts"] == {
        "new": 1,
        "open": 0,
        "acknowledged": 0,
        "suppressed": 1,
        "cleared": 0,
        "flapping": 0,
    }
    assert {f["rule"]: f["state"] for f in document["findings"]} == {"L01": "new", "L03": "suppressed"}  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r\n=1", "  @x", "\x00=1"])
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert cell(text).startswith("'")


@pytest.mark.parametrize("text", ["PAY-1", "1=1", "", "!412"])
def test_a_harmless_cell_stays_as_it_is(text: str) -> None:
    assert cell(text) == text


def test_csv_holds_all_findings_and_no_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_of(report()))))
    assert [(r["code"], r["state"], r["reason"]) for r in rows] == [
        ("L01", "new", ""),
        ("L03", "suppressed", "'=1+1"),
    ]
    assert all(not value.startswith(("=", "+", "-", "@")) for row in rows for value in row.values())


def test_markdown_shows_hostile_text_as_text() -> None:
    text = markdown_of(report())
    rows = [line for line in text.splitlines() if line.startswith("| L")]
    assert len(rows) == 1
    assert not any(raw in text for raw in ("<b>", "@all", "](javascript", "\x1b", "`="))
    columns = rows[0].replace("\\|", "")
    assert columns.count("|") == 8
    assert "L03" not in text


@pytest.mark.parametrize("text", ["@all", "http://x.example", "<img>", "a|b", "[x](y)", "# h", "*b*", "a\nb"])
def test_inert_text_keeps_no_markup(text: str) -> None:
    shown = inert(text)
    assert shown != text
    assert "\n" not in shown
    assert "@all" not in shown
    assert "://" not in shown


@pytest.mark.parametrize(
    ("url", "is_linked"),
    [("https://x.example/a b>", True), ("javascript:alert(1)", False), ("", False), ("//x.example", False)],
)
def test_only_web_addresses_are_linked_and_cannot_end_their_link(url: str, is_linked: bool) -> None:
    assert bool(address(url)) is is_linked
    assert not set(address(url)) & set(' <>"()\n')


def test_sarif_has_the_structure_of_2_1_0() -> None:
    document: Any = json.loads(json.dumps(sarif_of(report(), version="0.1.0")))
    assert (document["version"], "sarif" in document["$schema"]) == ("2.1.0", True)
    (run,) = document["runs"]
    driver = run["tool"]["driver"]
    assert (driver["name"], [r["id"] for r in driver["rules"]]) == ("Tandem", list(rules()))
    assert all(r["shortDescription"]["text"] and r["fullDescription"]["text"] for r in driver["rules"])
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"none", "note", "warning", "error"}
        assert result["baselineState"] in {"new", "unchanged", "updated", "absent"}
        assert result["message"]["text"]
        assert len(result["partialFingerprints"]["tandem/v1"]) == 16
        (place,) = result["locations"]
        assert place["physicalLocation"]["artifactLocation"]["uri"].startswith("https://")
    shown, quiet = run["results"]
    assert "suppressions" not in shown
    assert quiet["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "=1+1 (until 2026-12-01, Li Wei)"}
    ]


def test_sarif_levels_follow_severity() -> None:
    assert [level_of(s) for s in Severity] == ["note", "note", "warning", "error", "error"]
