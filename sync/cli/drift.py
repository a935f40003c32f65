"""The command that lists findings."""

from __future__ import annotations

from typing import Annotated

import typer

from connectors.errors import ConfigError
from sync.cli.context import opened
from sync.cli.errors import Exit
from sync.cli.inspect import Json
from sync.cli.output import out, print_json
from sync.core.finding import Severity
from sync.engine import cycle
from sync.reports import drift as view
from sync.store import sightings


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(drift)


def drift(
    context: typer.Context,
    fail_on: Annotated[
        str | None,
        typer.Option(
            "--fail-on",
            help="Exit 2 if an open finding is at least so severe: info, notice, warning, high, critical.",
        ),
    ] = None,
    commitment: Annotated[str | None, typer.Option(help="Only findings of this commitment.")] = None,
    suppressed: Annotated[bool, typer.Option("--suppressed", help="Show suppressed findings too.")] = False,
    as_json: Json = False,
) -> None:
    """List where tools, plan and code disagree, from what the store holds. Contacts nothing."""
    level = _severity(fail_on) if fail_on else None
    with opened(context.obj) as app:
        judging = cycle.judging_of(app.engine, app.mapping.spec, now=app.now())
        with app.engine.connect() as connection:
            seen = sightings.all_sightings(connection)
    now = judging.world.now
    found = tuple(f for f in judging.judgement.findings if commitment in {None, f.commitment_key})
    if as_json:
        print_json(view.document_of(found, language=app.mapping.spec.language, now=now))
    else:
        first = {s.fingerprint: s.first_seen_at for s in seen if s.cleared_at is None}
        changes = view.changes_since(first, (s.cleared_at for s in seen if s.cleared_at), now=now)
        out().print(view.view_of(found, judging.world, changes=changes))
        if suppressed:
            out().print(view.suppressed_table_of(found, app.mapping.spec.language))
    if level is not None and any(f.severity >= level and f.suppressed is None for f in found):
        raise typer.Exit(Exit.DIFFERENCES)


def _severity(word: str) -> Severity:
    try:
        return Severity.of(word)
    except KeyError as error:
        allowed = ", ".join(s.word for s in Severity)
        raise ConfigError(f'--fail-on: "{word}" is no severity. Allowed: {allowed}.') from error
