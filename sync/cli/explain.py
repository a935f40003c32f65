"""The command that tells why."""

from __future__ import annotations

from typing import Annotated

import typer

from connectors.errors import TandemError
from sync.cli.context import judged, opened
from sync.cli.options import Json
from sync.cli.output import document_of, out, print_json
from sync.core.explain import explanation_of, lines_of
from sync.core.status import headline
from sync.engine import cycle
from sync.reports.words import safe, status_words


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command()(explain)


def explain(
    context: typer.Context,
    key: Annotated[
        str, typer.Argument(help="An issue key, a commitment key, a finding's fingerprint or a rule code.")
    ],
    as_json: Json = False,
) -> None:
    """Tell which records, linked by which rule, led to a status, why, what has changed since, and what would clear it. Contacts nothing."""
    with opened(context.obj) as app, judged(app) as judging:
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
