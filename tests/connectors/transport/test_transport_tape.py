"""The tape: every real attempt is kept, and what a tape plays is not asked of the tool."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field

import pytest

from connectors.errors import BlockedError, FatalError, RetryableError
from connectors.port import Exchange
from connectors.transport.answers import json_of
from tests.connectors.transport.scripted_http import Script, answer, calling, cut

SECRET = "sesame-7"


@dataclass
class Reel:
    """Keeps exchanges in memory; plays ``kept`` back in order where ``is_playing``."""

    kept: list[Exchange] = field(default_factory=list)
    is_playing: bool = False
    asked: list[tuple[str, str, str, bytes]] = field(default_factory=list)

    def played(self, source: str, method: str, target: str, sent: bytes) -> Exchange | None:
        self.asked.append((source, method, target, sent))
        if not self.is_playing:
            return None
        if not self.kept:
            raise FatalError("the tape does not hold this request")
        return self.kept.pop(0)

    def keep(self, exchange: Exchange) -> None:
        self.kept.append(exchange)


def test_every_attempt_is_kept_with_the_body_decoded():
    reel, packed = Reel(), gzip.compress(b'{"a": "\xe4\xb8\xad"}')
    script = Script(answer(503), answer(200, packed, Content_Encoding="gzip", X_Page="2"))
    with calling(script, tape=reel, source="gitlab") as call:
        call.session.headers["Authorization"] = f"Bearer {SECRET}"
        call(path="/api/v4/x?page=2")
    first, second = reel.kept
    assert [(e.source, e.method, e.target, e.status) for e in reel.kept] == [
        ("gitlab", "GET", "/api/v4/x?page=2", 503),
        ("gitlab", "GET", "/api/v4/x?page=2", 200),
    ]
    assert second.body == b'{"a": "\xe4\xb8\xad"}'
    assert ("X-Page", "2") in second.headers
    assert SECRET not in repr(reel.kept)
    assert first.sent == b""


def test_what_a_write_sent_is_kept():
    reel = Reel()
    with calling(Script(answer(201)), tape=reel) as call:
        call("POST", "/rest/api/2/issue/10/comment")
    assert [(e.method, e.sent) for e in reel.kept] == [("POST", b"{}")]


def test_a_lost_attempt_keeps_nothing():
    reel = Reel()
    with calling(Script(cut, answer(200)), tape=reel) as call:
        call()
    assert [e.status for e in reel.kept] == [200]


def recorded(*answers):
    """A reel to play, recorded from these answers to one request."""
    reel = Reel()
    with calling(Script(*answers), tape=reel) as call:
        call()
    reel.is_playing = True
    reel.asked.clear()
    return reel


def test_a_played_answer_is_like_the_real_one_and_nothing_is_asked_of_the_tool():
    packed = gzip.compress(b'{"a": 1}')
    reel = recorded(answer(200, packed, Content_Encoding="gzip", Link='<https://x/?page=2>; rel="next"'))
    script = Script(answer(500))
    with calling(script, tape=reel, source="gitlab") as call:
        played = call(path="/x?y=1")
        assert json_of(played) == {"a": 1}
        assert played.links["next"]["url"] == "https://x/?page=2"
        assert (call.adapter.requests_made, script.seen) == (0, [])
    assert reel.asked == [("gitlab", "GET", "/x?y=1", b"")]


def test_a_played_retry_is_repeated_without_sleeping():
    reel = recorded(answer(429, Retry_After="30"), answer(200))
    with calling(Script(answer(500)), tape=reel) as call:
        assert call().status_code == 200
        assert call.waits == []


def test_a_played_answer_tells_the_tools_time_but_nothing_about_our_clock():
    with calling(Script(answer(500)), tape=recorded(answer(200))) as call:
        call()
        assert call.adapter.server_at is not None
        assert call.adapter.skew_s is None


def test_a_played_block_is_a_block():
    with calling(Script(answer(200)), tape=recorded(answer(403, b"Forbidden"))) as call:
        with pytest.raises(BlockedError):
            json_of(call())
        with pytest.raises(BlockedError, match="not asked"):
            call()


def test_a_request_that_the_tape_does_not_hold_is_not_asked_of_the_tool():
    script = Script(answer(200))
    with calling(script, tape=Reel(is_playing=True)) as call, pytest.raises(FatalError, match="tape"):
        call()
    assert script.seen == []


def test_a_played_page_that_is_no_json_fails_as_it_did():
    reel = recorded(answer(200, b"<html>"))
    with calling(Script(answer(200)), tape=reel) as call, pytest.raises(RetryableError, match="no JSON"):
        json_of(call())
