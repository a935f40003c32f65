"""The program ``tandem``: its commands by name, the options that all share, and the one place where errors become exit codes."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from typer._click.exceptions import ClickException

from connectors.errors import TandemError
from sync.app import MappingError
from sync.cli import (
    ack,
    db,
    debt,
    demo,
    drift,
    explain,
    health,
    inspect,
    outbox,
    replay,
    run,
    sandbox,
    status,
    suggest,
    suppress,
    worker,
)
from sync.cli.context import Options, version_text
from sync.cli.errors import Exit, exit_code_of, problems_text
from sync.cli.output import say_error
from sync.stopping import StopRequestedError

EPILOG = """Exit codes: 0 success · 1 error · 2 differences, only where asked for (plan --detailed-exitcode, drift --fail-on) ·
3 partial: some scope unknown · 4 configuration invalid · 5 authentication or permission · 6 lock held or stale plan ·
128 + a signal's number where one ended it: 130 Ctrl-C, 143 SIGTERM"""

app = typer.Typer(
    name="tandem",
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


for module in (
    inspect,
    run,
    status,
    drift,
    ack,
    suppress,
    explain,
    suggest,
    replay,
    worker,
    health,
    sandbox,
    demo,
):
    module.register(app)
app.add_typer(db.app, name="db")
app.add_typer(debt.app, name="debt")
app.add_typer(outbox.app, name="outbox")


def _run(arguments: list[str], options: Options) -> int:
    return exit_status(arguments, options=options)


def main(arguments: list[str] | None = None) -> None:
    """Run the program and exit with its code."""
    sys.exit(exit_status(sys.argv[1:] if arguments is None else arguments))


def exit_status(arguments: list[str], *, options: Options | None = None) -> int:
    """Run one command line and return its exit code; messages for people go to stderr. ``options`` are laid under those given."""
    try:
        command = typer.main.get_command(app)
        result = command.main(args=arguments, prog_name="tandem", standalone_mode=False, obj=options)
        sys.stdout.flush()
    except MappingError as error:
        say_error(problems_text(error.problems))
        return Exit.CONFIG
    except TandemError as error:
        say_error(str(error))
        return exit_code_of(error)
    except ClickException as error:
        error.show()
        return Exit.ERROR
    except (KeyboardInterrupt, typer.Abort, StopRequestedError) as error:
        return _stopped(error)
    except (SystemExit, BrokenPipeError) as error:
        return _unheard(error)
    return int(result or 0)


def _stopped(error: BaseException) -> int:
    """The exit code of a run that a signal ended; a second signal hides behind the abort that the command line made of it.

    So does a file that ended too early, which is no interruption: it is raised again.
    """
    if isinstance(error.__cause__, EOFError):
        raise error.__cause__
    number = next((n for e in (error, error.__cause__) if (n := getattr(e, "number", None))), signal.SIGINT)
    with contextlib.suppress(OSError):  # a terminal that was closed takes no more text
        say_error("Interrupted. What had been read is kept; the next run goes on from there.")
    return 128 + int(number)


def _unheard(error: BaseException) -> int:
    """Whoever read the output has gone (a pipe into head): end without a word, as if by SIGPIPE. Any other way out is taken as it is."""
    if not isinstance(error, BrokenPipeError) and not isinstance(error.__context__, BrokenPipeError):
        raise error
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 128 + signal.SIGPIPE
