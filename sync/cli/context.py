"""What a command works with: the settings in force, and the application opened from them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sync import app as application
from sync import logs
from sync.app import App
from sync.cli.options import Options
from sync.settings import Settings, settings_of
from sync.store.connections import database_secrets

__all__ = ["Options", "opened", "settings_from"]


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
