"""The capacity table: the figures of ``deploy/bench.json`` as Markdown, and its place in ``deploy/CAPACITY.md``. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

Run: TypeAlias = Mapping[str, Any]
"""What ``cycles.cycles`` returns."""
Column: TypeAlias = tuple[str, Callable[[Run], str]]
BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
_NONE = "–"


def placed(text: str, table: str) -> str:
    """The document with the table between its markers; at its end, with markers, where it has none."""
    head, begun, rest = text.partition(BEGIN)
    if not begun:
        return f"{text.rstrip()}\n\n{BEGIN}\n{table}\n{END}\n"
    _, ended, tail = rest.partition(END)
    if not ended:
        raise ValueError(f"{BEGIN} stands there without {END}")
    return f"{head}{BEGIN}\n{table}\n{END}{tail}"


def table_of(document: Mapping[str, Any]) -> str:
    """All tables: what was measured where, the cold pull, the cycles, the growth, and which requests are made."""
    runs = document["runs"]
    full = [run for run in runs if "quiet" in run["steps"]]
    return "\n\n".join(
        (
            _measured(document),
            _COLD_INTRO,
            _table(_COLD, runs),
            _CYCLE_INTRO,
            _table(_CYCLES, full),
            _routes(runs[0]),
        )
    )


def _measured(document: Mapping[str, Any]) -> str:
    machine = document["machine"]
    commands = "\n".join(f"    {run['command']}" for run in document["runs"])
    left = f" Not measured yet: {', '.join(document['left'])}." if document["left"] else ""
    return (
        f"Measured on {document['date']} at commit `{document['commit'][:12]}` on {machine['cores']} cores with {machine['memory_gb']} GB of memory, "
        f"Python {machine['python']}, load {machine['load']} at the beginning, by `make bench`, which runs:\n\n{commands}\n\n"
        "1x is 10,000 issues with changelogs and worklogs, 50,000 commits, 8,000 merge requests and 25,000 pipelines in 5 Jira and 10 GitLab projects. A larger company has a "
        "longer history; what is open and planned in it stays the same. Wall, CPU and peak memory are those of the command's own process; the tools, in a process of their own, "
        f"and a PostgreSQL are not counted. Medians of so many rounds as are told. The API does not exist yet and is not measured.{left}"
    )


_COLD_INTRO = (
    "**Cold pull.** The floor asks the same requests by as many threads, decodes their JSON and puts the same rows into the same tables by the driver alone. The least requests are those "
    "of the cheapest way to the same records that the tools document (decision 0016): pages as large as each listing grants, commits of open branches among them, and what belongs to single "
    "merge requests many to a query. The loops are what a user would write with `jira` and `python-gitlab` alone. "
    "Site CPU is what the tools' process needed meanwhile, on the other core."
)
_CYCLE_INTRO = (
    "**Cycles.** `tandem sync` as a one-shot command: where nothing has changed, and after 1 % of everything changed; what stands beside is asked of the store alone. "
    "Rows written leaves out cursors, verdicts, leases, sites and the run itself. Lost is how many records the store lacks, or holds in a former state, once the search for deletions was made too."
)
_OWN = frozenset({"cursors", "verdicts", "leases", "runs", "sites"})


def _table(columns: Iterable[Column], runs: Iterable[Run]) -> str:
    columns = tuple(columns)
    lines = [
        " | ".join(name for name, _ in columns),
        "|".join("---" if n < 3 else "---:" for n in range(len(columns))),
    ]
    lines += [" | ".join(cell(run) for _, cell in columns) for run in runs]
    return "\n".join(f"| {line} |" if "---" not in line else f"|{line}|" for line in lines)


def _step(name: str, field: str, form: str = "{:,.1f}") -> Callable[[Run], str]:
    """The figure of a step; a dash where it was not measured."""

    def cell(run: Run) -> str:
        value = run["steps"].get(name, {}).get(field)
        return _NONE if value is None else form.format(value)

    return cell


def _ratio(above: Iterable[str], below: str) -> Callable[[Run], str]:
    """The wall time of some steps over that of another one."""
    names = tuple(above)

    def cell(run: Run) -> str:
        steps = run["steps"]
        if below not in steps or not all(name in steps for name in names):
            return _NONE
        return f"{sum(steps[name]['wall_s'] for name in names) / steps[below]['wall_s']:.1f} x"

    return cell


def _loop(name: str) -> Callable[[Run], str]:
    """A loop's wall time, with the share that was measured where it was not all of it."""

    def cell(run: Run) -> str:
        step = run["steps"].get(name)
        if step is None:
            return _NONE
        return f"{step['wall_s']:,.0f}" + ("" if step["share"] == 1 else f" (from {step['share']:.0%})")

    return cell


def _lost(name: str) -> Callable[[Run], str]:
    def cell(run: Run) -> str:
        found = run["steps"].get(name, {}).get("gaps")
        return (
            _NONE
            if found is None
            else str(sum(gap["missing"] + gap["surplus"] + gap["stale"] for gap in found))
        )

    return cell


def _written(name: str) -> Callable[[Run], str]:
    def cell(run: Run) -> str:
        found = run["steps"].get(name, {}).get("written")
        return _NONE if found is None else f"{sum(n for table, n in found.items() if table not in _OWN):,}"

    return cell


def _requests(run: Run) -> str:
    step = run["steps"]["cold"]
    return f"{step['requests']:,} / {step['least_requests']:,}"


_SETTING: tuple[Column, ...] = (
    ("size", lambda run: f"{run['scale']:g}x"),
    ("database", lambda run: str(run["database"])),
    ("round trip", lambda run: f"{run['round_trip_s'] * 1000:.0f} ms"),
)
_COLD: tuple[Column, ...] = (
    *_SETTING,
    ("rounds", lambda run: str(run["rounds"])),
    ("wall s", _step("cold", "wall_s")),
    ("CPU s", _step("cold", "cpu_s")),
    ("peak MB", _step("cold", "peak_mb", "{:,.0f}")),
    ("site CPU s", _step("cold", "site_cpu_s")),
    (
        "rows",
        lambda run: f"{sum(n for t, n in run['steps']['cold']['rows'].items() if t.endswith('_records')):,}",
    ),
    ("requests / least", _requests),
    ("lost", _lost("cold")),
    ("floor wall s", _step("floor", "wall_s")),
    ("floor CPU s", _step("floor", "cpu_s")),
    ("of the floor", _ratio(["cold"], "floor")),
    ("`jira` s", _loop("jira alone")),
    ("`python-gitlab` s", _loop("gitlab alone")),
    ("faster than both", _ratio(["jira alone", "gitlab alone"], "cold")),
)
_CYCLES: tuple[Column, ...] = (
    *_SETTING,
    ("quiet wall s", _step("quiet", "wall_s", "{:,.2f}")),
    ("CPU s", _step("quiet", "cpu_s", "{:,.2f}")),
    ("peak MB", _step("quiet", "peak_mb", "{:,.0f}")),
    ("requests", _step("quiet", "requests", "{:,.0f}")),
    ("rows written", _written("quiet")),
    ("1 % changed wall s", _step("changed", "wall_s", "{:,.2f}")),
    ("CPU s", _step("changed", "cpu_s", "{:,.2f}")),
    ("requests", _step("changed", "requests", "{:,.0f}")),
    ("rows written", _written("changed")),
    ("lost", _lost("changed")),
    ("plan s", _step("plan", "wall_s", "{:,.2f}")),
    ("status s", _step("status", "wall_s", "{:,.2f}")),
    ("drift s", _step("drift", "wall_s", "{:,.2f}")),
    ("100 comments s", _step("write back", "wall_s", "{:,.2f}")),
)


def _routes(run: Run) -> str:
    """Which requests the first run's pull, quiet and changed cycle made."""
    steps = [name for name in ("cold", "quiet", "changed", "write back") if name in run["steps"]]
    names = sorted({route for step in steps for route in run["steps"][step]["routes"]})
    lines = [f"| request | {' | '.join(steps)} |", f"|---|{'---:|' * len(steps)}"]
    for name in names:
        counts = (run["steps"][step]["routes"].get(name, 0) for step in steps)
        lines.append(f"| `{name}` | {' | '.join(f'{count:,}' for count in counts)} |")
    return "**Requests by route** of the first line.\n\n" + "\n".join(lines)
