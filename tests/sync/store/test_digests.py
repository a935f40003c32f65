"""A record's digest stays what it was when it was stored: another one would rewrite every row of every store."""

import dataclasses
import hashlib
import json
import math
import types
import typing
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.records import RECORD_TYPES, IssueLink, LinkDirection, Note, Record
from sync.store.digests import digest_of
from sync.store.records import row_of

SHANGHAI = timezone(timedelta(hours=8))
AT = datetime(2026, 11, 23, 10, 0, 5, 250, tzinfo=SHANGHAI)

PINNED = {
    "issue": ("fbdecaf234bc0bbfe4eb9535", "ac60673285d25d9297ca71b5"),
    "field_change": ("1e5c0f9dd649c9760880a2a4", "36f8d3dd7f369c881caa7b3a"),
    "version": ("05d706dbf2429a753200ddae", "e44c5b78063c0c6ed7ffa51a"),
    "sprint": ("f8e334044ebcd62adc4cc952", "530bcaf0341693cdaeb0e858"),
    "worklog": ("7cd7a46718b689346ce87299", "5fb636e30221fa719ce530fd"),
    "project": ("1356c0680e7e8ca1b73b8969", "14512afc31c8f0200308db43"),
    "branch": ("9638c9a555398dedace1a469", "36c45c73a09f160a1fb2f7b6"),
    "commit": ("3a274e7f3ebb160746f86137", "e6c1d31acde784b5d429e1de"),
    "path_touch": ("495dad0d8794cb003dc961d2", "495dad0d8794cb003dc961d2"),
    "todo": ("e564882e39aa3950e186ae67", "33a9d251163a5b40f6d98f07"),
    "todo_scan": ("79e45534023dd7c24dd7b4a1", "e66aba7f2e1a21c02682b629"),
    "merge_request": ("ee8f873bf1946f4fc1385bab", "e2d33a023c1571f003785e17"),
    "merge_request_commits": ("36ce90c0f468d84895113238", "36ce90c0f468d84895113238"),
    "approval": ("14e5b761bf3f7cafbc896f9f", "1683ed389a226ae0b33751ba"),
    "merge_request_notes": ("4acac41fdb4a5c9205b82e82", "4acac41fdb4a5c9205b82e82"),
    "pipeline": ("c8c5fa17e09662d7206d5394", "c8c5fa17e09662d7206d5394"),
    "job": ("ce0a85b1ea3148a61caa680a", "7aa58ca0cc695c81ef06ac51"),
    "deployment": ("701daca0dd5d7ed3d696417d", "4fc32d73fb50f8f133d990e0"),
    "release": ("e35091fac63d517e9ad80276", "6fd1ab45e2eae9609a177bc2"),
    "milestone": ("c775a6777488cd3866573793", "25d6567cbcec03eb0664e4ef"),
    "gitlab_issue": ("680743d3b7f7b8bc1e2a682b", "5ba0f222261f5890ee40cc87"),
}
"""Digests of a full and a bare record of each kind. Who changes one must bring every store to it by a migration."""


def value_of(name: str, annotation: object) -> object:
    """Something for a field that shows every trap of its type: quotes, lines, Chinese, an emoji, another zone, whole and broken numbers."""
    if isinstance(annotation, types.UnionType):
        annotation = next(a for a in typing.get_args(annotation) if a is not types.NoneType)
    return {
        str: f'{name} "x" \\ /\n\t\u2028 修复 🚀 <b>\x1f\x7f',
        int: 2**53 + 1,
        bool: True,
        float: 3.0 if len(name) % 2 else 0.1,
        date: date(2026, 2, 28),
        datetime: AT,
        tuple[str, ...]: (name, "", "修复"),
        tuple[tuple[str, str], ...]: (("Signed-off-by", name),),
        tuple[tuple[str, int], ...]: (("too large", 3),),
        tuple[tuple[str, tuple[str, ...]], ...]: (("Team", ("a", "b")), ("中文", ())),
        tuple[IssueLink, ...]: (
            IssueLink(type="Blocks", direction=LinkDirection.INWARD, other_id="7", other_key="PAY-7"),
        ),
        tuple[Note, ...]: (Note(id="1", thread_id="t", created_at=AT, updated_at=AT, is_resolvable=True),),
    }[typing.cast("typing.Any", annotation)]


def full(record_type: type[Record]) -> Record:
    """A record with something in every field."""
    hints = typing.get_type_hints(record_type)
    return record_type(**{f.name: value_of(f.name, hints[f.name]) for f in dataclasses.fields(record_type)})


def bare(record_type: type[Record]) -> Record:
    """A record with nothing but what it must have."""
    hints = typing.get_type_hints(record_type)
    wanted = (f for f in dataclasses.fields(record_type) if f.default is dataclasses.MISSING)
    return record_type(**{f.name: value_of(f.name, hints[f.name]) for f in wanted})


@pytest.mark.parametrize("record_type", RECORD_TYPES, ids=lambda t: t.kind)
def test_the_digests_of_every_kind_of_record_are_those_of_the_stores_that_there_are(
    record_type: type[Record],
) -> None:
    found = tuple(str(row_of(one, "PAY")["digest"]) for one in (full(record_type), bare(record_type)))
    assert found == PINNED[record_type.kind]


class Word(StrEnum):
    INWARD = "inward"


def kept(value: object) -> object:
    """A value as it comes back from the store, said in the plainest way."""
    if isinstance(value, str):
        return "".join("\ufffd" if c == "\0" or "\ud800" <= c <= "\udfff" else c for c in value)
    if isinstance(value, tuple):
        return tuple(kept(part) for part in value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else value


def plainly(values: dict[str, object]) -> str:
    """The digest as it was written down when the first stores were made."""
    plain = {name: kept(value) for name, value in values.items()}
    content = json.dumps(plain, default=str, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(content.encode(), digest_size=12).hexdigest()


_TEXTS = st.text(st.characters(categories=["L", "N", "P", "Cc", "Cs", "So"])) | st.sampled_from(
    ["\\u0000", "\\\\u0000", "\0", "\ud83d\ude00", "a\ud800"]
)
_INSTANTS = st.tuples(
    st.integers(-2_000_000_000_000_000, 4_000_000_000_000_000), st.sampled_from([UTC, SHANGHAI, None])
).map(
    lambda given: (datetime.fromtimestamp(0, UTC) + timedelta(microseconds=given[0])).replace(tzinfo=given[1])
)
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats()
    | st.dates()
    | _INSTANTS
    | _TEXTS
    | st.sampled_from(Word),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["id", "title", "Z", "a_at", "b", "ä", "points"]), _VALUES))
def test_the_digest_of_any_values_is_the_plain_one(values: dict[str, object]) -> None:
    assert digest_of(values) == plainly(values)


@pytest.mark.parametrize("number", [1e16, -0.0, 2.0**70, math.inf, -math.inf, math.nan, 0.1])
def test_numbers_of_every_size_have_the_plain_digest(number: float) -> None:
    assert digest_of({"points": number}) == plainly({"points": number})


def test_a_value_has_the_digest_of_what_comes_back_from_the_store() -> None:
    went = {"title": "a\0b\ud800", "points": 3.0, "at": AT, "labels": ("x\udfff", 2.0)}
    back = {"title": "a\ufffdb\ufffd", "points": 3, "at": AT.astimezone(UTC), "labels": ("x\ufffd", 2)}
    assert digest_of(went) == digest_of(back)
