"""Inert: outside text in files for other programs, where it is data and never a formula, markup or a link of its own."""

from __future__ import annotations

import re
from urllib.parse import quote

_FORMULA = ("=", "+", "-", "@")
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>&~$^])")


def cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula, on one line: what begins like one gets a leading quote."""
    line = one_line(text)
    return f"'{line}" if line.startswith(_FORMULA) else line


def inert(text: str) -> str:
    """Outside text as Markdown that shows it as it is: on one line, without markup, links of its own, or mentions."""
    escaped = _MARKUP.sub(r"\\\1", one_line(text))
    return escaped.replace("@", "@\u200b").replace("://", ":\u200b//")


def one_line(text: str) -> str:
    """Text without control characters and without white space at its ends."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def address(url: str) -> str:
    """A web address with nothing in it that could end or change it; empty for any other address."""
    whole = quote(one_line(url), safe=":/?#@!$&*+,;=%~")
    return whole if whole.casefold().startswith(("https://", "http://")) else ""
