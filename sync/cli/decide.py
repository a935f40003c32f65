"""Commands by which people decide about findings: ack, suppress. What they decide is stored and in the audit trail; they contact nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated

import typer
from pydantic import ValidationError

from connectors.errors import ConfigError, TandemError
from mappings.calendar import Calendar
from mappings.drift_options import SuppressionSpec
from mappings.suggest import allowed
from sync.app import App
from sync.cli.context import opened
from sync.cli.days import day_in
from sync.cli.options import Json
from sync.cli.output import out, plain, print_json, say
from sync.core.drift.catalogue import rules
from sync.core.drift.standing import today_of
from sync.core.drift.suppression import about_of, is_about
from sync.core.finding import Acknowledged, Finding
from sync.engine import cycle
from sync.engine.cycle import Judging
from sync.reports import suppressions as view
from sync.store import decisions


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(ack)
    app.command()(suppress)


def ack(
    context: typer.Context,
    finding: Annotated[
        list[str],
        typer.Argument(
            metavar="FINGERPRINT | CODE SUBJECT", help="As tandem drift shows it, such as: S01 PAY-118."
        ),
    ],
    by: Annotated[str, typer.Option("--by", help="Who takes notice; a name under people.")],
    note: Annotated[str, typer.Option(help="What is being done about it.")] = "",
    until: Annotated[
        str | None, typer.Option(help="Last day on which it holds, YYYY-MM-DD; else while the finding lasts.")
    ] = None,
) -> None:
    """Take notice of a finding: it stays in sight, and notifies nobody again unless it gets worse or comes back."""
    with opened(context.obj) as app:
        judging = cycle.judging_of(app.engine, app.mapping.spec, now=app.now())
        _refuse_unknown_person(app, by, option="--by")
        last = _day("--until", until, judging) if until else None
        found = _meant(judging, finding)
        cycle.remember(
            app.engine, judging
        )  # an acknowledgement holds for the age of a finding, so that must have begun
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


def suppress(
    context: typer.Context,
    rule: Annotated[str | None, typer.Option(help="Code of a drift rule.")] = None,
    commitment: Annotated[str | None, typer.Option(help="Key of a commitment.")] = None,
    record: Annotated[
        str | None, typer.Option(help="Issue key, or merge request as group/project!12.")
    ] = None,
    path: Annotated[
        str | None, typer.Option(help="GitLab group or project that all GitLab evidence lies in or below.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why it is accepted.")] = None,
    owner: Annotated[str | None, typer.Option(help="Who decides so; a name under people.")] = None,
    until: Annotated[
        str | None, typer.Option(help="Last day on which it stays quiet, inclusive, YYYY-MM-DD.")
    ] = None,
    list_: Annotated[
        bool, typer.Option("--list", help="List all suppressions, the mapping's and expired ones too.")
    ] = False,
    drop: Annotated[int | None, typer.Option("--drop", metavar="ID", help="Take a listed one away.")] = None,
    as_json: Json = False,
) -> None:
    """Accept findings for a time, as suppressions in the mapping do: by rule, commitment, record or path."""
    wanted = {"rule": rule, "commitment": commitment, "record": record, "path": path}
    wanted |= {"reason": reason, "owner": owner, "until": until}
    given = {name: value for name, value in wanted.items() if value is not None}
    if bool(given) + list_ + (drop is not None) != 1:
        raise TandemError(
            "Say what to suppress (--rule, --commitment, --record or --path, with --reason, --owner and --until), or --list, or --drop ID."
        )
    with opened(context.obj) as app:
        if list_:
            _list(app, as_json=as_json)
        elif drop is not None:
            _drop(app, drop)
        else:
            _suppress(app, given)


def _suppress(app: App, given: dict[str, str]) -> None:
    judging = cycle.judging_of(app.engine, app.mapping.spec, now=app.now())
    wanted = _suppression(given, app, judging)
    with app.engine.begin() as connection:
        id_ = decisions.keep_suppression(connection, wanted, at=judging.world.now)
    count = sum(is_about(judging.world, f, wanted) for f in judging.judgement.findings)
    say(
        f"Suppression {id_}: {plain(about_of(wanted))}, until {wanted.until.isoformat()}. "
        f"It is about {count} of the present findings. Take it away: tandem suppress --drop {id_}"
    )


def _drop(app: App, id_: int) -> None:
    with app.engine.begin() as connection:
        dropped = decisions.drop_suppression(connection, id_, at=app.now())
    if dropped is None:
        raise TandemError(
            f"{id_}: no suppression made by command has this number; see: tandem suppress --list"
        )
    say(f"Dropped suppression {id_}: {plain(about_of(dropped))}.")


def _list(app: App, *, as_json: bool) -> None:
    with app.engine.connect() as connection:
        by_command = decisions.all_suppressions(connection)
    today = Calendar(app.mapping.spec.calendar).day_of(app.now())
    rows = view.rows_of(app.mapping.spec.suppressions, by_command, today=today)
    if as_json:
        print_json(view.document_of(rows))
    else:
        out().print(view.view_of(rows))


def _suppression(given: dict[str, str], app: App, judging: Judging) -> SuppressionSpec:
    """The suppression that is wanted. Raises ConfigError with every problem at once."""
    missing = [f"--{name} is missing." for name in ("reason", "owner", "until") if not given.get(name)]
    if not given.keys() & {"rule", "commitment", "record", "path"}:
        missing.append("It would silence everything: name --rule, --commitment, --record or --path.")
    known = {"rule": list(rules()), "commitment": [c.key for c in judging.world.commitments]}
    unknown = [
        f'--{name}: "{given[name]}" is no {name}. {allowed(given[name], names)}'
        for name, names in known.items()
        if name in given and given[name] not in names
    ]
    if missing or unknown:
        raise ConfigError(*missing, *unknown)
    _refuse_unknown_person(app, given["owner"], option="--owner")
    _day("--until", given["until"], judging)
    try:
        return SuppressionSpec.model_validate(given)
    except ValidationError as error:
        raise ConfigError(*(f"--{e['loc'][0]}: {e['msg']}" for e in error.errors())) from error


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


def _day(option: str, text: str, judging: Judging) -> date:
    """The day, which must not have gone by; ConfigError otherwise."""
    day = day_in(text, option=option)
    if day < today_of(judging.world):
        raise ConfigError(f"{option}: {day.isoformat()} has gone by.")
    return day


def _refuse_unknown_person(app: App, name: str, *, option: str) -> None:
    names = [person.name for person in app.mapping.spec.people]
    if name not in names:
        raise ConfigError(f'{option}: "{name}" is not under people in the mapping. {allowed(name, names)}')
