"""A person touches a managed comment: it is reported, put back once, and then left alone until somebody gives the slot back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from stand import Stand, writes_in

from connectors.sandbox.state import Fault

PERSON = {"accountId": "person-1", "displayName": "A Person"}
both_products = pytest.mark.parametrize("synced", ["cloud", "datacenter"], indirect=True)


def person_of(stand: Stand) -> dict[str, str]:
    is_cloud = stand.world.sandbox.jira.flavour == "cloud"
    return PERSON if is_cloud else {"name": "person", "key": "JIRAUSER99", "displayName": "A Person"}


def our_comment(stand: Stand) -> tuple[str, dict[str, Any]]:
    """The issue id and the first of our comments in the sandbox."""
    jira = stand.world.sandbox.jira
    key = "accountId" if "accountId" in jira.me else "name"
    return next(
        (issue_id, comment)
        for issue_id, comments in sorted(jira.comments.items())
        for comment in comments
        if comment["author"].get(key) == jira.me[key]
    )


def touch_issue(stand: Stand, issue_id: str) -> None:
    """Time passes and the tool dates the issue's change."""
    stand.world.clock.advance(timedelta(minutes=5))
    now = stand.world.clock.now()
    stand.world.sandbox.jira.issues[issue_id]["fields"]["updated"] = f"{now:%Y-%m-%dT%H:%M:%S}.000+0000"
    stand.world.clock.advance(timedelta(minutes=5))


def edit(stand: Stand, body: str | None = None) -> str:
    """A person edits one of our comments; returns the issue's key."""
    issue_id, comment = our_comment(stand)
    comment["body"] = "PLEASE IGNORE\n" + comment["body"] if body is None else body
    comment["updateAuthor"] = person_of(stand)
    touch_issue(stand, issue_id)
    return str(stand.world.sandbox.jira.issues[issue_id]["key"])


def delete(stand: Stand) -> str:
    issue_id, comment = our_comment(stand)
    stand.world.sandbox.jira.comments[issue_id].remove(comment)
    touch_issue(stand, issue_id)
    return str(stand.world.sandbox.jira.issues[issue_id]["key"])


def sync(stand: Stand) -> list[str]:
    """The writes of one sync."""
    before = len(stand.world.sandbox.requests)
    code, text, errors = stand.run("sync")
    assert code == 0, text + errors
    return writes_in(stand.world.sandbox.requests[before:])


@both_products
@pytest.mark.parametrize("body", [None, "gone"])
def test_an_edited_comment_is_put_back_once_then_left_alone_then_given_back(
    synced: Stand, body: str | None
) -> None:
    before = synced.own_comments()
    key = edit(synced, body)
    assert sync(synced)
    assert "PLEASE IGNORE" not in str(synced.own_comments())
    assert synced.own_comments().keys() == before.keys()
    assert sync(synced) == []
    edit(synced, body)
    touched = synced.own_comments()
    assert sync(synced) == []
    assert sync(synced) == []
    assert synced.own_comments() == touched
    listed = synced.json("outbox", "list")
    assert [row["issue_key"] for row in listed["left_alone"]] == [key]
    assert "X02" in {rule for rule, _, _ in synced.drift()}
    assert synced.run("outbox", "retry", key)[0] == 0
    assert sync(synced)
    assert synced.own_comments().keys() == before.keys()
    assert set(map(len, synced.own_comments().values())) == {1}
    assert sync(synced) == []


@both_products
def test_a_deleted_comment_is_posted_once_more_and_then_left_deleted(synced: Stand) -> None:
    key = delete(synced)
    assert key not in synced.own_comments()
    assert any(line.startswith("POST") for line in sync(synced))
    assert len(synced.own_comments()[key]) == 1
    assert delete(synced) == key
    assert sync(synced) == []
    assert sync(synced) == []
    assert key not in synced.own_comments()


def test_a_second_comment_of_ours_that_turns_up_is_removed(synced: Stand) -> None:
    issue_id, comment = our_comment(synced)
    synced.world.sandbox.jira.comments[issue_id].append({**comment, "id": "99999"})
    touch_issue(synced, issue_id)
    assert [line.partition(" ")[0] for line in sync(synced)] == ["DELETE"]
    assert [c["id"] for c in synced.world.sandbox.jira.comments[issue_id] if c["id"] == "99999"] == []
    assert sync(synced) == []


def test_a_listing_that_lies_while_looking_is_no_deletion(synced: Stand) -> None:
    issue_id, _ = our_comment(synced)
    before = synced.own_comments()
    touch_issue(synced, issue_id)
    synced.world.sandbox.faults.append(Fault(pattern=f"GET .*/issue/{issue_id}/comment", kind="empty_list"))
    assert sync(synced) == []
    assert synced.own_comments() == before
    assert synced.json("outbox", "list")["left_alone"] == []


def test_our_own_writes_and_other_peoples_talk_make_us_look_but_never_write(synced: Stand) -> None:
    issue_id, comment = our_comment(synced)
    talk = {**comment, "id": "88888", "author": person_of(synced), "body": comment["body"]}
    synced.world.sandbox.jira.comments[issue_id].append(talk)
    touch_issue(synced, issue_id)
    assert sync(synced) == []
    looked = synced.requests_of("sync")
    assert not [line for line in looked if f"/issue/{issue_id}/comment" in line]
