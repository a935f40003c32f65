"""Replay: a sandbox filled from recorded payloads, ``DIR/jira/<resource>.jsonl`` and ``DIR/gitlab/<resource>.jsonl(.gz)``."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeAlias

from connectors.sandbox.replay_gitlab import fill_gitlab
from connectors.sandbox.replay_jira import fill_jira, flavour_of
from connectors.sandbox.state import GitlabState, JiraState, Payload, Sandbox

Flavour: TypeAlias = Literal["cloud", "datacenter"]


def sandbox_of(directory: Path, *, clock: Callable[[], datetime], flavour: Flavour | None = None) -> Sandbox:
    """Both tools as the folder's payloads say; a resource without a file is empty.

    Unless ``flavour`` says which Jira it is, the payloads do: people without an accountId are Data Center's.
    """
    sandbox = Sandbox(jira=JiraState(clock=clock), gitlab=GitlabState(clock=clock))
    fill_jira(sandbox.jira, lambda name: _lines(directory / "jira", name))
    sandbox.jira.flavour = flavour or flavour_of(sandbox.jira)
    fill_gitlab(sandbox.gitlab, lambda name: _lines(directory / "gitlab", name))
    return sandbox


def _lines(folder: Path, name: str) -> list[Payload]:
    plain, packed = folder / f"{name}.jsonl", folder / f"{name}.jsonl.gz"
    if packed.exists():
        text = gzip.decompress(packed.read_bytes()).decode()
    else:
        text = plain.read_text(encoding="utf-8") if plain.exists() else ""
    return [json.loads(line) for line in text.split("\n") if line.strip()]
