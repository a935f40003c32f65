"""The command that derives a recorded run again: support without access."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connectors.errors import ConfigError
from sync import logs
from sync.cli import replay_view as view
from sync.cli.errors import Exit
from sync.cli.options import Json, Options
from sync.cli.output import out, print_json
from sync.recordings.replaying import replayed


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command()(replay)


def replay(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A folder that was made with: tandem sync --record DIR.")
    ],
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", "-m", help="Judge by this mapping instead of the recorded one."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Derive a recorded run again, offline, and compare its plan with the recorded one. Exits 1 if they differ."""
    options: Options = context.obj
    logs.configure(style="text", level="info" if options.is_verbose else "error")
    try:
        with replayed(folder, mapping=mapping or options.mapping) as (found, _):
            if as_json:
                print_json(view.document_of(found))
            else:
                out().print(view.view_of(found))
    except OSError as error:
        raise ConfigError(f"{folder}: cannot be read ({error.strerror})") from error
    if found.differences:
        raise typer.Exit(Exit.ERROR)
