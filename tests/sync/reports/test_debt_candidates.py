"""How candidates for the debt register are shown."""

from __future__ import annotations

import csv
import io

import pytest
from record_builders import NOW, commit, mr, scan, todos

from mappings.admitted import Admission, Candidate, DebtKind, TodoCandidate
from sync.reports.debt_candidates import Debt, csv_of, document_of, markdown_of, view_of

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


def marked(text="# TODO(PAY-1): drop the old table", **given):
    (todo,) = todos("src/pay.py", text)
    facts = {"todo": todo, "kind": DebtKind.CODE, "because": ("TODO", "drop"), "issue_keys": ("PAY-1",)}
    return TodoCandidate(**facts | given)


def changes(*records, **given):
    return Debt(changes=tuple(candidate(record, **given) for record in records or (None,)))


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("KIND", "BECAUSE", "code", "1 change that")), ("zh", ("类别", "依据", "代码", "1 项变更"))],
)
def test_the_table_speaks_the_language_of_the_mapping(view, language, words):
    text = view["printed"](view_of(changes(), language))
    assert all(
        word in text
        for word in (*words, "93%", "Remove dead code", "gitlab.example/pay/12", "dead code, remove")
    )


@pytest.mark.parametrize(("language", "words"), [("en", "No change"), ("zh", "没有")])
def test_no_candidate_is_said_in_one_sentence(view, language, words):
    assert words in view["printed"](view_of(Debt(), language))


def test_outside_text_cannot_act_on_a_terminal(view):
    text = view["printed"](view_of(changes(mr(1, title=HOSTILE)), "en"))
    assert "\x1b" not in text
    assert "[red]" in text


def test_the_document_holds_codes_words_and_refs():
    (one,) = document_of(changes(), now=NOW)["candidates"]
    assert one["kind"] == "code"
    assert one["probability"] == 0.934
    assert one["because"] == ["dead code", "remove"]
    assert one["issues"] == ["PAY-1"]
    assert one["record"] == one["said_in"]


def test_markdown_keeps_outside_text_in_its_cell():
    head, rule, row = markdown_of(changes(mr(1, title=HOSTILE)), "en").splitlines()
    assert head == "| KIND | PROBABILITY | WHAT | WHERE | BECAUSE | ISSUES |"
    assert rule == "| --- | --- | --- | --- | --- | --- |"
    assert row.replace("\\|", "").count("|") == 7
    assert "\\<b\\>" in row


def test_markdown_links_only_to_addresses():
    assert "](<https://gitlab.example/pay/12>)" in markdown_of(changes(), "en")
    assert "](" not in markdown_of(changes(mr(1, url="javascript:alert(1)")), "en")


def test_csv_is_read_back_and_no_cell_is_a_formula():
    rows = list(csv.reader(io.StringIO(csv_of(changes(mr(1, title=HOSTILE), commit()), "en"))))
    assert rows[0] == ["kind", "probability", "what", "where", "because", "issues"]
    assert rows[1][2].startswith("'=cmd")
    assert [len(row) for row in rows] == [6, 6, 6]


@pytest.mark.parametrize(
    ("language", "words"), [("en", "1 change and 2 comments that"), ("zh", "1 项变更、2 条注释自述")]
)
def test_marks_in_files_stand_behind_the_changes_without_a_probability(view, language, words):
    text = view["printed"](view_of(Debt(changes=(candidate(),), todos=(marked(), marked())), language))
    assert words in text
    assert "TODO(PAY-1): drop the old table" in text
    assert text.count("%") == 1
    assert "/-/blob/HEAD/src/pay.py#L1" in text.replace("\n", "")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Read for comments: 6 files in 2 places. Left out: 1 in LFS, 3 too large."),
        ("zh", "已读取注释：2 处共 6 个文件。未读取：1 在 LFS 中, 3 过大。"),
    ],
)
def test_what_was_read_and_what_was_left_out_is_said_though_nothing_was_found(view, language, words):
    scans = (scan("a", left_out=(("in LFS", 1), ("too large", 1))), scan("b", left_out=(("too large", 2),)))
    assert words in view["printed"](view_of(Debt(scans=scans), language))


def test_a_mark_is_in_every_other_form_too():
    debt = Debt(todos=(marked(),), scans=(scan(left_out=(("binary", 2),)),))
    document = document_of(debt, now=NOW)
    (one,) = document["todos"]
    assert (one["mark"], one["addressee"], one["text"]) == ("TODO", "PAY-1", "drop the old table")
    assert (one["path"], one["line"], one["issues"]) == ("src/pay.py", 1, ["PAY-1"])
    assert document["read"][0]["left_out"] == {"binary": 2}
    assert "[src/pay\\.py:1](<https://gitlab.example/acme/pay/-/blob/HEAD/src/pay.py#L1>)" in markdown_of(
        debt, "en"
    )
    rows = list(csv.reader(io.StringIO(csv_of(debt, "en"))))
    assert rows[1][:3] == ["code", "", "TODO(PAY-1): drop the old table"]


def test_a_hostile_mark_stays_text():
    debt = Debt(todos=(marked(f"# TODO {HOSTILE.splitlines()[0]}"),))
    assert markdown_of(debt, "en").splitlines()[2].replace("\\|", "").count("|") == 7
