"""The job of a command: how many threads ask is the operator's to say, but a recording is one order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.port import Exchange
from connectors.sandbox.world import company
from sync.app import App, opened
from sync.cli.run import job_for
from sync.engine.run import Watch
from sync.settings import Settings, SourceSettings

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
NOBODY = "http://127.0.0.1:9"


class Tape:
    """Keeps nothing."""

    def played(self, source: str, method: str, target: str, sent: bytes) -> None:
        return None

    def keep(self, exchange: Exchange) -> None:
        return None


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    mapping = tmp_path / "tandem.yaml"
    mapping.write_text(company(NOW, size="small").mapping, encoding="utf-8")
    settings = Settings(
        mapping=mapping,
        database=f"sqlite:///{tmp_path / 'tandem.db'}",
        sources={name: SourceSettings(url=NOBODY, token="t") for name in ("jira", "gitlab")},
        pull_workers=5,
        write_workers=7,
    )
    with opened(settings, now=lambda: NOW) as app:
        yield app


def test_as_many_threads_ask_and_deliver_as_the_settings_say(app: App) -> None:
    with job_for(app, "pull", watch=Watch()) as job:
        assert (job.workers, job.writers) == (5, 7)


def test_what_is_recorded_is_asked_and_delivered_by_one(app: App) -> None:
    with job_for(app, "pull", watch=Watch(), tape=Tape()) as job:
        assert (job.workers, job.writers) == (1, 1)
