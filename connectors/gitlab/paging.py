"""Paging: one page of a listing, where the next one is, and what a listing must not do while it is walked."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

import requests
from msgspec import Struct

from connectors.errors import FatalError, RetryableError
from connectors.transport.answers import json_of

Query: TypeAlias = Mapping[str, str | int]
Rows: TypeAlias = tuple[Any, ...]
"""The rows of one page as decoded JSON, in the tool's order."""

_EMPTY_PAGES = 20
_PAGING = ("Link", "X-Next-Page", "X-Page", "X-Per-Page", "X-Prev-Page", "X-Total", "X-Total-Pages")
_SECRETS = frozenset({"private_token", "access_token", "job_token"})


class Sheet(Struct, frozen=True, kw_only=True):
    """One page: its rows, the query of the next page (None at the end), a digest of the body, and whether it came with any paging header."""

    rows: Rows
    following: Query | None
    digest: bytes
    is_paged: bool

    @property
    def is_bare(self) -> bool:
        """True for no rows and no word of paging: what a gateway makes up looks like this."""
        return not self.rows and not self.is_paged


def sheet_of(path: str, response: requests.Response, asked: Query) -> Sheet:
    """The page that answers ``asked``, which names ``per_page``. Raises a TandemError, also where the answer is no list."""
    rows = json_of(response)
    if not isinstance(rows, list):
        raise FatalError(
            f"GET {path}: the answer is no list; this version of GitLab may have changed its format"
        )
    return Sheet(
        rows=tuple(rows),
        following=_next_of(response, asked, is_full=len(rows) >= int(asked["per_page"])),
        digest=blake2b(response.content, digest_size=16).digest(),
        is_paged=any(name in response.headers for name in _PAGING),
    )


def _next_of(response: requests.Response, asked: Query, *, is_full: bool) -> Query | None:
    """The query of the next page: by the Link header, else by X-Next-Page, else, where a proxy dropped both, by a full page."""
    if response.headers.get("Link"):
        target = response.links.get("next", {}).get("url")
        if not target:
            return None
        named = {name: values[-1] for name, values in parse_qs(urlsplit(target).query).items()}
        return {**asked, **{name: value for name, value in named.items() if name not in _SECRETS}}
    if "X-Next-Page" in response.headers:
        number = response.headers["X-Next-Page"].strip()
        return {**asked, "page": number} if number else None
    return {**asked, "page": int(asked.get("page", 1)) + 1} if is_full else None


class Trail:
    """What one walk over a listing has seen: pages, queries, and how many empty pages came in a row."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._digests: set[bytes] = set()
        self._queries: set[frozenset[tuple[str, str]]] = set()
        self._empty = 0

    def add(self, sheet: Sheet, *, asked: Query) -> None:
        """Note a page. Raises RetryableError where the listing repeats a page or a query, or gives nothing but empty pages."""
        self._queries.add(_key_of(asked))
        self._empty = 0 if sheet.rows else self._empty + 1
        is_repeated = bool(sheet.rows) and sheet.digest in self._digests
        is_circle = sheet.following is not None and _key_of(sheet.following) in self._queries
        if is_repeated or is_circle or self._empty > _EMPTY_PAGES:
            raise RetryableError(
                f"GET {self._path}: the same page came twice, or nothing but empty ones; the listing was given up"
            )
        self._digests.add(sheet.digest)


def _key_of(query: Query) -> frozenset[tuple[str, str]]:
    return frozenset((name, str(value)) for name, value in query.items() if name != "per_page")
