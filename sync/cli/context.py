"""What every command line carries: the common options, and the application opened from them."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sync import app as application
from sync import logs
from sync.app import App, utc_now
from sync.settings import Settings, settings_of
from sync.store.connections import database_secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options given before the command.

    ``settings`` and ``now`` replace the environment and the host's clock where Tandem runs itself; ``run`` runs another command line with such
    options and gives its exit code.
    """

    mapping: Path | None = None
    is_verbose: bool = False
    settings: Settings | None = None
    now: Callable[[], datetime] = utc_now
    run: Callable[[list[str], Options], int] | None = None


def version_text() -> str:
    """Name and version of the installed distribution."""
    return f"tandem {importlib.metadata.version('tandem-sync')}"


def settings_from(options: Options) -> Settings:
    """The settings in force, with logging set up by them."""
    settings = options.settings or settings_of(mapping=options.mapping)
    secrets = [s.token.get_secret_value() for s in settings.sources.values()]
    secrets += database_secrets(settings.database)
    logs.configure(
        style=settings.log_format, level="info" if options.is_verbose else settings.log_level, secrets=secrets
    )
    return settings


@contextmanager
def opened(options: Options) -> Iterator[App]:
    """The application behind a command."""
    with application.opened(settings_from(options), now=options.now) as app:
        yield app
