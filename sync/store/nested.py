"""Nested: parts inside a record (the links of an issue, the notes of a merge request) as the tuples that JSON can hold, and back."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from types import MappingProxyType
from typing import Any

from msgspec import Struct
from msgspec.structs import astuple


def flat(record_type: type, values: dict[str, Any]) -> dict[str, Any]:
    """A record's values by field name, in the same dictionary, with tuples in place of its parts; instants in them are ISO texts in UTC."""
    for name in _parts_of(record_type):
        if values[name]:
            values[name] = tuple(map(_flat, values[name]))
    return values


def whole(record_type: type, values: dict[str, Any]) -> dict[str, Any]:
    """The values that ``flat`` was given, in the same dictionary. Raises ValueError or TypeError where a tuple is no part."""
    for name, part_type in _parts_of(record_type).items():
        if values[name]:
            values[name] = tuple(_part(part_type, one) for one in values[name])
    return values


@cache
def _parts_of(record_type: type) -> Mapping[str, type[Struct]]:
    """The fields that hold parts, with the parts' type."""
    hints = typing.get_type_hints(record_type)
    inner = {name: next(iter(typing.get_args(hint)), None) for name, hint in hints.items()}
    return MappingProxyType(
        {name: kind for name, kind in inner.items() if isinstance(kind, type) and issubclass(kind, Struct)}
    )


@cache
def _types_of(part_type: type[Struct]) -> tuple[Any, ...]:
    hints = typing.get_type_hints(part_type)
    return tuple(hints[name] for name in part_type.__struct_fields__)


def _flat(part: Struct) -> tuple[Any, ...]:
    return tuple(v.astimezone(UTC).isoformat() if isinstance(v, datetime) else v for v in astuple(part))


def _part(part_type: type[Struct], values: tuple[Any, ...]) -> Struct:
    read = (_read(kind, value) for kind, value in zip(_types_of(part_type), values, strict=True))
    return part_type(**dict(zip(part_type.__struct_fields__, read, strict=True)))


def _read(kind: Any, value: Any) -> Any:  # noqa: ANN401  # an annotation, and what stands for a value of it
    if kind is datetime:
        return datetime.fromisoformat(value)
    return kind(value) if isinstance(kind, type) and issubclass(kind, Enum) else value
