"""The command that lists findings."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from typing import Annotated, assert_never

import typer

from connectors.errors import ConfigError
from mappings.suggest import meant
from sync.cli.context import judged, opened
from sync.cli.days import day_in
from sync.cli.errors import Exit
from sync.cli.options import Json
from sync.cli.output import err, out, print_json
from sync.core.drift.catalogue import rules
from sync.core.drift.choice import Choice, prefixes_of
from sync.core.finding import Audience, Severity
from sync.reports import drift as view
from sync.reports.drift_files import csv_of, markdown_of
from sync.reports.drift_sarif import sarif_of
from sync.version import version


class Format(StrEnum):
    """How findings are printed."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"
    CSV = "csv"
    SARIF = "sarif"


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
    select: Annotated[
        str | None, typer.Option(help="Only rules whose codes begin so, with commas between: S,R01.")
    ] = None,
    ignore: Annotated[str | None, typer.Option(help="Without rules whose codes begin so.")] = None,
    audience: Annotated[
        str | None,
        typer.Option(help="Only what these are to act on, in their words: technical, engineering, operator."),
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Only what counted first on or after this day, YYYY-MM-DD.")
    ] = None,
    new: Annotated[
        bool, typer.Option("--new", help="Only what is new since the last working day began.")
    ] = False,
    suppressed: Annotated[
        bool, typer.Option("--suppressed", help="List suppressed findings above the table too.")
    ] = False,
    format_: Annotated[str, typer.Option("--format", help="table, json, markdown, csv or sarif.")] = "table",
    as_json: Json = False,
) -> None:
    """List where tools, plan and code disagree, from what the store holds. Contacts nothing."""
    level = Severity.of(_word("--fail-on", fail_on, [s.word for s in Severity])) if fail_on else None
    form = Format.JSON if as_json else Format(_word("--format", format_, [f.value for f in Format]))
    actors = [a.value for a in Audience if a is not Audience.BOTH]
    choice = Choice(
        select=_codes("--select", select),
        ignore=_codes("--ignore", ignore),
        commitment=commitment,
        audience=Audience(_word("--audience", audience, actors)) if audience else None,
        since=day_in(since, option="--since") if since else None,
        is_new=new,
    )
    with opened(context.obj) as app, judged(app) as judging:
        report = view.report_of(judging.world, judging.judgement.findings, choice)
        _print(report, form, has_suppressed=suppressed)
    if level is not None and any(f.severity >= level for f in report.open):
        raise typer.Exit(Exit.DIFFERENCES)


def _print(report: view.DriftReport, form: Format, *, has_suppressed: bool) -> None:
    match form:
        case Format.TABLE:
            if has_suppressed:
                out().print(view.suppressed_table_of(report.findings, report.world.spec.language))
            out().print(view.table_of(report), "")
            out().print(view.counts_line(report), soft_wrap=True)
        case Format.JSON:
            print_json(view.document_of(report))
        case Format.MARKDOWN:
            sys.stdout.write(markdown_of(report))
        case Format.CSV:
            sys.stdout.write(csv_of(report))
            err().print(view.counts_line(report), soft_wrap=True)
        case Format.SARIF:
            document = sarif_of(report, version=version())
            sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
            err().print(view.counts_line(report), soft_wrap=True)
        case _:
            assert_never(form)


def _codes(option: str, text: str | None) -> tuple[str, ...]:
    try:
        return () if text is None else prefixes_of(text, rules())
    except ValueError as error:
        raise ConfigError(f"{option}: {error}") from error


def _word(option: str, word: str, known: list[str]) -> str:
    if word not in known:
        raise ConfigError(f'{option}: "{word}" is unknown. Allowed: {", ".join(known)}.{meant(word, known)}')
    return word
