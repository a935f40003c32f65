"""Source files in a recording: what they say in marks stays, their code does not."""

from __future__ import annotations

import base64
import json

import pytest

from connectors.marks import marks_in
from connectors.port import Exchange
from connectors.tape.files import is_file, without_code
from connectors.tape.redaction import Redaction

pytestmark = pytest.mark.pure

REDACTION = Redaction(secrets=frozenset({"hunter2-hunter2"}), salt=b"salt")
CODE = (
    'key = "hunter2-hunter2"  # TODO(alice@x.com): ask alice@x.com, drop hunter2-hunter2\nreturn pay(key)\n'
)


def body(content: bytes, **more: object) -> bytes:
    coded = base64.b64encode(content).decode()
    return json.dumps({"size": len(content), "content": coded, "sha": "ab", **more}).encode()


def content(answer: bytes) -> str:
    return base64.b64decode(json.loads(answer)["content"]).decode()


def redacted(answer: bytes, target: str = "/api/v4/projects/7/repository/blobs/ab12") -> bytes:
    exchange = Exchange(
        source="gitlab", method="GET", target=target, sent=b"", status=200, headers=(), body=answer
    )
    return REDACTION.exchange(exchange).body


def test_only_marks_stay_without_addresses_and_secrets_and_where_they_were() -> None:
    answer = redacted(body(CODE.encode()))
    alice = REDACTION.pseudonym("alice@x.com")
    assert content(answer) == (
        f'xxx = "xxxxxxx-xxxxxxx"  # TODO({alice}): ask {alice}, drop REMOVED\nxxxxxx xxx(xxx)\n'
    )
    assert json.loads(answer)["size"] == len(CODE)
    assert [m.line for m in marks_in("a.py", content(answer))] == [1]


def test_redacting_a_file_twice_is_redacting_it_once() -> None:
    once = redacted(body(CODE.encode()))
    assert redacted(once) == once


def test_of_a_binary_file_nothing_stays_but_that_it_is_one() -> None:
    assert content(without_code(body(b"# TODO secret\0"), str)) == "\0"


@pytest.mark.parametrize(
    "answer", [b"", b"[]", b"null", b'{"content": 5}', b'{"content": "\xc3\xa9"}', b"<html>"]
)
def test_an_answer_of_another_shape_stays_as_it_is(answer: bytes) -> None:
    assert without_code(answer, str) == answer


@pytest.mark.parametrize(
    ("target", "is_one"),
    [
        ("/api/v4/projects/7/repository/blobs/ab12", True),
        ("/gitlab/api/v4/projects/7/repository/blobs/ab12?x=1", True),
        ("/api/v4/projects/7/repository/tree?path=blobs", False),
        ("/api/v4/projects/7/repository/commits", False),
    ],
)
def test_only_the_address_of_a_blob_is_that_of_a_file(target: str, is_one: bool) -> None:
    assert is_file(target) is is_one
