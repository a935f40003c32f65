"""Chance: runs made of several random faults at random requests, over a world that changes between and during pages."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from connectors.sandbox.state import Event, Fault
from tests.faults import world_steps
from tests.faults.bench import Bench
from tests.faults.changes import CHANGES
from tests.faults.deletions import delete_issue
from tests.faults.landings import LANDINGS
from tests.faults.reference import WHOLE_PAGES
from tests.faults.trial import Step

FAULTY_RUNS = 3
_MOVES = (
    world_steps.move_issue,
    delete_issue,
    world_steps.rename_project,
    world_steps.transfer_project,
)
_ALL = {**CHANGES, **LANDINGS, **{move.__name__: move for move in _MOVES}}
"""What can come to pass in either tool, by name."""
_READS = (r"^(GET|POST) /rest/(?!.*(/comment|/properties))", r"^GET /api/v4/", r"^GET /")
_WRITES = (r"^(POST|PUT|DELETE) /rest/.*/comment", r"^PUT /rest/.*/properties")
_KINDS: tuple[dict[str, object], ...] = (
    *({"status": status} for status in (401, 403, 410, 429, 500, 502, 503, 504)),
    *({"status": 429, "headers": {"Retry-After": text}} for text in ("0", "0.02", "soon", "3600")),
    {"status": 503, "headers": {"Retry-After": "0"}},
    *(
        {"kind": kind}
        for kind in (
            "reset_before",
            "reset_after",
            "reset_during",
            "truncate",
            "cut_json",
            "html",
            "empty",
            "bad_gzip",
            "short_length",
            "long_length",
            "repeat_page",
            "repeat_token",
        )
    ),
    {"kind": "slow", "delay_s": 0.1},
)
_DEAR: tuple[dict[str, object], ...] = (
    {"kind": "hang", "delay_s": 1.0},
    {"kind": "slow", "delay_s": 1.0},
    {"kind": "trickle", "delay_s": 0.2},
)
"""Faults that cost a timeout each; they are rare."""


def runs(seed: int) -> tuple[Step, ...]:
    """The faulty runs of one seed. The same seed gives the same faults and changes."""
    chance = Random(seed)
    return tuple(
        Step(arm=_armed(chance.randrange(2**32)), arguments=_command(chance)) for _ in range(FAULTY_RUNS)
    )


def _command(chance: Random) -> tuple[str, ...]:
    return ("sync", "--full") if chance.random() < 0.1 else ("sync",)


def _armed(seed: int):
    def arm(bench: Bench) -> None:
        chance = Random(seed)
        bench.company.clock.advance(timedelta(seconds=chance.randrange(5_400)))
        sandbox = bench.company.sandbox
        sandbox.jira.page_cap = sandbox.gitlab.page_cap = chance.choice((WHOLE_PAGES, WHOLE_PAGES, 25, 7))
        for _ in range(chance.randrange(4)):
            _change(bench, chance)
        for number in range(chance.randint(1, 4)):
            sandbox.faults.append(_fault(chance, is_early=number == 0))
        for at in sorted(chance.randrange(70) for _ in range(chance.choice((0, 1, 1, 2)))):
            sandbox.events.append(Event(at_request=at, play=lambda: _change(bench, chance)))

    return arm


def _change(bench: Bench, chance: Random) -> None:
    bench.company.clock.advance(timedelta(seconds=chance.randrange(90)))
    _ALL[chance.choice(sorted(_ALL))](bench.company, chance)


def _fault(chance: Random, *, is_early: bool) -> Fault:
    """A fault; an early one hits one of the first reads behind the log-in, so that every run has one."""
    given = chance.choice(_DEAR if chance.random() < 0.05 else _KINDS)
    is_write = not is_early and chance.random() < 0.35
    return Fault(
        pattern=chance.choice(_WRITES if is_write else _READS),
        skip=chance.randrange(3, 12) if is_early else chance.randrange(4 if is_write else 50),
        times=chance.choice((1, 1, 1, 2, 3, 1_000)) if "delay_s" not in given else 1,
        **given,  # type: ignore[arg-type]
    )
