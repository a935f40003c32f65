"""What a GraphQL answer is worth, and the REST rows that its nodes stand for."""

from __future__ import annotations

import re

import pytest

from connectors.gitlab.queries import (
    APPROVALS,
    COMMITS,
    NOTES,
    approval_row,
    commit_rows,
    discussion_rows,
    document,
    id_of,
    variables,
)
from connectors.gitlab.replies import Told, TooMuch, Unusable, reply_of
from connectors.parsing import MALFORMED

pytestmark = pytest.mark.pure

ALL = {"hasNextPage": False}
MORE = {"hasNextPage": True}
AT = "2026-11-20T12:00:00Z"


def node(number, **more):
    return {"id": f"gid://gitlab/MergeRequest/{number}", **more}


def data(*nodes):
    return {"project": {"mergeRequests": {"nodes": list(nodes)}}}


def note(number, **more):
    return {
        "id": f"gid://gitlab/DiffNote/{number}",
        "noteableType": "MergeRequest",
        "system": False,
        "createdAt": AT,
        "updatedAt": AT,
        "resolvable": True,
        "resolved": False,
        "author": {"username": "zhang", "name": "Zhang"},
        "discussion": {"id": "gid://gitlab/Discussion/ab12"},
        **more,
    }


def notes(*nodes, page=ALL):
    return {"notes": {"pageInfo": page, "nodes": list(nodes)}}


def touching(*path):
    return {"message": "no", "path": list(path)}


@pytest.mark.parametrize(
    ("errors", "told"),
    [
        ([], {"1", "2", "3"}),
        ([touching("project", "mergeRequests", "nodes", 1, "notes")], {"1", "3"}),
        (
            [touching("project", "mergeRequests", "nodes", n, "notes", "nodes", 7, "author") for n in (0, 2)],
            {"2"},
        ),
        ([touching("project", "mergeRequests", "nodes")], set()),
        ([touching("project", "mergeRequests", "pageInfo", 1)], set()),
        ([{"message": "no"}], set()),
        (["no"], set()),
        ([touching("project", "mergeRequests", "nodes", 1), {"message": "no", "path": None}], set()),
    ],
)
def test_of_data_beside_errors_only_what_no_error_touches_is_believed(errors, told):
    reply = reply_of({"data": data(node(1), node(2), node(3)), "errors": errors})
    assert isinstance(reply, Told)
    assert set(reply.nodes) == told


@pytest.mark.parametrize(
    "found", [{"project": None}, {}, {"project": {"mergeRequests": None}}, data(), data(None, {"id": 7}, [])]
)
def test_what_is_not_there_is_told_of_nothing(found):
    assert reply_of({"data": found}) == Told(nodes={})


@pytest.mark.parametrize(
    "message",
    [
        "Query has complexity of 300, which exceeds max complexity of 250",
        "Timeout on MergeRequest.notes",
        "Request timed out. Please try a less complex query or a smaller set of records.",
        "Query too large",
    ],
)
@pytest.mark.parametrize("more", [{}, {"data": None}, {"data": data(node(1))}])
def test_a_query_above_a_limit_is_too_much(message, more):
    assert reply_of({"errors": [{"message": message}], **more}) == TooMuch(reason=message)


@pytest.mark.parametrize(
    "payload",
    [
        {"errors": [{"message": "Field 'noteableType' doesn't exist on type 'Note'"}]},
        {"errors": [{"message": "Internal server error"}], "data": None},
        {},
        {"data": []},
        {"errors": "no"},
        {"message": "404"},
    ],
)
def test_an_answer_without_data_is_of_no_use(payload):
    reply = reply_of(payload)
    assert isinstance(reply, Unusable)
    assert reply.reason


def test_notes_are_grouped_by_their_threads():
    single = note(5, discussion={"id": "gid://gitlab/IndividualNoteDiscussion/cd34"}, resolvable=False)
    found = discussion_rows(notes(note(3), single, note(4, resolved=True, author=None)))
    assert [(one["id"], [n["id"] for n in one["notes"]]) for one in found] == [
        ("ab12", ["3", "4"]),
        ("cd34", ["5"]),
    ]
    assert [n["resolved"] for one in found for n in one["notes"]] == [False, True, False]


def test_notes_on_commits_are_left_out_as_rest_does():
    assert discussion_rows(notes(note(3, noteableType="Commit"))) == []


@pytest.mark.parametrize(
    "broken",
    [
        notes(note(3), page=MORE),
        notes(note(3), page={}),
        notes(note(3), None),
        notes(note(3, noteableType="Epic")),
        notes(note(3, discussion=None)),
        notes(note(3, id="gid://gitlab/LabelNote/ab12")),
        notes(note(3, id="3")),
        {"notes": {"pageInfo": ALL, "nodes": None}},
        {"notes": None},
        {},
    ],
)
def test_notes_that_were_not_told_wholly_make_no_rows(broken):
    with pytest.raises(MALFORMED):
        discussion_rows(broken)


def test_approvals_and_commits_that_were_not_told_wholly_make_no_rows():
    for page, users in ((MORE, []), (ALL, [None]), (ALL, None)):
        asked = {
            "approvalsRequired": 1,
            "approvalsLeft": 1,
            "approvedBy": {"pageInfo": page, "nodes": users},
        }
        with pytest.raises(MALFORMED):
            approval_row(asked)
        with pytest.raises(MALFORMED):
            commit_rows({"commits": {"pageInfo": page, "nodes": users}})
    with pytest.raises(MALFORMED):
        approval_row({"approvedBy": {"pageInfo": ALL, "nodes": []}})


@pytest.mark.parametrize("id_", [None, 7, "7", "gid://gitlab/MergeRequest/", "gid://other/MergeRequest/7"])
def test_an_id_that_is_not_global_is_none(id_):
    with pytest.raises(MALFORMED):
        id_of({"id": id_})


def test_the_words_of_notes_are_never_asked_for():
    assert not re.search(r"\bbody", NOTES)


def test_queries_are_far_shorter_than_the_longest_that_is_taken():
    assert len(document(f"{APPROVALS} {COMMITS} {NOTES}")) < 1_000
    assert variables("a/b", iter(("1", "2"))) == {"path": "a/b", "iids": ["1", "2"], "first": 2}
