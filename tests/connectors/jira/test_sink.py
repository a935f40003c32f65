"""The sink: exactly one managed comment per slot, whatever breaks."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import requests

from connectors.commands import (
    Announce,
    CommentCommand,
    PropertyCommand,
    Slot,
    Visibility,
    marker_of,
)
from connectors.errors import FatalError, NotFoundError, RetryableError, UnknownOutcomeError

SLOT = Slot(source="jira", issue_id="10", commitment_key="pay-2.0")
ME, OTHER = {"accountId": "acc-bot"}, {"accountId": "acc-li"}
COMMENTS = "https://jira.test/rest/api/2/issue/10/comment"
PROPERTY = "https://jira.test/rest/api/2/issue/10/properties/tandem.status"


def body_of(digest, key="pay-2.0", text="AT RISK"):
    return f"{text}\n{marker_of(key, digest)}"


def command(digest="a" * 16, announce=Announce.SILENT, **more):
    return CommentCommand(slot=SLOT, body=body_of(digest), digest=digest, announce=announce, **more)


@dataclass
class Issue10:
    """The comments and one property of issue 10, with faults that a test switches on."""

    comments: list[dict[str, Any]] = field(default_factory=list)
    held: Any = None
    next_id: int = 100
    page: int = 100
    lose_answer_of: str = ""
    """Method whose requests are carried out and then cut off."""
    refuse: dict[str, int] = field(default_factory=dict)
    """Status by method; PUT-silent is a PUT with notifyUsers=false."""
    strip_marker: bool = False
    log: list[str] = field(default_factory=list)

    def says(self, author, body, id_=None, **more):
        self.next_id += 1
        comment = {"id": str(id_ or self.next_id), "author": author, "body": body} | more
        self.comments.append(comment)
        return comment["id"]

    def answer(self, request):
        method, path = request.method, request.url.partition("?")[0]
        silent = "-silent" if "notifyUsers=false" in request.url else ""
        self.log.append(method + silent)
        if status := self.refuse.get(method + silent):
            return status, {}, json.dumps({"errorMessages": ["not allowed"]})
        result = getattr(self, f"do_{method.lower()}")(path.rpartition("/comment")[2].strip("/"), request)
        if self.lose_answer_of == method:
            raise requests.ConnectionError("connection reset by peer")
        return result

    def do_get(self, id_, request):
        found = [comment for comment in self.comments if comment["id"] == id_]
        if id_:
            return (200, {}, json.dumps(found[0])) if found else (404, {}, "{}")
        start = int(request.params["startAt"])
        rows = self.comments[start : start + self.page]
        return 200, {}, json.dumps({"comments": rows, "total": len(self.comments), "startAt": start})

    def do_post(self, id_, request):
        sent = json.loads(request.body)
        body = sent["body"].rpartition("\n")[0] if self.strip_marker else sent["body"]
        new = self.says(ME, body, visibility=sent.get("visibility"), properties=sent["properties"])
        return 201, {}, json.dumps({"id": new})

    def do_put(self, id_, request):
        for comment in self.comments:
            if comment["id"] == id_:
                comment["body"] = json.loads(request.body)["body"]
                return 200, {}, "{}"
        return 404, {}, "{}"

    def do_delete(self, id_, request):
        before = len(self.comments)
        self.comments = [comment for comment in self.comments if comment["id"] != id_]
        return (204, {}, "") if len(self.comments) < before else (404, {}, "{}")

    def answer_property(self, request):
        self.log.append(request.method)
        if request.method == "GET":
            found = {"key": "tandem.status", "value": self.held}
            return (200, {}, json.dumps(found)) if self.held is not None else (404, {}, "{}")
        self.held = json.loads(request.body)
        if self.lose_answer_of == "PUT":
            raise requests.ConnectionError("connection reset by peer")
        return 201, {}, ""

    @property
    def writes(self):
        return [entry for entry in self.log if not entry.startswith("GET")]


@pytest.fixture
def world(mock):
    issue = Issue10()
    for method in ("GET", "POST", "PUT", "DELETE"):
        mock.add_callback(method, re.compile(re.escape(COMMENTS) + r"(/\d+)?(\?.*)?$"), issue.answer)
    for method in ("GET", "PUT"):
        mock.add_callback(method, PROPERTY, issue.answer_property)
    return issue


@pytest.fixture
def sink(cloud):
    return cloud.connected().sink()


@pytest.fixture
def server_sink(server):
    return server.connected().sink()


def test_a_first_delivery_posts_one_comment_with_marker_property_and_visibility(sink, world, now):
    visibility = Visibility(kind="role", name="Managers")
    receipt = sink.deliver(command(visibility=visibility), None, now=now)
    (comment,) = world.comments
    assert receipt.remote_id == comment["id"]
    assert comment["visibility"] == {"type": "role", "value": "Managers"}
    assert comment["properties"] == [
        {"key": "tandem.marker", "value": {"slot": "pay-2.0", "digest": "a" * 16}}
    ]


def test_delivering_the_same_command_again_writes_nothing(sink, world, now):
    receipt = sink.deliver(command(), None, now=now)
    world.log.clear()
    assert sink.deliver(command(), receipt, now=now) == receipt
    assert sink.deliver(command(), None, now=now) == receipt
    assert world.writes == []


def test_a_silent_change_edits_in_place_without_a_notification(sink, world, now):
    receipt = sink.deliver(command(), None, now=now)
    world.log.clear()
    changed = sink.deliver(command("b" * 16), receipt, now=now)
    assert (changed.remote_id, changed.digest) == (receipt.remote_id, "b" * 16)
    assert world.writes == ["PUT-silent"]


@pytest.mark.parametrize("status", [400, 403])
def test_a_refusal_to_silence_is_met_once_and_remembered(sink, world, now, status):
    receipt = sink.deliver(command(), None, now=now)
    world.refuse, world.log = {"PUT-silent": status}, []
    sink.deliver(command("b" * 16), receipt, now=now)
    sink.deliver(command("c" * 16), receipt, now=now)
    assert world.writes == ["PUT-silent", "PUT", "PUT"]


def test_data_center_is_not_asked_to_silence(server_sink, world, now):
    world.says({"name": "bot", "key": "JIRAUSER1"}, body_of("a" * 16))
    server_sink.deliver(command("b" * 16), None, now=now)
    assert world.writes == ["PUT"]


def test_news_removes_the_former_comment_and_then_posts(sink, world, now):
    old = sink.deliver(command(), None, now=now)
    world.log.clear()
    new = sink.deliver(command("b" * 16, Announce.NOTIFY), old, now=now)
    assert world.writes == ["DELETE", "POST"]
    assert [comment["id"] for comment in world.comments] == [new.remote_id] != [old.remote_id]


@pytest.mark.parametrize("status", [400, 403])
def test_news_edits_where_removing_is_not_allowed(sink, world, now, status):
    old = sink.deliver(command(), None, now=now)
    world.refuse, world.log = {"DELETE": status}, []
    new = sink.deliver(command("b" * 16, Announce.NOTIFY), old, now=now)
    assert new.remote_id == old.remote_id
    assert world.writes == ["DELETE", "PUT"]


def test_a_post_that_landed_and_was_cut_off_leaves_exactly_one_comment(sink, world, now):
    world.lose_answer_of = "POST"
    receipt = sink.deliver(command(), None, now=now)
    assert [comment["id"] for comment in world.comments] == [receipt.remote_id]
    assert world.writes == ["POST"]


def test_a_post_that_cannot_be_found_afterwards_is_not_repeated(sink, world, now):
    world.refuse = {"POST": 502}
    with pytest.raises(UnknownOutcomeError):
        sink.deliver(command(), None, now=now)
    assert world.writes == ["POST"]
    world.refuse = {}
    sink.deliver(command(), None, now=now)
    assert len(world.comments) == 1


def test_an_edit_that_landed_and_was_cut_off_counts_as_done(sink, world, now):
    receipt = sink.deliver(command(), None, now=now)
    world.lose_answer_of = "PUT"
    assert sink.deliver(command("b" * 16), receipt, now=now).remote_id == receipt.remote_id


def test_of_several_own_comments_the_lowest_id_stays(sink, world, now):
    for id_ in (30, 9, 200):
        world.says(ME, body_of("a" * 16), id_=id_)
    assert sink.observe(SLOT, None).remote_id == "9"
    assert len(world.comments) == 3  # looking changes nothing
    assert sink.deliver(command(), None, now=now).remote_id == "9"
    assert [comment["id"] for comment in world.comments] == ["9"]


def test_a_marker_by_somebody_else_is_not_ours(sink, world, now):
    world.says(OTHER, body_of("a" * 16))
    assert sink.observe(SLOT, None) is None
    sink.deliver(command(), None, now=now)
    assert [comment["author"] for comment in world.comments] == [OTHER, ME]


def test_a_marker_in_the_middle_of_a_body_is_quoted_text(sink, world):
    world.says(ME, body_of("a" * 16) + "\nsaid the comment above")
    assert sink.observe(SLOT, None) is None


def test_a_comment_of_another_commitment_is_left_alone(sink, world, now):
    world.says(ME, body_of("a" * 16, key="risk-1"))
    sink.deliver(command(), None, now=now)
    assert len(world.comments) == 2


@pytest.mark.parametrize("as_text", [False, True])
def test_a_comment_whose_marker_line_was_removed_is_found_by_its_property(sink, world, as_text):
    value = {"slot": "pay-2.0", "digest": "a" * 16}
    value = json.dumps(value) if as_text else value
    world.says(ME, "AT RISK", properties=[{"key": "tandem.marker", "value": value}])
    observed = sink.observe(SLOT, None)
    assert (observed.body, observed.digest) == ("AT RISK", None)


@pytest.mark.parametrize("value", [None, "no json", "3", {"slot": None}, ["x"]])
def test_a_marker_property_of_another_shape_marks_nothing(sink, world, value):
    world.says(ME, "chat", properties=[{"key": "other"}, {"key": "tandem.marker", "value": value}])
    assert sink.observe(SLOT, None) is None


def test_a_comment_that_vanishes_before_the_edit_is_posted(sink, world, now):
    receipt = sink.deliver(command(), None, now=now)
    world.refuse = {"PUT-silent": 404}
    posted = sink.deliver(command("b" * 16), receipt, now=now)
    assert posted.digest == "b" * 16
    assert posted.remote_id != receipt.remote_id


def test_an_edit_that_does_not_read_back_is_an_error(sink, world, now):
    receipt = sink.deliver(command(), None, now=now)
    world.do_put = lambda id_, request: (200, {}, "{}")
    with pytest.raises(RetryableError, match="did not read back"):
        sink.deliver(command("b" * 16), receipt, now=now)


def test_our_comment_is_found_on_a_later_page(sink, world):
    world.page = 2
    for _ in range(5):
        world.says(OTHER, "chat")
    id_ = world.says(ME, body_of("a" * 16))
    assert sink.observe(SLOT, None).remote_id == id_


def test_a_deleted_comment_is_posted_again(sink, world, now):
    receipt = sink.deliver(command(), None, now=now)
    world.comments.clear()
    assert sink.observe(SLOT, receipt) is None
    again = sink.deliver(command(), receipt, now=now)
    assert [comment["id"] for comment in world.comments] == [again.remote_id]


def test_a_receipt_that_names_a_strangers_comment_is_not_followed(sink, world, now):
    receipt = sink.deliver(command(), None, now=now)
    id_ = world.says(OTHER, "hello")
    assert sink.observe(SLOT, replace(receipt, remote_id=id_)).remote_id == receipt.remote_id


def test_a_comment_that_loses_its_marker_on_the_way_is_taken_back(sink, world, now):
    world.strip_marker = True
    with pytest.raises(FatalError, match="did not read back"):
        sink.deliver(command(), None, now=now)
    assert world.comments == []


def test_an_unknown_issue_is_said(sink, cloud):
    cloud.on("GET", "api/2/issue/11/comment", {"errorMessages": ["Issue does not exist"]}, status=404)
    with pytest.raises(NotFoundError):
        sink.observe(replace(SLOT, issue_id="11"), None)


def _status(value='{"health":"at_risk"}'):
    return PropertyCommand(
        slot=replace(SLOT, commitment_key="*"), key="tandem.status", value=value, digest="d" * 16
    )


def test_a_property_is_written_once_and_then_left(sink, world, now):
    receipt = sink.deliver(_status(), None, now=now)
    assert (receipt.target, receipt.body, receipt.remote_id) == (
        "tandem.status",
        '{"health":"at_risk"}',
        None,
    )
    sink.deliver(_status(), None, now=now)
    assert world.held == {"health": "at_risk"}
    assert world.writes == ["PUT"]


def test_a_property_write_that_was_cut_off_is_looked_up(sink, world, now):
    world.lose_answer_of = "PUT"
    sink.deliver(_status(), None, now=now)
    assert world.writes == ["PUT"]
