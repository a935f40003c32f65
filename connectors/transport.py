"""Transport: the one owner of timeout, retry, Retry-After and redaction, as an adapter that every session mounts.

Both vendor libraries talk through ``requests`` sessions, so one adapter below them gives both the same policy; their own retries are
switched off. Reads are repeated, writes never are once their outcome is unknown.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
import tenacity
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NewConnectionError

from connectors.errors import (
    AuthenticationError,
    FatalError,
    ForbiddenError,
    GoneError,
    NotFoundError,
    RetryableError,
    TandemError,
    UnknownOutcomeError,
)
from connectors.port import Policy

_TRANSIENT = frozenset({429, 500, 502, 503, 504})
_READS_IN_DISGUISE = re.compile(
    r"/(search/jql|search/approximate-count|issue/bulkfetch|changelog/bulkfetch|worklog/list|comment/list|api/graphql)$"
)


def is_read(method: str, path: str) -> bool:
    """True if repeating the request cannot change anything: GET, HEAD, and POSTs that only ask."""
    return method in {"GET", "HEAD", "OPTIONS"} or bool(_READS_IN_DISGUISE.search(path))


def retry_after_s(value: str | None, *, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header: whole or decimal seconds or an HTTP date; None where absent or unreadable."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    at = _http_date(value)
    return None if at is None else max(0.0, (at - now).total_seconds())


def server_time_of(response: requests.Response) -> datetime | None:
    """The tool's own clock by the Date header, UTC; None where absent or unreadable."""
    return _http_date(response.headers.get("Date"))


def _http_date(value: str | None) -> datetime | None:
    """The instant of an HTTP date, UTC; such dates are in GMT even where they do not say so."""
    try:
        at = parsedate_to_datetime(value or "")
    except (TypeError, ValueError):
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


class PolicyAdapter(HTTPAdapter):
    """An HTTP adapter with Tandem's policy. One per session, one session per thread.

    ``requests_made`` counts attempts; ``server_at`` is the Date of the newest answer and ``skew_s`` how far the tool's clock is ahead of ours.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__()
        self._policy = policy
        self._sleep = sleep
        self._now = now
        self.requests_made = 0
        self.server_at: datetime | None = None
        self.skew_s: float | None = None

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:  # noqa: ANN401  # the base class's signature
        """The answer after at most ``attempts`` tries.

        Raises RetryableError when a read got no answer, UnknownOutcomeError when a write may or may not have been carried out.
        """
        kwargs["timeout"] = kwargs.get("timeout") or (
            self._policy.connect_timeout_s,
            self._policy.read_timeout_s,
        )
        repeatable = is_read(request.method or "", (request.path_url or "").partition("?")[0])
        waits = _Waits(self._policy, now=self._now)
        retrying = tenacity.Retrying(
            stop=lambda state: state.attempt_number >= self._policy.attempts or waits.is_spent(state),
            wait=waits,
            retry=tenacity.retry_if_exception(
                lambda error: repeatable and isinstance(error, requests.RequestException)
            )
            | tenacity.retry_if_result(lambda answer: _may_repeat(answer, repeatable=repeatable)),
            sleep=self._sleep,
            retry_error_callback=_last_outcome,
        )
        try:
            answer: requests.Response = retrying(self._attempt, request, *args, **kwargs)
        except requests.exceptions.ConnectTimeout as error:
            raise RetryableError(
                f"{_target(request)}: no connection within {self._policy.connect_timeout_s:g} s"
            ) from error
        except requests.RequestException as error:
            raise _lost(request, error, repeatable=repeatable) from error
        return answer

    def _attempt(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:  # noqa: ANN401
        self.requests_made += 1
        response = super().send(request, *args, **kwargs)
        _ = response.content  # a body that breaks off is a failed attempt, not a short answer
        if server_at := server_time_of(response):
            self.server_at, self.skew_s = server_at, (server_at - self._now()).total_seconds()
        return response


class _Waits:
    """Waiting times for tenacity: Retry-After as a minimum, else exponential, both with jitter, and the budget they share."""

    def __init__(self, policy: Policy, *, now: Callable[[], datetime]) -> None:
        self._policy = policy
        self._now = now
        self._backoff = tenacity.wait_exponential_jitter(
            multiplier=policy.first_wait_s, max=policy.longest_wait_s, jitter=policy.first_wait_s
        )

    def __call__(self, state: tenacity.RetryCallState) -> float:
        asked = _asked_wait_s(state, now=self._now())
        backoff = float(self._backoff(state))
        return backoff if asked is None else asked + min(backoff, self._policy.first_wait_s)

    def is_spent(self, state: tenacity.RetryCallState) -> bool:
        """True once the next wait would exceed the budget."""
        asked = _asked_wait_s(state, now=self._now()) or 0.0
        return state.idle_for + asked > self._policy.wait_budget_s


def _asked_wait_s(state: tenacity.RetryCallState, *, now: datetime) -> float | None:
    if state.outcome is None or state.outcome.failed:
        return None
    return retry_after_s(state.outcome.result().headers.get("Retry-After"), now=now)


def _may_repeat(answer: requests.Response, *, repeatable: bool) -> bool:
    return _was_refused(answer) or (repeatable and answer.status_code in _TRANSIENT)


def _was_refused(answer: requests.Response) -> bool:
    """True if the tool said that it did not take the request on."""
    return answer.status_code == 429 or (answer.status_code == 503 and "Retry-After" in answer.headers)


def _last_outcome(state: tenacity.RetryCallState) -> Any:  # noqa: ANN401  # the answer, or the exception raised again
    assert state.outcome is not None  # noqa: S101  # tenacity calls this after an attempt only
    return state.outcome.result()


def _target(request: requests.PreparedRequest) -> str:
    """Method and address of a request, as people may see it."""
    return f"{request.method} {_shown(request.url)}"


def _shown(url: str | None) -> str:
    """An address without query, which can hold names, and without credentials."""
    return re.sub(r"//[^/@]*@", "//", (url or "").partition("?")[0])


def _lost(request: requests.PreparedRequest, error: Exception, *, repeatable: bool) -> TandemError:
    if repeatable or _was_never_sent(error):
        return RetryableError(f"{_target(request)}: no usable answer ({type(error).__name__})")
    return UnknownOutcomeError(
        f"{_target(request)}: the connection broke before the answer; it may have been carried out"
    )


def _was_never_sent(error: Exception) -> bool:
    """True if no connection came about: name not found, refused, certificate not trusted."""
    if isinstance(error, requests.exceptions.SSLError):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", cause), NewConnectionError)


_CLASSES: dict[int, tuple[type[TandemError], str]] = {
    401: (AuthenticationError, "the credentials were refused; check the token and its expiry"),
    403: (ForbiddenError, "the account lacks the permission, or its address is blocked"),
    404: (NotFoundError, "it does not exist, or the account may not see it"),
    410: (GoneError, "the tool removed this endpoint; a newer Tandem may know its replacement"),
}


def error_for(response: requests.Response) -> TandemError:
    """The error that an answer with a status of 400 or more means, with what was tried and what to do next.

    A server's or gateway's failure in the middle of a write leaves its outcome unknown: the work may go on behind it.
    """
    request = response.request
    tried = f"{_target(request)} -> {response.status_code}"
    if response.status_code in _TRANSIENT:
        wait_s = retry_after_s(response.headers.get("Retry-After"), now=datetime.now(UTC))
        repeatable = is_read(request.method or "", (request.path_url or "").partition("?")[0])
        if repeatable or _was_refused(response):
            return RetryableError(f"{tried}: the tool is not available now", retry_after_s=wait_s)
        return UnknownOutcomeError(
            f"{tried}: it may have been carried out all the same", retry_after_s=wait_s
        )
    cls, advice = _CLASSES.get(response.status_code, (FatalError, _said(response)))
    return cls(f"{tried}: {advice}")


def _said(response: requests.Response) -> str:
    """The first 200 characters of what the tool said, on one line."""
    return " ".join(response.text.split())[:200] or "the tool refused the request"


def json_of(response: requests.Response) -> Any:  # noqa: ANN401  # raw payloads end in parse
    """The decoded body of a good answer.

    Raises ``error_for`` on a status of 400 or more, and RetryableError if the body is no JSON (a proxy's or log-in page with status 200).
    """
    if response.status_code >= 400:
        raise error_for(response)
    try:
        return response.json()
    except requests.exceptions.JSONDecodeError as error:
        kind = response.headers.get("Content-Type", "no content type")
        raise RetryableError(
            f"{_shown(response.url)}: the answer is no JSON but {kind}; is a proxy in between?"
        ) from error
