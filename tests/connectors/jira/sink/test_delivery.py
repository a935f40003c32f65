"""Deliveries: exactly one managed comment per slot, whatever breaks."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from connectors.commands import Announce, CommentCommand, PropertyCommand, Slot, Visibility, marker_of
from connectors.errors import RetryableError, UnknownOutcomeError
from tests.driven import delivered

SLOT = Slot(source="jira", issue_id="10", commitment_key="pay-2.0")
ME, OTHER = {"accountId": "acc-bot"}, {"accountId": "acc-li"}


def body_of(digest, key="pay-2.0", text="AT RISK"):
    return f"{text}\n{marker_of(key, digest)}"


def command(digest="a" * 16, announce=Announce.SILENT, **more):
    return CommentCommand(slot=SLOT, body=body_of(digest), digest=digest, announce=announce, **more)


def test_a_first_delivery_posts_one_comment_with_marker_property_and_visibility(sink, world, now):
    visibility = Visibility(kind="role", name="Managers")
    receipt = delivered(sink, command(visibility=visibility), None, now=now)
    (comment,) = world.comments
    assert receipt.remote_id == comment["id"]
    assert comment["visibility"] == {"type": "role", "value": "Managers"}
    assert comment["properties"] == [
        {"key": "tandem.marker", "value": {"slot": "pay-2.0", "digest": "a" * 16}}
    ]


def test_delivering_the_same_command_again_writes_nothing(sink, world, now):
    receipt = delivered(sink, command(), None, now=now)
    world.log.clear()
    assert delivered(sink, command(), receipt, now=now) == receipt
    assert delivered(sink, command(), None, now=now) == receipt
    assert world.writes == []


def test_a_silent_change_edits_in_place_without_a_notification(sink, world, now):
    receipt = delivered(sink, command(), None, now=now)
    world.log.clear()
    changed = delivered(sink, command("b" * 16), receipt, now=now)
    assert (changed.remote_id, changed.digest) == (receipt.remote_id, "b" * 16)
    assert world.writes == ["PUT-silent"]


@pytest.mark.parametrize("status", [400, 403])
def test_a_refusal_to_silence_is_met_once_and_remembered(sink, world, now, status):
    receipt = delivered(sink, command(), None, now=now)
    world.refuse, world.log = {"PUT-silent": status}, []
    delivered(sink, command("b" * 16), receipt, now=now)
    delivered(sink, command("c" * 16), receipt, now=now)
    assert world.writes == ["PUT-silent", "PUT", "PUT"]


def test_data_center_is_not_asked_to_silence(server_sink, world, now):
    world.says({"name": "bot", "key": "JIRAUSER1"}, body_of("a" * 16))
    delivered(server_sink, command("b" * 16), None, now=now)
    assert world.writes == ["PUT"]


def test_news_removes_the_former_comment_and_then_posts(sink, world, now):
    old = delivered(sink, command(), None, now=now)
    world.log.clear()
    new = delivered(sink, command("b" * 16, Announce.NOTIFY), old, now=now)
    assert world.writes == ["DELETE", "POST"]
    assert [comment["id"] for comment in world.comments] == [new.remote_id] != [old.remote_id]


@pytest.mark.parametrize("status", [400, 403])
def test_news_edits_where_removing_is_not_allowed(sink, world, now, status):
    old = delivered(sink, command(), None, now=now)
    world.refuse, world.log = {"DELETE": status}, []
    new = delivered(sink, command("b" * 16, Announce.NOTIFY), old, now=now)
    assert new.remote_id == old.remote_id
    assert world.writes == ["DELETE", "PUT"]


def test_a_post_that_landed_and_was_cut_off_leaves_exactly_one_comment(sink, world, now):
    world.lose_answer_of = "POST"
    receipt = delivered(sink, command(), None, now=now)
    assert [comment["id"] for comment in world.comments] == [receipt.remote_id]
    assert world.writes == ["POST"]


def test_a_post_that_cannot_be_found_afterwards_is_not_repeated(sink, world, now):
    world.refuse = {"POST": 502}
    with pytest.raises(UnknownOutcomeError):
        delivered(sink, command(), None, now=now)
    assert world.writes == ["POST"]
    world.refuse = {}
    delivered(sink, command(), None, now=now)
    assert len(world.comments) == 1


def test_an_edit_that_landed_and_was_cut_off_counts_as_done(sink, world, now):
    receipt = delivered(sink, command(), None, now=now)
    world.lose_answer_of = "PUT"
    assert delivered(sink, command("b" * 16), receipt, now=now).remote_id == receipt.remote_id


def test_a_comment_that_vanishes_before_the_edit_is_posted(sink, world, now):
    receipt = delivered(sink, command(), None, now=now)
    world.refuse = {"PUT-silent": 404}
    posted = delivered(sink, command("b" * 16), receipt, now=now)
    assert posted.digest == "b" * 16
    assert posted.remote_id != receipt.remote_id


def test_an_edit_that_does_not_read_back_is_an_error(sink, world, now):
    receipt = delivered(sink, command(), None, now=now)
    world.do_put = lambda id_, request: (200, {}, "{}")
    with pytest.raises(RetryableError, match="did not read back"):
        delivered(sink, command("b" * 16), receipt, now=now)


def test_a_deleted_comment_is_posted_again(sink, world, now):
    receipt = delivered(sink, command(), None, now=now)
    world.comments.clear()
    assert sink.observe(SLOT, receipt) == ()
    again = delivered(sink, command(), receipt, now=now)
    assert [comment["id"] for comment in world.comments] == [again.remote_id]


def test_a_comment_that_loses_its_marker_on_the_way_is_taken_back(sink, world, now):
    world.strip_marker = True
    with pytest.raises(UnknownOutcomeError, match="did not read back"):
        delivered(sink, command(), None, now=now)
    assert world.comments == []


def _status(value='{"health":"at_risk"}'):
    return PropertyCommand(
        slot=replace(SLOT, commitment_key="*"), key="tandem.status", value=value, digest="d" * 16
    )


def test_a_property_is_written_once_and_then_left(sink, world, now):
    receipt = delivered(sink, _status(), None, now=now)
    assert (receipt.target, receipt.body, receipt.remote_id) == (
        "tandem.status",
        '{"health":"at_risk"}',
        None,
    )
    delivered(sink, _status(), None, now=now)
    assert world.held == {"health": "at_risk"}
    assert world.writes == ["PUT"]


def test_a_property_write_that_was_cut_off_is_looked_up(sink, world, now):
    world.lose_answer_of = "PUT"
    delivered(sink, _status(), None, now=now)
    assert world.writes == ["PUT"]


def test_a_property_write_that_was_answered_but_not_carried_out_is_of_unknown_outcome(sink, world, now):
    world.lies = True
    with pytest.raises(UnknownOutcomeError, match="is not there"):
        delivered(sink, _status(), None, now=now)
    world.lies = False
    delivered(sink, _status(), None, now=now)
    assert world.held == {"health": "at_risk"}
