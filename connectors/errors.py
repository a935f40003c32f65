"""Errors, classed by what to do next; a class's docstring is its default text."""

from __future__ import annotations


class TandemError(Exception):
    """Something went wrong."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class ConfigError(TandemError):
    """The configuration is invalid: a person edits something. Holds every problem at once."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class RetryableError(TandemError):
    """The tool did not answer now; the scope ends as partial and its cursor is kept."""

    def __init__(self, message: str | None = None, *, retry_after_s: float | None = None) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(message)


class FatalError(TandemError):
    """This scope cannot be read: stop it, finish the others."""


class AuthenticationError(FatalError):
    """The tool refused the credentials."""


class ForbiddenError(FatalError):
    """The account may not see or do this."""


class BlockedError(FatalError):
    """The host refuses everything from this address: nothing more is asked of it in this run."""


class NotFoundError(FatalError):
    """It does not exist, or the account may not see it."""


class GoneError(FatalError):
    """The tool removed this endpoint."""


class OversizeError(FatalError):
    """The answer is larger than any that is read."""


class SkippableError(TandemError):
    """One record cannot be read: count it, say so once, go on."""


class UnknownOutcomeError(RetryableError):
    """A write was sent and its outcome is unknown: look before deciding, never repeat it blindly."""


class DeferredError(RetryableError):
    """Nothing was sent: the tool is near its limit, so the write is put off to a later run."""
