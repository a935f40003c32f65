"""Addresses: where e-mail addresses stand in a text, however a tool has encoded them, and the one form that two spellings of the same have in common."""

from __future__ import annotations

import html
import re
from urllib.parse import unquote

_HAN = r"\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\U00020000-\U0003ffff"
"""Scripts written without spaces: where one of them meets Latin letters, an address begins or ends."""

_HAN_LETTER = rf"[{_HAN}]"
_LETTER = rf"[^\W_{_HAN}]"
_AT = r"(?:@|＠|%(?:25)*40|&#0*64;|&#[xX]0*40;|&commat;|\\u0040)"
_ENCODED = r"%(?:2[BbDdEe]|5[Ff]|[89A-Fa-f][0-9A-Fa-f])"  # + - . _ and letters beyond ASCII
_LATIN_NAME = rf"(?:{_LETTER}|[._+~!#$*^`{{|}}-]|{_ENCODED})++"
_HAN_NAME = rf"{_HAN_LETTER}++(?:(?:{_HAN_LETTER}|[\d._+-]){{0,64}}+(?={_AT}))?"
_LABEL = rf"(?:{_LETTER}(?:(?:{_LETTER}|[-_]){{0,62}}{_LETTER})?|{_HAN_LETTER}{{1,63}})"
_NUMBERS = r"\[[0-9A-Fa-f.:]+\]|\d{1,3}(?:\.\d{1,3}){3}"
_DOMAIN = rf"(?:{_NUMBERS}|(?:{_LABEL}[.。])+(?!\d+\b){_LABEL}|(?![vV]?\d){_LABEL})"

PIECE = re.compile(
    r"\\(?:u[0-9a-fA-F]{4}|.)"  # what an escape makes of a letter belongs to no address
    rf"|(?P<name>{_LATIN_NAME}|{_HAN_NAME})(?:(?P<at>{_AT})(?P<domain>{_DOMAIN}))?"
    r"|%(?:25)*+(?!40)[0-9A-Fa-f]{2}"
)
"""An escape, or a word, which is an address where it has ``at`` and ``domain``. Words are matched too so that a long text is searched in one pass.

Hosts without a dot count; ``package@1.2.3`` and ``action@v4`` do not.
"""

SIGN = re.compile(_AT)
"""What every address contains, however it is encoded."""

DOMAIN = "redacted.invalid"
"""The domain of pseudonyms: ``.invalid`` belongs to nobody (RFC 2606)."""

PSEUDONYM = re.compile(rf"person-[0-9a-f]{{12}}@{re.escape(DOMAIN)}")
"""What stands for an address after redaction."""


def has_address(text: str) -> bool:
    """True if an address stands anywhere in ``text``."""
    return bool(SIGN.search(text)) and any(found["at"] for found in PIECE.finditer(text))


def normal_form(address: str) -> str:
    """The address without encoding and letter case, so that two spellings of one address are one."""
    plain = address.replace("\\u0040", "@")
    for _ in range(3):  # an address in a query inside a query is encoded twice
        plain = unquote(plain)
    return html.unescape(plain).replace("＠", "@").replace("。", ".").casefold()
