"""Parsing: what every connector reads raw payloads with. Raw dicts end in parse functions; a malformed payload never costs its page.

Parse functions raise one of ``MALFORMED`` on a payload that does not have the vendor's shape; ``parsed`` turns these into ``Skipped`` values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from connectors.errors import ConfigError
from connectors.port import Skipped

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)

MALFORMED = (KeyError, TypeError, ValueError, AttributeError, OverflowError, IndexError)
"""What a parse function raises on a payload of another shape."""

_SECONDS_END = 100_000_000_000
"""Epoch numbers below this are seconds (up to the year 5138), above it milliseconds (from 1973 on)."""


def parsed(
    payloads: Iterable[Any], parse: Callable[[Any], T], *, what: str
) -> tuple[tuple[T, ...], tuple[Skipped, ...]]:
    """(what could be parsed, what could not), both in the given order. ``what`` names the kind of payload for people."""
    good: list[T] = []
    bad: list[Skipped] = []
    for payload in payloads:
        try:
            good.append(parse(payload))
        except MALFORMED as error:
            bad.append(Skipped(what=f"{what} {_id_of(payload)}", reason=_reason(error)))
    return tuple(good), tuple(bad)


def _id_of(payload: Any) -> str:  # noqa: ANN401
    if not isinstance(payload, dict):
        return "that is no object"
    return str(payload.get("id") or payload.get("name") or "without id")[:80]


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"field {error} is missing"
    return f"not in the expected form ({type(error).__name__}: {str(error)[:120]})"


def instant(value: Any) -> datetime:  # noqa: ANN401
    """An instant in UTC from ISO text with any form of offset (``+0000``, ``+00:00``, ``Z``) or epoch seconds or milliseconds.

    Raises ValueError on text without an offset: guessing a zone would move the instant.
    """
    if isinstance(value, (int, float)) or (isinstance(value, str) and value.lstrip("-").isdigit()):
        number = float(value)
        return datetime.fromtimestamp(number if abs(number) < _SECONDS_END else number / 1000, tz=UTC)
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError("an instant without an offset")
    return at if at.tzinfo is UTC else at.astimezone(UTC)


def maybe_instant(value: Any) -> datetime | None:  # noqa: ANN401
    """``instant`` of a value that may be absent."""
    return instant(value) if value else None


def maybe_day(value: Any) -> date | None:  # noqa: ANN401
    """The calendar date of a date-only value (a time of day after it is cut off); None where absent."""
    return date.fromisoformat(str(value)[:10]) if value else None


def selected(model: type[M], source: str, selection: Mapping[str, object]) -> M:
    """The source's part of the mapping as the connector's own model. Raises ConfigError with every problem."""
    try:
        return model.model_validate(dict(selection))
    except ValidationError as error:
        problems = (f"{source}.{'.'.join(map(str, p['loc']))}: {p['msg']}" for p in error.errors())
        raise ConfigError(*problems) from error
