"""A managed comment as people see it in Jira: the wiki markup that Tandem writes, read back into plain pieces and shown on a terminal.

Reads the subset that ``sync.core.comment`` writes: bold, colours, links, one table, escapes and entities. Anything else stays text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace
from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

_TOKEN = re.compile(
    r"""
      \\(?P<escaped>[^\w\s])
    | \[(?P<label>(?:\\.|[^\]|\\])+)\|(?P<url>[^\]]+)\]
    | \{color:(?P<colour>\#[0-9A-Fa-f]{6})\}
    | (?P<uncolour>\{color\})
    | \{\{(?P<mono>[^}]*)\}\}
    | (?P<bold>\*)
    """,
    re.VERBOSE,
)
_BAR = re.compile(r"(?<!\\)\|(?![^\[\]]*\])")


class Piece(Struct, frozen=True, kw_only=True):
    """A stretch of text with its looks; ``url`` is set for a link."""

    text: str
    is_bold: bool = False
    colour: str | None = None
    url: str | None = None


def pieces_of(markup: str) -> Iterator[Piece]:
    """The pieces of one line of markup."""
    looks, end = Piece(text=""), 0
    for found in _TOKEN.finditer(markup):
        yield replace(looks, text=html.unescape(markup[end : found.start()]))
        end = found.end()
        if found["bold"]:
            looks = replace(looks, is_bold=not looks.is_bold)
        elif found["colour"] or found["uncolour"]:
            looks = replace(looks, colour=found["colour"])
        elif found["label"]:
            yield replace(looks, text="".join(p.text for p in pieces_of(found["label"])), url=found["url"])
        else:
            yield replace(looks, text=found["escaped"] or html.unescape(found["mono"] or ""))
    yield replace(looks, text=html.unescape(markup[end:]))


def cells_of(line: str) -> tuple[str, ...]:
    """The cells of a table row; bars inside links belong to the link."""
    inner = line.strip().removeprefix("||").removesuffix("||").strip("|")
    parts = inner.split("||") if line.startswith("||") else _BAR.split(inner)
    return tuple(part.strip() for part in parts)


def lines_of(body: str) -> list[str]:
    """The comment's lines as plain text, table bars kept: for comparing two of them."""
    return ["".join(piece.text for piece in pieces_of(line)) for line in body.splitlines()]


def view_of(body: str) -> RenderableType:
    """The comment in a frame."""
    parts: list[RenderableType] = []
    table: Table | None = None
    for line in body.splitlines():
        if line.startswith("||"):
            table = Table(box=box.ROUNDED, show_lines=True, expand=True)
            for cell in cells_of(line):
                table.add_column(_shown(cell), overflow="fold")
            parts.append(table)
        elif line.startswith("|") and table is not None:
            table.add_row(*(_shown(cell) for cell in cells_of(line)))
        else:
            parts.append(_shown(line))
    return Panel(Group(*parts), box=box.HEAVY_EDGE, expand=True)


def _shown(markup: str) -> Text:
    shown = Text()
    for piece in pieces_of(markup):
        style = " ".join(
            filter(None, ("bold" if piece.is_bold else "", piece.colour, "underline" if piece.url else ""))
        )
        shown.append("".join(c for c in piece.text if c.isprintable()), style=style)
    return shown
