"""Steps: where a delivery halts on its way: before each of its writes, and for what can be asked together with what others ask."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeAlias, TypeVar

from msgspec import Struct

from connectors.commands import Receipt


class Write(Struct, frozen=True):
    """The next request changes something. Who drives the delivery goes on once the write may be made; closed instead, nothing is sent."""


class Look(Struct, frozen=True, kw_only=True):
    """Something is to be read that a tool tells of many at once: what stands under ``key`` (``kind`` says which sort of thing it is).

    Who drives the delivery hands in what ``Sink.look_up`` tells of it, or throws the error in.
    """

    kind: str
    key: str


T = TypeVar("T")
Way: TypeAlias = Generator[Write | Look, Any, T]
"""A part of a delivery, and what it comes to."""
Steps: TypeAlias = Way[Receipt]
"""A whole delivery. It asks in whichever thread drives it, halts at each step, and returns the receipt. Raises as ``Sink.deliver`` says."""
