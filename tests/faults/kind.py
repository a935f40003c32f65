"""Kind: one kind of fault as a declaration: what it is, where it hits, and what must follow beyond zeros."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from connectors.sandbox.state import Fault
from tests.faults.bench import Bench
from tests.faults.changes import usual_day
from tests.faults.reference import WHOLE_PAGES
from tests.faults.trial import Step

ANCHOR = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a fault hits: in a ``first`` run or a ``later`` one after a day of work, the requests whose ``METHOD path`` matches ``pattern``."""

    name: str
    run: str
    pattern: str
    reach: int = 6

    @property
    def is_write(self) -> bool:
        """True if writes are hit."""
        return re.match(r"\^\(?(POST|PUT|DELETE)\b", self.pattern) is not None


_GITLAB = r"^GET /api/v4/(?!personal_access_tokens/self)"
"""All but the question for the token's last day, without an answer to which everything else can be read."""
_ASKING = r"(?!.*(/comment|/properties|/issue/bulkfetch))"
JIRA_FIRST = Spot(name="Jira, first run", run="first", pattern=rf"^(GET|POST) /rest/{_ASKING}")
JIRA_LATER = Spot(name="Jira, later run", run="later", pattern=rf"^(GET|POST) /rest/{_ASKING}")
GITLAB_FIRST = Spot(name="GitLab, first run", run="first", pattern=_GITLAB, reach=20)
GITLAB_LATER = Spot(name="GitLab, later run", run="later", pattern=_GITLAB, reach=12)
LOOK = Spot(
    name="looking before a write",
    run="later",
    pattern=r"^(GET /rest/.*(/comment|/properties)|POST /rest/.*(/comment/list|/issue/bulkfetch))",
    reach=6,
)
POST = Spot(name="a new comment", run="first", pattern=r"^POST /rest/.*/comment$", reach=3)
REPLACE = Spot(
    name="a comment replaced", run="later", pattern=r"^(DELETE|POST|PUT) /rest/.*/issue/.*/comment", reach=4
)
PROPERTY = Spot(name="a status property", run="first", pattern=r"^PUT /rest/.*/properties/", reach=3)
READS = (JIRA_FIRST, GITLAB_LATER, JIRA_LATER, GITLAB_FIRST)
WRITES = (POST, REPLACE, PROPERTY)
EVERYWHERE = (*READS, LOOK, *WRITES)

COMPLETE = frozenset({0})
PARTIAL = frozenset({3})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of fault.

    ``steps`` makes the faulty runs of one trial from the spot that is hit, how often in a row, and a random number. ``patience``
    is how much time may have to pass until all is well (the daily census, the search index); zero for most. ``note`` adds to
    what it does.
    """

    name: str
    does: str
    steps: Callable[[Spot, Random], tuple[Step, ...]]
    spots: tuple[Spot, ...] = (JIRA_LATER,)
    patience: timedelta = timedelta(0)
    anchor: datetime = ANCHOR
    note: str = ""


def faulty(
    *faults: Mapping[str, object],
    once: frozenset[int] = frozenset(),
    always: frozenset[int] = frozenset(),
    page_cap: int = WHOLE_PAGES,
) -> Callable[[Spot, Random], tuple[Step, ...]]:
    """Steps with one run in which requests at the spot get the fault, each once or again and again, with pages of at most ``page_cap`` rows.

    ``once`` and ``always`` are the exit codes that must follow where a read is hit once, or however often it is tried.
    """

    def steps(spot: Spot, chance: Random) -> tuple[Step, ...]:
        is_lasting = bool(always) and chance.random() < 0.4
        times = 10_000 if is_lasting else 1
        skip = chance.randrange(3 if is_lasting else spot.reach)  # what lasts begins before the first listing

        def arm(bench: Bench) -> None:
            if spot.run == "later":
                usual_day(bench.company)
            bench.company.sandbox.jira.page_cap = bench.company.sandbox.gitlab.page_cap = page_cap
            for given in faults:
                bench.company.sandbox.faults.append(
                    Fault(pattern=spot.pattern, skip=skip, times=times, **given)  # type: ignore[arg-type]
                )

        expect = (
            frozenset() if spot.is_write or spot.pattern == LOOK.pattern else always if is_lasting else once
        )
        return (Step(arm=arm, expect=expect),)

    return steps
