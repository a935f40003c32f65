"""Commands that tell why: explain, links why."""

from __future__ import annotations

from typing import Annotated

import typer

from connectors.errors import TandemError
from sync.cli.context import opened
from sync.cli.inspect import Json
from sync.cli.output import document_of, out, print_json
from sync.core.explain import explanation_of, lines_of, links_why
from sync.core.status import headline
from sync.engine import cycle
from sync.reports.words import safe, status_words

links = typer.Typer(help="Ask how changes and issues are tied.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(explain)
    app.add_typer(links, name="links")


def explain(
    context: typer.Context,
    key: Annotated[
        str, typer.Argument(help="An issue key, a commitment key, a finding's fingerprint or a rule code.")
    ],
    as_json: Json = False,
) -> None:
    """Tell which records, linked by which rule, led to a status, why, what has changed since, and what would clear it. Contacts nothing."""
    with opened(context.obj) as app:
        judging = cycle.judging_of(app.engine, app.mapping.spec, now=app.now())
        found = explanation_of(
            judging.world,
            judging.judgement,
            key,
            position_of=app.mapping.place_of,
            state=cycle.delivered_in(app.engine, judging.world),
        )
    if found is None:
        raise TandemError(f'"{key}" is no issue, commitment, finding or rule that is known here')
    if as_json:
        print_json(document_of(found))
        return
    for one in (j for j in judging.judged if j.commitment.key == key.strip().lower()):
        out().print(
            f"{status_words(one.status.health, one.status.agreement)}: {safe(headline(one.status, app.mapping.spec.language))}"
        )
    for line in lines_of(found):
        out().print(safe(line), soft_wrap=True)


@links.command()
def why(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="An issue key, present or former.")],
    as_json: Json = False,
) -> None:
    """Tell why each branch, commit and merge request is tied to an issue. Contacts nothing."""
    with opened(context.obj) as app:
        world = cycle.judging_of(app.engine, app.mapping.spec, now=app.now()).world
    found = links_why(world, key)
    if found is None:
        raise TandemError(f'"{key}" is no issue that is known here')
    if as_json:
        print_json({"key": key, "links": [document_of(link) for link in found]})
        return
    for link in found:
        out().print(safe(str(link)), soft_wrap=True)
    if not found:
        out().print(f"nothing is tied to {safe(key)}")
