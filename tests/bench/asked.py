"""What pulling asks and costs: requests of a quiet run, of an hourly and a daily one, and processor time per request and record, over the sandbox's company.

Requests are counted as they were sent and told apart by what they ask: one project, or the site. Times are of this process alone; the tools have one of their own.
"""

from __future__ import annotations

import dataclasses
import re
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from connectors.cursor import Cursor
from connectors.port import Connector, Exchange, Request, Scope, Stream
from sync.app import opened
from sync.engine.run import pull_only
from tests.bench.pulling import KeepingTape, Stage, served

_OF_A_JIRA_PROJECT = re.compile(r'project = \\?"|/project/|/board')
_OF_A_GITLAB_PROJECT = re.compile(r"/projects/(\d+)")
_RUNS = {
    "cycle": (timedelta(minutes=10), False),
    "hourly": (timedelta(hours=2), False),
    "blind": (timedelta(hours=28), False),
    "counted": (timedelta(hours=29), True),
}
"""How long after the first pull each run is made, and whether it counts what there is. One a day later trusts no hint of what is quiet."""
_ROUNDS = 3
_AGAIN = 5
"""How often each stream is walked when nothing is new."""
_MAIN = {"issues": "issue", "commits": "commit", "merge_requests": "merge_request", "pipelines": "pipeline"}
"""The streams whose cost is laid on one kind of record."""


@dataclass
class Spent:
    """What one walk of a stream took."""

    cpu_s: float = 0.0
    requests: int = 0
    records: Counter[str] = field(default_factory=Counter)


def requests_asked() -> dict[str, float]:
    """Requests of a run in which nothing changed, by the site's part and the part of each project; of an active project those beyond a quiet one's."""
    with tempfile.TemporaryDirectory() as made, served(Path(made), 0.0) as stage:
        _run(stage, timedelta(0), is_counted=True)
        runs = {name: _run(stage, lapse, is_counted=counted) for name, (lapse, counted) in _RUNS.items()}
    jira = {name: _jira(asked) for name, asked in runs.items()}
    projects = len({id_ for asked in runs.values() for id_ in map(_gitlab_project, asked) if id_})
    gitlab = {name: _gitlab(asked, projects) for name, asked in runs.items()}
    return {
        "jira_per_site": jira["cycle"][0],
        "jira_per_project": jira["cycle"][1],
        "jira_per_project_hourly": max(0.0, jira["hourly"][1] - jira["cycle"][1]),
        "jira_per_project_daily": max(0.0, jira["counted"][1] - jira["hourly"][1]),
        "gitlab_per_site": gitlab["cycle"][0],
        "gitlab_per_project": gitlab["cycle"][1],
        "gitlab_per_active_project": gitlab["blind"][1] - gitlab["cycle"][1],
        "gitlab_per_project_hourly": max(0.0, gitlab["hourly"][1] - gitlab["cycle"][1]),
        "gitlab_per_project_daily": gitlab["blind"][1]
        - gitlab["hourly"][1]
        + max(0.0, gitlab["counted"][1] - gitlab["hourly"][1]),
    }


def _run(stage: Stage, lapse: timedelta, *, is_counted: bool) -> list[Exchange]:
    """What one pull asked, ``lapse`` after now."""
    tape = KeepingTape()

    def now() -> datetime:
        return datetime.now(UTC) + lapse

    with opened(stage.settings("asked"), now=now) as app, app.connectors(tape=tape) as connectors:
        every = timedelta(hours=1 if is_counted else 10_000)
        job = replace(app.job("pull", connectors), census_every=every)
        outcome = pull_only(job)
    assert outcome.word == "complete", outcome.verdicts
    return tape.exchanges


def _jira(asked: Iterable[Exchange]) -> tuple[float, float]:
    """(requests of the site, requests of each of its two projects)."""
    mine = [f"{one.target} {one.sent!r}" for one in asked if one.source == "jira"]
    of_projects = sum(bool(_OF_A_JIRA_PROJECT.search(line)) for line in mine)
    return len(mine) - of_projects, of_projects / 2


def _gitlab(asked: Iterable[Exchange], projects: int) -> tuple[float, float]:
    """(requests of the site, requests of each of its projects)."""
    mine = [one for one in asked if one.source == "gitlab"]
    of_projects = sum(_gitlab_project(one) is not None for one in mine)
    return len(mine) - of_projects, of_projects / projects


def _gitlab_project(asked: Exchange) -> str | None:
    """The id of the project that a request is about."""
    found = _OF_A_GITLAB_PROJECT.search(asked.target) if asked.source == "gitlab" else None
    return found.group(1) if found else None


def processor_spent() -> dict[str, float]:
    """Seconds of this process for one request whose answer holds next to nothing, and beyond that for each record of the large streams, read and parsed."""
    with tempfile.TemporaryDirectory() as made, served(Path(made), 0.0) as stage:
        _walked_at(stage)  # the first time loads modules
        rounds = [_walked_at(stage) for _ in range(_ROUNDS)]
    told = [_told(first, again) for first, again in rounds]
    return {name: statistics.median(one[name] for one in told) for name in told[0]}


def _told(first: Mapping[str, Spent], again: Mapping[str, Spent]) -> dict[str, float]:
    per_request = sum(s.cpu_s for s in again.values()) / sum(s.requests for s in again.values())
    found = {"cpu_s_per_request": per_request}
    for stream, kind in _MAIN.items():
        spent = first[stream]
        beyond = max(0.0, spent.cpu_s - spent.requests * per_request)
        found[f"cpu_s_per_{kind}_pulled"] = beyond / spent.records[kind]
    return found


def _walked_at(stage: Stage) -> tuple[dict[str, Spent], dict[str, Spent]]:
    with opened(stage.settings("walked"), now=lambda: datetime.now(UTC)) as app, app.connectors() as found:
        return _walked(found)


def _walked(connectors: Iterable[Connector]) -> tuple[dict[str, Spent], dict[str, Spent]]:
    """What each stream took at first, and once more with its cursors."""
    first: dict[str, Spent] = {}
    again: dict[str, Spent] = {}
    for connector in connectors:
        connector.connect()
        for stream in connector.streams():
            first[stream.name], again[stream.name] = Spent(), Spent()
            for partition in tuple(stream.partitions(frozenset())):
                scope = Scope(source=connector.source, stream=stream.name, partition=partition)
                request = Request(scope=scope, cursor=Cursor(), now=datetime.now(UTC))
                cursor = _walk(connector, stream, request, first[stream.name])
                for _ in range(_AGAIN):
                    _walk(connector, stream, dataclasses.replace(request, cursor=cursor), again[stream.name])
    return first, again


def _walk(connector: Connector, stream: Stream, request: Request, spent: Spent) -> Cursor:
    """The cursor behind one walk, whose cost is added to ``spent``."""
    cursor = request.cursor
    before, began = connector.requests_made, time.process_time()
    for page in stream.pages(request):
        cursor = page.cursor
        spent.records.update(record.kind for record in page.records)
    spent.cpu_s += time.process_time() - began
    spent.requests += connector.requests_made - before
    return cursor


if __name__ == "__main__":
    print(requests_asked(), processor_spent())
