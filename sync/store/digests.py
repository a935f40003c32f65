"""Digests: by which a record that did not change is told from one that did, before it is stored and after it comes back."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import orjson

from sync.store.types import storable

UNKNOWN = ""
"""Stands for the digest of a row that was stored before digests were made as they are now: nothing is told by it, and the record is written when it comes next."""


def digest_of(values: dict[str, Any]) -> str:
    """The digest of a record's values by field name, the same before they are stored and after they come back.

    What the store makes of a value makes no difference: text without what no database can hold, instants in UTC, 3 and 3.0 as one number. It must not come
    out otherwise than it did for the stores that there are without a migration: every row of them would be written again.
    """
    return hashlib.blake2b(_content_of(values), digest_size=12).hexdigest()


def _content_of(values: dict[str, Any]) -> bytes:
    """The values as JSON. Text that cannot be stored is rare and dear to look for, so it is looked for in the outcome."""
    plain = _plain(values)
    try:
        content = orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:  # a lone surrogate
        content = _NUL
    if _NUL not in content:
        return content
    return orjson.dumps({name: _stored(value) for name, value in plain.items()}, option=orjson.OPT_SORT_KEYS)


_NUL = b"\\u0000"  # as JSON writes it; text that has just these letters comes out the same either way


_EXACT = 2**53
"""Whole numbers of at least this size are floats on both ways."""


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """The values by name, with one form for what the store gives back in another; the same dictionary where all have it."""
    others: dict[str, Any] = {}
    for name, value in values.items():
        kind = type(value)
        if kind is datetime:
            if value.tzinfo is not UTC and value.tzinfo is not None:
                others[name] = value.astimezone(UTC)
        elif kind is float and value.is_integer() and abs(value) < _EXACT:
            others[name] = int(value)
    return {**values, **others} if others else values


def _stored(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        return storable(value)
    return tuple(map(_stored, value)) if isinstance(value, tuple) else value
