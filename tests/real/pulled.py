"""Pulls a sandbox over HTTP with the real connectors into a real store, and reads the store again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from connectors import discovery
from connectors.port import Connector, Site, Verdict
from connectors.records import Record
from connectors.sandbox.server import SandboxServer
from connectors.sandbox.state import Sandbox
from mappings.observed import Observed
from sync.engine import details
from sync.engine.pull import Landed, Pull, pull
from sync.store import database, progress, records

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""The instant of every run and the sandbox's clock: after all that was recorded."""

BROWSE = {"jira": "https://merico.atlassian.net", "gitlab": "https://gitlab.com"}
"""The addresses that people open, as the recorded payloads have them."""

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What stands in the store after a run. ``skipped`` holds (scope, what, reason), ``landed`` every page, also what the store held already."""

    observed: Observed
    verdicts: tuple[Verdict, ...]
    skipped: tuple[tuple[str, str, str], ...]
    landed: tuple[Landed, ...]
    requests: int
    seconds: float

    def all(self, kind: type[R]) -> dict[str, R]:
        """The records of one type by id."""
        return {record.id: record for record in self.observed.all(kind)}


def pulled(sandbox: Sandbox, folder: Path, selections: Mapping[str, Mapping[str, object]]) -> Pulled:
    """One run over the sources in ``selections``, by kind, into a new store in ``folder``."""
    engine = database.opened(f"sqlite:///{folder / 'tandem.db'}")
    database.upgrade(engine)
    landed: list[Landed] = []
    job = Pull(engine=engine, run_id="run", now=NOW, watch=landed.append)
    started = perf_counter()
    with SandboxServer(sandbox) as server:
        connectors = [_opened(server, kind, selection) for kind, selection in selections.items()]
        verdicts = pull(job, connectors)
        seconds = perf_counter() - started
        verdicts += _with_details(job, connectors)
        requests = sum(connector.requests_made for connector in connectors)
        for connector in connectors:
            connector.close()
    with engine.connect() as connection:
        found = records.all_records(connection)
        skipped = progress.skipped_in(connection, job.run_id)
    engine.dispose()
    return Pulled(
        observed=Observed.of(found),
        verdicts=verdicts,
        skipped=skipped,
        landed=tuple(landed),
        requests=requests,
        seconds=seconds,
    )


def _opened(server: SandboxServer, kind: str, selection: Mapping[str, object]) -> Connector:
    url = {"jira": server.jira_url, "gitlab": server.gitlab_url}[kind]
    site = Site(source=kind, url=url, token=f"sandbox-{kind}-token", browse_url=BROWSE[kind])
    return discovery.found()[kind].open(site, selection)


def _with_details(job: Pull, connectors: list[Connector]) -> tuple[Verdict, ...]:
    """Jobs of every pipeline, commits and notes of every merge request, which a run asks for only where a rule wants them."""
    with job.engine.connect() as connection:
        found = records.all_records(connection)
    requests = tuple(record for record in found if record.kind == "merge_request")
    wanted = {
        "jobs": tuple(record for record in found if record.kind == "pipeline"),
        "merge_request_commits": requests,
        "notes": requests,
    }
    return details.ask(job, connectors, wanted)
