"""Client: reads from one GitLab by paths built from ids. The only place that touches python-gitlab.

The library gives addressing and authentication (Bearer, which ``requests`` drops on the way to a foreign host); its retries, which repeat
writes and obey any Retry-After, are off. Errors are translated once, in the backend that the library sends through.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias
from urllib.parse import quote, urljoin, urlsplit

import gitlab
import requests
from gitlab import _backends

from connectors.errors import AuthenticationError, FatalError, TandemError
from connectors.gitlab.limits import FAMILIES
from connectors.gitlab.paging import Query, Rows, Sheet, Trail, sheet_of
from connectors.port import Site
from connectors.transport.adapter import PolicyAdapter, adapter_for
from connectors.transport.answers import error_for, json_of
from connectors.transport.environment import Environment
from connectors.transport.lent import Lent

__all__ = ["PER_PAGE", "GitlabClient", "Payload", "Query", "Rows", "path_of"]

Payload: TypeAlias = dict[str, Any]
"""A raw JSON object; it ends in ``parse``."""
PER_PAGE = 100
_GRAPHQL = "/api/graphql"


def path_of(*parts: str | int) -> str:
    """The API path of ``parts``, each quoted, so that no path, name or id can leave its place."""
    return "/" + "/".join(quote(str(part), safe="") for part in parts)


class _OneHostSession(requests.Session):
    """A session that follows redirects (renamed projects answer 301) within its own site only and never asks .netrc."""

    def __init__(self, environment: Environment) -> None:
        super().__init__()
        self._environment = environment

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        target = super().get_redirect_target(resp)
        if target and _origin(urljoin(resp.url, target)) != _origin(resp.url):
            raise FatalError(
                f"GET {resp.url.partition('?')[0]} -> {resp.status_code}: the site redirects to {_origin(urljoin(resp.url, target))}; "
                "set its final address in the settings"
            )
        return target

    def merge_environment_settings(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  # the base class's signature
        return self._environment.settings(partial(super().merge_environment_settings, *args, **kwargs))

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        """Keep our own credentials: the origin is the same, and what .netrc holds is not ours to send."""


def _origin(url: str) -> str:
    """Scheme, host and port of an address, in the one form that two spellings of the same have in common."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{parts.hostname}:{port}"


class _Backend(_backends.DefaultBackend):
    """Sends through the session and turns every refusal into one of our errors, while its headers are still at hand."""

    def http_request(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  # the library's own signature
        answer = super().http_request(*args, **kwargs)
        if answer.status_code >= 300:
            raise _error_for(answer.response)
        return answer


def _object(payload: Any, asked: str) -> Payload:  # noqa: ANN401  # decoded JSON
    if not isinstance(payload, dict):
        raise FatalError(
            f"{asked}: the answer is no object; this version of GitLab may have changed its format"
        )
    return payload


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
    """One login to one host, for several threads at once: each request has a session of its own while it is under way."""

    def __init__(self, site: Site, *, adapter: PolicyAdapter | None = None) -> None:
        self.site = site
        self._adapter = adapter or adapter_for(site, *FAMILIES)
        self._environment = Environment()
        self._libraries = Lent(self._library)
        self._has_paged = False

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

    def get(self, path: str, /, **query: str) -> Payload:
        """The decoded object. Raises a TandemError, also where the answer is no object."""
        return _object(json_of(self._sent("get", path, query)), f"GET {path}")

    def query(self, document: str, variables: Mapping[str, Any]) -> Payload:
        """The decoded answer of the GraphQL endpoint, its ``errors`` included. Raises a TandemError, also where the answer is no object.

        It lies beside the REST API, takes the same token, and tells most failures with status 200 (docs.gitlab.com/api/graphql).
        """
        asked = {"query": document, "variables": dict(variables)}
        return _object(json_of(self._sent("post", f"{self.site.url}{_GRAPHQL}", asked)), f"POST {_GRAPHQL}")

    def page(self, path: str, query: Query) -> tuple[Rows, Query | None]:
        """(rows, query of the next page or None at the end). Raises a TandemError, also where the answer is no list."""
        sheet = self._sheet(path, query)
        return sheet.rows, sheet.following

    def pages(self, path: str, /, **query: str | int) -> Iterator[tuple[Rows, bool]]:
        """(rows, is_last) page by page to the end, which is where no next page is named; an empty page is not the end.

        Only the parameters of the next link are used, on our own address. An empty answer without the paging headers that this site's listings carry is
        asked once more before it is believed. Raises RetryableError if the listing repeats itself.
        """
        trail = Trail(path)
        following: Query | None = query
        while following is not None:
            sheet = self._sheet(path, following)
            if sheet.is_bare and self._has_paged:
                sheet = self._sheet(path, following)
            trail.add(sheet, asked=following)
            self._has_paged = self._has_paged or sheet.is_paged
            following, held = sheet.following, [sheet.rows]
            del sheet
            yield held.pop(), following is None  # from here on the caller alone holds the rows

    def rows(self, path: str, /, **query: str | int) -> Iterator[Any]:
        """Every row of the listing. Raises as ``pages``."""
        for rows, _ in self.pages(path, **query):
            yield from rows

    def close(self) -> None:
        """End the network sessions."""
        self._adapter.close()

    def _sheet(self, path: str, query: Query) -> Sheet:
        asked = {"per_page": PER_PAGE, **query}
        return sheet_of(path, self._sent("get", path, asked), asked)

    def _sent(self, verb: str, path: str, given: Mapping[str, Any]) -> requests.Response:
        """The answer to a request whose parameters, or JSON body where it posts, are ``given``."""
        with self._libraries.one() as library:
            try:
                return library.http_request(
                    verb,
                    path,
                    query_data=dict(given) if verb == "get" else None,
                    post_data=None if verb == "get" else dict(given),
                    obey_rate_limit=False,
                    retry_transient_errors=False,
                    max_retries=0,
                )
            except (
                gitlab.exceptions.RedirectError,
                requests.RequestException,
                ValueError,
            ) as error:  # what the adapter lets through is a redirect's
                raise FatalError(
                    f"{verb.upper()} {path}: the site redirects in a circle or to no valid address; set its final address in the settings"
                ) from error

    def _library(self) -> gitlab.Gitlab:
        session = _OneHostSession(self._environment)
        self._adapter.mount_on(session)
        return gitlab.Gitlab(
            self.site.url,
            oauth_token=self.site.token,
            ssl_verify=self.site.ca_file or True,
            user_agent="tandem-sync",
            session=session,
            backend=_Backend,
        )
