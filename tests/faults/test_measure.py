"""The measuring itself: each thing that must not happen is seen when it happens, so that a zero means something."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from connectors.commands import marker_of
from connectors.sandbox.state import GitlabState, JiraState, Sandbox
from tests.engine_fakes import an_issue
from tests.faults.journal import Journal
from tests.faults.marks import Marks, marks_from
from tests.faults.measure import (
    Reading,
    marks_of_comments,
    marks_of_findings,
    marks_of_properties,
    marks_of_records,
)
from tests.faults.said import said_in_comment, said_in_property, wrong_among

pytestmark = pytest.mark.pure

ONE, TWO = an_issue("1"), an_issue("2")
TRUTH = Reading(
    records={"jira:issue:1": ONE, "jira:issue:2": TWO},
    aliases=frozenset({("PAY-1", "1")}),
    findings=frozenset({"S01 core jira:issue:1"}),
    statuses={"core": ("at_risk", "drifting")},
    wanted={("1", "core"): "a" * 16},
    entries={"1": {"core": "at_risk"}},
)
MARKER = marker_of("core", "a" * 16)
BODY = "{color:#B65C02}*AT RISK*{color} · drifting · *Core 2.0* · due 2 Jan 2027\nwhy\n{{" + MARKER + "}}"


def test_a_store_that_holds_what_the_fault_free_reader_holds_has_no_marks() -> None:
    assert (marks_of_records(TRUTH, TRUTH) + marks_of_findings(TRUTH, TRUTH)).is_clean


def test_a_missing_record_is_lost() -> None:
    found = dataclasses.replace(TRUTH, records={"jira:issue:1": ONE})
    assert (marks_of_records(found, TRUTH).lost, marks_of_records(found, TRUTH).doubled) == (1, 0)


def test_a_record_with_old_content_is_lost_and_its_fields_are_named() -> None:
    old = dataclasses.replace(
        TRUTH, records={**TRUTH.records, "jira:issue:2": replace(TWO, title="as it was")}
    )
    marks = marks_of_records(old, TRUTH)
    assert marks.lost == 1
    assert "title 'as it was'" in marks.notes[0]


def test_a_forgotten_key_is_lost() -> None:
    assert marks_of_records(dataclasses.replace(TRUTH, aliases=frozenset()), TRUTH).lost == 1


def test_a_live_record_that_the_tools_do_not_have_is_doubled() -> None:
    found = dataclasses.replace(TRUTH, records={**TRUTH.records, "jira:issue:3": an_issue("3")})
    assert marks_of_records(found, TRUTH).doubled == 1


def test_missed_and_invented_drift_and_another_status_are_wrong_findings() -> None:
    found = dataclasses.replace(
        TRUTH, findings=frozenset({"S02 core jira:issue:1"}), statuses={"core": ("on_track", "agreed")}
    )
    assert marks_of_findings(found, TRUTH).wrong_findings == 3


@pytest.mark.parametrize("digests", [[], ["a" * 16, "a" * 16], ["a" * 16, None]])
def test_a_slot_without_exactly_one_comment_is_a_duplicate(digests: list[str | None]) -> None:
    assert marks_of_comments({("1", "core"): digests}, TRUTH).duplicates == 1


def test_two_comments_in_a_slot_that_should_be_empty_are_duplicates() -> None:
    standing = {("1", "core"): ["a" * 16], ("2", "other"): ["b" * 16, "c" * 16]}
    assert marks_of_comments(standing, TRUTH).duplicates == 1


def test_a_comment_that_still_says_the_old_is_a_wrong_status() -> None:
    marks = marks_of_comments({("1", "core"): ["b" * 16]}, TRUTH)
    assert (marks.duplicates, marks.wrong_statuses) == (0, 1)


@pytest.mark.parametrize("held", [{}, {"1": {"core": "done"}}])
def test_a_property_that_is_missing_or_old_is_a_wrong_status(held: dict[str, object]) -> None:
    assert marks_of_properties(held, TRUTH).wrong_statuses == 1


def test_what_a_comment_says_is_read_from_its_first_line_and_its_marker() -> None:
    said = said_in_comment("1", BODY)
    assert (said.commitment, said.status) == ("core", ("at_risk", "drifting"))


def test_a_body_that_is_no_managed_comment_says_nothing_that_could_be_right() -> None:
    said = said_in_comment("1", "Any news?")
    assert said.status is None
    assert wrong_among([said], {"core": frozenset({("at_risk", "drifting")})}, frozenset())


def test_a_status_that_nobody_would_have_given_is_wrong() -> None:
    said = said_in_comment("1", BODY)
    assert wrong_among([said], {"core": frozenset({("at_risk", "drifting")})}, frozenset()) == ()
    assert len(wrong_among([said], {"core": frozenset({("done", "agreed")})}, frozenset())) == 1
    assert len(wrong_among([said], {}, frozenset())) == 1


def test_the_right_status_about_an_unknown_commitment_is_wrong_all_the_same() -> None:
    said = said_in_comment("1", BODY)
    assert len(wrong_among([said], {"core": frozenset({("at_risk", "drifting")})}, frozenset({"core"}))) == 1


def test_a_property_says_only_what_it_did_not_say_before() -> None:
    entry = {"health": "done", "agreement": "agreed", "findings": []}
    new = {"version": 1, "commitments": {"core": entry, "edge": {**entry, "health": "at_risk"}}}
    former = {"version": 1, "commitments": {"core": entry}}
    assert [(s.commitment, s.status) for s in said_in_property("1", new, former)] == [
        ("edge", ("at_risk", "agreed"))
    ]
    assert len(said_in_property("1", new, None)) == 2


def test_marks_add_up_and_survive_the_way_between_processes() -> None:
    whole = Marks(runs=1, lost=2, notes=("a",)) + Marks(runs=1, waited=1, notes=("b",))
    assert whole == Marks(runs=2, lost=2, waited=1, notes=("a", "b"))
    assert marks_from(whole.document()) == whole
    with pytest.raises(AssertionError, match="records lost 2"):
        whole.require_clean()


def test_waiting_and_running_are_no_faults() -> None:
    assert Marks(runs=5, waited=3).is_clean


def test_the_journal_keeps_what_was_overwritten_before_anybody_looked() -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    me = {"accountId": "us", "name": "us"}
    jira = JiraState(clock=lambda: now, me=me)
    journal = Journal(Sandbox(jira=jira, gitlab=GitlabState(clock=lambda: now)))
    comment = {"id": "7", "author": me, "updateAuthor": me, "body": BODY}
    jira.comments["1"].append(comment)
    journal.append("PUT /rest/api/2/issue/1/comment/7")
    comment["body"] = BODY.replace("AT RISK", "DONE")
    journal.append("GET /rest/api/2/myself")
    jira.comments["1"].clear()
    assert [s.status for s in journal.taken()] == [("at_risk", "drifting"), ("done", "drifting")]
    jira.comments["1"].append({**comment, "id": "8", "updateAuthor": {"accountId": "a person"}})
    assert journal.taken() == ()
