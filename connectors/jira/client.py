"""Client: JSON requests to one Jira by paths built from ids. The only place that touches the ``jira`` library.

The library gives addressing, authentication and headers. Requests go through its session but around its error parsing and its
retries, so that one policy (``connectors.transport``) decides; redirects are never followed and no URL from a body is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias
from urllib.parse import quote

import jira
import requests

from connectors.errors import FatalError
from connectors.jira.limits import FAMILIES
from connectors.port import Site
from connectors.transport.adapter import PolicyAdapter, adapter_for
from connectors.transport.answers import error_for, json_of, require_done, shown
from connectors.transport.environment import Environment
from connectors.transport.lent import Lent

Payload: TypeAlias = dict[str, Any]
"""A raw JSON object; it ends in ``parse``."""
Params: TypeAlias = Mapping[str, str | int]

CORE = "api/2"
"""Platform API of both products; rich text is wiki markup in it."""
CLOUD = "api/3"
"""Platform API that holds the endpoints which Cloud alone has."""
AGILE = "agile/1.0"
"""Boards and sprints of both products."""


class RefusedError(FatalError):
    """Jira refused the request as it stands (400): a value in it does not exist, or is not visible to the account."""


class MovedError(FatalError):
    """Jira answered with a redirect, which is never followed."""


def path_of(api: str, *parts: str | int) -> str:
    """The REST path of ``parts`` below ``api``, each part quoted, so that no id or key can leave its place."""
    return "/".join([api, *(quote(str(part), safe="") for part in parts)])


class JiraClient:
    """One login to one site, for several threads at once: each request has a session of its own while it is under way."""

    def __init__(self, site: Site, *, adapter: PolicyAdapter | None = None) -> None:
        self.site = site
        self._adapter = adapter or adapter_for(site, *FAMILIES)
        self._libraries = Lent(self._library)
        self._environment = Environment()

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

    def get(self, path: str, params: Params | None = None) -> Any:  # noqa: ANN401  # raw payloads end in parse
        """The decoded answer. Raises a TandemError."""
        return json_of(self._sent("GET", path, params=params))

    def post(self, path: str, body: object, params: Params | None = None) -> Any:  # noqa: ANN401
        """The decoded answer to a POST. Raises UnknownOutcomeError where it may or may not have been carried out."""
        return json_of(self._sent("POST", path, params=params, body=body))

    def put(self, path: str, body: object, params: Params | None = None) -> None:
        """Replace what stands at ``path``. Raises as ``post``, also where success is told by a page that is not Jira's."""
        require_done(self._sent("PUT", path, params=params, body=body))

    def delete(self, path: str) -> None:
        """Remove what stands at ``path``. Raises as ``put``."""
        require_done(self._sent("DELETE", path))

    def close(self) -> None:
        """End the network sessions."""
        self._adapter.close()

    def _sent(
        self, method: str, path: str, *, params: Params | None = None, body: object = None
    ) -> requests.Response:
        url = f"{self.site.url.rstrip('/')}/rest/{path}"
        request = requests.Request(method, url, params=dict(params or {}), json=body)
        with self._libraries.one() as library:
            session: requests.Session = library._session
            # the site's own authority is named here too: left to the session, the environment's would win over it
            look_up = partial(session.merge_environment_settings, url, {}, None, self.site.ca_file, None)
            settings = self._environment.settings(look_up)
            prepared = session.prepare_request(request)
            try:
                response = session.send(prepared, allow_redirects=False, **settings)
            except (requests.RequestException, ValueError) as error:
                raise MovedError(f"{method} {shown(url)}: the site redirects to no valid address") from error
        _raise_for(response)
        return response

    def _library(self) -> jira.JIRA:
        library = _library(self.site)
        self._adapter.mount_on(library._session)
        return library


def _library(site: Site) -> jira.JIRA:
    options: dict[str, str | bool | Any] = {"server": site.url, "verify": site.ca_file or True}
    if site.user:
        return jira.JIRA(
            options=options,
            basic_auth=(site.user, site.token),
            max_retries=0,
            get_server_info=False,
            logging=False,
        )
    return jira.JIRA(
        options=options, token_auth=site.token, max_retries=0, get_server_info=False, logging=False
    )


def _raise_for(response: requests.Response) -> None:
    target = f"{response.request.method} {response.request.path_url.partition('?')[0]}"
    if 300 <= response.status_code < 400:
        raise MovedError(
            f"{target} -> {response.status_code}: the site redirects; set its final address (https, context path) in the settings"
        )
    if response.status_code == 400:
        raise RefusedError(f"{target} -> 400: {_said(response)}")
    if response.status_code > 400:
        raise error_for(response)


def _said(response: requests.Response) -> str:
    """What Jira said about a refusal, on one line of at most 300 characters: its messages, else the body as it is."""
    try:
        payload = response.json()
        texts = [*payload.get("errorMessages", ()), *payload.get("errors", {}).values()]
    except (ValueError, AttributeError, TypeError):
        texts = []
    return " ".join((" ".join(map(str, texts)) or response.text).split())[:300] or "no reason given"
