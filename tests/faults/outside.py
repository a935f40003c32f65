"""Outside: the program as a real process over a bench's store and servers, to be ended from outside at any moment."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.faults.bench import Bench
from tests.faults.journal import standing_comments, standing_properties
from tests.faults.marks import Marks
from tests.faults.measure import (
    Reading,
    marks_of_comments,
    marks_of_findings,
    marks_of_properties,
    marks_of_records,
)
from tests.faults.reference import is_there
from tests.faults.said import Said, wrong_among

_LONGEST_S = 120.0


@dataclass
class Outside:
    """Processes over one bench. ``limit`` runs in each process before the program does, as code; ``extra`` are further settings."""

    bench: Bench
    limit: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The settings of the bench as a process gets them, and nothing else of this process but the way to its programs."""
        settings = self.bench.settings
        sources = {name.upper(): site for name, site in settings.sources.items()}
        own = {
            f"TANDEM_SOURCES__{name}__{key}": value
            for name, site in sources.items()
            for key, value in (
                ("URL", site.url),
                ("TOKEN", site.token.get_secret_value()),
                ("BROWSE_URL", site.browse_url),
            )
            if value
        }
        return {
            "PATH": os.environ["PATH"],
            "PYTHONDONTWRITEBYTECODE": "1",  # under a file size limit it would be cut, and break every later process
            "HOME": str(settings.mapping.parent),
            "TANDEM_MAPPING": str(settings.mapping),
            "TANDEM_DATABASE": settings.database,
            "TANDEM_QUIET_MINUTES": str(settings.quiet_minutes),
            **own,
            **self.extra,
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A process that has begun."""
        code = f"{self.limit}\nfrom sync.cli import main; main()"
        return subprocess.Popen(
            [sys.executable, "-c", code, *(arguments or ("sync",))],
            env=self.environment,
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, str]:
        """Exit code and text of a process that was left alone."""
        return ended(self.start(*arguments))

    def ended_by(self, signal_number: int, chance: Random) -> tuple[int, str]:
        """Exit code and text of a process that got the signal at a random moment: between its start and its end, most often while it talks to the tools."""
        process = self.start()
        requests, pause_s = chance.randrange(60), chance.random() * 0.03
        last = time.monotonic() + _LONGEST_S
        self.bench.journal.clear()
        if chance.random() < 0.15:
            time.sleep(chance.random() * 0.8)
        else:
            while process.poll() is None and len(self.bench.journal) < requests:
                assert time.monotonic() < last, "the process hangs"
                time.sleep(0.001)
            time.sleep(pause_s)
        process.send_signal(signal_number)
        return ended(process)


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Exit code and text of a process, once it is over."""
    text, _ = process.communicate(timeout=_LONGEST_S)
    return process.returncode, text


def marks_after(
    bench: Bench, truth: Callable[[], Reading], *, said: tuple[Said, ...], before: Reading
) -> Marks:
    """How store and Jira stand after one good run, against a reader of the world as that run found it.

    ``before`` is what that reader saw; ``truth`` reads once more, for the two may be apart by a midnight or a grace.
    """
    found, after = bench.reading(), truth()
    allowed = {
        key: frozenset({status, after.statuses[key]})
        for key, status in before.statuses.items()
        if key in after.statuses
    }
    wrong = wrong_among(said, allowed, before.unknown & after.unknown)
    jira = bench.company.sandbox.jira
    return (
        Marks(wrong_statuses=len(wrong), notes=wrong)
        + marks_of_records(
            found,
            before,
            is_there=lambda ref: is_there(bench.company.sandbox, ref),
        )
        + marks_of_findings(found, after)
        + marks_of_comments(standing_comments(jira), after)
        + marks_of_properties(standing_properties(jira), after)
    )
