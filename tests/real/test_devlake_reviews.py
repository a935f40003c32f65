"""What was said on recorded merge requests, and how their reviews went, against what an independent system derived from the same payloads."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.records import Commit, MergeRequest, MergeRequestNotes
from sync.core.review_pace import first_comment_at, first_foreign_comment_at, review_rounds
from tests.builders import mr, note
from tests.real import devlake, differences_gitlab
from tests.real.columns import Listed, against
from tests.real.devlake import flag, last, moment, table, text

pytestmark = devlake.NEEDED


def second(value):
    """The instant without its fraction: GraphQL tells none, so notes are kept without."""
    return moment(value).replace(microsecond=0)


NOTE = (
    ("author_username", text, lambda n: n.author_id),
    ("gitlab_created_at", second, lambda n: n.created_at),
    ("resolvable", flag, lambda n: n.is_resolvable),
)
SYSTEM = ("is_system", flag, lambda n: n.is_system)
PACE = (
    ("first_comment_time", moment, lambda pace: pace["first_comment_at"]),
    ("review_rounds", int, lambda pace: pace["rounds"]),
)
FIRST = (("first_comment_date", moment, lambda at: at),)


def _raw(row):
    return row["gitlab_id"]


@pytest.fixture(scope="module")
def said(recorded):
    """Every recorded note by its id."""
    return {note.id: note for held in recorded.all(MergeRequestNotes).values() for note in held.notes}


@pytest.fixture(scope="module")
def paces(recorded):
    """How the review of each merge request went, by its id."""
    notes = {id_: held.notes for id_, held in recorded.all(MergeRequestNotes).items()}
    commits = {(c.project_id, c.sha): c for c in recorded.all(Commit).values()}
    carried = recorded.observed.asked_commits_of
    found = {}
    for id_, request in recorded.all(MergeRequest).items():
        asked = carried.get((request.source, id_))
        shas = (sha for sha, _ in asked.commits) if asked else ()
        mine = [c for sha in shas if (c := commits.get((request.project_id, sha)))]
        rounds = review_rounds(mine, notes[id_])
        found[id_] = {"first_comment_at": first_comment_at(notes[id_]), "rounds": rounds}
    return found


def test_the_notes_of_every_recorded_merge_request_were_asked(recorded, said):
    assert recorded.all(MergeRequestNotes).keys() == recorded.all(MergeRequest).keys()
    assert {str(p["id"]) for p in devlake.payloads("gitlab/mr_notes")} == said.keys()


def test_notes_have_the_expected_author_time_and_kind(recorded, said, agree):
    listed = Listed(
        name="DevLake GitLab notes of merge requests",
        key=_raw,
        rows=table("gitlab/_tool_gitlab_mr_notes"),
        covers=lambda _: True,
    )
    agree(against(listed, said, (*NOTE, SYSTEM)))


def test_notes_belong_to_the_expected_merge_request(recorded, said):
    home = {note.id: id_ for id_, held in recorded.all(MergeRequestNotes).items() for note in held.notes}
    rows = table("gitlab/_tool_gitlab_mr_notes")
    assert home == {_raw(row): row["merge_request_id"] for row in rows}


def test_comments_are_the_notes_that_people_wrote(said, agree):
    listed = Listed(
        name="DevLake GitLab comments of merge requests",
        key=_raw,
        rows=table("gitlab/_tool_gitlab_mr_comments"),
        covers=lambda _: True,
    )
    written = {id_: one for id_, one in said.items() if not one.is_system}
    agree(against(listed, written, NOTE, differences_gitlab.COMMENTS))


@pytest.mark.parametrize("name", ["_tool_gitlab_merge_requests", "_tool_gitlab_merge_request_details"])
def test_review_rounds_and_first_comment_times_are_as_expected(paces, agree, name):
    rows = table(f"gitlab/{name}")
    listed = Listed(name=f"DevLake GitLab reviews in {name}", key=_raw, rows=rows)
    agree(against(listed, paces, PACE, differences_gitlab.ROUNDS))
    assert {row["review_rounds"] for row in rows} == {"0"}, "rounds were counted: compare them"


def test_the_first_comment_of_another_is_the_expected_one(agree):
    """The DORA case: neutral rows in place of payloads, so the notes are made of them."""
    folder = "cases/dora/change_lead_time"
    said = {}
    for row in table("pull_request_comments", folder):
        one = note(_neutral(row["created_date"]), author_id=text(row["account_id"]), is_resolvable=False)
        said.setdefault(row["pull_request_id"], []).append(one)
    firsts = {
        row["id"]: first_foreign_comment_at(mr(author_id=text(row["author_id"])), said.get(row["id"], ()))
        for row in table("pull_requests", folder)
    }
    rows = table("project_pr_metrics", folder)
    listed = Listed(name="DevLake DORA first comments", key=lambda row: last(row["id"]) or "", rows=rows)
    agree(against(listed, firsts, FIRST))


def _neutral(value):
    """An instant as the case's inputs write it: without zeros in front, in UTC."""
    return datetime.strptime(value, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
