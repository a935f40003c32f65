"""How a run went: what was read, what is unknown, what was written."""

from __future__ import annotations

from rich.console import Group, RenderableType

from sync.engine.run import Outcome
from sync.reports.status import table_of
from sync.reports.words import counted, safe


def view_of(outcome: Outcome) -> RenderableType:
    """The run in a few lines; the status table where a judgement was made."""
    parts: list[RenderableType] = [f"[bright_black]read  {safe(_read(outcome))}[/]"] if outcome.read else []
    if outcome.judging:
        parts += [table_of(outcome.judging.judged), ""]
    parts += [
        f"[red]unknown[/]  {safe(str(v.scope))}: {safe(v.reason)}"
        for v in outcome.verdicts
        if not v.is_complete
    ]
    parts += [
        f"[red]not written[/]  {safe(str(d.delivery.command.slot))}: {safe(d.error)}"
        for d in outcome.delivered
        if d.error
    ]
    parts.append(line_of(outcome))
    if outcome.plan and outcome.plan.commands and not outcome.plan.is_write_enabled:
        parts.append(
            f"Writing is off: {counted(len(outcome.plan.commands), 'write')} would be made. See them with: tandem plan"
        )
    return Group(*parts)


def line_of(outcome: Outcome) -> str:
    """``complete: 39 requests, 3 new or changed records, 0 writes in 1.7 s``."""
    run = outcome.run
    seconds = (run.finished_at - run.started_at).total_seconds() if run.finished_at else 0.0
    skipped = f", {counted(run.skipped, 'record')} skipped" if run.skipped else ""
    return (
        f"{run.outcome}: {counted(run.requests, 'request')}, {counted(run.records, 'new or changed record')}{skipped}, "
        f"{counted(run.writes, 'write')} in {seconds:.1f} s"
    )


def _read(outcome: Outcome) -> str:
    """``412 issues · 6 versions``: records that came in, by kind."""
    return " · ".join(counted(number, name.replace("_", " ")) for name, number in outcome.read)


def document_of(outcome: Outcome) -> dict[str, object]:
    """The run as a JSON document."""
    run = outcome.run
    return {
        "run": run.id,
        "outcome": run.outcome,
        "started_at": run.started_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "requests": run.requests,
        "records": run.records,
        "skipped": run.skipped,
        "writes": run.writes,
        "read": dict(outcome.read),
        "unknown": [
            {"scope": str(v.scope), "completeness": v.completeness, "reason": v.reason}
            for v in outcome.verdicts
            if not v.is_complete
        ],
        "failed_writes": [
            {"slot": str(d.delivery.command.slot), "reason": d.error} for d in outcome.delivered if d.error
        ],
        "plan": dict(outcome.plan.counts) if outcome.plan else None,
    }
