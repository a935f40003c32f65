"""Lies: good answers that say something untrue about a listing: a page or a page token again, or no rows at all."""

from __future__ import annotations

import json
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from connectors.sandbox.http import Request, Response

_FIRST = {
    "page": "1",
    "startAt": "0",
    "nextPageToken": "",
    "cursor": "",
    "page_token": "",
    "id_after": "",
    "id_before": "",
}
"""The parameters that name a page, with their value on the first one."""
_SIZES = ("maxResults", "per_page")
_FEEDS = ("/worklog/updated", "/worklog/deleted")
_TOKENS = ("nextPageToken", "isLast", "startAt", "nextPage", "until", "lastPage")
_LINKS = ("Link", "X-Next-Page")
_ROWS = ("issues", "values", "comments", "worklogs", "issueChangeLogs", "histories")


class Listing(Struct, frozen=True, kw_only=True):
    """Which walk a request belongs to, and whether it asks for a page after the first."""

    key: str
    is_further: bool


def listing_of(request: Request) -> Listing:
    """The walk of a request: method, path and all that is asked but the page."""
    paging = {*_FIRST, *(["since"] if request.path.endswith(_FEEDS) else [])}
    asked = {name: values for name, values in request.query.items() if name not in paging}
    body = request.body
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name not in paging}
    return Listing(
        key=json.dumps([request.method, request.path, asked, body], sort_keys=True),
        is_further="since" in paging
        or any(request.text(name, first) != first for name, first in _FIRST.items()),
    )


def in_pages_of(cap: int, request: Request) -> Request:
    """The request with no page size above ``cap``, as if it had asked for no more."""
    query = {
        name: [str(min(int(value), cap)) if value.isdecimal() else value for value in values]
        if name in _SIZES
        else values
        for name, values in request.query.items()
    }
    body = request.body
    if isinstance(body, dict):
        body = {
            name: min(value, cap) if name in _SIZES and isinstance(value, int) else value
            for name, value in body.items()
        }
    return replace(request, query=query, body=body)


def with_former_token(response: Response, former: Response) -> Response:
    """The answer with the page token, the place or the next link of the former one."""
    headers = {
        **response.headers,
        **{name: former.headers[name] for name in _LINKS if name in former.headers},
    }
    body = response.body
    if isinstance(body, dict) and isinstance(former.body, dict):
        body = {**body, **{name: former.body[name] for name in _TOKENS if name in former.body}}
    return replace(response, headers=headers, body=body)


def without_rows(response: Response) -> Response:
    """The answer as if nothing were there; one that lists nothing stays as it is."""
    if isinstance(response.body, list):
        return replace(response, body=[], headers=_of_no_rows(response))
    if not isinstance(response.body, dict) or not response.body.keys() & set(_ROWS):
        return response
    body: dict[str, Any] = {
        name: value for name, value in response.body.items() if not name.startswith("next")
    }
    said = {"total": 0, "isLast": True, "lastPage": True, **{name: [] for name in _ROWS}}
    return replace(response, body=body | {name: said[name] for name in said if name in body})


def _of_no_rows(response: Response) -> dict[str, str]:
    said = {"X-Next-Page": "", "X-Total": "0", "X-Total-Pages": "1"}
    headers = {**response.headers, **{name: said[name] for name in said if name in response.headers}}
    if "Link" in headers:
        links = [one for one in headers["Link"].split(", ") if not one.endswith(('rel="next"', 'rel="last"'))]
        headers["Link"] = ", ".join(links)
    return headers
