"""Commands that read and write: pull, plan, apply, sync."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace

from connectors.errors import ConfigError, TandemError
from connectors.port import Tape
from sync.app import App
from sync.cli.context import judged, opened
from sync.cli.errors import Exit, StalePlanError
from sync.cli.options import Json
from sync.cli.output import out, print_json
from sync.cli.recording import Record, recording
from sync.cli.watching import watching
from sync.core.plan import Plan, is_stale
from sync.core.plan_json import from_json, to_json
from sync.engine import cycle
from sync.engine.run import Job, Outcome, Watch, apply_only, pull_only
from sync.engine.run import sync as sync_once
from sync.reports import outcome as outcome_view
from sync.reports import plan as plan_view

Full = Annotated[
    bool,
    typer.Option(
        "--full", help="Read everything from the beginning instead of what changed, and look for deletions."
    ),
]

Everywhere = Annotated[
    bool,
    typer.Option(
        "--everywhere",
        help="Ask every project and list for changes, also where nothing hints at one and it was asked within the hour.",
    ),
]

HasRead = Annotated[
    bool,
    typer.Option(
        "--i-have-read-the-plan",
        help="Carry out a plan that is held back because it looks like a mistake in the mapping.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    for command in (pull, plan, apply, sync):
        app.command()(command)


@contextmanager
def job_for(
    app: App,
    command: str,
    *,
    watch: Watch,
    is_full: bool = False,
    is_everywhere: bool = False,
    has_read_plan: bool = False,
    tape: Tape | None = None,
) -> Iterator[Job]:
    """A job with its connectors open, for one run of ``command``. What is recorded is asked for everywhere, so that a recording holds all that is to be known."""
    with app.connectors(tape=tape) as connectors:
        job = replace(app.job(command, connectors), watch=watch, is_full=is_full, has_read_plan=has_read_plan)
        if is_everywhere or tape:
            job = replace(job, max_age=timedelta(0))
        # a recording is in one order, or its replay would be in another
        yield replace(job, workers=1, writers=1) if tape else job


def pull(
    context: typer.Context,
    full: Full = False,
    everywhere: Everywhere = False,
    record: Record = None,
    as_json: Json = False,
) -> None:
    """Read what changed in Jira and GitLab into the store. Judges and writes nothing."""
    with (
        opened(context.obj) as app,
        recording(app, record, command="pull", is_full=full) as kept,
        watching() as watch,
        job_for(app, "pull", watch=watch, is_full=full, is_everywhere=everywhere, tape=kept.tape) as job,
    ):
        outcome = kept.keep(pull_only(job))
    show(outcome, as_json=as_json)


def plan(
    context: typer.Context,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="Keep the plan in a file for: tandem apply FILE.")
    ] = None,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit 2 if there is something to write.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", "-v", help="Show the old and the new text of each comment.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show what would be written, from what the store holds. Contacts nothing and writes nothing."""
    with opened(context.obj) as app:
        made = current_plan(app)
    if out_file:
        _keep(out_file, to_json(made))
    if as_json:
        typer.echo(to_json(made), nl=False)
    else:
        out().print(plan_view.view_of(made, file=out_file, has_diff=diff))
    if detailed_exitcode and made.commands:
        raise typer.Exit(Exit.DIFFERENCES)
    if made.unknown:
        raise typer.Exit(Exit.PARTIAL)


def _is_off(app: App) -> bool:
    """True if the mapping or the kill switch forbids all writing."""
    return app.settings.writes_off or not app.mapping.spec.write.enabled


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{file}: cannot be read as a plan ({error}). Make one with: tandem plan --out FILE"
        ) from error


def _keep(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise TandemError(f"{file}: the plan could not be written ({error.strerror})") from error


def current_plan(app: App) -> Plan:
    """The plan that the store makes now."""
    with judged(app) as judging:
        return cycle.plan_of(app.engine, judging, is_off=app.settings.writes_off)


def apply(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A plan that was made with: tandem plan --out FILE.")],
    has_read_plan: HasRead = False,
    as_json: Json = False,
) -> None:
    """Carry out a saved plan. Refuses one whose basis has changed since."""
    kept = from_json(_text_of(file))
    with (
        opened(context.obj) as app,
        watching() as watch,
        job_for(app, "apply", watch=watch, has_read_plan=has_read_plan) as job,
    ):
        if is_stale(kept, current_plan(app)):
            raise StalePlanError
        if not kept.is_write_enabled or _is_off(app):
            raise TandemError(
                f"{file}: writing is off, so nothing was written. "
                "Allow it with  write: {enabled: true}  in the mapping (and no TANDEM_WRITES_OFF), then make a new plan."
            )
        outcome = apply_only(job, kept)
    show(outcome, as_json=as_json)


def sync(
    context: typer.Context,
    full: Full = False,
    everywhere: Everywhere = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the last line only.")] = False,
    has_read_plan: HasRead = False,
    record: Record = None,
    as_json: Json = False,
) -> None:
    """Pull, judge, plan and apply, once: the command for cron."""
    with (
        opened(context.obj) as app,
        recording(app, record, command="sync", is_full=full) as kept,
        watching() as watch,
        job_for(
            app,
            "sync",
            watch=watch,
            is_full=full,
            is_everywhere=everywhere,
            has_read_plan=has_read_plan,
            tape=kept.tape,
        ) as job,
    ):
        outcome = kept.keep(sync_once(job))
    show(outcome, as_json=as_json, is_quiet=quiet)


def show(outcome: Outcome, *, as_json: bool, is_quiet: bool = False) -> None:
    """Print how a run went and exit with its code."""
    if as_json:
        print_json(outcome_view.document_of(outcome))
    else:
        out().print(outcome_view.line_of(outcome) if is_quiet else outcome_view.view_of(outcome))
    code = status_of(outcome)
    if code:
        raise typer.Exit(code)


def status_of(outcome: Outcome) -> Exit:
    """Exit code of a run: writes that failed or a plan that was held before unknown scopes before success."""
    if outcome.has_failed_writes or outcome.held:
        return Exit.ERROR
    return Exit.PARTIAL if outcome.is_partial else Exit.SUCCESS
