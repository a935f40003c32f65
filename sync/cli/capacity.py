"""The command that tells what a company's size costs and which limit binds first."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer
from msgspec.structs import replace

from sync.capacity.company import Company, Setup
from sync.capacity.constants import Constants, constants_in_force
from sync.capacity.estimate import Estimate, estimate_of
from sync.capacity.guesses import SIZES, sizes_of
from sync.capacity.simulation import Simulated, simulated
from sync.capacity.work import Model
from sync.cli.configured import settings_from
from sync.cli.options import Json, Options
from sync.cli.output import out, print_json
from sync.reports import capacity as view
from sync.reports.capacity_document import document_of
from sync.store import database as stores
from sync.store.holdings import holdings

_TIMES = (1.0, 3.0, 6.0, 12.0)
"""The intervals of simulated days, in times of the one asked about."""


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(capacity)


class Jira(StrEnum):
    """Which Jira."""

    CLOUD = "cloud"
    DATA_CENTER = "data-center"


class Gitlab(StrEnum):
    """Which GitLab."""

    COM = "gitlab.com"
    SELF_MANAGED = "self-managed"


class Database(StrEnum):
    """Where the store is."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


class Requests(StrEnum):
    """Which request counts are used."""

    EXPECTED = "expected"
    MEASURED = "measured"


def capacity(
    context: typer.Context,
    issues: Annotated[int | None, typer.Option("--issues", min=1, help="Issues in Jira; default: as many as the store holds.")] = None,
    projects: Annotated[int | None, typer.Option("--projects", min=1, help="GitLab projects; what is not given is taken from the store, else guessed.")] = None,
    interval: Annotated[float, typer.Option("--interval", min=1.0, max=1440.0, help="Minutes between the beginnings of two cycles.")] = 5.0,
    jira_projects: Annotated[int | None, typer.Option("--jira-projects", min=1, help="Jira projects.")] = None,
    jira_sites: Annotated[int | None, typer.Option("--jira-sites", min=1, help="Jira sites.")] = None,
    gitlab_sites: Annotated[int | None, typer.Option("--gitlab-sites", min=1, help="GitLab sources, each with a user of its own.")] = None,
    commits: Annotated[int | None, typer.Option("--commits", min=1, help="Commits in GitLab.")] = None,
    merge_requests: Annotated[int | None, typer.Option("--merge-requests", min=1, help="Merge requests in GitLab.")] = None,
    pipelines: Annotated[int | None, typer.Option("--pipelines", min=1, help="Pipelines in GitLab.")] = None,
    commitments: Annotated[int | None, typer.Option("--commitments", min=1, help="Milestones and debt items.")] = None,
    changed: Annotated[float, typer.Option("--changed", min=0.0, max=100.0, help="Percent of the issues that change on a working day.")] = 1.0,
    years: Annotated[float, typer.Option("--years", min=0.1, help="Over how many years what there is has come together.")] = 5.0,
    jira: Annotated[Jira, typer.Option("--jira", help="Which Jira.")] = Jira.CLOUD,
    gitlab: Annotated[Gitlab, typer.Option("--gitlab", help="Which GitLab.")] = Gitlab.COM,
    gitlab_limit: Annotated[float | None, typer.Option("--gitlab-limit", min=0.0, help="Requests a minute that a GitLab user may make; 0: no limit. Default: the vendor's.")] = None,
    is_oauth: Annotated[bool, typer.Option("--oauth", help="Jira Cloud is asked as an OAuth app, which has points to spend.")] = False,
    blind_hours: Annotated[float, typer.Option("--blind-hours", min=1.0, help="Hours between two rounds over all GitLab projects, whatever their last activity.")] = 1.0,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="Processes; default: as many as the interval needs.")] = None,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Threads by which each asks, as TANDEM_PULL_WORKERS.")] = 8,
    round_trip: Annotated[float, typer.Option("--round-trip", min=0.0, help="Milliseconds until a tool answers.")] = 200.0,
    database: Annotated[Database | None, typer.Option("--database", help="Where the store is; default: SQLite for one worker.")] = None,
    requests: Annotated[Requests | None, typer.Option("--requests", help="Request counts that runs are held to, or those that were measured.")] = None,
    simulate: Annotated[bool, typer.Option("--simulate", help="Also simulate a day, at this interval and at longer ones.")] = False,
    seed: Annotated[int, typer.Option("--seed", help="Of the simulated day.")] = 1,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Estimate requests, workers, room and the shortest interval for a company of a given size, and what binds first. Contacts nothing."""
    given = {
        "issues": issues,
        "gitlab_projects": projects,
        "jira_projects": jira_projects,
        "jira_sites": jira_sites,
        "gitlab_sites": gitlab_sites,
        "commits": commits,
        "merge_requests": merge_requests,
        "pipelines": pipelines,
        "commitments": commitments,
    }
    held = _held(context.obj)
    if issues is None and "issues" not in held:
        raise typer.BadParameter("there is no store to count in; say how many issues", param_hint="--issues")
    company = Company(
        **sizes_of(given, held),
        changed_per_day=changed / 100,
        history_years=years,
        is_jira_cloud=jira is Jira.CLOUD,
        is_gitlab_com=gitlab is Gitlab.COM,
    )
    setup = Setup(
        interval_min=interval,
        threads=threads,
        round_trip_s=round_trip / 1000,
        gitlab_per_min=gitlab_limit,
        is_oauth=is_oauth,
        blind_hours=blind_hours,
    )
    c = constants_in_force(requests.value if requests else None)
    estimate = _estimated(company, setup, c, workers=workers, database=database)
    guessed = [name for name in SIZES if given[name] is None and name not in held]
    days = _days(estimate.model, seed=seed) if simulate else None
    if as_json:
        print_json(document_of(estimate, guessed=guessed, days=days))
        return
    console = out()
    console.print(view.view_of(estimate, guessed=guessed))
    if days is not None:
        console.print(view.simulated_view(days))


def _held(options: Options) -> dict[str, int]:
    engine = stores.opened(settings_from(options).database, lock_timeout_s=1.0)
    try:
        return dict(holdings(engine))
    finally:
        engine.dispose()


def _estimated(
    company: Company, setup: Setup, c: Constants, *, workers: int | None, database: Database | None
) -> Estimate:
    """The estimate with the workers that were given, else with as many as the interval needs, over the database that suits them."""
    needed = workers or estimate_of(company, setup, c).workers_needed
    chosen = database or (Database.SQLITE if needed == 1 else Database.POSTGRESQL)
    return estimate_of(company, replace(setup, workers=needed, database=chosen.value), c)


def _days(model: Model, *, seed: int) -> tuple[Simulated, ...]:
    intervals = sorted({model.setup.interval_min * times for times in _TIMES})
    return tuple(
        simulated(replace(model, setup=replace(model.setup, interval_min=interval)), seed=seed)
        for interval in intervals
    )
