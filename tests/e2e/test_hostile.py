"""Hostile text and hostile people: outside text stays text, and the one comment stays one whatever is done to it."""

from __future__ import annotations

import json

import pytest
from stand import Stand, writes_in

from connectors.commands import marked
from connectors.sandbox.state import Fault

TITLES = (
    "{code}x{code} {noformat} {color:red}", "h1. big", "[x|javascript:alert(1)]", "@all [~accountid:1]", "<script>alert(1)</script>",
    "tandem-slot=mes-core-2.0 tandem-digest=0123456789abcdef", "\u202egnp.exe\u2066", "x" * 10_000, "🚀" * 50, "   ",
    "\x1b[31mred\x1b[0m", "[bold]loud[/bold]", "line\nh1. two\r\n----", "!image.png!", "|cell||head|",
)  # fmt: skip


@pytest.mark.parametrize("stand", ["full cloud"], indirect=True)
def test_hostile_titles_stay_text_in_comment_terminal_and_json(stand: Stand) -> None:
    jira, gitlab = stand.world.sandbox.jira, stand.world.sandbox.gitlab
    for number, issue in enumerate(jira.issues.values()):
        issue["fields"]["summary"] = TITLES[number % len(TITLES)]
    for requests in gitlab.merge_requests.values():
        for number, request in enumerate(requests.values()):
            request["description"] = f"{request['description'] or ''}\n{TITLES[number % len(TITLES)]}"
    assert stand.run("sync")[0] == 0
    bodies = [body for held in stand.own_comments().values() for body in held]
    assert len(bodies) >= 10
    for body in bodies:
        assert marked(body) is not None
        assert len(body) < 30_000
        assert not [c for c in body if ord(c) < 32 and c != "\n"]
        assert "\u202e" not in body
        for live in ("{code}", "[x|javascript", "[~accountid:1]", "{noformat}", "!image.png!"):
            assert live not in body.replace("\\" + live, ""), (live, body)
        assert not any(line.startswith(("h1. big", "----")) for line in body.splitlines())
    for key, held in stand.own_comments().items():
        slots = {a["slot"]["commitment_key"] for a in stand.json("plan")["actions"] if a["issue_key"] == key}
        assert {marked(body)[0] for body in held} <= slots  # type: ignore[index]
        break
    for command in (("status",), ("drift",), ("plan",), ("explain", "IMP-220")):
        _, text, errors = stand.run(*command)
        assert "\x1b" not in text + errors, command
        assert "\u202e" not in text, command
        json.loads(stand.run(*command, "--json")[1])
    assert "[bold]loud[/bold]" in stand.run("plan")[1] + stand.run("status")[1]


def first_slot(stand: Stand) -> tuple[str, list[dict[str, object]]]:
    """An issue that carries our comment, and its comments."""
    key = next(iter(stand.own_comments()))
    issue_id = next(i for i, issue in stand.world.sandbox.jira.issues.items() if issue["key"] == key)
    return key, stand.world.sandbox.jira.comments[issue_id]


def test_a_comment_that_was_posted_although_the_answer_was_lost_is_there_once(stand: Stand) -> None:
    stand.world.sandbox.faults.append(Fault(pattern=r"POST .*/comment$", kind="reset_after", times=5))
    stand.run("sync")
    assert stand.run("sync")[0] == 0
    assert set(map(len, stand.own_comments().values())) == {1}
    assert not writes_in(stand.requests_of("sync"))


@pytest.mark.parametrize("stand", ["full cloud"], indirect=True)
def test_a_refused_comment_fails_alone_and_is_tried_again(stand: Stand) -> None:
    stand.world.sandbox.faults.append(
        Fault(pattern=r"POST .*/comment$", status=403, body='{"errorMessages": ["no"]}', times=1)
    )
    code, text, _ = stand.run("sync")
    assert (code, "not written" in text) == (1, True)
    had = len(stand.own_comments())
    assert had >= 10
    assert stand.run("sync")[0] == 0
    assert len(stand.own_comments()) == had + 1


@pytest.mark.parametrize("stand", ["full cloud"], indirect=True)
def test_a_budget_of_three_writes_is_made_up_over_later_runs(stand: Stand) -> None:
    stand.edit_mapping(lambda text: text.replace("max_writes_per_run: 100", "max_writes_per_run: 3"))
    for _ in range(60):
        written = writes_in(stand.requests_of("sync"))
        assert len(written) <= 3
        if not written:
            break
    assert len(stand.own_comments()) > 30


def test_a_foreign_comment_with_our_marker_is_left_alone(synced: Stand) -> None:
    _, comments = first_slot(synced)
    copy = {**comments[-1], "id": "999999", "author": {"accountId": "somebody"}}
    comments.append(copy)
    synced.edit_mapping(lambda text: text.replace("language: en", "language: zh"))
    assert synced.run("sync")[0] == 0
    assert comments[-1] == copy
    assert set(map(len, synced.own_comments().values())) == {1}


@pytest.mark.parametrize("what", ["deleted", "edited", "undeletable"])
def test_whatever_is_done_to_our_comment_there_is_one_after_the_next_change(synced: Stand, what: str) -> None:
    _, comments = first_slot(synced)
    own = next(c for c in comments if marked(str(c["body"])))
    if what == "deleted":
        comments.remove(own)
    elif what == "edited":
        own["body"] = "a person wrote over it"
    else:
        for held in synced.world.sandbox.jira.permissions.values():
            held.discard("DELETE_OWN_COMMENTS")
    synced.edit_mapping(lambda text: text.replace("language: en", "language: zh"))
    assert synced.run("sync")[0] == 0
    assert sum(marked(str(c["body"])) is not None for c in comments) == 1
    assert not writes_in(synced.requests_of("sync"))


@pytest.mark.parametrize("synced", ["datacenter"], indirect=True)
def test_data_center_is_never_asked_to_be_silent(synced: Stand) -> None:
    synced.edit_mapping(lambda text: text.replace("language: en", "language: zh"))
    asked = synced.requests_of("sync")
    assert writes_in(asked)
    assert not [line for line in asked if "notifyUsers" in line]


def test_comments_for_a_role_say_so_and_silent_edits_mail_nobody(synced: Stand) -> None:
    told = len(synced.world.sandbox.jira.notifications)
    synced.edit_mapping(
        lambda t: t.replace(
            "max_writes_per_run: 100", "max_writes_per_run: 50\n  visibility: {role: Developers}"
        )
    )
    assert writes_in(synced.requests_of("sync"))
    _, comments = first_slot(synced)
    own = next(c for c in comments if marked(str(c["body"])))
    assert own["visibility"] == {"type": "role", "value": "Developers"}
    assert len(synced.world.sandbox.jira.notifications) == told
