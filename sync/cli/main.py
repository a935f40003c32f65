"""The program ``tandem``: the options that all commands share, and the one way in and out of a command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace

from sync.cli.options import Options, version_text
from sync.cli.table import Program
from sync.memory import begin_work, collect_no_more

EPILOG = """Exit codes: 0 success · 1 error · 2 differences, only where asked for (plan --detailed-exitcode, drift --fail-on) ·
3 partial: some scope unknown · 4 configuration invalid · 5 authentication or permission · 6 lock held or stale plan ·
128 + a signal's number where one ended it: 130 Ctrl-C, 143 SIGTERM"""

app = typer.Typer(
    name="tandem",
    cls=Program,
    help="One truth for teams that run Jira and GitLab: derives the status of every commitment, writes it back as one comment, and flags drift.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _print_version(value: bool) -> None:
    if value:
        typer.echo(version_text())
        raise typer.Exit


@app.callback()
def common(
    context: typer.Context,
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", "-m", help="Mapping file; default TANDEM_MAPPING or tandem.yaml."),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log what happens to stderr.")] = False,
    _: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options that every command takes."""
    given = context.obj or Options()
    context.obj = replace(
        given, run=_run, mapping=mapping or given.mapping, is_verbose=verbose or given.is_verbose
    )


def _run(arguments: list[str], options: Options) -> int:
    return exit_status(arguments, options=options)


def main(arguments: list[str] | None = None) -> None:
    """Run the program and exit with its code."""
    try:
        given = sys.argv[1:] if arguments is None else arguments
        sys.exit(exit_status(given, options=Options(loaded=begin_work)))
    finally:
        collect_no_more()


def exit_status(arguments: list[str], *, options: Options | None = None) -> int:
    """Run one command line and return its exit code; messages for people go to stderr. ``options`` are laid under those given."""
    try:
        command = typer.main.get_command(app)
        result = command.main(args=arguments, prog_name="tandem", standalone_mode=False, obj=options)
        sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001  # what is no expected ending is raised again there
        from sync.cli.endings import ended  # noqa: PLC0415  # few end so, and telling of it takes Rich

        return ended(error)
    return int(result or 0)
