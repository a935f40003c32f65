"""Limits over real sockets: what is held back, slowed, put off, and refused without being sent."""

from __future__ import annotations

import gc
import gzip
import warnings

import pytest

from connectors.errors import (
    BlockedError,
    DeferredError,
    FatalError,
    ForbiddenError,
    OversizeError,
    RetryableError,
    UnknownOutcomeError,
)
from connectors.gitlab.limits import FAMILIES as GITLAB
from connectors.jira.limits import FAMILIES as JIRA
from connectors.transport.answers import error_for, json_of
from connectors.transport.pace import Family
from tests.connectors.transport.scripted_http import Script, answer, calling, page

ISSUES = "/api/v4/projects/7/issues"
OTHER_ISSUES = "/api/v4/projects/8/issues"
LABELS = "/api/v4/projects/7/labels"
NEAR = {"RateLimit_Limit": "1000", "RateLimit_Remaining": "50", "RateLimit_Reset": "1795176100"}
"""100 seconds before the window ends."""


def test_a_429_holds_back_its_own_family_and_no_other():
    with calling(Script(answer(429, Retry_After="40"), answer(200)), attempts=1) as call:
        assert call(path=ISSUES).status_code == 429
        call(path=LABELS)
        assert call.waits == []
        call(path=OTHER_ISSUES)
        assert call.waits == [40.0]


def test_a_family_that_is_held_longer_than_the_budget_is_not_asked_at_all():
    script = Script(answer(429, Retry_After="3600"), answer(200))
    with calling(script) as call:
        call(path=ISSUES)
        with pytest.raises(RetryableError, match="not asked") as caught:
            call(path=OTHER_ISSUES)
        assert call(path=LABELS).status_code == 200
    assert (caught.value.retry_after_s, len(script.seen)) == (3600.0, 2)


def test_a_write_that_is_held_longer_than_the_budget_is_put_off():
    script = Script(answer(429, Retry_After="3600"), answer(200))
    with calling(script, families=JIRA) as call:
        call("POST", "/rest/api/2/issue/10/comment")
        with pytest.raises(DeferredError, match="not sent"):
            call("POST", "/rest/api/2/issue/10/comment")
    assert len(script.seen) == 1


def test_a_429_that_was_waited_for_holds_nothing_any_more():
    with calling(Script(answer(429, Retry_After="5"), answer(200))) as call:
        call(path=ISSUES)
        call(path=ISSUES)
        assert len(call.waits) == 1


def test_a_429_for_one_issue_leaves_the_others_alone():
    refusal = answer(429, Retry_After="30", RateLimit_Reason="jira-per-issue-on-write")
    with calling(Script(refusal, answer(200)), attempts=1, families=JIRA) as call:
        call("POST", "/rest/api/2/issue/10/comment")
        call("POST", "/rest/api/2/issue/11/comment")
        assert call.waits == []
        call("PUT", "/rest/api/2/issue/10/properties/tandem.status")
        assert call.waits == [30.0]


def test_a_budget_is_kept_by_waiting():
    family = Family(name="f", pattern="/search", limit=2, window_s=10.0)
    with calling(Script(answer(200)), families=(family,)) as call:
        for _ in range(5):
            call(path="/search")
        assert call.waits == [10.0, 10.0]


def test_forty_writes_and_their_looks_wait_for_nothing():
    with calling(Script(answer(200)), families=JIRA) as call:
        for issue in range(40):
            path = f"/rest/api/2/issue/{issue}/comment"
            for method in ("GET", "POST", "GET"):
                call(method, path)
        assert call.waits == []


def test_a_first_run_within_gitlabs_limits_waits_for_nothing():
    with calling(Script(answer(200)), families=GITLAB) as call:
        for project in range(330):
            call(path=f"/api/v4/projects/{project}/issues")
        assert call.waits == []


def test_near_the_limit_reads_are_slowed():
    with calling(Script(answer(200, **NEAR))) as call:
        call()
        call()
        call()
        assert call.waits == pytest.approx([2.0, 2.0], abs=0.1)


def test_near_the_limit_a_write_is_put_off_before_anything_is_sent():
    script = Script(answer(200, **NEAR))
    with calling(script) as call:
        call()
        with pytest.raises(DeferredError) as caught:
            call("POST", "/rest/api/2/issue/10/comment?x=1")
    assert (script.seen, "x=1" in str(caught.value)) == (["GET"], False)
    assert caught.value.retry_after_s == pytest.approx(100.0)


def test_a_write_waits_for_a_limit_that_is_whole_again_in_a_moment():
    tokens = {"Limit": "10", "Remaining": "1", "Interval_Seconds": "1", "FillRate": "5"}
    told = {f"X_RateLimit_{name}": value for name, value in tokens.items()}
    script = Script(answer(200, **told, Retry_After="0"))
    with calling(script) as call:
        call()
        call("POST")
        assert call.waits == pytest.approx([1.8])
    assert script.seen == ["GET", "POST"]


def test_near_the_limit_a_read_in_disguise_is_still_a_read():
    with calling(Script(answer(200, **NEAR))) as call:
        call()
        assert call("POST", "/rest/api/2/search/jql").status_code == 200


def test_once_there_is_room_again_writes_go_out():
    room = answer(200, **(NEAR | {"RateLimit_Remaining": "900"}))
    with calling(Script(answer(200, **NEAR), room)) as call:
        call()
        call()
        assert call("POST").status_code == 200


def test_jiras_own_word_puts_a_write_off():
    script = Script(answer(200, X_RateLimit_NearLimit="true", X_RateLimit_Reset="2026-11-20T12:30Z"))
    with calling(script) as call:
        call()
        with pytest.raises(DeferredError):
            call("PUT")


@pytest.mark.parametrize(
    "refusal", [answer(403, b"Forbidden\n"), page("<h1>Blocked</h1>", 403), answer(403, b"")]
)
def test_a_blocked_address_is_refused_once_and_then_nothing_more_is_sent(refusal):
    script = Script(refusal, answer(200))
    with calling(script) as call:
        with pytest.raises(BlockedError):
            json_of(call(path="/a?token=secret"))
        for method in ("GET", "POST"):
            with pytest.raises(BlockedError, match="not asked") as caught:
                call(method, "/b")
            assert "secret" not in str(caught.value)
    assert script.paths == ["/a?token=secret"]


def test_a_403_of_the_api_blocks_nothing():
    script = Script(answer(403, b'{"message": "403 Forbidden"}'), answer(200))
    with calling(script) as call:
        assert type(error_for(call())) is ForbiddenError
        assert call().status_code == 200


def test_a_locked_log_in_blocks_nothing():
    locked = answer(403, b"<html>", X_Authentication_Denied_Reason="CAPTCHA_CHALLENGE")
    with calling(Script(locked, answer(200))) as call:
        call()
        assert call().status_code == 200


BOMB = gzip.compress(bytes(3 << 20))
"""Three MiB in three kilobytes."""


def test_an_answer_that_swells_beyond_all_measure_is_given_up_at_once():
    script = Script(answer(200, BOMB, Content_Encoding="gzip"))
    with calling(script, largest_answer_mib=2) as call, pytest.raises(FatalError, match="larger than 2 MiB"):
        call(path=ISSUES)
    assert len(script.asked) == 1


def test_an_answer_larger_than_its_family_allows_is_given_up_and_any_other_is_read():
    bomb = answer(200, BOMB, Content_Encoding="gzip")
    families = (Family(name="files", pattern=r"/files/", limit=500, largest_mib=2),)
    with calling(Script(bomb, bomb), families=families) as call:
        with pytest.raises(OversizeError, match="larger than 2 MiB"):
            call(path="/files/a")
        assert call(path=ISSUES).content == bytes(3 << 20)


def test_a_write_whose_answer_swells_may_have_been_carried_out():
    script = Script(answer(200, BOMB, Content_Encoding="gzip"))
    with calling(script, largest_answer_mib=2) as call, pytest.raises(UnknownOutcomeError):
        call("POST", path=ISSUES)


def test_an_answer_within_the_measure_is_read_whole():
    with calling(Script(answer(200, BOMB, Content_Encoding="gzip")), largest_answer_mib=4) as call:
        assert call(path=ISSUES).content == bytes(3 << 20)


def test_a_broken_answer_leaves_no_connection_open():
    broken = answer(200, b"no gzip" * 100_000, Content_Encoding="gzip")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with calling(Script(broken), attempts=2) as call, pytest.raises(RetryableError):
            call(path=ISSUES)
        gc.collect()
    assert [one for one in told if issubclass(one.category, ResourceWarning)] == []
