"""The command that suggests issues for changes without a key: links suggest."""

from __future__ import annotations

import sys
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from mappings.calendar import Calendar
from mappings.likely.suggestions import Bounds, suggestions_of
from sync.cli.context import opened
from sync.cli.days import day_in
from sync.cli.options import Json
from sync.cli.output import out, print_json
from sync.engine import cycle
from sync.reports import suggestions as view


class Format(StrEnum):
    """How the suggestions are printed."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"
    CSV = "csv"


def suggest(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="At most so many changes, newest first.")] = 20,
    min_score: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Only issues with at least this score.")
    ] = 0.3,
    since: Annotated[
        str | None, typer.Option(metavar="DAY", help="Only changes from this day on, YYYY-MM-DD.")
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="How to print them.")] = Format.TABLE,
    as_json: Json = False,
) -> None:
    """Suggest issues for merge requests and commits that name none, with reasons, for a person to confirm. Contacts nothing."""
    day = day_in(since, option="--since") if since else None
    with opened(context.obj) as app:
        spec, now = app.mapping.spec, app.now()
        start: datetime | None = Calendar(spec=spec.calendar).start_of(day) if day else None
        bounds = Bounds(limit=limit, least=min_score, since=start)
        found = suggestions_of(spec, cycle.observed_in(app.engine), bounds)
    if as_json or format_ is Format.JSON:
        print_json(view.document_of(found, language=spec.language, now=now))
    elif format_ is Format.TABLE:
        out().print(view.view_of(found, spec.language))
    else:
        text = view.markdown_of if format_ is Format.MARKDOWN else view.csv_of
        sys.stdout.write(text(found, spec.language))
