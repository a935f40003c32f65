"""Digests: by which a record that did not change is told from one that did, before it is stored and after it comes back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sync.store.types import storable


def digest_of(values: Mapping[str, Any]) -> str:
    """The digest of a record's values by field name, the same before they are stored and after they come back.

    What the store makes of a value makes no difference: text without what no database can hold, instants in UTC, 3 and 3.0 as one number. It must never
    come out otherwise than it did for the stores that there are: every row of them would be written again.
    """
    return hashlib.blake2b(_content_of(values), digest_size=12).hexdigest()


def _content_of(values: Mapping[str, Any]) -> bytes:
    """The values as JSON. Text that cannot be stored is rare and dear to look for, so it is looked for in the outcome."""
    content = _json_of(_plain(values))
    if _NUL in content:
        return _content_as_stored(values)
    try:
        return content.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return _content_as_stored(values)


_NUL = "\\u0000"  # as JSON writes it; text that has just these letters comes out the same either way


def _content_as_stored(values: Mapping[str, Any]) -> bytes:
    return _json_of(_plain({name: _stored(value) for name, value in values.items()})).encode()


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values by name as JSON is to write them."""
    plain = dict(values)
    for name, value in values.items():
        if type(value) not in _AS_IT_IS:
            plain[name] = _written(value)
    return plain


_AS_IT_IS = frozenset({str, int, bool, type(None)})


def _written(value: Any) -> Any:  # noqa: ANN401  # a field of any type
    if isinstance(value, tuple):
        return value if _AS_IT_IS.issuperset(map(type, value)) else tuple(map(_written, value))
    if isinstance(value, datetime):
        return str(value.astimezone(UTC) if value.tzinfo else value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _stored(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        return storable(value)
    return tuple(map(_stored, value)) if isinstance(value, tuple) else value


_json_of = json.JSONEncoder(default=str, sort_keys=True, ensure_ascii=False, check_circular=False).encode
