"""Exit codes, and how an error leaves the command line: its message on stderr and a code that scripts can rely on."""

from __future__ import annotations

from enum import IntEnum

from connectors.errors import AuthenticationError, ConfigError, TandemError
from sync.store.errors import LeaseHeldError


class Exit(IntEnum):
    """Exit codes; they are public and never change their meaning."""

    SUCCESS = 0
    ERROR = 1
    DIFFERENCES = 2
    PARTIAL = 3
    CONFIG = 4
    ACCESS = 5
    HELD = 6


class StalePlanError(TandemError):
    """The plan is stale: what it was made from has changed since. Make a new one with: tandem plan --out FILE."""


_CODES: tuple[tuple[type[TandemError], Exit], ...] = (
    (ConfigError, Exit.CONFIG),
    (AuthenticationError, Exit.ACCESS),
    (LeaseHeldError, Exit.HELD),
    (StalePlanError, Exit.HELD),
    (TandemError, Exit.ERROR),
)


def exit_code_of(error: TandemError) -> Exit:
    """The exit code that an error means."""
    return next(code for kind, code in _CODES if isinstance(error, kind))


def problems_text(problems: tuple[str, ...]) -> str:
    """One line per problem of the mapping, then their number."""
    count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
    return "\n".join((*problems, f"{count}. Nothing was contacted."))
