"""Commands about the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import asdict
from sqlalchemy import Engine

from connectors.check import Level
from sync.cli.configured import settings_from
from sync.cli.errors import Exit
from sync.cli.options import Json, Options
from sync.cli.output import plain, print_json, say
from sync.reports.doctor import lines_of
from sync.store import database, progress
from sync.store.backup import backed_up
from sync.store.failures import place_of
from sync.store.handover import handed_over
from sync.store.prune import pruned, tidied
from sync.store.restore import checked, restored
from sync.store.verify import verified

app = typer.Typer(help="Look after the store.", no_args_is_help=True)


def register(program: typer.Typer) -> None:
    """Add this file's commands."""
    program.add_typer(app, name="db")


@contextmanager
def _store(context: typer.Context) -> Iterator[Engine]:
    with _engine(settings_from(context.obj).database) as engine:
        yield engine


@contextmanager
def _engine(url: str, named: str = "TANDEM_DATABASE") -> Iterator[Engine]:
    engine = database.opened(url, named=named)
    try:
        yield engine
    finally:
        engine.dispose()


@app.command()
def upgrade(context: typer.Context) -> None:
    """Bring the store to this version's tables; a new one is made whole."""
    with _store(context) as engine:
        before = database.revision_of(engine)
        database.upgrade(engine)
        after = database.revision_of(engine)
        say(
            f"{plain(place_of(engine))}: revision {after}"
            + ("" if before == after else f" (was {before or 'empty'})")
        )


@app.command()
def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The backup: one SQLite file, whatever the store is.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
) -> None:
    """Keep the store as it is now in a file, while others work on it."""
    with _store(context) as engine:
        counts = backed_up(engine, file, is_forced=force)
    say(f"[green]ok[/]  {plain(str(file))}: {_words(counts)}, {file.stat().st_size / 1e6:.1f} MB")


def _words(counts: Mapping[str, int]) -> str:
    records = sum(n for name, n in counts.items() if name.endswith("_records"))
    return f"{records} records, {counts['runs']} runs, {counts['receipts']} receipts, {counts['outbox']} in the outbox"


@app.command()
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file that tandem db backup made.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Put a backup in the place of all that the store holds, after a look at it. Refused while a run is under way."""
    options: Options = context.obj
    with _store(context) as engine:
        held = checked(file)
        if not yes:
            typer.confirm(f"Replace {place_of(engine)} by {file} ({_words(held)})?", abort=True)
        done = restored(engine, file, now=options.now())
    say(f"before: {_words(done.before) if done.before else 'nothing that could be read'}")
    say(f"now:    {_words(done.after)}")
    if done.aside:
        say(f"The file that was no database is kept as {plain(str(done.aside))}.")
    say(
        "The next run reads what has changed since that backup; comments written since are found again, not repeated."
    )


@app.command()
def copy(
    context: typer.Context,
    origin: Annotated[
        str | None,
        typer.Option("--from", help="URL of the store that is copied; default TANDEM_DATABASE."),
    ] = None,
    goal: Annotated[
        str | None,
        typer.Option("--to", help="URL of the empty database that is filled; default TANDEM_DATABASE."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Copy a whole store into an empty database of either kind, SQLite or PostgreSQL; all of it or nothing. The source stays as it is."""
    options: Options = context.obj
    own = settings_from(options).database
    with _engine(origin or own, "--from") as source, _engine(goal or own, "--to") as target:
        done = handed_over(source, target, now=options.now())
        places = place_of(source), place_of(target)
    if as_json:
        print_json(
            {
                "from": places[0],
                "to": places[1],
                "rows": dict(done.rows),
                "at_work": [asdict(held) for held in done.at_work],
            }
        )
        return
    for name, count in done.rows.items():
        if count:
            say(f"{name:<30} {count:>10}")
    say(f"[green]ok[/]  {plain(places[0])} is in {plain(places[1])}: {_words(done.rows)}")
    for held in done.at_work:
        say(
            f"Process {plain(held.holder)} was at work on the source ({plain(held.name)}): what it stored since is not in the copy."
        )
    say("Stop what works on the source, then let TANDEM_DATABASE name the copy: two stores would both write.")


@app.command()
def verify(context: typer.Context, as_json: Json = False) -> None:
    """Look whether the store is whole: pages, tables, references, digests, cursors, outbox. Changes nothing."""
    options: Options = context.obj
    with _store(context) as engine:
        checks = tuple(verified(engine, now=options.now()))
    if as_json:
        print_json({"checks": [asdict(check) for check in checks]})
    else:
        for line in lines_of(("store", check) for check in checks):
            say(line)
    if any(check.level is Level.FAIL for check in checks):
        raise typer.Exit(Exit.ERROR)


@app.command()
def prune(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count only.")] = False,
    as_json: Json = False,
) -> None:
    """Remove what is older than TANDEM_RETENTION_DAYS keeps it; what is not named there is kept for ever."""
    options: Options = context.obj
    days = settings_from(options).retention_days
    with _store(context) as engine:
        database.upgrade(engine)
        counts = pruned(engine, days, now=options.now(), is_dry=dry_run)
        is_tidy = dry_run or not any(counts.values()) or tidied(engine)
    if as_json:
        print_json({"dry_run": dry_run, "removed": dict(counts)})
        return
    for kind, count in counts.items():
        say(
            f"{kind:<10} {count:>8} {'would be removed' if dry_run else 'removed'}, older than {days[kind]} days"
        )
    if not counts:
        say("Nothing is named in TANDEM_RETENTION_DAYS, so everything is kept.")
    if not is_tidy:
        say(
            "Others are at work on the store, so the room is not given back to the disk yet; the next prune does it."
        )


@app.command()
def runs(
    context: typer.Context,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 10,
    as_json: Json = False,
) -> None:
    """List the newest runs."""
    with _store(context) as engine:
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
