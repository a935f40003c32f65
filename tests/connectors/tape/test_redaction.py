"""Redaction: no secret and no address gets through, what belonged together still does, and JSON stays JSON."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import ConfigError
from connectors.port import Exchange
from connectors.tape.redaction import Redaction

pytestmark = pytest.mark.pure

SECRET = 'se"same/öpen+7'
REDACTION = Redaction(secrets=frozenset({SECRET}), salt=b"salt", users=frozenset({"bot@nova.example"}))
ALICE = REDACTION.pseudonym("alice@x.com")

names = st.from_regex(r"[a-z]{2,9}(\.[a-z0-9]{1,5})?", fullmatch=True)
addresses = st.builds("{}@{}.{}".format, names, names, st.sampled_from(["com", "example", "co.uk", "中国"]))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("Signed-off-by: A <alice@x.com>", f"Signed-off-by: A <{ALICE}>"),
        ("ALICE@X.com, alice@x.com.", f"{ALICE}, {ALICE}."),
        ("联系alice@x.com谢谢", f"联系{ALICE}谢谢"),
        ("?to=alice%40x.com&page=2", f"?to={ALICE.replace('@', '%40')}&page=2"),
        ("%3Calice%40x.com%3E", f"%3C{ALICE.replace('@', '%40')}%3E"),
        ("alice&#64;x.com", ALICE.replace("@", "&#64;")),
        ("mailto:alice@x.com", f"mailto:{ALICE}"),
        (r'{"m": "\u003calice@x.com\u003e"}', f'{{"m": "<{ALICE}>"}}'),
        (r'{"m": "\nalice\u0040x.com"}', f'{{"m": "\\n{ALICE}"}}'),
        (r'{"cut off": "\u003calice@x.com', rf'{{"cut off": "\u003c{ALICE}'),
        (r"cut off \nalice@x.com", rf"cut off \n{ALICE}"),
    ],
)
def test_an_address_becomes_its_pseudonym_however_it_is_encoded(text: str, redacted: str) -> None:
    assert REDACTION.text(text) == redacted


@pytest.mark.parametrize(
    "address",
    [
        "a@b",
        "root@localhost",
        "用户@例子.广告",
        "用户1@例子.广告",
        "müller@bücher.de",
        "a@10.0.0.1",
        "x+y@z.io",
        "a@[10.0.0.1]",
    ],
)
def test_unusual_addresses_are_addresses_too(address: str) -> None:
    redacted = REDACTION.text(f"by <{address}>")
    assert redacted == f"by <{REDACTION.pseudonym(address)}>"


@pytest.mark.parametrize(
    "text", ["lodash@4.17.21", "actions/checkout@v4", "@zhang please look", "a @ b", "100 %", ""]
)
def test_what_is_no_address_stays(text: str) -> None:
    assert REDACTION.text(text) == text


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET, safe=""),
        quote(SECRET, safe="").lower(),
        json.dumps(SECRET)[1:-1],
        base64.b64encode(SECRET.encode()).decode().rstrip("="),
    ],
)
def test_a_secret_goes_in_every_form(form: str) -> None:
    assert form not in REDACTION.text(f"x {form} y")
    assert form not in REDACTION.text(f'{{"broken {form}')


def test_a_basic_log_in_holds_neither_user_nor_token() -> None:
    for user in ("bot@nova.example", "u", "ab"):
        redacted = REDACTION.text("Basic " + base64.b64encode(f"{user}:{SECRET}".encode()).decode())
        rest = redacted.removeprefix("Basic ").replace("REMOVED", "")
        assert len(rest) < 12, redacted


def test_tokens_in_queries_and_tokens_of_a_known_shape_go() -> None:
    text = "/x?private_token=abc&page=2 access_token%3Dabc; glpat-abcdefghij0123456789"
    assert REDACTION.text(text) == "/x?private_token=REMOVED&page=2 access_token%3DREMOVED; REMOVED"


def test_a_picture_named_by_a_digest_of_the_address_loses_its_name() -> None:
    url = "https://secure.gravatar.com/avatar/0123456789abcdef0123456789abcdef?s=80"
    assert REDACTION.text(url) == "https://secure.gravatar.com/avatar/REMOVED?s=80"


def test_what_a_key_calls_an_address_is_one_whatever_it_looks_like() -> None:
    value = REDACTION.value({"author_email": "nobody", "emailAddress": "", "email": None, "name": "nobody"})
    assert value == {
        "author_email": REDACTION.pseudonym("nobody"),
        "emailAddress": "",
        "email": None,
        "name": "nobody",
    }


def test_headers_with_credentials_are_left_out_and_the_others_redacted() -> None:
    exchange = Exchange(
        source="gitlab",
        method="GET",
        target="/x?private_token=abc&author=alice%40x.com",
        sent=b"",
        status=200,
        headers=(
            ("Set-Cookie", "a=b"),
            ("Authorization", "x"),
            ("Link", "<https://x/?u=alice%40x.com>; rel=next"),
        ),
        body="ünlesbar alice@x.com".encode("latin-1"),
    )
    redacted = REDACTION.exchange(exchange)
    encoded = ALICE.replace("@", "%40")
    assert redacted.headers == (("Link", f"<https://x/?u={encoded}>; rel=next"),)
    assert redacted.target == f"/x?private_token=REMOVED&author={encoded}"
    assert redacted.body == f"ünlesbar {ALICE}".encode("latin-1")


def test_a_body_without_anything_to_remove_stays_byte_by_byte() -> None:
    body = b'{"b":1.10, "a" : "\\u4e2d"}\n'
    assert REDACTION.body(body) == body


def test_json_that_is_nested_too_deep_to_be_read_is_searched_as_text() -> None:
    deep = "[" * 100_000 + '"alice@x.com"'
    assert "alice" not in REDACTION.text(deep)


def test_a_short_token_is_refused_for_it_would_take_ordinary_text_with_it() -> None:
    with pytest.raises(ConfigError, match="8 characters"):
        Redaction(secrets=frozenset({"abc"}), salt=b"x")


@given(addresses, st.text(max_size=20), st.text(max_size=20))
def test_no_address_survives_between_any_texts(address: str, before: str, after: str) -> None:
    assert address not in REDACTION.text(f"{before} {address} {after}")
    assert address not in REDACTION.text(before + address + after)


@given(st.lists(addresses, max_size=3), json_values)
def test_json_stays_json_and_keeps_its_shape(found: list[str], value: object) -> None:
    text = json.dumps({"found": found, "value": value})
    redacted = json.loads(REDACTION.text(text))
    assert redacted["found"] == [REDACTION.pseudonym(a) for a in found]
    assert set(redacted) == {"found", "value"}


@given(addresses, addresses)
def test_equal_addresses_have_equal_pseudonyms_and_different_ones_different(one: str, other: str) -> None:
    assert (REDACTION.text(one) == REDACTION.text(other)) == (one == other)
    assert REDACTION.text(one) == REDACTION.text(one.upper())


@given(addresses)
def test_another_salt_makes_other_pseudonyms(address: str) -> None:
    assert Redaction(secrets=frozenset(), salt=b"other").pseudonym(address) != REDACTION.pseudonym(address)


@given(st.text(), addresses)
def test_redacting_twice_is_redacting_once(text: str, address: str) -> None:
    once = REDACTION.text(f"{text} {address}")
    assert REDACTION.text(once) == once


@given(st.binary())
def test_any_bytes_can_be_redacted(body: bytes) -> None:
    assert isinstance(REDACTION.body(body), bytes)


def test_the_words_of_notes_are_removed_and_who_said_them_when_stays() -> None:
    note = {"id": 3, "body": "between us", "noteable_type": "MergeRequest", "author": {"name": "Li"}}
    told = json.loads(REDACTION.body(json.dumps([{"id": "d1", "notes": [note]}]).encode()))
    assert told == [{"id": "d1", "notes": [note | {"body": "REMOVED"}]}]
    assert REDACTION.value(told) == told
    assert REDACTION.value({"body": "a comment of Jira's"}) == {"body": "a comment of Jira's"}
