"""What command lines share: the options that stand before the command, one that many commands take, and what the program calls itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from sync.version import version

if TYPE_CHECKING:
    from sync.settings import Settings


Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout instead of text.")]
"""The option of every command that can answer in JSON."""


def utc_now() -> datetime:
    """The host's clock."""
    return datetime.now(UTC)


class Options(Struct, frozen=True, kw_only=True):
    """Options given before the command.

    ``settings`` and ``now`` replace the environment and the host's clock where Tandem runs itself; ``run`` runs another command line with such
    options and gives its exit code; ``loaded`` is called once a command's own modules are there.
    """

    mapping: Path | None = None
    is_verbose: bool = False
    settings: Settings | None = None
    now: Callable[[], datetime] = utc_now
    run: Callable[[list[str], Options], int] | None = None
    loaded: Callable[[], None] = lambda: None


def version_text() -> str:
    """Name and version of the installed distribution."""
    return f"tandem {version()}"
