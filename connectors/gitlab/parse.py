"""Parse: the atoms that GitLab's raw rows are read with. The records have files of their own (``parse_*``).

Parsers raise one of ``connectors.parsing.MALFORMED`` on a row that does not have the vendor's shape.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from msgspec import Struct, field

_BOT = re.compile(r"^(project|group)_\d+_bot")


class Place(Struct, frozen=True, kw_only=True):
    """Where rows come from: the source's name, the address that people open, and paths of projects by id."""

    source: str
    browse_url: str
    paths: Mapping[str, str] = field(default_factory=dict)

    def url(self, path: str, *parts: str) -> str:
        """The address of a page below a project's or group's ``path``; each part is quoted, slashes stay."""
        tail = "/".join(map(_quoted, parts))
        return f"{self.browse_url}/{_quoted(path)}" + (f"/-/{tail}" if tail else "")

    def project_url(self, project_id: str, *parts: str) -> str:
        """The address of a page of a project; where its path is unknown, the page that leads to the project."""
        path = self.paths.get(project_id)
        return self.url(path, *parts) if path else f"{self.browse_url}/projects/{project_id}"


def _quoted(part: str) -> str:
    """``part`` for an address; most parts are shas and numbers, or paths that come again with every row."""
    return part if part.isascii() and part.isalnum() else _percent_encoded(part)


@lru_cache(maxsize=1024)
def _percent_encoded(part: str) -> str:
    return quote(part, safe="/")


def text(value: Any) -> str:  # noqa: ANN401
    """The value as text. Raises TypeError where it is absent or an object: an id or a name must be there."""
    if value is None or isinstance(value, dict | list | bool):
        raise TypeError("a text or a number was expected")
    return str(value)


def maybe_text(value: Any) -> str | None:  # noqa: ANN401
    """The value as text; None where absent or empty."""
    return text(value) if value not in (None, "") else None


def text_of_instant(at: datetime) -> str:
    """An instant as GitLab takes it in a query: UTC, milliseconds, ``Z`` (a ``+`` would be read as a blank)."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def id_in(value: Any) -> str | None:  # noqa: ANN401
    """The id of an embedded object; None where there is none."""
    return maybe_text(value.get("id")) if isinstance(value, dict) else None


def user_key(user: Any) -> str | None:  # noqa: ANN401
    """The username of an embedded user: what the mapping names people by; None for no user."""
    return maybe_text(user.get("username")) if isinstance(user, dict) else None


def user_name(user: Any) -> str | None:  # noqa: ANN401
    """The name that people see; None for no user."""
    return maybe_text(user.get("name") or user.get("username")) if isinstance(user, dict) else None


def is_bot(user: Any) -> bool:  # noqa: ANN401
    """True for accounts of project and group tokens and where the tool says so."""
    if not isinstance(user, dict):
        return False
    return user.get("bot") is True or bool(_BOT.match(str(user.get("username") or "")))


def labels_of(value: Any) -> tuple[str, ...]:  # noqa: ANN401
    """Label names, whether the tool gives texts or objects."""
    return tuple(text(label["name"] if isinstance(label, dict) else label) for label in value or ())
