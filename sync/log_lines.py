"""Log lines: one event per line on stderr as JSON or as text for people; secrets are masked whatever their way into a line."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any

import structlog

_MASK = "***"


class Masked:
    """A structlog processor that replaces every known secret in every text of a line."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(s for s in secrets if len(s) >= 4)

    def __call__(self, _: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """The line without secrets."""
        return {key: self._clean(value) if isinstance(value, str) else value for key, value in event.items()}

    def _clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, _MASK)
        return text


def set_up(*, form: str, level: str, secrets: Iterable[str]) -> None:
    """Write lines from now on as JSON (``form`` "json") or as text for people, those of ``level`` and above, without ``secrets``."""
    last = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            Masked(secrets),
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # as it is when the line is written
        cache_logger_on_first_use=False,
    )


def logger() -> Any:  # noqa: ANN401  # structlog's bound loggers are untyped by design
    """The logger."""
    return structlog.get_logger()
