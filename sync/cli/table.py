"""The table of commands: what ``tandem --help`` lists, and the module that each is loaded from once it is called.

A module offers ``register``, which adds its commands to an application. Nothing of it is loaded for the version, the list of commands or a misspelt one.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import typer
from typer._click import Command, Context
from typer.core import TyperCommand, TyperGroup

from sync.cli.options import Options

_TABLE = (
    ("check", "inspect", "Check the mapping file, offline: every problem with its line, at once."),
    ("schema", "inspect", "Print the mapping's JSON Schema, for editors."),
    ("doctor", "inspect", "Check log-ins, permissions, fields, people and clocks against the real tools. Writes nothing unless told to."),
    ("pull", "run", "Read what changed in Jira and GitLab into the store. Judges and writes nothing."),
    ("plan", "run", "Show what would be written, from what the store holds. Contacts nothing and writes nothing."),
    ("apply", "run", "Carry out a saved plan. Refuses one whose basis has changed since."),
    ("sync", "run", "Pull, judge, plan and apply, once: the command for cron."),
    ("status", "status", "Show how every commitment stands, from what the store holds. Contacts nothing."),
    ("drift", "drift", "List where tools, plan and code disagree, from what the store holds. Contacts nothing."),
    ("ack", "ack", "Take notice of a finding: it stays in sight, and notifies nobody again unless it gets worse or comes back."),
    ("suppress", "suppress", "Accept findings for a time, as suppressions in the mapping do: by rule, commitment, record or path."),
    ("explain", "explain", "Tell which records, linked by which rule, led to a status, why, what has changed since, and what would clear it. Contacts nothing."),
    ("replay", "replay", "Derive a recorded run again, offline, and compare its plan with the recorded one. Exits 1 if they differ."),
    ("worker", "worker", "Sync now and then at every tick of the schedule, until SIGTERM or Ctrl-C; a run under way ends at its next safe place."),
    ("queue", "queue", "Look after the queue that workers share."),
    ("health", "health", "Say whether the last good run is recent enough; exit 1 if not. Good is complete or partial. Contacts nothing, changes nothing."),
    ("capacity", "capacity", "Estimate requests, workers, room and the shortest interval for a company of a given size, and what binds first. Contacts nothing."),
    ("sandbox", "sandbox", "Start a Jira and a GitLab on loopback with a believable company inside, until Ctrl-C. Nothing leaves this machine."),
    ("demo", "demo", "Watch drift being found, explained and written back, against a Jira and a GitLab on this machine. Needs no account and no network."),
    ("links", "links", "Ask how changes and issues are tied."),
    ("db", "db", "Look after the store."),
    ("debt", "debt", "Find technical debt that nobody has put into the register yet."),
    ("outbox", "outbox", "See what waits to be written to Jira; try it again or drop it."),
)  # fmt: skip
"""Name, module beside this one, and what the help says of it: the first sentence of the command's own text, which a test holds to it."""


class Late(TyperCommand):
    """A command of which only the name and the help are here until it is called."""

    def __init__(self, name: str, module: str, help_: str) -> None:
        super().__init__(name, help=help_)
        self._name = name
        self._module = module

    def loaded(self) -> Command:
        """The command itself: a group, or one with options."""
        app = typer.Typer()
        importlib.import_module(f"{__package__}.{self._module}").register(app)
        return typer.main.get_group(app).commands[self._name]

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: Context | None = None,
        **extra: Any,  # noqa: ANN401  # the base class's signature
    ) -> Context:
        """The context of the command itself, which is then the one that runs."""
        command = self.loaded()
        if parent is not None and isinstance(parent.obj, Options):
            parent.obj.loaded()
        return command.make_context(info_name, args, parent, **extra)


def late_commands() -> Mapping[str, Late]:
    """Every command by its name, in the order of the help."""
    return {name: Late(name, module, help_) for name, module, help_ in _TABLE}


class Program(TyperGroup):
    """The group whose commands are those of the table."""

    def __init__(self, **attrs: Any) -> None:  # noqa: ANN401  # the base class's many attributes
        super().__init__(**(attrs | {"commands": dict(late_commands())}))
