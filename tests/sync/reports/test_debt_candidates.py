"""How candidates for the debt register are shown."""

from __future__ import annotations

import csv
import io

import pytest
from record_builders import NOW, commit, mr

from mappings.admitted import Admission, Candidate, DebtKind
from sync.reports.debt_candidates import csv_of, document_of, markdown_of, view_of

pytestmark = pytest.mark.pure

HOSTILE = "=cmd|'x'!A1 \x1b[31m[red]<b>|x`\n# y"


def candidate(record=None, **given):
    record = record or mr(12, title="PAY-1 Remove dead code", url="https://gitlab.example/pay/12")
    admission = Admission(kind=DebtKind.CODE, probability=0.934, because=("dead code", "remove"))
    facts = {
        "record": record,
        "at": NOW,
        "admission": admission,
        "said_in": record.ref,
        "issue_keys": ("PAY-1",),
    }
    return Candidate(**facts | given)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("KIND", "BECAUSE", "code", "1 change that")), ("zh", ("类别", "依据", "代码", "1 项变更"))],
)
def test_the_table_speaks_the_language_of_the_mapping(view, language, words):
    text = view["printed"](view_of([candidate()], language))
    assert all(
        word in text
        for word in (*words, "93%", "Remove dead code", "gitlab.example/pay/12", "dead code, remove")
    )


@pytest.mark.parametrize(("language", "words"), [("en", "No change"), ("zh", "没有")])
def test_no_candidate_is_said_in_one_sentence(view, language, words):
    assert words in view["printed"](view_of([], language))


def test_outside_text_cannot_act_on_a_terminal(view):
    text = view["printed"](view_of([candidate(mr(1, title=HOSTILE))], "en"))
    assert "\x1b" not in text
    assert "[red]" in text


def test_the_document_holds_codes_words_and_refs():
    (one,) = document_of([candidate()], now=NOW)["candidates"]
    assert one["kind"] == "code"
    assert one["probability"] == 0.934
    assert one["because"] == ["dead code", "remove"]
    assert one["issues"] == ["PAY-1"]
    assert one["record"] == one["said_in"]


def test_markdown_keeps_outside_text_in_its_cell():
    head, rule, row = markdown_of([candidate(mr(1, title=HOSTILE))], "en").splitlines()
    assert head == "| KIND | PROBABILITY | WHAT | WHERE | BECAUSE | ISSUES |"
    assert rule == "| --- | --- | --- | --- | --- | --- |"
    assert row.replace("\\|", "").count("|") == 7
    assert "\\<b\\>" in row


def test_markdown_links_only_to_addresses():
    assert "](<https://gitlab.example/pay/12>)" in markdown_of([candidate()], "en")
    assert "](" not in markdown_of([candidate(mr(1, url="javascript:alert(1)"))], "en")


def test_csv_is_read_back_and_no_cell_is_a_formula():
    rows = list(csv.reader(io.StringIO(csv_of([candidate(mr(1, title=HOSTILE)), candidate(commit())], "en"))))
    assert rows[0] == ["kind", "probability", "what", "where", "because", "issues"]
    assert rows[1][2].startswith("'=cmd")
    assert [len(row) for row in rows] == [6, 6, 6]
