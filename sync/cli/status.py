"""The command that tells how every commitment stands."""

from __future__ import annotations

from typing import Annotated

import typer

from sync.cli.context import judged, opened
from sync.cli.options import Json
from sync.cli.output import out, print_json
from sync.reports import noticed
from sync.reports import status as view


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(status)


def status(
    context: typer.Context,
    kind: Annotated[str | None, typer.Option(help="Only milestone or only debt.")] = None,
    as_json: Json = False,
) -> None:
    """Show how every commitment stands, from what the store holds. Contacts nothing."""
    with opened(context.obj) as app, judged(app) as judging:
        shown = tuple(j for j in judging.judged if kind in {None, j.commitment.kind.value})
        if as_json:
            print_json(view.document_of(shown, judging))
            return
        console = out()
        console.print(view.table_of(shown))
        for line in noticed.lines_of(noticed.own_of(judging.judgement.findings), judging.world.spec.language):
            console.print(line)
        console.print(view.sources_line(judging.world.observed.verdicts, judging.world.now))
