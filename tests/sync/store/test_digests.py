"""A record's digest stays what it was when it was stored: another one would rewrite every row of every store."""

import hashlib
import json
import math
import types
import typing
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.records import RECORD_TYPES, IssueLink, LinkDirection, Note, Record
from sync.store.digests import digest_of
from sync.store.records import row_of

SHANGHAI = timezone(timedelta(hours=8))
AT = datetime(2026, 11, 23, 10, 0, 5, 250, tzinfo=SHANGHAI)

PINNED = {
    "issue": ("3d9d5b5f642add447d824b56", "9d0cdf890abda958629562ac"),
    "field_change": ("f0f6d5b8062e3c341967b639", "145b6f1e31f4328098770c3f"),
    "version": ("f1d19fed6105c32b3ba5db99", "e05fa2be56c3ac893069b24c"),
    "sprint": ("303bbe56bd217596b366d17a", "2267da9343b9796cab44c175"),
    "worklog": ("8a82854f6b13f33ec6211e2a", "acc326075adfd5c0ee92eba2"),
    "project": ("8f75553e4195abc7730936a3", "1e22bdcf1f6b4338941a4b3d"),
    "branch": ("f705181aa8274c8b0a2a8d27", "9df3eb84995b6d2f26961629"),
    "commit": ("64a6840c75084998f607f9d6", "e4f945e97251c09ac7c17fbd"),
    "path_touch": ("c6abfbbcdae12d2e49c0eeb8", "c6abfbbcdae12d2e49c0eeb8"),
    "todo": ("31091d3b8e03f72bd8e245e5", "54239545c087c6593b17d902"),
    "todo_scan": ("b9bc61a708afe2ae585d8b6b", "8ec1f4c07459232423cd2c1a"),
    "merge_request": ("835a533ab7576b0af52dd4ae", "2a9f5d4d1191be3e98996c44"),
    "merge_request_commits": ("bef614e125ccacefe6bd71ad", "bef614e125ccacefe6bd71ad"),
    "approval": ("5c8dc542a412f99603be4029", "46c54cb23bdc01171f12a311"),
    "merge_request_notes": ("819b7cc68b727155553e2cb1", "819b7cc68b727155553e2cb1"),
    "pipeline": ("b0c251824acf081a416113d9", "b0c251824acf081a416113d9"),
    "job": ("040cf151feaa2fef0d800367", "48400e699ea578e89fd36a93"),
    "deployment": ("6d675d457a536d4b04705583", "506ed14f85bdc1f39a33ab80"),
    "release": ("1677de35eafb1ef548452b47", "e8b2a6e79a5cccdc2b178475"),
    "milestone": ("edbfde43e27a873c058dd885", "56c5d6bbeea32711b522eaea"),
    "gitlab_issue": ("9a74a68be4d55010dc0aad10", "85fd148d8e502577b917b135"),
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
    return record_type(**{name: value_of(name, hints[name]) for name in record_type.__struct_fields__})


def bare(record_type: type[Record]) -> Record:
    """A record with nothing but what it must have."""
    hints = typing.get_type_hints(record_type)
    wanted = (f for f in msgspec.structs.fields(record_type) if f.required)
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
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else value


def plainly(values: dict[str, object]) -> str:
    """The digest of values without broken numbers, which JSON can write in several ways."""
    plain = {name: kept(value) for name, value in values.items()}
    content = json.dumps(
        plain, default=lambda v: v.isoformat(), sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.blake2b(content.encode(), digest_size=12).hexdigest()


_TEXTS = st.text(st.characters(categories=["L", "N", "P", "Cc", "Cs", "So"])) | st.sampled_from(
    ["\\u0000", "\\\\u0000", "\0", "\ud83d\ude00", "a\ud800"]
)
_INSTANTS = st.tuples(
    st.integers(-2_000_000_000_000_000, 4_000_000_000_000_000), st.sampled_from([UTC, SHANGHAI, None])
).map(
    lambda given: (datetime.fromtimestamp(0, UTC) + timedelta(microseconds=given[0])).replace(tzinfo=given[1])
)


def values_of(scalars: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    value = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=6)
    names = st.sampled_from(["id", "title", "Z", "a_at", "b", "ä", "points"])
    return st.dictionaries(names, st.dates() | _INSTANTS | value)


_SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | _TEXTS | st.sampled_from(Word)


@given(values_of(_SCALARS))
def test_the_digest_of_any_values_is_the_plain_one(values: dict[str, object]) -> None:
    assert digest_of(values) == plainly(values)


@given(values_of(_SCALARS | st.floats()))
def test_any_values_have_the_digest_of_what_comes_back_from_the_store(values: dict[str, object]) -> None:
    back = {name: kept(value) if not isinstance(value, tuple) else value for name, value in values.items()}
    assert digest_of(values) == digest_of(back)


@pytest.mark.parametrize("number", [3.0, -0.0, 2.0**53 - 1])
def test_whole_numbers_are_one_whether_they_are_floats_or_not(number: float) -> None:
    assert digest_of({"points": number}) == digest_of({"points": int(number)})


@pytest.mark.parametrize("number", [1e16, 2.0**70, 0.1, 1e-300])
def test_other_numbers_have_a_digest_of_their_own(number: float) -> None:
    near = math.nextafter(number, math.inf)
    assert digest_of({"points": number}) not in {digest_of({"points": near}), digest_of({"points": None})}


def test_a_value_has_the_digest_of_what_comes_back_from_the_store() -> None:
    went = {"title": "a\0b\ud800", "points": 3.0, "at": AT, "labels": ("x\udfff", 2.0)}
    back = {"title": "a\ufffdb\ufffd", "points": 3, "at": AT.astimezone(UTC), "labels": ("x\ufffd", 2.0)}
    assert digest_of(went) == digest_of(back)
