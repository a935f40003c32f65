"""The table of commands says what the commands say, and a command line loads no more than it uses."""

import importlib
import pkgutil
import subprocess
import sys

import pytest
import typer
from typer.main import get_group

import sync.cli
from sync.cli.table import Late, late_commands

HEAVY = {
    "alembic", "apscheduler", "gitlab", "jira", "psycopg", "pydantic", "pydantic_settings", "requests", "rich",
    "sqlalchemy", "structlog", "yaml", "sync.app", "sync.engine", "sync.settings",
}  # fmt: skip


def loaded_by(*arguments: str) -> set[str]:
    """The modules that one command line leaves loaded, whatever its exit code."""
    script = (
        "import sys; from sync.cli.main import exit_status; exit_status(sys.argv[1:]); "
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True
    )
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("late", late_commands().values(), ids=lambda late: late.name)
def test_the_table_says_of_a_command_what_the_command_says_of_itself(late: Late) -> None:
    command = late.loaded()
    assert (late.name, late.help, late.hidden) == (command.name, command.help, command.hidden)


def test_the_table_names_every_command_that_the_modules_beside_it_offer() -> None:
    app = typer.Typer()
    found = pkgutil.iter_modules(sync.cli.__path__)
    for module in (importlib.import_module(f"sync.cli.{one.name}") for one in found):
        getattr(module, "register", lambda _: None)(app)
    assert set(get_group(app).commands) == set(late_commands())


@pytest.mark.process
def test_the_version_loads_no_library_but_that_of_the_command_line() -> None:
    assert loaded_by("--version") & HEAVY == set()


@pytest.mark.process
@pytest.mark.parametrize("arguments", [(), ("--help",)], ids=["nothing", "help"])
def test_the_list_of_commands_loads_nothing_but_what_draws_it(arguments: tuple[str, ...]) -> None:
    assert loaded_by(*arguments) & HEAVY == {"rich"}


@pytest.mark.process
def test_a_misspelt_command_loads_none() -> None:
    options = {"pydantic"}  # by which Typer reads the options before a command
    assert loaded_by("snyc") & HEAVY <= {"rich"} | options
