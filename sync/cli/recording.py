"""The option ``--record``: keeps a run, says what stays in it, and tries at once whether it can be replayed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connectors.errors import TandemError
from connectors.port import Tape
from sync.app import App
from sync.cli.output import err
from sync.engine.run import Outcome

if TYPE_CHECKING:
    from sync.recordings.recording import Recording

Record = Annotated[
    Path | None,
    typer.Option(
        "--record",
        metavar="DIR",
        help="Keep the run in a new folder, without tokens and e-mail addresses, for: tandem replay DIR.",
    ),
]


class Kept:
    """A run that may be recorded: the tape for its connectors, and where its outcome is noted."""

    def __init__(self, recording: Recording | None = None) -> None:
        self._recording = recording

    @property
    def tape(self) -> Tape | None:
        """Keeps the exchange; None where nothing is recorded."""
        return self._recording.tape if self._recording else None

    def keep(self, outcome: Outcome) -> Outcome:
        """Note how the run ended; returns the outcome as it is."""
        if self._recording:
            self._recording.outcome = outcome
        return outcome


@contextmanager
def recording(app: App, folder: Path | None, *, command: str, is_full: bool) -> Iterator[Kept]:
    """Record the run inside, where a folder is named; lines for people go to stderr."""
    if folder is None:
        yield Kept()
        return
    from sync.recordings.recording import recorded  # noqa: PLC0415  # few runs are recorded

    _say(
        f"Recording into {folder}: tokens and e-mail addresses are removed; names of people and texts stay. Read it before you hand it on."
    )
    with recorded(app, folder, command=command, is_full=is_full) as kept:
        yield Kept(kept)
    _say(_ending(kept))


def _ending(kept: Recording) -> str:
    """What became of the recording, in one line."""
    from sync.recordings.replaying import verified  # noqa: PLC0415  # as above

    where = f"{kept.tape.count} exchanges in {kept.folder}"
    if kept.trouble:
        return f"The recording is incomplete ({kept.trouble}): {where}. The run itself is not affected."
    try:
        is_as_live = verified(kept)
    except (TandemError, OSError) as error:
        return f"Recorded {where}, but it could not be replayed: {error}"
    if is_as_live:
        return f"Recorded {where}. Replayed at once, it leads to the same plan."
    return f"Recorded {where}. Replayed at once, it leads to another plan, for what was removed stood in texts that the plan uses, or an answer never came."


def _say(line: str) -> None:
    err().print(line, markup=False, soft_wrap=True)
