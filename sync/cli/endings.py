"""Endings: what a command line that raised says on stderr, and the exit code that scripts see."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress

import typer
from typer._click.exceptions import ClickException

from connectors.errors import TandemError
from mappings.problems import MappingError
from sync.cli.errors import Exit, exit_code_of, problems_text
from sync.cli.output import say_error
from sync.stopping import StopRequestedError


def ended(error: BaseException) -> int:
    """Tell people of the error and return its exit code. One that no command line is meant to end with is raised again."""
    match error:
        case MappingError():
            say_error(problems_text(error.problems))
            return Exit.CONFIG
        case TandemError():
            say_error(str(error))
            return exit_code_of(error)
        case ClickException():
            error.show()
            return Exit.ERROR
        case KeyboardInterrupt() | typer.Abort() | StopRequestedError():
            return _stopped(error)
        case SystemExit() | BrokenPipeError():
            return _unheard(error)
        case _:
            raise error


def _stopped(error: BaseException) -> int:
    """The exit code of a run that a signal ended; a second signal hides behind the abort that the command line made of it.

    So does a file that ended too early, which is no interruption: it is raised again.
    """
    if isinstance(error.__cause__, EOFError):
        raise error.__cause__
    number = next((n for e in (error, error.__cause__) if (n := getattr(e, "number", None))), signal.SIGINT)
    with suppress(OSError):  # a terminal that was closed takes no more text
        say_error("Interrupted. What had been read is kept; the next run goes on from there.")
    return 128 + int(number)


def _unheard(error: BaseException) -> int:
    """Whoever read the output has gone (a pipe into head): end without a word, as if by SIGPIPE. Any other way out is taken as it is."""
    if not isinstance(error, BrokenPipeError) and not isinstance(error.__context__, BrokenPipeError):
        raise error
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 128 + signal.SIGPIPE
