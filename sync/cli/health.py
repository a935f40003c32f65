"""The command that watchdogs ask whether Tandem still does its work."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import typer
from msgspec.structs import asdict

from sync.cli.configured import settings_from
from sync.cli.errors import Exit
from sync.cli.options import Json, Options
from sync.cli.output import plain, print_json, say
from sync.reports.health import health_of, last_good
from sync.settings import Settings
from sync.store import database, pulse
from sync.store.progress import Run


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(health)


def health(
    context: typer.Context,
    max_age: Annotated[
        int | None,
        typer.Option(
            "--max-age",
            min=1,
            help="Minutes since the last good run, instead of two intervals of the mapping's schedule.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say whether the last good run is recent enough; exit 1 if not. Good is complete or partial. Contacts nothing, changes nothing."""
    options: Options = context.obj
    settings, now = settings_from(options), options.now()
    engine = database.opened(settings.database, lock_timeout_s=1.0)
    try:
        seen = pulse.taken(engine, now=now)
    finally:
        engine.dispose()
    overdue = _overdue(settings, last_good(seen.runs, now=now), max_age)
    found = health_of(seen.runs, overdue_at=overdue, now=now, trouble=seen.trouble)
    if as_json:
        print_json(
            {
                "healthy": found.is_well,
                "last_good_run": asdict(found.last_good) if found.last_good else None,
                "overdue_at": overdue,
                "says": found.sentences,
                "leases": [{"name": name, "holder": holder} for name, holder in seen.leases],
                "dead_letters": seen.dead_letters,
            }
        )
    else:
        _print(found.is_well, found.sentences, overdue)
        for name, holder in seen.leases:
            say(f"{plain(name)} is held by process {plain(holder)}.")
        if seen.dead_letters:
            say(f"{seen.dead_letters} dead in the outbox: tandem outbox list")
    if not found.is_well:
        raise typer.Exit(Exit.ERROR)


def _overdue(settings: Settings, good: Run | None, max_age: int | None) -> datetime | None:
    """When the next good run is missed; the mapping is read only where its schedule counts."""
    if good is None or good.finished_at is None:
        return None
    if max_age is not None:
        return good.finished_at + timedelta(minutes=max_age)
    # a watchdog asks often, and these load the mapping's models, the rules and the scheduler
    from sync.app import mapping_of  # noqa: PLC0415
    from sync.scheduler import overdue_at  # noqa: PLC0415

    spec = mapping_of(settings).spec
    return overdue_at(spec.schedule, zone=spec.calendar.zone, since=good.finished_at)


def _print(is_well: bool, sentences: tuple[str, ...], overdue: datetime | None) -> None:
    first, *others = sentences
    due = f" The next one is wanted by {overdue:%Y-%m-%d %H:%M} UTC." if overdue else ""
    say(f"{'[green]ok[/]  ' if is_well else '[red]FAIL[/]'}  {plain(first)}{due}")
    for sentence in others:
        say(f"      {plain(sentence)}")
