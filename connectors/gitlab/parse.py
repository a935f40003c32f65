"""Parse: the atoms that GitLab's raw rows are read with. The records have files of their own (``parse_*``).

Parsers raise one of ``MALFORMED`` on a row that does not have the vendor's shape; ``parsed`` turns these into ``Skipped`` values, one per
row, so that a page with a malformed row still lands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from urllib.parse import quote

from connectors.port import Skipped

T = TypeVar("T")

MALFORMED = (KeyError, TypeError, ValueError, AttributeError, OverflowError, IndexError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where rows come from: the source's name, the address that people open, and paths of projects by id."""

    source: str
    browse_url: str
    paths: Mapping[str, str] = field(default_factory=dict)

    def url(self, path: str, *parts: str) -> str:
        """The address of a page below a project's or group's ``path``; each part is quoted, slashes stay."""
        tail = "/".join(quote(part, safe="/") for part in parts)
        return f"{self.browse_url}/{quote(path, safe='/')}" + (f"/-/{tail}" if tail else "")

    def project_url(self, project_id: str, *parts: str) -> str:
        """The address of a page of a project; where its path is unknown, the page that leads to the project."""
        path = self.paths.get(project_id)
        return self.url(path, *parts) if path else f"{self.browse_url}/projects/{project_id}"


def parsed(
    rows: Iterable[Any], parse: Callable[[Any], T], *, what: str
) -> tuple[tuple[T, ...], tuple[Skipped, ...]]:
    """(what could be parsed, what could not), both in the given order. ``what`` names the kind of row for people."""
    good: list[T] = []
    bad: list[Skipped] = []
    for row in rows:
        try:
            good.append(parse(row))
        except MALFORMED as error:
            bad.append(Skipped(what=f"{what} {_id_of(row)}", reason=_reason(error)))
    return tuple(good), tuple(bad)


def _id_of(row: Any) -> str:  # noqa: ANN401
    if not isinstance(row, dict):
        return "that is no object"
    return str(row.get("id") or row.get("name") or "without id")[:80]


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"field {error} is missing"
    return f"not in the expected form ({type(error).__name__}: {str(error)[:120]})"


def text(value: Any) -> str:  # noqa: ANN401
    """The value as text. Raises TypeError where it is absent or an object: an id or a name must be there."""
    if value is None or isinstance(value, dict | list | bool):
        raise TypeError("a text or a number was expected")
    return str(value)


def maybe_text(value: Any) -> str | None:  # noqa: ANN401
    """The value as text; None where absent or empty."""
    return text(value) if value not in (None, "") else None


def instant(value: Any) -> datetime:  # noqa: ANN401
    """An instant in UTC from ISO text with any form of offset (``Z``, ``+08:00``, ``+0000``).

    Raises ValueError on text without an offset: guessing a zone would move the instant.
    """
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError("an instant without an offset")
    return at.astimezone(UTC)


def maybe_instant(value: Any) -> datetime | None:  # noqa: ANN401
    """``instant`` of a value that may be absent."""
    return instant(value) if value else None


def text_of_instant(at: datetime) -> str:
    """An instant as GitLab takes it in a query: UTC, milliseconds, ``Z`` (a ``+`` would be read as a blank)."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def maybe_day(value: Any) -> date | None:  # noqa: ANN401
    """The calendar date of a date-only value; None where absent."""
    return date.fromisoformat(str(value)[:10]) if value else None


def id_in(value: Any) -> str | None:  # noqa: ANN401
    """The id of an embedded object; None where there is none."""
    return maybe_text(value.get("id")) if isinstance(value, dict) else None


def user_key(user: Any) -> str | None:  # noqa: ANN401
    """The username of an embedded user: what the mapping names people by; None for no user."""
    return maybe_text(user.get("username")) if isinstance(user, dict) else None


def user_name(user: Any) -> str | None:  # noqa: ANN401
    """The name that people see; None for no user."""
    return maybe_text(user.get("name") or user.get("username")) if isinstance(user, dict) else None


def labels_of(value: Any) -> tuple[str, ...]:  # noqa: ANN401
    """Label names, whether the tool gives texts or objects."""
    return tuple(text(label["name"] if isinstance(label, dict) else label) for label in value or ())
