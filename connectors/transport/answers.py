"""Answers: what an answer is worth: whether it is the tool's own, what its refusal means, and its JSON, decoded once."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import orjson
import requests

from connectors.errors import (
    AuthenticationError,
    BlockedError,
    FatalError,
    ForbiddenError,
    GoneError,
    NotFoundError,
    RetryableError,
    TandemError,
    UnknownOutcomeError,
)
from connectors.transport.signals import asked_wait_s

_READS_IN_DISGUISE = re.compile(
    r"/(search/jql|search/approximate-count|issue/bulkfetch|changelog/bulkfetch|worklog/list|comment/list|api/graphql)$"
)
_TRANSIENT = frozenset({408, 429, 500, 502, 503, 504, *range(520, 531)})
"""Worth another try. 520 to 530 are Cloudflare's, which stands before gitlab.com, for a site that it did not reach."""
_UNREAD: Any = object()
_LOCKED = "X-Authentication-Denied-Reason"
"""Data Center's header for an account that has to solve a captcha after failed log-ins."""


def is_read(method: str, path: str) -> bool:
    """True if repeating the request cannot change anything: GET, HEAD, and POSTs that only ask."""
    return method in {"GET", "HEAD", "OPTIONS"} or bool(_READS_IN_DISGUISE.search(path))


def is_reading(request: requests.PreparedRequest) -> bool:
    """``is_read`` of a prepared request."""
    return is_read(request.method or "", (request.path_url or "").partition("?")[0])


class Answer(requests.Response):
    """A response that decodes its JSON once, however often it is asked."""

    _decoded: Any = _UNREAD

    @classmethod
    def of(cls, response: requests.Response) -> Answer:
        """The same response, able to keep what it decoded."""
        answer = cls()
        vars(answer).update(vars(response))
        return answer

    def json(self, **kwargs: Any) -> Any:  # noqa: ANN401  # the base class's signature
        """The decoded body. Raises ValueError where it is no JSON, also where it is nested too deeply to be read."""
        if kwargs or self._decoded is _UNREAD:
            self._decoded = self._decode(**kwargs)
        return self._decoded

    def _decode(self, **kwargs: Any) -> Any:  # noqa: ANN401
        """The body decoded the fast way; what that refuses (lone surrogates, other encodings, text that is no JSON) goes the library's own way."""
        if not kwargs:
            with suppress(orjson.JSONDecodeError):
                return orjson.loads(self.content)
        try:
            return super().json(**kwargs)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


def is_json(response: requests.Response) -> bool:
    """True if the body decodes."""
    try:
        response.json()
    except ValueError:
        return False
    return True


def is_usable(response: requests.Response) -> bool:
    """False for a failed attempt of a read: a transient status, success without JSON (a proxy's page, an empty or cut body), or a gateway's 404."""
    is_good = 200 <= response.status_code < 300 and response.status_code != 204
    if is_good:
        return is_json(response)
    return response.status_code not in _TRANSIENT and not _is_gateways(response)


def was_refused(response: requests.Response) -> bool:
    """True if the tool said that it did not take the request on. Data Center adds Retry-After: 0 to any answer, which says nothing."""
    if response.status_code == 503:
        return bool(asked_wait_s(response.headers, now=datetime.now(UTC)))
    return response.status_code == 429


def is_blocking(response: requests.Response) -> bool:
    """True for a 403 that is not the API's own: GitLab's block of an address, or a firewall's page. The API refuses in JSON."""
    return (
        response.status_code == 403
        and _LOCKED not in response.headers
        and not (is_json(response) and isinstance(response.json(), dict))
    )


def target_of(request: requests.PreparedRequest) -> str:
    """Method and address of a request, as people may see it."""
    return f"{request.method} {shown(request.url)}"


def shown(url: str | None) -> str:
    """An address without query, which can hold names, and without credentials."""
    return re.sub(r"//[^/@]*@", "//", (url or "").partition("?")[0])


_CLASSES: dict[int, tuple[type[TandemError], str]] = {
    401: (AuthenticationError, "the credentials were refused; check the token and its expiry"),
    403: (ForbiddenError, "the account lacks the permission"),
    404: (NotFoundError, "it does not exist, or the account may not see it"),
    407: (AuthenticationError, "the proxy wants credentials; name them in HTTPS_PROXY"),
    410: (GoneError, "the tool removed this endpoint; a newer Tandem may know its replacement"),
}


def error_for(response: requests.Response) -> TandemError:
    """The error that an answer with a status of 300 or more means, with what was tried and what to do next.

    A server's or gateway's failure in the middle of a write leaves its outcome unknown: the work may go on behind it. A 404 or 410 with text
    that is no JSON is a gateway's: it says nothing about what the tool holds.
    """
    tried = f"{target_of(response.request)} -> {response.status_code}"
    if _LOCKED in response.headers:
        return AuthenticationError(
            f"{tried}: Jira locked the log-in after failed attempts; log in once in a browser as this account and solve the captcha, then check the token"
        )
    if is_blocking(response):
        return BlockedError(
            f"{tried}: not the tool but something before it refuses this address; nothing more is asked there in this run"
        )
    if response.status_code in _TRANSIENT or response.status_code >= 500:
        return _unavailable(response, tried)
    if _is_gateways(response):
        return RetryableError(f"{tried}: the answer is not the tool's own but {_kind(response)}")
    cls, advice = _CLASSES.get(response.status_code, (FatalError, _said(response)))
    return cls(f"{tried}: {advice}")


def _is_gateways(response: requests.Response) -> bool:
    """True for a 404 or 410 whose text is no JSON: not the tool's own word, or half of it."""
    return response.status_code in {404, 410} and bool(response.content) and not is_json(response)


def _unavailable(response: requests.Response, tried: str) -> TandemError:
    wait_s = asked_wait_s(response.headers, now=datetime.now(UTC))
    if not (is_reading(response.request) or was_refused(response)):
        return UnknownOutcomeError(
            f"{tried}: it may have been carried out all the same", retry_after_s=wait_s
        )
    if response.status_code not in _TRANSIENT:
        return FatalError(f"{tried}: {_said(response)}")
    return RetryableError(f"{tried}: the tool is not available now", retry_after_s=wait_s)


def _said(response: requests.Response) -> str:
    """The first 200 characters of what the tool said, on one line."""
    return " ".join(response.text.split())[:200] or "the tool refused the request"


def _kind(response: requests.Response) -> str:
    return response.headers.get("Content-Type", "no content type")


def json_of(response: requests.Response) -> Any:  # noqa: ANN401  # raw payloads end in parse
    """The decoded body of a good answer.

    Raises ``error_for`` on a status of 300 or more. A body that is no JSON (a proxy's or log-in page with status 200) raises RetryableError, and
    UnknownOutcomeError where the request was a write.
    """
    if response.status_code >= 300:
        raise error_for(response)
    try:
        return response.json()
    except ValueError as error:
        raise _foreign(response) from error


def require_done(response: requests.Response) -> None:
    """Raise as ``json_of`` unless a write whose answer carries nothing of use (204, an empty body, or JSON) succeeded."""
    if response.status_code >= 300:
        raise error_for(response)
    if response.content and not is_json(response):
        raise _foreign(response)


def _foreign(response: requests.Response) -> TandemError:
    tried = f"{target_of(response.request)} -> {response.status_code}: the answer is no JSON but {_kind(response)}"
    if is_reading(response.request):
        return RetryableError(f"{tried}; is a proxy in between?")
    return UnknownOutcomeError(f"{tried}; it may have been carried out")
