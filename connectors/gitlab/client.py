"""Client: reads from one GitLab by paths built from ids. The only place that touches python-gitlab.

The library gives addressing and authentication (Bearer, which ``requests`` drops on the way to a foreign host); its retries, which repeat
writes and obey any Retry-After, are off. Errors are translated once, in the backend that the library sends through.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, TypeAlias
from urllib.parse import parse_qs, quote, urljoin, urlsplit

import gitlab
import requests
from gitlab import _backends

from connectors.errors import AuthenticationError, FatalError, RetryableError, TandemError
from connectors.port import Site
from connectors.transport import PolicyAdapter, error_for, json_of

Payload: TypeAlias = dict[str, Any]
"""A raw JSON object; it ends in ``parse``."""
Query: TypeAlias = Mapping[str, str | int]
Rows: TypeAlias = tuple[Any, ...]
"""The rows of one page as decoded JSON, in the tool's order."""

PER_PAGE = 100
_EMPTY_PAGES = 20


def path_of(*parts: str | int) -> str:
    """The API path of ``parts``, each quoted, so that no path, name or id can leave its place."""
    return "/" + "/".join(quote(str(part), safe="") for part in parts)


class _OneHostSession(requests.Session):
    """A session that follows redirects (renamed projects answer 301) within its own site only and never asks .netrc."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        target = super().get_redirect_target(resp)
        if target and _origin(urljoin(resp.url, target)) != _origin(resp.url):
            raise FatalError(
                f"GET {resp.url.partition('?')[0]} -> {resp.status_code}: the site redirects to {_origin(urljoin(resp.url, target))}; "
                "set its final address in the settings"
            )
        return target

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        """Keep our own credentials: the origin is the same, and what .netrc holds is not ours to send."""


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class _Backend(_backends.DefaultBackend):
    """Sends through the session and turns every refusal into one of our errors, while its headers are still at hand."""

    def http_request(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  # the library's own signature
        answer = super().http_request(*args, **kwargs)
        if answer.status_code >= 400:
            raise _error_for(answer.response)
        return answer


def _error_for(response: requests.Response) -> TandemError:
    """The error of a refusal. GitLab calls a token without the needed scope forbidden; that is a matter of credentials, and it names the scope."""
    if response.status_code == 403 and "insufficient_scope" in response.text:
        try:
            scopes = str(response.json().get("scope") or "read_api")
        except (requests.exceptions.JSONDecodeError, AttributeError):
            scopes = "read_api"
        return AuthenticationError(
            f"GET {response.url.partition('?')[0]} -> 403: the token lacks a scope; it needs one of: {scopes}"
        )
    return error_for(response)


class GitlabClient:
    """One login to one host. Not for use by several threads at once."""

    def __init__(self, site: Site, *, adapter: PolicyAdapter | None = None) -> None:
        self.site = site
        self._adapter = adapter or PolicyAdapter(site.policy)
        self._session = _OneHostSession()
        self._session.mount("https://", self._adapter)
        self._session.mount("http://", self._adapter)
        self._library = gitlab.Gitlab(
            site.url,
            oauth_token=site.token,
            ssl_verify=site.ca_file or True,
            user_agent="tandem-sync",
            session=self._session,
            backend=_Backend,
        )

    @property
    def source(self) -> str:
        """The configured name of the site."""
        return self.site.source

    @property
    def requests_made(self) -> int:
        """Number of HTTP requests sent so far, retries included."""
        return self._adapter.requests_made

    @property
    def server_at(self) -> datetime | None:
        """The tool's own clock at its newest answer, UTC; None before the first."""
        return self._adapter.server_at

    @property
    def skew_s(self) -> float | None:
        """Seconds by which the tool's clock is ahead of ours."""
        return self._adapter.skew_s

    def get(self, path: str) -> Payload:
        """The decoded object. Raises a TandemError, also where the answer is no object."""
        payload = json_of(self._sent(path, {}))
        if not isinstance(payload, dict):
            raise FatalError(
                f"GET {path}: the answer is no object; this version of GitLab may have changed its format"
            )
        return payload

    def page(self, path: str, query: Query) -> tuple[Rows, Query | None]:
        """(rows, query of the next page or None at the end). Raises a TandemError, also where the answer is no list."""
        asked = {"per_page": PER_PAGE, **query}
        response = self._sent(path, asked)
        rows = json_of(response)
        if not isinstance(rows, list):
            raise FatalError(
                f"GET {path}: the answer is no list; this version of GitLab may have changed its format"
            )
        return tuple(rows), _next_of(response, asked, is_full=len(rows) >= int(asked["per_page"]))

    def pages(self, path: str, /, **query: str | int) -> Iterator[tuple[Rows, bool]]:
        """(rows, is_last) page by page to the end, which is where no next page is named; an empty page is not the end.

        Only the parameters of the next link are used, on our own address. Raises RetryableError if the listing repeats itself.
        """
        following: Query | None = query
        previous: Rows = ()
        empty = 0
        while following is not None:
            asked = following
            rows, following = self.page(path, asked)
            empty = 0 if rows else empty + 1
            if (
                (rows and rows == previous)
                or (following is not None and following == asked)
                or empty > _EMPTY_PAGES
            ):
                raise RetryableError(
                    f"GET {path}: the same page came twice, or nothing but empty ones; the listing was given up"
                )
            previous = rows
            yield rows, following is None

    def rows(self, path: str, /, **query: str | int) -> Iterator[Any]:
        """Every row of the listing. Raises as ``pages``."""
        for rows, _ in self.pages(path, **query):
            yield from rows

    def close(self) -> None:
        """End the network session."""
        self._session.close()

    def _sent(self, path: str, query: Query) -> requests.Response:
        return self._library.http_request(
            "get",
            path,
            query_data=dict(query),
            obey_rate_limit=False,
            retry_transient_errors=False,
            max_retries=0,
        )


def _next_of(response: requests.Response, asked: Query, *, is_full: bool) -> Query | None:
    """The query of the next page: by the Link header, else by X-Next-Page, else, where a proxy dropped both, by a full page."""
    if response.headers.get("Link"):
        target = response.links.get("next", {}).get("url")
        if not target:
            return None
        named = {name: values[-1] for name, values in parse_qs(urlsplit(target).query).items()}
        return {**asked, **{k: v for k, v in named.items() if k not in {"private_token", "access_token"}}}
    if "X-Next-Page" in response.headers:
        number = response.headers["X-Next-Page"].strip()
        return {**asked, "page": number} if number else None
    return {**asked, "page": int(asked.get("page", 1)) + 1} if is_full else None
