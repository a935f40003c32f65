"""Commands about technical debt."""

from __future__ import annotations

import sys
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from connectors.records import TodoScan
from mappings.admitted import candidates_of, todo_candidates_of
from mappings.calendar import Calendar
from mappings.graph import carried_commits
from mappings.keys import known_projects
from mappings.links import links_of
from mappings.observed import Observed
from mappings.todos import Todos
from sync.app import App
from sync.cli.context import opened
from sync.cli.days import day_in
from sync.cli.options import Json
from sync.cli.output import out, print_json
from sync.engine import cycle
from sync.reports import debt_candidates as view
from sync.reports.debt_candidates import Debt
from sync.reports.status import sources_line

app = typer.Typer(help="Find technical debt that nobody has put into the register yet.", no_args_is_help=True)


def register(program: typer.Typer) -> None:
    """Add this file's commands."""
    program.add_typer(app, name="debt")


class Format(StrEnum):
    """How a list is printed."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"
    CSV = "csv"


@app.callback()
def _group() -> None:
    """Find technical debt that nobody has put into the register yet."""


@app.command()
def candidates(
    context: typer.Context,
    min_probability: Annotated[
        float | None,
        typer.Option(
            "--min-probability",
            min=0.0,
            max=1.0,
            help="Only changes that admit debt with at least this probability; default: as learned.",
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="DAY",
            help="Only changes since this day: YYYY-MM-DD. Comments in files have no day and are left out.",
        ),
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="How the list is printed.")] = Format.TABLE,
    as_json: Json = False,
) -> None:
    """List commits, merge requests and TODO comments in files that admit technical debt, from what the store holds. Contacts nothing."""
    with opened(context.obj) as app_:
        calendar = Calendar(spec=app_.mapping.spec.calendar)
        first = calendar.start_of(day_in(since, option="--since")) if since else None
        observed = cycle.observed_in(app_.engine)
        found = _found(app_, observed, since=first, at_least=min_probability)
        _print(found, app_, observed, Format.JSON if as_json else format_)


def _found(app_: App, observed: Observed, *, since: datetime | None, at_least: float | None) -> Debt:
    spec, carried = app_.mapping.spec, carried_commits(observed)
    links = links_of(spec, observed, carried=carried)
    changes = candidates_of(observed, links, carried=carried, since=since, at_least=at_least)
    if since:
        return Debt(changes=changes)
    todos = todo_candidates_of(Todos(observed, known_projects(spec, observed)))
    return Debt(changes=changes, todos=todos, scans=observed.all(TodoScan))


def _print(found: Debt, app_: App, observed: Observed, format_: Format) -> None:
    language = app_.mapping.spec.language
    now = app_.now()
    match format_:
        case Format.JSON:
            print_json(view.document_of(found, now=now))
        case Format.MARKDOWN:
            sys.stdout.write(view.markdown_of(found, language))
        case Format.CSV:
            sys.stdout.write(view.csv_of(found, language))
        case Format.TABLE:
            out().print(view.view_of(found, language))
            out().print(sources_line(observed.verdicts, now))
