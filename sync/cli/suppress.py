"""The command by which people accept findings for a time: suppress. What they decide is stored and in the audit trail; it contacts nothing."""

from __future__ import annotations

from typing import Annotated

import typer
from pydantic import ValidationError

from connectors.errors import ConfigError, TandemError
from mappings.drift_options import SuppressionSpec
from mappings.suggest import allowed
from sync.app import App
from sync.cli.context import judged, opened
from sync.cli.days import coming_day
from sync.cli.options import Json
from sync.cli.output import out, plain, print_json, say
from sync.cli.people import refuse_unknown_person
from sync.core.decided import suppressed_now
from sync.core.drift.catalogue import rules
from sync.core.drift.standing import today_of
from sync.core.drift.suppression import about_of, is_about
from sync.engine.judging import Judging
from sync.reports import suppressions as view
from sync.store import decisions


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command()(suppress)


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
        bool,
        typer.Option(
            "--list",
            help="List all suppressions, the mapping's and expired ones too, with what each holds now.",
        ),
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
    with judged(app) as judging:
        wanted = _suppression(given, app, judging)
        count = sum(is_about(judging.world, f, wanted) for f in judging.judgement.findings)
    with app.engine.begin() as connection:
        id_ = decisions.keep_suppression(connection, wanted, at=judging.world.now)
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
    with judged(app) as judging:
        rows = suppressed_now(judging.world, judging.judgement.findings, by_command)
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
    refuse_unknown_person(app.mapping.spec, given["owner"], option="--owner")
    coming_day(given["until"], option="--until", today=today_of(judging.world))
    try:
        return SuppressionSpec.model_validate(given)
    except ValidationError as error:
        raise ConfigError(*(f"--{e['loc'][0]}: {e['msg']}" for e in error.errors())) from error
