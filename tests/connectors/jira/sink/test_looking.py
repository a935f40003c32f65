"""Looking: a listing that is short, shifts or lies is an error and never "no comment there"; and each write is announced."""

from __future__ import annotations

import json

import pytest
import responses
from msgspec.structs import replace

from connectors.commands import Announce, CommentCommand, PropertyCommand, Slot, marker_of
from connectors.errors import (
    AuthenticationError,
    FatalError,
    ForbiddenError,
    NotFoundError,
    RetryableError,
    TandemError,
    UnknownOutcomeError,
)
from tests.driven import delivered

SLOT = Slot(source="jira", issue_id="10", commitment_key="pay-2.0")
ME, OTHER = {"accountId": "acc-bot"}, {"accountId": "acc-li"}


def body_of(digest, key="pay-2.0", text="AT RISK"):
    return f"{text}\n{marker_of(key, digest)}"


def command(digest="a" * 16, announce=Announce.SILENT, **more):
    return CommentCommand(slot=SLOT, body=body_of(digest), digest=digest, announce=announce, **more)


def listing(world, change):
    """From now on listings are what ``change`` makes of (rows, start, total)."""
    honest = world.do_get

    def lying(id_, request):
        status, headers, text = honest(id_, request)
        if id_:
            return status, headers, text
        found = json.loads(text)
        return status, headers, json.dumps(change(found["comments"], found["startAt"], found["total"]))

    world.do_get = lying


LIES = {
    "short": lambda rows, start, total: {"comments": rows[:1] if start == 0 else [], "total": total},
    "empty before its total": lambda rows, start, total: {"comments": [], "total": total},
    "without a total": lambda rows, start, total: {"comments": rows},
    "without anything": lambda rows, start, total: {},
    "a list": lambda rows, start, total: rows,
    "the first page again": lambda rows, start, total: {"comments": rows[:2] if start == 0 else [{"id": "1", "author": OTHER, "body": "x"}, {"id": "2", "author": OTHER, "body": "y"}], "total": total},
    "a comment twice": lambda rows, start, total: {"comments": [rows[0], rows[0], *rows[1:]], "total": total + 1},
    "a comment without id": lambda rows, start, total: {"comments": [{"author": ME, "body": "x"}], "total": 1},
    "total as text": lambda rows, start, total: {"comments": rows, "total": str(total)},
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_a_listing_that_does_not_hold_together_is_an_error_and_nothing_is_written(sink, world, now, lie):
    for _ in range(3):
        world.says(OTHER, "chat")
    listing(world, LIES[lie])
    with pytest.raises(TandemError) as caught:
        delivered(sink, command(), None, now=now)
    assert not isinstance(caught.value, NotFoundError)
    with pytest.raises(TandemError):
        sink.observe(SLOT, None)
    assert world.writes == []


@pytest.mark.parametrize("page", [2, 3, 5])
def test_a_comment_removed_while_others_are_read_cannot_hide_ours(sink, world, page):
    for _ in range(6):
        world.says(OTHER, "chat")
    world.says(ME, body_of("a" * 16))
    world.page = page
    honest, removed = world.do_get, []

    def shifting(id_, request):
        answer = honest(id_, request)
        if not removed:
            removed.append(world.comments.pop(0))
        return answer

    world.do_get = shifting
    with pytest.raises(RetryableError, match="moved"):
        sink.observe(SLOT, None)
    assert len(sink.observe(SLOT, None)) == 1


def test_a_comment_added_while_others_are_read_does_no_harm(sink, world):
    ours = world.says(ME, body_of("a" * 16))
    for _ in range(3):
        world.says(OTHER, "chat")
    world.page = 2
    honest, added = world.do_get, []

    def growing(id_, request):
        answer = honest(id_, request)
        if not added:
            added.append(world.says(OTHER, "more chat"))
        return answer

    world.do_get = growing
    assert [comment.remote_id for comment in sink.observe(SLOT, None)] == [ours]


def test_a_listing_that_hides_a_comment_that_is_there_is_not_believed(sink, world, now):
    receipt = delivered(sink, command(), None, now=now)
    world.log.clear()
    listing(world, lambda rows, start, total: {"comments": [], "total": 0})
    for look in (
        lambda: sink.observe(SLOT, receipt),
        lambda: delivered(sink, command("b" * 16), receipt, now=now, is_unsure=True),
    ):
        with pytest.raises(RetryableError, match="does not show it"):
            look()
    assert world.writes == []


def test_an_edit_whose_comment_is_then_hidden_by_the_listing_is_of_unknown_outcome(sink, world, now):
    receipt = delivered(sink, command(), None, now=now)
    listing(world, lambda rows, start, total: {"comments": [], "total": 0})
    with pytest.raises(UnknownOutcomeError, match="does not show it"):
        delivered(sink, command("b" * 16), receipt, now=now)
    assert len(world.comments) == 1


@pytest.mark.parametrize("status", [500, 403, 401])
def test_an_error_while_looking_writes_nothing(sink, world, now, status):
    world.refuse = {"GET": status}
    with pytest.raises(TandemError):
        delivered(sink, command(), None, now=now)
    assert world.writes == []


@pytest.mark.parametrize("text", ["<html>log in</html>", "", "null", "[]", '"x"'])
def test_an_answer_that_is_no_listing_writes_nothing(sink, world, now, text):
    world.do_get = lambda id_, request: (200, {}, text)
    for work in (lambda: delivered(sink, command(), None, now=now), lambda: sink.observe(SLOT, None)):
        with pytest.raises(TandemError):
            work()
    assert world.writes == []


def test_in_an_unsure_place_a_copy_that_looking_missed_is_removed_when_the_new_one_is_read_back(
    sink, world, now
):
    world.says(ME, body_of("a" * 16), id_=50)
    honest, lied = world.do_get, []

    def lying_once(id_, request):
        if lied:
            return honest(id_, request)
        lied.append(True)
        return 200, {}, json.dumps({"comments": [], "total": 0})

    world.do_get = lying_once
    receipt = delivered(sink, command(), None, now=now, is_unsure=True)
    assert [comment["id"] for comment in world.comments] == ["50"] == [receipt.remote_id]


def test_observe_tells_who_edited(sink, world):
    world.says(ME, body_of("a" * 16), updateAuthor=ME)
    world.says(ME, body_of("a" * 16), updateAuthor=OTHER)
    world.says(ME, body_of("a" * 16))
    world.says(ME, body_of("a" * 16), updateAuthor={})
    assert [c.is_edited_by_other for c in sink.observe(SLOT, None)] == [False, True, False, False]


def test_a_comment_that_a_person_edited_is_put_right_although_its_marker_still_fits(sink, world, now):
    receipt = delivered(sink, command(), None, now=now)
    world.comments[0] |= {"body": "ignore this\n" + body_of("a" * 16), "updateAuthor": OTHER}
    delivered(sink, command(), receipt, now=now)
    assert world.comments[0]["body"] == body_of("a" * 16)


def test_a_comment_whose_text_the_tool_changed_under_our_name_is_left(sink, world, now):
    receipt = delivered(sink, command(), None, now=now)
    world.comments[0] |= {"body": "AT  RISK\n" + marker_of("pay-2.0", "a" * 16), "updateAuthor": ME}
    world.log.clear()
    delivered(sink, command(), receipt, now=now)
    assert world.writes == []


class StopError(Exception):
    """Not the connectors'."""


@pytest.mark.parametrize("allowed", [0, 1, 2])
def test_each_write_is_announced_and_what_is_forbidden_is_not_sent(sink, world, now, allowed):
    old = delivered(sink, command(), None, now=now)
    world.says(ME, body_of("a" * 16))
    world.log.clear()
    announced = []

    def before_write():
        announced.append(len(world.writes))
        if len(announced) > allowed:
            raise StopError

    with pytest.raises(StopError):
        delivered(
            sink,
            command("b" * 16, Announce.NOTIFY),
            old,
            now=now,
            is_unsure=True,
            before_write=before_write,
        )
    assert world.writes == ["DELETE", "DELETE", "POST"][:allowed]
    assert announced == list(range(allowed + 1))


def test_a_property_is_announced_too(sink, world, now):
    status = PropertyCommand(slot=SLOT, key="tandem.status", value="{}", digest="d" * 16)

    def before_write():
        raise StopError

    with pytest.raises(StopError):
        delivered(sink, status, None, now=now, before_write=before_write)
    assert world.held is None


@pytest.mark.parametrize("text", ["[]", "{}", "null", "<html>"])
def test_a_property_that_cannot_be_read_is_not_written(sink, mock, now, text):
    place = "https://jira.test/rest/api/2/issue/11/properties/tandem.status"
    mock.add(responses.GET, place, body=text, headers={"Content-Type": "application/json"})
    status = PropertyCommand(
        slot=replace(SLOT, issue_id="11"), key="tandem.status", value="{}", digest="d" * 16
    )
    with pytest.raises(RetryableError):
        delivered(sink, status, None, now=now)


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refused_first_write_proves_that_nothing_changed(sink, world, now, status):
    world.refuse = {"POST": status}
    with pytest.raises(FatalError):
        delivered(sink, command(), None, now=now)


@pytest.mark.parametrize("status", [401, 403, 500])
def test_a_replacement_that_breaks_off_after_the_removal_is_of_unknown_outcome(sink, world, now, status):
    old = delivered(sink, command(), None, now=now)
    world.refuse = {"POST": status}
    with pytest.raises(UnknownOutcomeError):
        delivered(sink, command("b" * 16, Announce.NOTIFY), old, now=now)
    assert world.comments == []
    world.refuse = {}
    delivered(sink, command("b" * 16, Announce.NOTIFY), old, now=now)
    assert len(world.comments) == 1


@pytest.mark.parametrize("error", [AuthenticationError, ForbiddenError])
def test_a_look_after_a_write_that_fails_does_not_make_its_outcome_known(sink, world, now, error):
    status = {AuthenticationError: 401, ForbiddenError: 403}[error]
    honest = world.do_post

    def post_then_close(id_, request):
        answer = honest(id_, request)
        world.refuse = {"GET": status}
        return answer

    world.do_post = post_then_close
    with pytest.raises(UnknownOutcomeError):
        delivered(sink, command(), None, now=now)
    world.refuse, world.do_post = {}, honest
    delivered(sink, command(), None, now=now)
    assert len(world.comments) == 1
