"""Where text goes: results to stdout, everything else to stderr. Colours by NO_COLOR and the terminal, as Rich decides."""

from __future__ import annotations

import json
import sys
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict
from rich.console import Console
from rich.markup import escape

JSON_VERSION = 1
"""Version of all JSON that the program prints; it is the first field of each document and grows when a field changes its meaning."""


def out() -> Console:
    """The console for results: as wide as the terminal, or 120 columns in a pipe."""
    console = Console(highlight=False, emoji=False)
    return console if console.is_terminal else Console(highlight=False, emoji=False, width=120)


def err() -> Console:
    """The console for progress and errors."""
    return Console(stderr=True, highlight=False, emoji=False)


def say(text: str) -> None:
    """Print a line of Tandem's own markup on stdout; outside text must be escaped with ``plain``."""
    out().print(text)


def plain(text: str) -> str:
    """Outside text for use inside markup: control characters dropped, brackets escaped."""
    return escape("".join(c for c in text if c.isprintable()))


def say_error(message: str) -> None:
    """Print an error's message on stderr as it is."""
    err().print(message, style="red", markup=False, soft_wrap=True)


def print_json(document: dict[str, object]) -> None:
    """Print a JSON document with the schema version as its first field."""
    sys.stdout.write(
        json.dumps({"schema_version": JSON_VERSION, **document}, ensure_ascii=False, indent=2, default=str)
        + "\n"
    )


def document_of(value: Any) -> Any:  # noqa: ANN401  # values of any shape
    """A value as JSON can hold it: records and named tuples become objects by the names of their fields, all the way down."""
    if isinstance(value, Struct):
        return {name: document_of(part) for name, part in asdict(value).items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: document_of(part) for name, part in value._asdict().items()}
    if isinstance(value, tuple | list):
        return [document_of(part) for part in value]
    return value
