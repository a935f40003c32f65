"""Requests of a delivery: an issue's comments are listed once, and the other look is asked together with others where the product offers it."""

from __future__ import annotations

import json

import pytest

from connectors.commands import Announce, CommentCommand, PropertyCommand, Slot, marker_of
from connectors.errors import AuthenticationError, RetryableError, UnknownOutcomeError
from connectors.port import Look
from tests.driven import delivered

SLOT = Slot(source="jira", issue_id="10", commitment_key="pay-2.0")
STATUS = PropertyCommand(slot=SLOT, key="tandem.status", value='{"health":"at_risk"}', digest="d" * 16)
ME = {"accountId": "acc-bot"}


def body_of(digest):
    return f"AT RISK\n{marker_of('pay-2.0', digest)}"


def command(digest="a" * 16, announce=Announce.SILENT):
    return CommentCommand(slot=SLOT, body=body_of(digest), digest=digest, announce=announce)


def test_a_first_comment_is_looked_for_in_the_listing_and_read_back_by_its_id(sink, world, now):
    delivered(sink, command(), None, now=now)
    assert world.log == ["GET", "POST", "GET-list"]


def test_a_first_comment_in_an_unsure_place_is_read_back_in_the_listing_too(sink, world, now):
    delivered(sink, command(), None, now=now, is_unsure=True)
    assert world.log == ["GET", "POST", "GET"]


def test_an_edit_is_looked_for_by_its_id_and_read_back_in_the_listing(sink, world, now):
    receipt = delivered(sink, command(), None, now=now)
    world.log.clear()
    delivered(sink, command("b" * 16), receipt, now=now)
    assert world.log == ["GET-list", "PUT-silent", "GET"]


def test_an_edit_in_an_unsure_place_is_looked_for_in_the_listing_and_read_back_by_its_id(sink, world, now):
    receipt = delivered(sink, command(), None, now=now)
    world.log.clear()
    delivered(sink, command("b" * 16), receipt, now=now, is_unsure=True)
    assert world.log == ["GET", "PUT-silent", "GET"]


def test_a_replacement_is_read_back_in_the_listing(sink, world, now):
    receipt = delivered(sink, command(), None, now=now)
    world.log.clear()
    delivered(sink, command("b" * 16, Announce.NOTIFY), receipt, now=now)
    assert world.log == ["GET-list", "DELETE", "POST", "GET"]


def test_data_center_is_asked_for_each_comment_alone(server_sink, world, now):
    id_ = world.says({"name": "bot", "key": "JIRAUSER1"}, body_of("a" * 16))
    found = delivered(server_sink, command(), None, now=now)
    assert (found.remote_id, world.log) == (id_, ["GET"])
    world.log.clear()
    delivered(server_sink, command("b" * 16), found, now=now)
    assert world.log == ["GET", "PUT", "GET"]


def test_an_extra_comment_that_comes_up_behind_an_edit_is_removed(sink, world, now):
    receipt = delivered(sink, command(), None, now=now)

    def before_write():
        if len(world.comments) == 1:
            world.says(ME, body_of("a" * 16), id_=50)

    after = delivered(sink, command("b" * 16), receipt, now=now, before_write=before_write)
    assert [one["id"] for one in world.comments] == [receipt.remote_id] == [after.remote_id]


def test_a_comment_that_is_not_told_of_is_looked_for_in_the_listing_before_another_is_posted(
    sink, world, now
):
    receipt = delivered(sink, command(), None, now=now)
    world.told = json.dumps({"values": []})
    after = delivered(sink, command("b" * 16), receipt, now=now)
    assert [one["id"] for one in world.comments] == [receipt.remote_id] == [after.remote_id]


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_a_site_that_refuses_to_be_asked_of_many_is_asked_for_each_alone_from_then_on(
    sink, world, now, status
):
    world.refuse = {"GET-list": status, "GET-bulk": status}
    receipt = delivered(sink, command(), None, now=now)
    delivered(sink, command("b" * 16), receipt, now=now)
    delivered(sink, STATUS, None, now=now)
    assert world.held == {"health": "at_risk"}
    assert (len(world.comments), world.log.count("GET-list")) == (1, 1)


@pytest.mark.parametrize("status", [401, 500])
def test_a_look_at_many_that_fails_writes_nothing(sink, world, now, status):
    error = {401: AuthenticationError, 500: RetryableError}[status]
    receipt = delivered(sink, command(), None, now=now)
    world.refuse = {"GET-list": status, "GET-bulk": status}
    world.log.clear()
    for wish, known in ((command("b" * 16), receipt), (STATUS, None)):
        with pytest.raises(error):
            delivered(sink, wish, known, now=now)
    assert world.writes == []


def test_a_post_whose_read_back_at_many_fails_is_found_in_the_listing(sink, world, now):
    world.refuse = {"GET-list": 500}
    receipt = delivered(sink, command(), None, now=now)
    assert [one["id"] for one in world.comments] == [receipt.remote_id]
    assert world.writes == ["POST"]


def test_several_comments_are_told_of_by_one_request(sink, world):
    ids = [world.says(ME, body_of("a" * 16)) for _ in range(3)]
    told = sink.look_up([Look(kind="comment", key=id_) for id_ in (*ids, "999")])
    assert sorted(look.key for look in told) == ids
    assert world.log == ["GET-list"]


def test_a_property_is_looked_at_and_read_back_together_with_others(sink, world, now):
    delivered(sink, STATUS, None, now=now)
    assert world.log == ["GET-bulk", "PUT", "GET-bulk"]


def test_that_a_property_need_not_be_written_is_not_believed_of_an_answer_about_many(sink, world, now):
    stale = json.dumps({"issues": [{"id": "10", "properties": {"tandem.status": {"health": "at_risk"}}}]})
    delivered(sink, STATUS, None, now=now)
    world.held = {"health": "done"}
    world.log.clear()
    world.told = stale
    delivered(sink, STATUS, None, now=now)
    assert world.held == {"health": "at_risk"}


def test_a_property_that_an_answer_about_many_does_not_show_is_asked_for_alone(sink, world, now):
    world.told = json.dumps({"issues": [{"id": "10", "properties": {}}]})
    delivered(sink, STATUS, None, now=now)
    assert world.log == ["GET-bulk", "PUT", "GET-bulk", "GET"]
    world.lies, world.held = True, None
    with pytest.raises(UnknownOutcomeError, match="is not there"):
        delivered(sink, STATUS, None, now=now)
