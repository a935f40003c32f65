"""The settings in force behind a command, with logging set up by them."""

from __future__ import annotations

from sync import logs
from sync.cli.options import Options
from sync.settings import Settings, settings_of
from sync.store.connections import database_secrets


def settings_from(options: Options) -> Settings:
    """The settings in force, with logging set up by them. Raises ConfigError with every problem."""
    settings = options.settings or settings_of(mapping=options.mapping)
    secrets = [s.token.get_secret_value() for s in settings.sources.values()]
    secrets += database_secrets(settings.database)
    logs.configure(
        style=settings.log_format, level="info" if options.is_verbose else settings.log_level, secrets=secrets
    )
    return settings
