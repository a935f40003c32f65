"""Commands about the queue that workers share: how it stands, and its tables made anew. They contact no tool."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from sqlalchemy import Engine

from sync.cli.configured import settings_from
from sync.cli.options import Json, Options
from sync.cli.output import out, print_json, say
from sync.queue import schema
from sync.reports import queue as view
from sync.store import database
from sync.store.queue_state import state_in

app = typer.Typer(help="Look after the queue that workers share.", no_args_is_help=True)


def register(program: typer.Typer) -> None:
    """Add this file's commands."""
    program.add_typer(app, name="queue")


@contextmanager
def _store(options: Options) -> Iterator[Engine]:
    engine = database.opened(settings_from(options).database)
    try:
        schema.require_postgres(engine)
        yield engine
    finally:
        engine.dispose()


@app.command()
def status(context: typer.Context, as_json: Json = False) -> None:
    """Show what waits, runs and failed, which workers live, and what they have used of their budgets. Changes nothing."""
    with _store(context.obj) as engine, engine.connect() as connection:
        state = state_in(connection)
    if as_json:
        print_json(view.document_of(state))
    else:
        out().print(view.view_of(state))


@app.command()
def init(context: typer.Context) -> None:
    """Make the queue's tables anew, after all workers have ended: once a newer version asks for it. What was under way is read again by the next tick."""
    with _store(context.obj) as engine:
        database.upgrade(engine)
        schema.make_anew(engine)
    say("The queue's tables are made anew. Start workers: tandem worker --queue")
