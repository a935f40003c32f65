"""Which comments are ours: by account and marker, never by looks."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from connectors.commands import Announce, CommentCommand, Slot, marker_of
from connectors.errors import NotFoundError
from tests.driven import delivered

SLOT = Slot(source="jira", issue_id="10", commitment_key="pay-2.0")
ME, OTHER = {"accountId": "acc-bot"}, {"accountId": "acc-li"}


def body_of(digest, key="pay-2.0", text="AT RISK"):
    return f"{text}\n{marker_of(key, digest)}"


def command(digest="a" * 16, announce=Announce.SILENT, **more):
    return CommentCommand(slot=SLOT, body=body_of(digest), digest=digest, announce=announce, **more)


def test_of_several_own_comments_the_lowest_id_stays(sink, world, now):
    for id_ in (30, 9, 200):
        world.says(ME, body_of("a" * 16), id_=id_)
    assert [comment.remote_id for comment in sink.observe(SLOT, None)] == ["9", "30", "200"]
    assert len(world.comments) == 3  # looking changes nothing
    assert delivered(sink, command(), None, now=now).remote_id == "9"
    assert [comment["id"] for comment in world.comments] == ["9"]


def test_a_second_own_comment_is_removed_although_the_receipt_knows_the_first(sink, world, now):
    receipt = delivered(sink, command(), None, now=now)
    world.says(ME, body_of("b" * 16), id_=90_000)
    after = delivered(sink, command("c" * 16), receipt, now=now)
    assert [(c["id"], after.remote_id) for c in world.comments] == [(receipt.remote_id, receipt.remote_id)]


def test_a_marker_by_somebody_else_is_not_ours(sink, world, now):
    world.says(OTHER, body_of("a" * 16))
    assert sink.observe(SLOT, None) == ()
    delivered(sink, command(), None, now=now)
    assert [comment["author"] for comment in world.comments] == [OTHER, ME]


def test_a_marker_in_the_middle_of_a_body_is_quoted_text(sink, world):
    world.says(ME, body_of("a" * 16) + "\nsaid the comment above")
    assert sink.observe(SLOT, None) == ()


def test_a_comment_of_another_commitment_is_left_alone(sink, world, now):
    world.says(ME, body_of("a" * 16, key="risk-1"))
    delivered(sink, command(), None, now=now)
    assert len(world.comments) == 2


@pytest.mark.parametrize("as_text", [False, True])
def test_a_comment_whose_marker_line_was_removed_is_found_by_its_property(sink, world, as_text):
    value = {"slot": "pay-2.0", "digest": "a" * 16}
    value = json.dumps(value) if as_text else value
    world.says(ME, "AT RISK", properties=[{"key": "tandem.marker", "value": value}])
    (observed,) = sink.observe(SLOT, None)
    assert (observed.body, observed.digest) == ("AT RISK", None)


@pytest.mark.parametrize("value", [None, "no json", "3", {"slot": None}, ["x"]])
def test_a_marker_property_of_another_shape_marks_nothing(sink, world, value):
    world.says(ME, "chat", properties=[{"key": "other"}, {"key": "tandem.marker", "value": value}])
    assert sink.observe(SLOT, None) == ()


def test_our_comment_is_found_on_a_later_page(sink, world):
    world.page = 2
    for _ in range(5):
        world.says(OTHER, "chat")
    id_ = world.says(ME, body_of("a" * 16))
    assert [comment.remote_id for comment in sink.observe(SLOT, None)] == [id_]


def test_a_receipt_that_names_a_strangers_comment_is_not_followed(sink, world, now):
    receipt = delivered(sink, command(), None, now=now)
    id_ = world.says(OTHER, "hello")
    found = sink.observe(SLOT, replace(receipt, remote_id=id_))
    assert [comment.remote_id for comment in found] == [receipt.remote_id]


def test_an_unknown_issue_is_said(sink, cloud):
    cloud.on("GET", "api/2/issue/11/comment", {"errorMessages": ["Issue does not exist"]}, status=404)
    with pytest.raises(NotFoundError):
        sink.observe(replace(SLOT, issue_id="11"), None)
