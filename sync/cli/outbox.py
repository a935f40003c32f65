"""Commands about the outbox: what waits to be written, what failed, and what a person lets go of. They contact nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from sqlalchemy import Connection

from connectors.errors import TandemError
from sync.cli.configured import settings_from
from sync.cli.options import Json, Options
from sync.cli.output import out, plain, print_json, say
from sync.reports import outbox as view
from sync.store import database, outbox_care, slots
from sync.store.outbox import DEAD, Delivery
from sync.store.outbox_care import Waiting, waiting_in
from sync.store.slots import Sight

app = typer.Typer(help="See what waits to be written to Jira; try it again or drop it.", no_args_is_help=True)

Ids = Annotated[
    list[str] | None,
    typer.Argument(metavar="ID...", help="Numbers of deliveries as listed, or issue keys."),
]


def register(program: typer.Typer) -> None:
    """Add this file's commands."""
    program.add_typer(app, name="outbox")


@contextmanager
def _store(options: Options) -> Iterator[Connection]:
    """One transaction on the store, which is upgraded first."""
    engine = database.opened(settings_from(options).database)
    try:
        database.upgrade(engine)
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


@app.command(name="list")
def list_(
    context: typer.Context,
    dead: Annotated[
        bool, typer.Option("--dead", help="Only those that failed too often to be tried again.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List what waits: pending and dead deliveries with reason and age, and slots that are left alone."""
    options: Options = context.obj
    with _store(options) as connection:
        waiting = waiting_in(connection, state=DEAD if dead else None)
    if as_json:
        print_json(view.document_of(waiting))
    else:
        out().print(view.view_of(waiting, now=options.now()))


@app.command()
def retry(
    context: typer.Context,
    ids: Ids = None,
    all_: Annotated[
        bool, typer.Option("--all", help="All dead deliveries and all slots left alone.")
    ] = False,
) -> None:
    """Let dead deliveries be tried again by the next sync, and give slots back that are left alone because a person touched them."""
    if bool(ids) == all_:
        raise TandemError("Name deliveries or issues, or say --all: tandem outbox retry ID... | --all")
    with _store(context.obj) as connection:
        waiting = outbox_care.waiting_in(connection)
        dead, left = _chosen(waiting, None if all_ else ids)
        outbox_care.retry(connection, dead)
        slots.give_back(connection, (sight.slot for sight in left))
    say(f"{len(dead)} to be tried again, {len(left)} given back. The next sync writes them: tandem sync")


def _chosen(waiting: Waiting, ids: list[str] | None) -> tuple[list[Delivery], list[Sight]]:
    """The dead deliveries and the slots left alone that are meant; all of them with None. Raises TandemError, before anything is changed, for an id that means none."""
    dead = [d for d in waiting.deliveries if d.state == DEAD]
    left = list(waiting.left_alone)
    if ids is None:
        return dead, left
    names = {id(one): {str(one.id), waiting.issue_of(one.command.slot)} for one in dead}
    names |= {id(one): {str(one.slot), waiting.issue_of(one.slot)} for one in left}
    _refuse_unknown(ids, frozenset().union(*names.values()))
    wanted = frozenset(ids)
    return [d for d in dead if names[id(d)] & wanted], [s for s in left if names[id(s)] & wanted]


def _refuse_unknown(ids: Iterable[str], known: frozenset[str]) -> None:
    unknown = [one for one in ids if one not in known]
    if unknown:
        raise TandemError(
            f"{', '.join(unknown)}: neither a dead delivery nor an issue with a slot left alone; see: tandem outbox list"
        )


@app.command()
def drop(
    context: typer.Context,
    id_: Annotated[int, typer.Argument(metavar="ID", help="Number of the delivery as listed.")],
    force: Annotated[
        bool, typer.Option("--force", help="Even if a write was begun whose outcome is not known.")
    ] = False,
) -> None:
    """Take a delivery out of the outbox. What the mapping still wants there is wished for again by the next sync."""
    with _store(context.obj) as connection:
        waiting = outbox_care.waiting_in(connection)
        delivery = next((d for d in waiting.deliveries if d.id == id_), None)
        if delivery is None:
            raise TandemError(f"{id_}: no such delivery; see: tandem outbox list")
        if not outbox_care.drop(connection, delivery, is_forced=force):
            raise TandemError(
                f"{id_}: a write to {waiting.issue_of(delivery.command.slot)} was begun and its outcome is not known: the comment may be missing or half "
                f"changed. Let a sync put it right, or drop it all the same with: tandem outbox drop {id_} --force"
            )
        said = plain(f"{waiting.issue_of(delivery.command.slot)} {delivery.place[1]}")
    say(f"Dropped {id_}: {said}.")
