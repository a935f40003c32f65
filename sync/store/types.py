"""Column types that keep their meaning on every database: instants in UTC, tuples as JSON text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import ARRAY, BigInteger, Boolean, Date, DateTime, Dialect, Float, Text
from sqlalchemy.types import TypeDecorator, TypeEngine


class PlainText(TypeDecorator[str]):
    """Text that every database can hold: NUL and lone surrogates, which JSON can carry, become the replacement character."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None]:
        """What makes text storable; no other step of the types beneath, for there is none, and this one runs for every value that is stored."""
        return _storable_or_none


def _storable_or_none(text: str | None) -> str | None:
    return None if text is None else storable(text)


def storable(text: str) -> str:
    """``text`` without NUL and lone surrogates."""
    try:
        if not text.isascii():
            text.encode()
    except UnicodeEncodeError:
        text = _SURROGATE.sub("\ufffd", text)
    return text.replace("\0", "\ufffd")


def all_storable(texts: Sequence[str | None]) -> Sequence[str | None]:
    """Each as ``storable`` makes it; looked for in all of them at once, which is ten times as fast, for nearly none holds what cannot be stored."""
    together = "".join(filter(None, texts))
    return texts if storable(together) == together else [*map(_storable_or_none, texts)]


_SURROGATE = re.compile("[\ud800-\udfff]")


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC. SQLite has no zones, so there it is stored without one and read back as UTC.

    Raises ``ValueError`` for a naive datetime: a time without a zone is a guess.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """What makes of an instant a value that the driver knows; for SQLite the text that SQLAlchemy's own type would write, in a third of its time."""
        return _text_of_instant if dialect.name == "sqlite" else _in_utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """What makes an instant in UTC of a value as the driver gives it."""
        return _instant_in_text if dialect.name == "sqlite" else _instant_in_utc


def _in_utc(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone")
    return value.astimezone(UTC)


def _text_of_instant(value: datetime | None) -> str | None:
    return all_texts_of_instants((value,))[0]


def all_texts_of_instants(values: Sequence[datetime | None]) -> list[str | None]:
    """Each as SQLite keeps it; made of all at once, which takes a tenth of the time."""
    in_utc = [value if value is None or value.tzinfo is UTC else _in_utc(value) for value in values]
    return [text and _text_in_iso(text) for text in orjson.loads(orjson.dumps(in_utc))]


def _text_in_iso(text: str) -> str:
    """What SQLite keeps for an instant in ISO 8601, whose fractions of a second are left out where there are none."""
    fraction = text[19:-6] or ".000000"
    return f"{text[:10]} {text[11:19]}{fraction}"


def _instant_in_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")


def _instant_in_utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


class Tuple(TypeDecorator[tuple[Any, ...]]):
    """Nested tuples of texts and numbers, kept as compact JSON."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[tuple[Any, ...] | None], str | None]:
        """What makes JSON text of tuples."""
        return _text_of_tuple

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[str | None], tuple[Any, ...] | None]:
        """What makes nested tuples of JSON text."""
        return _tuple_in


def _text_of_tuple(value: tuple[Any, ...] | None) -> str | None:
    if not value:
        return None if value is None else "[]"
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # a lone surrogate
        return storable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _tuple_in(text: str | None) -> tuple[Any, ...] | None:
    if text is None:
        return None
    return _short_tuple_in(text) if len(text) < _LONG else _tuples(orjson.loads(text))


_LONG = 200
"""Letters of a text that is no label or parent, and hardly comes twice."""


@lru_cache(maxsize=4096)
def _short_tuple_in(text: str) -> tuple[Any, ...]:
    return _tuples(orjson.loads(text))


def _tuples(value: list[Any]) -> tuple[Any, ...]:
    return tuple([_tuples(item) if type(item) is list else item for item in value])


class Texts(TypeDecorator[Sequence[str]]):
    """Any number of texts as one parameter: an array, or where a database has none a list as JSON."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type of the parameter."""
        kind = ARRAY(Text()) if dialect.name == "postgresql" else Text()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> Any:  # noqa: ANN401
        """What the driver takes, with each text as it is stored."""
        texts = [*all_storable(value or ())]
        return texts if dialect.name == "postgresql" else orjson.dumps(texts).decode()


SCALARS: dict[type, TypeEngine[Any]] = {
    str: PlainText(),
    int: BigInteger(),
    bool: Boolean(),
    float: Float(),
    date: Date(),
    datetime: Instant(),
}
"""Column type of each scalar field type."""
