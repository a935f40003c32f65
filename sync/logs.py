"""Logs: how lines are to be written is chosen here; what writes them is loaded with the first one, for most runs write none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct


class _Style(Struct, frozen=True, kw_only=True):
    """How lines are written: ``form`` is "json" or "text", ``level`` the least that is written, ``secrets`` what is masked."""

    form: str
    level: str
    secrets: tuple[str, ...]


_chosen: list[_Style] = []  # what the first line sets up


def configure(*, style: str, level: str, secrets: Iterable[str] = ()) -> None:
    """Send log lines of ``level`` and above to stderr as JSON (``style`` "json") or as text for people."""
    _chosen[:] = [_Style(form=style, level=level, secrets=tuple(secrets))]


def log() -> Any:  # noqa: ANN401  # structlog's bound loggers are untyped by design
    """The logger."""
    from sync import log_lines  # noqa: PLC0415  # structlog takes as long to load as Rich, which it loads whole

    for style in _chosen:
        log_lines.set_up(form=style.form, level=style.level, secrets=style.secrets)
    _chosen.clear()
    return log_lines.logger()
