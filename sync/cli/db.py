"""Commands about the store."""

from __future__ import annotations

from dataclasses import asdict

import typer

from sync.cli.context import Options, settings_from
from sync.cli.inspect import Json
from sync.cli.output import plain, print_json, say

app = typer.Typer(help="Look after the store.", no_args_is_help=True)


@app.command()
def upgrade(context: typer.Context) -> None:
    """Bring the store to this version's tables; a new one is made whole."""
    from sync.store import database

    options: Options = context.obj
    engine = database.opened(settings_from(options).database)
    before = database.revision_of(engine)
    database.upgrade(engine)
    after = database.revision_of(engine)
    where = plain(engine.url.render_as_string(hide_password=True))
    say(f"{where}: revision {after}" + ("" if before == after else f" (was {before or 'empty'})"))


@app.command()
def runs(context: typer.Context, limit: int = 10, as_json: Json = False) -> None:
    """List the newest runs."""
    from sync.store import database, progress

    options: Options = context.obj
    engine = database.opened(settings_from(options).database)
    database.upgrade(engine)
    with engine.connect() as connection:
        found = progress.recent_runs(connection, limit=limit)
    if as_json:
        print_json({"runs": [asdict(run) for run in found]})
        return
    for run in found:
        ended = (
            f"{(run.finished_at - run.started_at).total_seconds():.1f} s"
            if run.finished_at
            else "not finished"
        )
        say(
            f"{run.started_at:%Y-%m-%d %H:%M:%S}Z  {run.id}  {run.command:<6} {run.outcome or '-':<9} "
            f"{run.requests:>5} requests  {run.records:>6} records  {run.writes:>3} writes  {ended}  {plain(run.detail)}".rstrip()
        )
