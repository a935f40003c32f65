"""The recorded payloads of Apache DevLake's tests and the tables that it derives from them: readers of its values."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "devlake"
NEEDED = pytest.mark.skipif(
    not FOLDER.is_dir(),
    reason="the recorded payloads (../shared/data/devlake beside the checkout) are absent",
)


def table(name: str, folder: str = "expected") -> list[dict[str, str]]:
    """Rows of one table, such as ``jira/issues``; every value is text."""
    with (FOLDER / folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def payloads(name: str) -> Iterator[dict[str, Any]]:
    """Recorded payloads of one resource, such as ``jira/issues``."""
    with (FOLDER / f"{name}.jsonl").open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def last(id_: str) -> str | None:
    """The vendor's id in one of the tables' ids ``plugin:Type:connection:id``; None where empty or ``0``, which stands for none."""
    found = id_.rpartition(":")[2]
    return None if found in {"", "0"} else found


def text(value: str) -> str | None:
    """A text; None where empty."""
    return value or None


def moment(value: str) -> datetime | None:
    """An instant in UTC; None where empty."""
    return datetime.fromisoformat(value).astimezone(UTC) if value else None


def number(value: str) -> float | None:
    """A number; None where empty."""
    return float(value) if value else None


def flag(value: str) -> bool:
    """A truth value, written as 0 or 1."""
    return {"0": False, "1": True}[value]


def day(value: str) -> date | None:
    """The calendar date of an instant; None where empty."""
    return date.fromisoformat(value[:10]) if value else None


def joined(neutral: str, near: str, *, key: str, columns: Mapping[str, str]) -> list[dict[str, str]]:
    """Rows of a neutral table with columns (old name to new) of the vendor-near table, whose column ``key`` holds the vendor's id."""
    found = {row[key]: row for row in table(near)}
    return [
        row | {new: found[row["id"].rpartition(":")[2]][old] for old, new in columns.items()}
        for row in table(neutral)
    ]
