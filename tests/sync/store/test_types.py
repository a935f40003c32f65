"""Values go into the store as SQLAlchemy's own types would write them, and text that no database can hold is made storable."""

from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from sync.store.types import Instant, PlainText, Tuple, storable

SQLITE, POSTGRES = sqlite.dialect(), postgresql.dialect()


class Word(StrEnum):
    BLOCKS = "blocks"


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2026, 11, 23, 2, 0, tzinfo=UTC),
        datetime(2026, 11, 23, 2, 0, 0, 250, tzinfo=UTC),
        datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=8))),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ],
)
def test_sqlite_is_given_the_text_that_its_own_type_would_write(instant: datetime) -> None:
    own = sqlite.DATETIME().bind_processor(SQLITE)
    ours = Instant().bind_processor(SQLITE)
    assert ours(instant) == own(instant.astimezone(UTC).replace(tzinfo=None))


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRES], ids=["sqlite", "postgresql"])
def test_a_time_without_a_zone_is_a_guess_and_is_refused(dialect: object) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        Instant().bind_processor(dialect)(datetime(2026, 11, 23))  # noqa: DTZ001
    assert Instant().bind_processor(dialect)(None) is None


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("", ""),
        ("plain", "plain"),
        ("修复 🚀", "修复 🚀"),
        ("a\0b", "a\ufffdb"),
        ("修\0复", "修\ufffd复"),
        ("a\ud800", "a\ufffd"),
        ("\ud83d\ude00\0", "\ufffd\ufffd\ufffd"),
    ],
)
def test_text_without_what_no_database_can_hold(text: str, stored: str) -> None:
    assert storable(text) == stored
    assert PlainText().bind_processor(SQLITE)(text) == stored


def test_a_word_of_a_list_is_stored_as_plain_text() -> None:
    assert type(storable(Word.BLOCKS)) is str
    assert PlainText().bind_processor(POSTGRES)(None) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ((), "[]"),
        (("a", "修"), '["a","修"]'),
        ((("x", ("y", 1)),), '[["x",["y",1]]]'),
        (("\ud800",), '["\ufffd"]'),
    ],
)
def test_tuples_are_compact_json(value: object, text: str | None) -> None:
    assert Tuple().bind_processor(SQLITE)(value) == text
