"""Wiki: Jira wiki markup out of text that nobody vouches for. Whatever goes in, people read it as text and nothing in it is obeyed.

Two means, both from Jira's text formatting notation: a backslash before a sign that may start markup, and a character entity where a backslash
is not known to work (the backslash itself, the table bar, the signs of addresses). What people cannot see is removed, so that a word cannot hide in it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from urllib.parse import quote, urlsplit

LONGEST_ESCAPE = 6
"""Most characters that one visible character becomes."""

LONGEST_URL = 1_000
"""Longer addresses are left out; the label stays."""

_BACKSLASHED = frozenset("{}[]*_+^~!")
_LIVE = re.compile(
    r"""
      [{}\[\]*_+^~!\\|@&<>]                       # markup wherever it stands, and the signs of entities and addresses
    | (?<![A-Z0-9])-  | -(?![A-Z0-9])              # dashes, rules, struck text, list items; not PAY-118 or 2026-11-23
    | :(?=[^\s0-9])   | (?<![0-9]):(?=[0-9])       # http://, javascript:, mailto:, :-); not 10:02 or "reason: text"
    | ;(?=[-)])       | \((?=(?:/|[xyni]|on|off|flag|flagoff)\))                             # icons
    | \A\#            | \?(?=\?)   | (?<=\?)\?     # numbered lists, citations
    | (?<=(?<![A-Z0-9])h[1-6])\. | (?<=(?<![A-Z0-9])bq)\.   # headings and quotes
    | (?<=tandem-slot)= | (?<=tandem-digest)=      # our own marker
    """,
    re.VERBOSE | re.IGNORECASE,
)
_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u034f\u17b4\u17b5\u2800") | frozenset(
    map(chr, [*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)])
)
_URL_SAFE = "/:?#@$&'()+,;=%-._~"


def plain(value: str, limit: int) -> str:
    """``value`` on one line, without controls, direction marks and invisible characters, at most ``limit`` characters ("…" where cut)."""
    seen = "".join(_visible(sign) for sign in value)
    line = " ".join(seen.split())
    return line if len(line) <= limit else f"{line[: max(limit - 1, 0)].rstrip()}…"


def text(value: str, limit: int) -> str:
    """``value`` as inert markup that shows ``plain(value, limit)``; at most ``LONGEST_ESCAPE`` times ``limit`` characters."""
    return escaped(plain(value, limit))


def escaped(line: str) -> str:
    """A line that ``plain`` has cleaned, or a piece of one, as inert markup; the spaces around it stay."""
    return _LIVE.sub(_escape, line)


def link(label: str, url: str) -> str:
    """A link that shows ``label`` (outside text); only the label where ``url`` is not a plain http or https address."""
    target = _safe(url)
    shown = text(label, 120)
    return f"[{shown}|{target}]" if target and shown else shown


def bold(markup: str) -> str:
    """Markup in bold. It must not be outside text: that goes through ``text`` first."""
    return f"*{markup}*"


def colored(markup: str, colour: str) -> str:
    """Markup in a colour, ``#RRGGBB``."""
    return f"{{color:{colour}}}{markup}{{color}}"


def row(cells: Sequence[str]) -> str:
    """A table row of markup cells."""
    return f"|{'|'.join(cell or ' ' for cell in cells)}|"


def heading_row(cells: Sequence[str]) -> str:
    """A table's heading row of markup cells."""
    return f"||{'||'.join(cells)}||"


def _visible(sign: str) -> str:
    category = unicodedata.category(sign)
    if category in {"Cc", "Zl", "Zp", "Zs"}:
        return " "
    if category == "Cs":
        return "\ufffd"
    is_noncharacter = ord(sign) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(sign) <= 0xFDEF
    return "" if category == "Cf" or sign in _INVISIBLE or is_noncharacter else sign


def _escape(found: re.Match[str]) -> str:
    sign = found.group()
    return f"\\{sign}" if sign in _BACKSLASHED else f"&#{ord(sign)};"


def _safe(url: str) -> str | None:
    """The address with every sign that markup could take for its own percent-encoded; None if it is not to be linked."""
    try:
        parts = urlsplit(url)
        is_plain = parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
        target = quote(url, safe=_URL_SAFE)
    except (ValueError, UnicodeEncodeError):
        return None
    has_space = any(sign.isspace() or unicodedata.category(sign) in {"Cc", "Cf"} for sign in url)
    return target if is_plain and not has_space and len(target) <= LONGEST_URL else None
