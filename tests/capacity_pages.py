"""Capacity pages: the generated parts of ``deploy/CAPACITY.md``. ``python -m tests.capacity_pages`` writes them anew; a test holds the document to them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from sync.capacity.company import POSTGRESQL, SQLITE, Company, Setup
from sync.capacity.constants import ASSUMED, CODE, MEASURED, REQUESTS, VENDOR, Constant, constants_in_force
from sync.capacity.estimate import estimate_of
from sync.capacity.limits import workers_needed
from sync.capacity.room import total
from sync.capacity.search import MOST_WORKERS, Found, shortest
from sync.capacity.simulation import Simulated
from sync.capacity.work import Model
from sync.reports.capacity import BINDING, hours, interval_words, minutes, number, percent, size

DOCUMENT = Path(__file__).parent.parent / "deploy" / "CAPACITY.md"
_TITLES = {
    REQUESTS: "Requests",
    VENDOR: "Vendors' limits",
    CODE: "Decided by the code",
    ASSUMED: "Assumed of companies",
    MEASURED: "Measured",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One way to run Tandem over the large company."""

    name: str
    profile: str = "expected"
    company: Mapping[str, Any] = field(default_factory=dict)
    setup: Mapping[str, Any] = field(default_factory=dict)
    is_spread: bool = False

    @property
    def model(self) -> Model:
        """The large company, run in this way."""
        large = Company(**{**_LARGE, **self.company})
        setup = Setup(**{"database": POSTGRESQL, **self.setup})
        return Model(company=large, setup=setup, c=constants_in_force(self.profile))


_LARGE: Mapping[str, Any] = {
    "jira_sites": 100,
    "jira_projects": 5_000,
    "issues": 10_000_000,
    "gitlab_sites": 1,
    "gitlab_projects": 20_000,
    "commits": 100_000_000,
    "merge_requests": 12_500_000,
    "pipelines": 12_500_000,
    "commitments": 20_000,
}
_TWENTY, _FIFTY = {"gitlab_sites": 20}, {"gitlab_sites": 50}
SCENARIOS = (
    Scenario(name="one GitLab.com user"),
    Scenario(name="20 GitLab.com sources, each with a user", company=_TWENTY),
    Scenario(name="50 GitLab.com sources, each with a user", company=_FIFTY),
    Scenario(name="50 such sources, rounds spread over the cycles", company=_FIFTY, is_spread=True),
    Scenario(name="50 such sources, requests as measured", profile="measured", company=_FIFTY),
    Scenario(name="one self-managed GitLab, no limit", company={"is_gitlab_com": False}),
    Scenario(name="50 self-managed sources, no limit", company={"is_gitlab_com": False, **_FIFTY}),
)
EXAMPLES: tuple[tuple[str, Company, Setup], ...] = (
    (
        "one team: 5,000 issues, 20 projects",
        Company(
            issues=5_000,
            jira_projects=3,
            gitlab_projects=20,
            commits=25_000,
            merge_requests=3_000,
            pipelines=6_000,
            commitments=10,
        ),
        Setup(interval_min=5),
    ),
    (
        "a company: 100,000 issues, 500 projects",
        Company(
            issues=100_000,
            gitlab_projects=500,
            commits=500_000,
            merge_requests=60_000,
            pipelines=60_000,
        ),
        Setup(interval_min=5),
    ),
    (
        "a group: 1,000,000 issues, 3,000 projects, 5 Jira sites, 10 GitLab sources",
        Company(
            issues=1_000_000,
            jira_sites=5,
            jira_projects=500,
            gitlab_sites=10,
            gitlab_projects=3_000,
            commits=5_000_000,
            merge_requests=600_000,
            pipelines=600_000,
            commitments=2_000,
        ),
        Setup(interval_min=15, database=POSTGRESQL, workers=4),
    ),
)


def constants_part() -> str:
    """Every constant in a table for each section, both profiles of requests side by side."""
    c, other = constants_in_force("expected"), constants_in_force("measured")
    in_force = constants_in_force().profile
    lines = [f"Measured {c.measured_on} on {c.machine} by `{c.command}`. Requests in force: **{in_force}**."]
    for section, title in _TITLES.items():
        lines += ["", f"**{title}**", ""]
        if section == REQUESTS:
            lines += [
                "| constant | expected | measured | unit | source of the expected |",
                "|---|---:|---:|---|---|",
            ]
            lines += [
                f"| `{one.name}` | {_value(one)} | {_value(two)} | {one.unit} | {one.source} |"
                for one, two in zip(c.sections[section], other.sections[section], strict=True)
            ]
        else:
            lines += ["| constant | value | unit | source |", "|---|---:|---|---|"]
            lines += [
                f"| `{one.name}` | {_value(one)} | {one.unit} | {one.source} |" for one in c.sections[section]
            ]
    return "\n".join(lines)


def _value(one: Constant) -> str:
    return f"{one.value:.4g}" if one.value < 10_000 else f"{one.value:,.0f}"


def simulation_part() -> str:
    """The large company, run in each way: what the simulated day showed."""
    head = (
        "| way | shortest feasible interval | workers | p95 Jira | p95 GitLab | workers used | busiest hour of a GitLab user | what keeps it from being shorter | the model: sites alike, 64 workers |",
        "|---|---:|---:|---:|---:|---:|---:|---|---|",
    )
    rows = (_row(scenario, shortest(scenario.model, is_spread=scenario.is_spread)) for scenario in SCENARIOS)
    return "\n".join((*head, *rows))


def _row(scenario: Scenario, found: Found) -> str:
    day = found.feasible or found.refused
    assert day is not None
    interval = (
        f"{number(day.interval_min)} min" if found.feasible else f"none up to {number(day.interval_min)} min"
    )
    binds = BINDING[found.refused.binds] if found.refused else "nothing that was tried"
    return f"| {scenario.name} | {interval} | {day.workers} | {figures_of(day)} | {binds} | {even_of(scenario)} |"


def even_of(scenario: Scenario) -> str:
    """What the model says of the same company with as many workers as help: the shortest interval, what binds first, and how many workers that interval takes."""
    model = scenario.model
    found = estimate_of(model.company, replace(model.setup, workers=MOST_WORKERS), model.c)
    words = f"{interval_words(found.shortest_min)}: {found.binding.limit.name}"
    if found.shortest_min is None:
        return words
    return f"{words}; {ceil(workers_needed(model, found.shortest_min))} workers"


def figures_of(day: Simulated) -> str:
    """The cells of a simulated day."""
    share = percent(day.quota_share) if day.quota_share else "-"
    ages = (minutes(day.p95_min.get(tool)) for tool in ("Jira", "GitLab"))
    return " | ".join((*ages, percent(day.workers_share), share))


def rows_in(text: str) -> Iterator[tuple[str, float, int, str, str]]:
    """(way, interval in minutes, workers, cells of the day, what the model says) of each row of the simulation's table in a document."""
    for line in part_of(text, "simulation").splitlines()[2:]:
        way, interval, workers, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        found = re.search(r"(\d+) min$", interval)
        assert found
        yield way, float(found.group(1)), int(workers), " | ".join(cells[:4]), cells[-1]


def examples_part() -> str:
    """Three companies in one table."""
    head = (
        "| company | interval asked about | feasible | shortest interval | binds first | quiet cycle, requests | workers needed | first pull | SQLite now, a year | PostgreSQL now, a year |",
        "|---|---:|---|---:|---|---:|---:|---:|---:|---:|",
    )
    return "\n".join((*head, *(_example(*one) for one in EXAMPLES)))


def _example(name: str, company: Company, setup: Setup) -> str:
    found = estimate_of(company, setup, constants_in_force())
    whole = total(found.families, "all")
    sizes = (f"{size(whole.bytes_now[d])}, {size(whole.bytes_per_year[d])}" for d in (SQLITE, POSTGRESQL))
    quiet = " + ".join(f"{site.sites} x {number(site.quiet.requests)}" for site in found.sites)
    return (
        f"| {name} | {number(setup.interval_min)} min | {'yes' if found.is_feasible else 'no'} | {interval_words(found.shortest_min)} | {found.binding.limit.name} "
        f"| {quiet} | {found.workers_needed} | {hours(found.first_pull_h)} | {' | '.join(sizes)} |"
    )


PARTS = {"constants": constants_part, "simulation": simulation_part, "examples": examples_part}


def part_of(text: str, name: str) -> str:
    """What stands between the markers of a part."""
    return text.partition(f"<!-- {name}:begin -->\n")[2].partition(f"\n<!-- {name}:end -->")[0]


def with_part(text: str, name: str, part: str) -> str:
    """The document with a part put between its markers."""
    before, _, rest = text.partition(f"<!-- {name}:begin -->\n")
    return f"{before}<!-- {name}:begin -->\n{part}\n<!-- {name}:end -->{rest.partition(f'<!-- {name}:end -->')[2]}"


if __name__ == "__main__":
    document = DOCUMENT.read_text(encoding="utf-8")
    for name, part in PARTS.items():
        document = with_part(document, name, part())
    DOCUMENT.write_text(document, encoding="utf-8")
