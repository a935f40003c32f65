"""Commands that look before anything runs: check, schema, doctor."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from connectors.check import Check, Level
from connectors.errors import ConfigError
from mappings.load import json_schema
from sync.app import mapping_of
from sync.cli.configured import settings_from
from sync.cli.context import opened
from sync.cli.errors import Exit, problems_text
from sync.cli.options import Json, Options
from sync.cli.output import plain, print_json, say, say_error
from sync.engine import cycle
from sync.reports.doctor import lines_of, mapping_checks


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(check)
    app.command()(schema)
    app.command()(doctor)


def check(context: typer.Context, as_json: Json = False) -> None:
    """Check the mapping file, offline: every problem with its line, at once."""
    options: Options = context.obj
    try:
        mapping = mapping_of(settings_from(options))
    except ConfigError as error:
        _tell_problems(error.problems, as_json=as_json)
        raise typer.Exit(Exit.CONFIG) from error
    spec = mapping.spec
    counts = {"milestones": len(spec.milestones), "debt": len(spec.debt), "people": len(spec.people)}
    if as_json:
        print_json({"valid": True, "problems": [], "entries": counts, "writes_enabled": spec.write.enabled})
        return
    say(
        f"[green]ok[/]  {plain(mapping.name)}: {counts['milestones']} milestone and {counts['debt']} debt entries, "
        f"{counts['people']} people, writing is {'on' if spec.write.enabled else 'off'}. Nothing was contacted."
    )


def _tell_problems(problems: tuple[str, ...], *, as_json: bool) -> None:
    if as_json:
        print_json({"valid": False, "problems": list(problems)})
        return
    say_error(problems_text(problems))


def schema() -> None:
    """Print the mapping's JSON Schema, for editors."""
    sys.stdout.write(json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n")


def doctor(
    context: typer.Context,
    as_json: Json = False,
    write_test: Annotated[
        bool,
        typer.Option("--write-test", help="Also try a harmless write: an issue property, set and removed."),
    ] = False,
) -> None:
    """Check log-ins, permissions, fields, people and clocks against the real tools. Writes nothing unless told to."""
    with opened(context.obj) as app:
        with app.connectors() as connectors:
            checks = [(c.source, check) for c in connectors for check in c.checks(write_test=write_test)]
        checks += [("mapping", check) for check in mapping_checks(app.mapping, cycle.observed_in(app.engine))]
    if as_json:
        print_json({"checks": [_document_of(source, check) for source, check in checks]})
    else:
        for line in lines_of(checks):
            say(line)
    failed = [check for _, check in checks if check.level is Level.FAIL]
    if failed:
        raise typer.Exit(Exit.ACCESS if any(c.is_access for c in failed) else Exit.ERROR)


def _document_of(source: str, check: Check) -> dict[str, str]:
    return {
        "level": check.level,
        "source": source,
        "subject": check.subject,
        "message": check.message,
        "advice": check.advice,
    }
