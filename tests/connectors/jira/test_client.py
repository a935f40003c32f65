"""The client: what counts as done, what is repeated, and what is refused, over real sockets."""

from __future__ import annotations

from contextlib import closing, contextmanager

import pytest

from connectors.errors import BlockedError, ForbiddenError, RetryableError, UnknownOutcomeError
from connectors.jira.client import JiraClient, RefusedError
from connectors.port import Policy, Site
from tests.connectors.transport.scripted_http import Script, answer, cut, page

COMMENT = "api/2/issue/10/comment"
WRITES = {
    "POST": lambda client: client.post(COMMENT, {"body": "x"}),
    "PUT": lambda client: client.put(f"{COMMENT}/5", {"body": "x"}),
    "DELETE": lambda client: client.delete(f"{COMMENT}/5"),
}


@contextmanager
def client_of(script):
    policy = Policy(attempts=3, first_wait_s=0.0, longest_wait_s=0.0)
    with (
        script.serving() as base,
        closing(JiraClient(Site(source="jira", url=base, token="t", policy=policy))) as client,
    ):
        yield client


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize(
    "bad", [cut, page(), page(code=201), answer(500), answer(502), answer(522), answer(599)]
)
def test_a_write_without_jiras_own_word_is_sent_once_and_its_outcome_unknown(write, bad):
    script = Script(bad, answer(201, b'{"id": "5"}'))
    with client_of(script) as client, pytest.raises(UnknownOutcomeError):
        write(client)
    assert len(script.seen) == 1


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize(
    "refusal", [answer(429), answer(429, Retry_After="0"), answer(503, Retry_After="0.01")]
)
def test_a_write_that_was_refused_for_now_is_sent_again(write, refusal):
    script = Script(refusal, answer(200, b'{"id": "5"}'))
    with client_of(script) as client:
        write(client)
    assert len(script.seen) == 2


@pytest.mark.parametrize("name", ["PUT", "DELETE"])
@pytest.mark.parametrize(
    "done", [answer(204, b"", Content_Length=None), answer(200, b""), answer(200, b'{"id": "5"}')]
)
def test_a_change_may_be_answered_without_words(name, done):
    with client_of(Script(done)) as client:
        WRITES[name](client)


def test_a_new_comment_must_be_answered_with_words():
    with client_of(Script(answer(201, b""))) as client, pytest.raises(UnknownOutcomeError):
        client.post(COMMENT, {})


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_write_that_jira_forbids_is_sent_once(write):
    script = Script(answer(403, b'{"errorMessages": ["no"]}'))
    with client_of(script) as client, pytest.raises(ForbiddenError):
        write(client)
    assert len(script.seen) == 1


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_write_that_jira_does_not_understand_is_sent_once(write):
    script = Script(answer(400, b'{"errorMessages": ["no"]}'))
    with client_of(script) as client, pytest.raises(RefusedError):
        write(client)
    assert len(script.seen) == 1


def test_a_write_from_a_blocked_address_blocks_what_follows():
    script = Script(page("blocked", 403), answer(200))
    with client_of(script) as client:
        for ask in (WRITES["PUT"], WRITES["POST"], lambda c: c.get("api/2/myself")):
            with pytest.raises(BlockedError):
                ask(client)
    assert len(script.seen) == 1


def test_a_read_through_a_log_in_page_is_tried_again_and_then_retryable():
    script = Script(page())
    with client_of(script) as client, pytest.raises(RetryableError, match="proxy"):
        client.get("api/2/myself")
    assert len(script.seen) == 3


def test_a_search_by_post_is_tried_again():
    script = Script(cut, page(), answer(200, b'{"issues": []}'))
    with client_of(script) as client:
        assert client.post("api/2/search/jql", {}) == {"issues": []}
    assert len(script.seen) == 3
