"""Losses: what a request means that got no answer, or that was not sent at all."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import requests
from urllib3.exceptions import HTTPError, NewConnectionError

from connectors.errors import (
    ConfigError,
    DeferredError,
    OversizeError,
    RetryableError,
    TandemError,
    UnknownOutcomeError,
)
from connectors.port import Policy
from connectors.transport.answers import is_reading, target_of
from connectors.transport.deadline import TooSlowError
from connectors.transport.exchange import TooLargeError


def lost(request: requests.PreparedRequest, error: Exception, *, policy: Policy) -> TandemError | None:
    """The error of a request whose answer did not come, by what broke; None where it was not the network.

    A read, and a write that never left, may be tried again; any other write may have been carried out.
    """
    tried = target_of(request)
    causes = tuple(_causes(error))
    if not isinstance(error, requests.RequestException | HTTPError):
        is_missing_file = type(error) is OSError and error.errno is None  # requests' word for a CA file
        return ConfigError(f"{tried}: {error}") if is_missing_file else None
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return RetryableError(f"{tried}: no connection within {policy.connect_timeout_s:g} s")
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return RetryableError(
            f"{tried}: its certificate is not trusted; set ca_file to the certificate of its authority"
        )
    if isinstance(error, TooLargeError) and is_reading(request):
        return OversizeError(f"{tried}: the answer is larger than {error} MiB; it was given up")
    if is_reading(request) or _was_never_sent(error, causes):
        return RetryableError(f"{tried}: no usable answer ({_reason(error, causes, policy)})")
    return UnknownOutcomeError(
        f"{tried}: the connection broke before the answer; it may have been carried out"
    )


def not_sent(request: requests.PreparedRequest, wait_s: float) -> TandemError:
    """The error of a request that is held back for longer than may be waited, or of a write near a limit."""
    if is_reading(request):
        return RetryableError(
            f"{target_of(request)}: not asked, for {wait_s:.0f} s would have to be waited first",
            retry_after_s=wait_s,
        )
    return DeferredError(
        f"{target_of(request)}: not sent, for the tool is near its limit; a later run sends it",
        retry_after_s=wait_s,
    )


def _reason(error: Exception, causes: tuple[BaseException, ...], policy: Policy) -> str:
    if any(isinstance(cause, TooSlowError) for cause in causes):
        return f"not whole within {policy.answer_timeout_s:g} s"
    return type(error).__name__


def _was_never_sent(error: Exception, causes: tuple[BaseException, ...]) -> bool:
    """True if no connection came about: name not found, refused, or a proxy that did not let us through."""
    return isinstance(error, requests.exceptions.ProxyError) or any(
        isinstance(cause, NewConnectionError) for cause in causes
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and all that it wraps: by ``from``, as its ``reason`` or as its argument, as urllib3 and requests do."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and one not in seen:
            seen.append(one)
            yield one
            waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
