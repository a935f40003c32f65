"""Capacity for people: what a company's size costs in requests, time and room, which limit binds first and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table

from sync.capacity.company import Company
from sync.capacity.constants import Constants
from sync.capacity.estimate import Estimate, SiteEstimate, Use
from sync.capacity.room import Family, total
from sync.capacity.simulation import Simulated
from sync.reports.words import counted

ADVICE = {
    "jira-burst": "a longer interval; more accounts do not help, for the limit is the site's",
    "jira-points": "an API token instead of OAuth, which has no points to spend, or a longer interval",
    "gitlab-user": "GitLab groups as sources of their own, each with a user of its own; a longer interval",
    "site": "GitLab groups or Jira projects as sources of their own; more threads, where answers are waited for; a longer interval",
    "workers": "more workers, for which the store must be PostgreSQL; a longer interval",
    "store": "PostgreSQL instead of SQLite; a longer interval",
}
"""What to do about each limit, by its code."""
BINDING = {
    "workers": "a free worker",
    "quota": "leave to ask, by the tool's limit",
    "answers": "answers, one round trip each",
    "requests": "the processor: sending requests and taking answers",
    "records": "the processor: parsing and storing records",
    "code": "the processor: reading the code of changed projects anew",
    "judging": "the processor: judging",
}
"""What a simulated change waited for, in words."""
_NOUNS = {
    "issues": "issue",
    "gitlab_projects": "GitLab project",
    "jira_projects": "Jira project",
    "jira_sites": "Jira site",
    "gitlab_sites": "GitLab source",
    "commits": "commit",
    "merge_requests": "merge request",
    "pipelines": "pipeline",
    "commitments": "commitment",
}
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def view_of(estimate: Estimate, *, guessed: Iterable[str]) -> RenderableType:
    """Tables of sites, limits and room, then the sentences that matter. ``guessed`` are the sizes that nobody gave."""
    return Group(
        company_line(estimate.model.company, guessed=frozenset(guessed)),
        "",
        _sites_table(estimate),
        _limits_table(estimate),
        _room_table(estimate),
        *sentences_of(estimate),
        f"[bright_black]{basis_line(estimate.model.c)}[/]",
    )


def company_line(company: Company, *, guessed: frozenset[str]) -> str:
    """The sizes in words; what was guessed has a question mark."""
    sizes = (
        f"{counted(getattr(company, name), noun)}{' (?)' if name in guessed else ''}"
        for name, noun in _NOUNS.items()
    )
    note = "  (?) guessed from the number of issues" if guessed else ""
    return "Company  " + " · ".join(sizes) + note


def sentences_of(estimate: Estimate) -> Iterator[str]:
    """Whether the interval is feasible, what binds first and what to do, workers, first pull and memory."""
    setup, binding = estimate.model.setup, estimate.binding
    asked = f"every {number(setup.interval_min)} min with {counted(setup.workers_at_once, 'worker')} over {setup.database}"
    if estimate.is_feasible:
        yield f"[green]feasible[/]  {asked}."
    else:
        yield f"[red]not feasible[/]  {asked}."
    yield f"Shortest interval  {interval_words(estimate.shortest_min)}. What binds first: {binding.limit.name} ({percent(binding.share)} at the interval asked about)."
    yield f"To do better       {ADVICE[binding.limit.code]}."
    yield f"Workers            {estimate.workers_needed} for this interval, were there no other limit; about {number(estimate.memory_mb)} MB of memory each."
    yield f"First pull         about {hours(estimate.first_pull_h)}, with the first judgement."


def basis_line(c: Constants) -> str:
    """Where the numbers are from."""
    return (
        f"An estimate. Constants measured {c.measured_on} on {c.machine}; requests {c.profile}; a fifth of each limit is kept free. "
        "deploy/CAPACITY.md names each constant and its source."
    )


def simulated_view(days: Iterable[Simulated]) -> RenderableType:
    """A table of simulated days, one for each interval."""
    table = _table(
        "INTERVAL",
        "WORKERS",
        "P95 JIRA",
        "P95 GITLAB",
        "WORKERS USED",
        "GITLAB LIMIT",
        "FEASIBLE",
        "WAITS FOR",
    )
    for day in days:
        table.add_row(
            f"{number(day.interval_min)} min",
            str(day.workers),
            *(minutes(day.p95_min.get(tool)) for tool in ("Jira", "GitLab")),
            percent(day.workers_share),
            percent(day.quota_share) if day.quota_share else "-",
            "[green]yes[/]" if day.is_feasible else "[red]no[/]",
            BINDING[day.binds],
        )
    return Group(
        table,
        "A simulated day: offices in three zones, sites of unlike sizes, bulk edits, rounds and censuses. P95 is the age at which 19 of 20 changes had been judged;",
        "feasible means within two intervals. WAITS FOR is what changes waited for longest once their site's tick had come.",
    )


def _sites_table(estimate: Estimate) -> Table:
    table = _table(
        "SITE", "SITES", "QUIET CYCLE", "BUSY CYCLE", "HOURLY ROUND", "CENSUS", "A DAY", "A BUSY CYCLE TAKES"
    )
    for site in estimate.sites:
        requests = (
            site.quiet.requests,
            site.busy.requests,
            site.round_requests,
            site.census_requests,
            site.requests_per_day,
        )
        table.add_row(site.name, str(site.sites), *map(number, requests), _taken(site))
    table.caption = "requests to one site; a busy cycle is one in the busiest hour of a working day. It goes to answers (waiting), requests, records, code and judging (the processor)"
    return table


def _taken(site: SiteEstimate) -> str:
    """How long a busy cycle takes, and what most of it goes to."""
    parts = site.busy.parts_s
    most = max(parts, key=lambda part: parts[part])
    return f"{seconds(site.busy_takes_s)}, {percent(parts[most] / (site.busy.busy_s or 1.0))} {most}"


def _limits_table(estimate: Estimate) -> Table:
    table = _table("LIMIT", "USED", "ALLOWED", "SHARE", "SHORTEST INTERVAL")
    for use in estimate.uses:
        table.add_row(
            use.limit.name,
            f"{number(use.used)} {use.limit.unit}",
            number(use.limit.allowed),
            _coloured(use, estimate.model.c["headroom"]),
            interval_words(use.shortest_min),
        )
    return table


def _coloured(use: Use, headroom: float) -> str:
    colour = "red" if use.share > 1 else "yellow" if use.share > headroom else "green"
    return f"[{colour}]{percent(use.share)}[/]"


def _room_table(estimate: Estimate) -> Table:
    table = _table("STORE", "ROWS", "ROWS A YEAR", "SQLITE", "A YEAR", "POSTGRESQL", "A YEAR")
    for family in (*estimate.families, total(estimate.families, "all")):
        table.add_row(family.name, *_room_cells(family))
    return table


def _room_cells(family: Family) -> tuple[str, ...]:
    sizes = (
        size(by[database])
        for database in ("sqlite", "postgresql")
        for by in (family.bytes_now, family.bytes_per_year)
    )
    return (number(family.rows), number(family.rows_per_year), *sizes)


def _table(*names: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), caption_justify="left")
    for place, name in enumerate(names):
        table.add_column(name, justify="left" if place == 0 else "right", overflow="fold")
    return table


def number(value: float) -> str:
    """A number to three places at most, large ones whole, with commas."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def percent(share: float) -> str:
    """``12 %``; less than one is said so."""
    return "< 1 %" if 0 < share < 0.01 else f"{100 * share:,.0f} %"


def size(count: float) -> str:
    """Bytes in the largest unit of which there is one."""
    place = 0
    while count >= 1000 and place < len(_UNITS) - 1:
        count, place = count / 1000, place + 1
    return f"{number(count)} {_UNITS[place]}"


def seconds(value: float) -> str:
    """Seconds, or minutes where there are more than two."""
    return f"{number(value)} s" if value < 120 else f"{number(value / 60)} min"


def minutes(value: float | None) -> str:
    """Minutes; a dash where nothing changed."""
    return "-" if value is None else f"{number(value)} min"


def hours(value: float) -> str:
    """Hours, or minutes below two of them."""
    return f"{number(value)} hours" if value >= 2 else f"{number(max(1.0, value * 60))} minutes"


def interval_words(value: float | None) -> str:
    """``5.2 min``, or that none is long enough."""
    return "none is long enough" if value is None else f"{number(value)} min"
