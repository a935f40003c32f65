"""Suggested links as people and programs are shown them, in two languages, whatever the texts hold."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from rich.console import Console

from connectors.records import Project
from mappings.likely.ranking import Why
from mappings.likely.suggestions import Bounds, Suggested, suggestions_of
from sync.reports import suggestions as view
from tests.mappings.link_builders import START, commit, issue, observed, request, spec

pytestmark = pytest.mark.pure

PATH = Project(source="gitlab", id="1", path="pay/core", name="core", url="")
KNOWN = issue("PAY-1", title="Gateway | retry", assignee_name="Li Wei", resolved_at=START + timedelta(days=2))


def suggested(title: str = "gateway retry", *more) -> Suggested:
    change = request(1, title, source_branch="gateway", author_name="Li Wei")
    return suggestions_of(spec(), observed(PATH, KNOWN, change, *more), Bounds(least=0.0))


def table(found: Suggested, language: str) -> str:
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(view.view_of(found, language))
    return console.export_text()


def test_the_table_says_what_why_and_how_to_confirm():
    text = table(suggested(), "en")
    for part in (
        "pay/core!1",
        "PAY-1 Gateway | retry",
        "both say: gateway, retry; the branch says: gateway; the author is its assignee; resolved within days of it: 2",
        "1 of 1 changes without a key have a likely issue",
        '- {change: "pay/core!1", issue: PAY-1}',
    ):
        assert part in text


def test_the_same_is_said_in_chinese():
    text = table(suggested(), "zh")
    for part in ("变更", "共同用词：gateway, retry", "作者是该工作项的经办人", "links:", "确认方法"):
        assert part in text
    assert "both say" not in text


def test_nothing_found_is_said_without_a_word_on_confirming():
    none = suggestions_of(spec(), observed(KNOWN), Bounds())
    assert "0 of 0 changes" in table(none, "en")
    assert "confirmed" not in table(none, "en") + view.markdown_of(none, "en")
    assert view.csv_of(none, "en").splitlines() == [",".join(view.COLUMNS)]


def test_every_reason_has_its_words_in_both_languages():
    assert set(view.REASONS) == set(Why)
    assert all(text.en != text.zh for text in view.REASONS.values())


def test_a_merge_request_may_be_edited_and_a_pushed_commit_may_not():
    both = suggested("gateway retry", commit("a" * 40, message="retry"))
    says = {s.change.ref.kind: view.confirmation_of(s.change, s.issues[0], "en") for s in both.found}
    assert says["merge_request"].startswith("put PAY-1 into the title")
    assert says["commit"] == (
        'write into the mapping under links.confirmed: {change: "pay/core@aaaaaaaaaaaa", issue: PAY-1}'
    )


def test_the_document_holds_codes_beside_words():
    document = view.document_of(suggested(), language="zh", now=START)
    assert (document["keyless"], document["asked"]) == (1, 1)
    (one,) = document["suggestions"]
    (best,) = one["issues"]
    assert (one["change"], one["kind"], best["key"]) == ("pay/core!1", "merge_request", "PAY-1")
    assert [r["code"] for r in best["reasons"]] == ["words", "branch", "assignee", "resolved"]
    assert best["reasons"][0] == {
        "code": "words",
        "value": "gateway, retry",
        "says": "共同用词：gateway, retry",
    }
    assert 0 < best["score"] <= 1


@pytest.mark.parametrize(
    "title", ["gateway | x", "gateway\n| x", "gateway [a](http://x) <b> `c` *d*", "gateway \\"]
)
def test_no_title_breaks_a_markdown_table(title):
    rows = [line for line in view.markdown_of(suggested(title), "en").splitlines() if line.startswith("|")]
    assert len(rows) == 3
    assert {row.replace("\\\\", "").replace("\\|", "").count("|") for row in rows} == {6}
    assert "](" not in rows[2].replace("\\]", "")


@pytest.mark.parametrize("title", ["=gateway()", "+gateway", "-gateway", "@gateway"])
def test_no_title_becomes_a_formula_of_a_spreadsheet(title):
    (row,) = csv.DictReader(io.StringIO(view.csv_of(suggested(title), "en")))
    assert row["title"] == f"'{title}"
    assert (row["change"], row["issue"], row["kind"]) == ("pay/core!1", "PAY-1", "merge_request")


def test_no_title_reaches_the_terminal_as_a_command():
    text = table(suggested("gateway \x1b[31m [bold]x"), "en")
    assert "\x1b" not in text
    assert "[bold]x" in text
