"""The command that starts a Jira and a GitLab on this machine."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from connectors.sandbox.server import SandboxServer
from connectors.sandbox.world import company
from sync.cli.output import plain, say


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(sandbox)


def sandbox(
    folder: Annotated[
        Path, typer.Option("--out", help="Where to put a mapping and a .env that point at the sandbox.")
    ] = Path("tandem-sandbox"),
    flavour: Annotated[Literal["cloud", "datacenter"], typer.Option(help="Which Jira.")] = "cloud",
    seed: Annotated[int, typer.Option(help="Another company with another seed.")] = 7,
    jira_port: Annotated[int, typer.Option(help="0 takes a free one.")] = 0,
    gitlab_port: Annotated[int, typer.Option(help="0 takes a free one.")] = 0,
) -> None:
    """Start a Jira and a GitLab on loopback with a believable company inside, until Ctrl-C. Nothing leaves this machine."""
    world = company(datetime.now(UTC), seed=seed, flavour=flavour)
    world.clock.run(time.monotonic)
    with SandboxServer(world.sandbox, jira_port=jira_port, gitlab_port=gitlab_port) as server:
        write_files(folder, server.jira_url, server.gitlab_url, world.mapping)
        say(f"Jira    {server.jira_url}   ({flavour}, token sandbox-jira-token)")
        say(f"GitLab  {server.gitlab_url}   (token sandbox-gitlab-token)")
        say(f"In another terminal:  cd {plain(str(folder))} && tandem check && tandem doctor && tandem sync")
        threading.Event().wait()


def write_files(folder: Path, jira_url: str, gitlab_url: str, mapping: str) -> None:
    """Put a mapping and a ``.env`` for the sandbox into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tandem.yaml").write_text(mapping, encoding="utf-8")
    lines = (
        f"TANDEM_SOURCES__JIRA__URL={jira_url}",
        "TANDEM_SOURCES__JIRA__TOKEN=sandbox-jira-token",
        f"TANDEM_SOURCES__GITLAB__URL={gitlab_url}",
        "TANDEM_SOURCES__GITLAB__TOKEN=sandbox-gitlab-token",
    )
    (folder / ".env").write_text("\n".join(lines) + "\n", encoding="utf-8")
