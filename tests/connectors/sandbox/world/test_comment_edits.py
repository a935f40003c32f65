"""What happens to comments behind Tandem's back: who did it can be told, and the issue's update time moves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.sandbox.http import Request
from connectors.sandbox.jira_routes import answer_jira
from connectors.sandbox.world import Company, company, edits
from connectors.sandbox.world.stamps import jira_time
from tests.connectors.sandbox.world.conftest import ANCHOR, instant

OURS = "Status: done\n\ntandem-slot=x tandem-digest=y"


def ask(nova: Company, method: str, path: str, body: object = None, **query: str):
    given = {name: [value] for name, value in query.items()}
    login = {"authorization": "Bearer sandbox-jira-token"}
    request = Request(method=method, path=f"/rest/api/2/{path}", query=given, headers=login, body=body)
    return answer_jira(nova.sandbox.jira, request).body


class Told:
    """A company with one comment of ours, written through the API; the clock moved on since."""

    def __init__(self, flavour: str = "cloud") -> None:
        self.nova = company(ANCHOR, flavour=flavour)
        self.id = self.nova.issues["slot"]
        marker = [{"key": "tandem.marker", "value": {"slot": "x"}}]
        body = {"body": OURS, "properties": marker}
        self.ours = ask(self.nova, "POST", f"issue/{self.id}/comment", body)["id"]
        self.nova.clock.advance(timedelta(minutes=10))

    def comments(self):
        return ask(self.nova, "GET", f"issue/{self.id}/comment", expand="properties")["comments"]

    def updated(self):
        return instant(self.nova.sandbox.jira.issues[self.id]["fields"]["updated"])


@pytest.mark.parametrize("flavour", ["cloud", "datacenter"])
def test_a_persons_edit_keeps_our_authorship_and_names_the_editor_until_we_edit_again(flavour):
    told = Told(flavour)
    edits.comment_edited_by_person(told.nova, told.id, told.ours, "mine now")
    (comment,) = told.comments()
    assert (comment["body"], comment["author"]["displayName"]) == ("mine now", "Tandem Sync")
    assert comment["updateAuthor"]["displayName"] == "Emma Larsen"
    assert instant(comment["updated"]) == told.nova.clock.now() == told.updated()
    ask(told.nova, "PUT", f"issue/{told.id}/comment/{told.ours}", {"body": "ours again"})
    assert told.comments()[0]["updateAuthor"]["displayName"] == "Tandem Sync"


def test_a_comment_that_a_person_deleted_is_gone_and_the_issue_is_updated():
    told = Told()
    edits.comment_deleted_by_person(told.nova, told.id, told.ours)
    assert told.comments() == []
    assert told.updated() == told.nova.clock.now()


def test_a_pasted_copy_has_our_marker_line_but_another_author_and_no_property():
    told = Told()
    made = edits.comment_pasted_by_person(told.nova, told.id, told.ours)
    assert (made["body"], made["properties"]) == (OURS, [])
    assert [one["author"]["displayName"] for one in told.comments()] == ["Tandem Sync", "Emma Larsen"]
    assert told.updated() == told.nova.clock.now()


def test_a_duplicate_of_ours_is_ours_with_the_marker_and_a_higher_id():
    told = Told()
    edits.duplicate_own_comment(told.nova, told.id, told.ours)
    first, second = told.comments()
    assert (second["body"], second["author"]) == (first["body"], first["author"])
    held = told.nova.sandbox.jira.comments[told.id]
    assert held[1]["properties"] == held[0]["properties"]
    assert held[1]["properties"][0] is not held[0]["properties"][0]
    assert int(second["id"]) > int(first["id"])


def test_gitlabs_own_integration_leaves_a_comment_and_a_remote_link_of_another_account():
    told = Told()
    sha = next(iter(told.nova.sandbox.gitlab.commits[203]))
    for _ in range(2):
        edits.integration_comment(told.nova, told.id, 203, sha)
    comment = told.comments()[-1]
    assert "mentioned this issue in [a commit|" in comment["body"]
    assert comment["author"]["accountId"] != told.nova.sandbox.jira.me["accountId"]
    links = ask(told.nova, "GET", f"issue/{told.id}/remotelink")
    assert len({one["id"] for one in links}) == 2
    assert links[0]["object"]["url"].endswith(sha)
    assert told.updated() == told.nova.clock.now()


def test_comments_through_the_api_move_the_issues_update_time_too():
    told = Told()
    for method, path, body in (
        ("PUT", f"issue/{told.id}/comment/{told.ours}", {"body": "b"}),
        ("DELETE", f"issue/{told.id}/comment/{told.ours}", None),
    ):
        told.nova.clock.advance(timedelta(minutes=1))
        ask(told.nova, method, path, body)
        assert told.updated() == told.nova.clock.now()


def test_a_persons_time_is_written_as_the_vendor_does():
    told = Told()
    edits.comment_by_person(told.nova, told.id, "?")
    assert told.comments()[-1]["created"] == jira_time(told.nova.clock.now())
