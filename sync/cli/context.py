"""The application behind a command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sync import app as application
from sync.app import App
from sync.cli.configured import settings_from
from sync.cli.options import Options
from sync.engine.judging import Judging, judging


@contextmanager
def opened(options: Options) -> Iterator[App]:
    """The application behind a command."""
    with application.opened(settings_from(options), now=options.now) as app:
        yield app


@contextmanager
def judged(app: App) -> Iterator[Judging]:
    """The judgement over what the store holds now. Its world answers within the block."""
    with judging(app.engine, app.mapping.spec, now=app.now()) as found:
        yield found
