"""The command by which people take notice of findings: ack. What they decide is stored and in the audit trail; it contacts nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from connectors.errors import TandemError
from sync.app import App
from sync.cli.context import judged, opened
from sync.cli.days import coming_day
from sync.cli.options import Json
from sync.cli.output import out, plain, print_json, say
from sync.cli.people import refuse_unknown_person
from sync.core.decided import acknowledged_now
from sync.core.drift.standing import today_of
from sync.core.finding import Acknowledged, Finding
from sync.engine import cycle
from sync.engine.judging import Judging
from sync.reports import acknowledgements as view
from sync.store import decisions


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command()(ack)


def ack(
    context: typer.Context,
    finding: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FINGERPRINT | CODE SUBJECT", help="As tandem drift shows it, such as: S01 PAY-118."
        ),
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Who takes notice; a name under people.")] = "",
    note: Annotated[str, typer.Option(help="What is being done about it.")] = "",
    until: Annotated[
        str | None, typer.Option(help="Last day on which it holds, YYYY-MM-DD; else while the finding lasts.")
    ] = None,
    list_: Annotated[
        bool, typer.Option("--list", help="List all acknowledgements, and why lapsed ones hold no more.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Take notice of a finding: it stays in sight, and notifies nobody again unless it gets worse or comes back."""
    if {bool(finding), bool(by)} != {not list_}:
        raise TandemError(
            "Say what to take notice of and who does (FINGERPRINT or CODE SUBJECT, and --by NAME), or --list."
        )
    with opened(context.obj) as app:
        if list_:
            _list(app, as_json=as_json)
        else:
            _acknowledge(app, finding or [], by=by, note=note, until=until)


def _list(app: App, *, as_json: bool) -> None:
    with judged(app) as judging:
        rows = acknowledged_now(judging.world, judging.judgement.findings)
    if as_json:
        print_json(view.document_of(rows))
    else:
        out().print(view.view_of(rows))


def _acknowledge(app: App, names: list[str], *, by: str, note: str, until: str | None) -> None:
    refuse_unknown_person(app.mapping.spec, by, option="--by")
    with judged(app) as judging:
        last = coming_day(until, option="--until", today=today_of(judging.world)) if until else None
        found = _meant(judging, names)
    cycle.remember(app.engine, judging)  # it holds for the age of a finding, so that must have begun
    with app.engine.begin() as connection:
        for one in found:
            given = Acknowledged(
                fingerprint=one.fingerprint,
                owner=by,
                severity=one.severity,
                at=judging.world.now,
                note=note.strip(),
                until=last,
            )
            decisions.acknowledge(connection, given, about=f"{one.rule} {one.subject_label}")
    for one in found:
        say(f"{plain(by)} has taken notice of {one.rule} {plain(one.subject_label)} ({one.severity.word}).")


def _meant(judging: Judging, names: list[str]) -> tuple[Finding, ...]:
    """The findings that are meant: one by fingerprint, or those of a rule about a subject. Raises TandemError where there is none."""
    findings = judging.judgement.findings
    found = tuple(f for f in findings if _is_meant(f, names))
    if not found:
        raise TandemError(f"{' '.join(names)}: no such finding now; see: tandem drift --json")
    return found


def _is_meant(finding: Finding, names: Iterable[str]) -> bool:
    match [name.casefold() for name in names]:
        case [fingerprint]:
            return finding.fingerprint == fingerprint
        case [code, subject]:
            return finding.rule.casefold() == code and finding.subject_label.casefold() == subject
        case _:
            return False
