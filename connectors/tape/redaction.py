"""Redaction: a text without secrets and e-mail addresses. Pure; the same input under the same salt gives the same output.

An address becomes a pseudonym, the same one wherever it stands, so that what belonged together still does. It is keyed by a salt that nobody keeps, so a
guess cannot be tested. Secrets become one constant word. Redacting twice is redacting once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import quote, quote_plus

from msgspec.structs import replace

from connectors.errors import ConfigError
from connectors.port import Exchange
from connectors.tape.addresses import DOMAIN, PIECE, PSEUDONYM, SIGN, has_address, normal_form
from connectors.tape.files import is_file, without_code

REMOVED = "REMOVED"
"""What stands for a secret."""

LEAST_SECRET = 8
"""Characters of the shortest secret that can be removed without removing ordinary text with it."""

_SECRET_HEADERS = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "set-cookie2",
        "private-token",
        "job-token",
    }
)
_SECRET_VALUE = re.compile(
    r"(?i)(?P<name>\b(?:private|access|refresh|job|feed|rss|incoming_email|static_object)_token(?:=|%3D)|\bclient_secret=|\bjwt=)"
    r"[^&\s\"'<>\\;,#)\]}]+"
)
_SECRET_WORDS = ("_token", "secret=", "jwt=")
"""One of them is in whatever the pattern above finds."""
_TOKEN_SHAPES = re.compile(r"\b(?:gl[a-z]{2,8}-[\w-]{16,}|ATATT[\w=-]{20,}|ATCTT[\w=-]{20,})")
"""Tokens that their vendors gave a recognisable shape, also those that are not ours."""
_TOKEN_STARTS = ("gl", "ATATT", "ATCTT")
_FACE = re.compile(r"(?i)(?P<path>/avatar/)[0-9a-f]{32,64}")
"""Gravatar and its like name a picture by a plain digest of the e-mail address, with which guesses could be tested."""
_FACE_PATH = "/avatar/"
_NOTE_MARK, _NOTE_WORDS = "noteable_type", "body"
"""What marks something that was said on GitLab, and what holds its words: they may be confidential, and nothing is derived from them."""
_ADDRESS_KEY = re.compile(r"(?i)e-?mail(?:_?address)?$")
_SHORT, _REMEMBERED = 200, 1 << 15
"""Characters of the texts whose redaction is remembered, and how many of them."""
_JSON_START = re.compile(r"\s*[\[{\"]")


@dataclass(frozen=True, kw_only=True)
class Redaction:
    """What is to be removed: ``secrets`` as they are configured, every address, and of ``users`` also what base64 makes of their names for a log-in.

    ``salt`` keys the pseudonyms.
    Raises ConfigError for a secret that is too short to be told from ordinary text.
    """

    secrets: frozenset[str] = field(repr=False)
    salt: bytes = field(repr=False)
    users: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if any(len(secret) < LEAST_SECRET for secret in self.secrets):
            raise ConfigError(
                f"a token of fewer than {LEAST_SECRET} characters cannot be removed from a recording without removing ordinary text: "
                "run without --record, or use a longer token"
            )

    def pseudonym(self, address: str) -> str:
        """What stands for ``address``, whichever way it is spelled or encoded."""
        plain = normal_form(address)
        return plain if PSEUDONYM.fullmatch(plain) else f"person-{self.digest(plain)}@{DOMAIN}"

    def digest(self, text: str) -> str:
        """Twelve hexadecimal digits that stand for ``text`` and with which no guess can be tested."""
        return hmac.new(self.salt, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:12]

    def text(self, text: str) -> str:
        """``text`` redacted. What was JSON stays JSON; what holds nothing to remove stays as it is, byte by byte."""
        return self._short(text) if len(text) <= _SHORT else self._text(text)

    def _text(self, text: str) -> str:
        if _JSON_START.match(text):
            try:
                before = json.loads(text)
                after = self.value(before)
                return text if after == before else json.dumps(after, ensure_ascii=False)
            except (ValueError, RecursionError):
                pass  # no JSON, or too deep to be read as such: a text like any other
        return self._line(text)

    def body(self, body: bytes) -> bytes:
        """A body redacted; one that is no UTF-8 text is searched byte by byte, as Latin-1."""
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            return self._line(body.decode("latin-1")).encode("latin-1", "replace")
        return self.text(text).encode("utf-8", "surrogatepass")

    def value(self, value: Any) -> Any:  # noqa: ANN401  # JSON is what it is
        """A JSON value, or a row by column names, redacted; what a key calls an e-mail address is one, whatever it looks like."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list | tuple):
            return type(value)(self.value(part) for part in value)
        if isinstance(value, Mapping):
            words = _NOTE_WORDS if _NOTE_MARK in value else None
            return {
                self.value(key): REMOVED if key == words else self._named(key, part)
                for key, part in value.items()
            }
        return value

    def exchange(self, exchange: Exchange) -> Exchange:
        """An exchange redacted; headers that carry credentials are left out, and so is the code of files."""
        body = exchange.body
        if is_file(exchange.target):
            body = without_code(body, self._line)
        return replace(
            exchange,
            target=self._line(exchange.target),
            sent=self.body(exchange.sent),
            headers=tuple(
                (name, self._line(text))
                for name, text in exchange.headers
                if name.casefold() not in _SECRET_HEADERS
            ),
            body=self.body(body),
        )

    def _named(self, key: object, value: Any) -> Any:  # noqa: ANN401
        is_address = isinstance(value, str) and value.strip() and _ADDRESS_KEY.search(str(key))
        if is_address and not has_address(value):
            return self.pseudonym(value.strip())
        return self.value(value)

    def _line(self, text: str) -> str:
        """A text redacted as it stands. Plain searches come before the patterns, which are slow and seldom needed."""
        if any(form in text for form in self._secret_forms):
            text = self._secrets.sub(REMOVED, text)
        lower = text.lower()
        if any(word in lower for word in _SECRET_WORDS):
            text = _SECRET_VALUE.sub(rf"\g<name>{REMOVED}", text)
        if any(start in text for start in _TOKEN_STARTS):
            text = _TOKEN_SHAPES.sub(REMOVED, text)
        if _FACE_PATH in lower:
            text = _FACE.sub(rf"\g<path>{REMOVED}", text)
        return PIECE.sub(self._put, text) if SIGN.search(text) else text

    def _put(self, found: re.Match[str]) -> str:
        """A pseudonym with the sign of the address that it replaces; a word that is no address stays."""
        if found["at"] is None:
            return found[0]
        name, _, domain = self.pseudonym(found[0]).partition("@")
        return f"{name}{'@' if found['at'] == '＠' else found['at']}{domain}"

    @cached_property
    def _short(self) -> Callable[[str], str]:
        """``_text`` with a memory: keys and names stand in every row."""
        return lru_cache(_REMEMBERED)(self._text)

    @cached_property
    def _secrets(self) -> re.Pattern[str]:
        return re.compile("|".join(map(re.escape, self._secret_forms)) or r"(?!)")

    @cached_property
    def _secret_forms(self) -> tuple[str, ...]:
        """Every form in which a secret may stand, the longest first."""
        forms = {form for secret in self.secrets for form in _forms_of(secret)}
        forms |= {
            core for user in self.users for core in _base64_cores(user.encode()) if len(core) >= LEAST_SECRET
        }
        return tuple(sorted(forms, key=len, reverse=True))


def _forms_of(secret: str) -> Iterator[str]:
    """A secret as it may stand in an exchange: plain, in JSON, in a URL, and inside base64 such as that of Basic authentication."""
    yield secret
    for is_ascii in (True, False):
        yield json.dumps(secret, ensure_ascii=is_ascii)[1:-1]
    for quoted in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield quoted
        yield re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), quoted)
    yield from _base64_cores(secret.encode())


def _base64_cores(secret: bytes) -> Iterator[str]:
    """What base64 makes of the secret wherever it begins in the encoded text; digits at either end that depend on neighbours are left out."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + secret + b"\0" * 3).decode()
        core = encoded[-(-before * 8 // 6) : (before + len(secret)) * 8 // 6]
        yield core
        yield core.replace("+", "-").replace("/", "_")
