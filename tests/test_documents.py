"""Documents equal the program: rules, settings, commands and exit codes."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from sync.cli.errors import Exit
from sync.cli.main import app
from sync.cli.table import Late
from sync.core.drift.catalogue import rules
from sync.core.words import DRIFT, FOR_DELIVERY, SILENCE, WHAT_IS_WRONG, WHAT_TO_DO, WHO
from sync.settings import Settings, SourceSettings
from tests.picture import text_in
from tests.rule_pages import pages

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
RUNBOOK = (ROOT / "deploy" / "RUNBOOK.md").read_text(encoding="utf-8")


def default_of(field: object) -> str:
    """A setting's default as the table writes it."""
    value = getattr(field, "default", None)
    if getattr(field, "is_required", bool)():
        return "to be set"
    if value is None or getattr(field, "default_factory", None):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def settings_rows() -> list[str]:
    """The settings table as it should stand in the runbook."""
    of_sites = [(f"SOURCES__NAME__{n.upper()}", f) for n, f in SourceSettings.model_fields.items()]
    of_all = [(n.upper(), f) for n, f in Settings.model_fields.items() if n != "sources"]
    return [f"| `TANDEM_{name}` | {default_of(f)} | {f.description} |" for name, f in (*of_sites, *of_all)]


def test_the_pages_of_the_rules_are_made_of_the_rules_and_of_true_examples() -> None:
    assert (ROOT / "deploy" / "RULES.md").read_text(encoding="utf-8") == pages(), "run `make rules`"


def test_the_readme_tells_how_many_rules_there_are() -> None:
    assert f"Drift by {len(rules())} rules" in README


def test_the_settings_table_of_the_runbook_is_the_settings() -> None:
    assert re.findall(r"^\| `TANDEM_.*$", RUNBOOK, re.MULTILINE) == settings_rows()


@pytest.mark.parametrize("text", [README, RUNBOOK], ids=["README", "RUNBOOK"])
def test_the_exit_codes_are_those_of_the_program(text: str) -> None:
    assert [int(code) for code in re.findall(r"^\| (\d) \|", text, re.MULTILINE)] == sorted(Exit)


@pytest.mark.parametrize(
    "path", ["README.md", "deploy/RUNBOOK.md", "sync/cli/demo.py", "deploy/compose.yaml"]
)
def test_every_command_that_a_document_names_exists(path: str) -> None:
    known = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # the program is a group
    named = set(
        re.findall(r"(?:\$|`|bin/|\"|  )tandem ([a-z]+)\b", (ROOT / path).read_text(encoding="utf-8"))
    )
    assert named - set(known) == set()


def test_every_command_has_a_help_text_and_so_has_every_option() -> None:
    group = typer.main.get_command(app)
    commands = group.commands  # type: ignore[attr-defined]  # the program is a group
    assert {
        "outbox",
        "queue",
        "health",
        "replay",
        "check",
        "schema",
        "doctor",
        "pull",
        "plan",
        "apply",
        "sync",
        "worker",
        "status",
        "drift",
        "ack",
        "suppress",
        "explain",
        "links",
        "capacity",
        "sandbox",
        "demo",
        "db",
        "debt",
    } == set(commands)
    assert list(_without_help(group)) == []


def _without_help(command: object) -> Iterator[str]:
    """Commands, arguments and options below ``command`` that say nothing of themselves."""
    command = command.loaded() if isinstance(command, Late) else command
    if not command.help:
        yield command.name
    yield from (f"{command.name} {one.name}" for one in command.params if not one.help)
    for each in getattr(command, "commands", {}).values():
        yield from _without_help(each)


def test_pointing_it_at_ones_own_tools_takes_at_most_ten_lines() -> None:
    section = README.partition("## Point it at your own tools")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("    ")]
    assert 0 < len(lines) <= 10


def test_every_file_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"(?:deploy|\.env)[\w./-]*\w", README))
    assert {n for n in named if not (ROOT / n).exists()} == set()


def test_the_picture_of_a_comment_speaks_as_comments_do() -> None:
    told = text_in((ROOT / "deploy" / "docs" / "comment.png").read_bytes())
    heads = (DRIFT, WHAT_IS_WRONG, WHAT_TO_DO, WHO)
    assert SILENCE.en in told.splitlines()[-1], "run `make picture`"
    assert f"||{'||'.join(head.en for head in heads)}||" in told
    assert FOR_DELIVERY.en.partition("{")[0] in told
