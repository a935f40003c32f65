"""How a run went: what was read, what is unknown, what was written and what was not."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType

from sync.engine.run import Outcome
from sync.reports.aftermath import dead_after, kept_of
from sync.reports.noticed import lines_of, own_of
from sync.reports.plan import caution_lines
from sync.reports.status import table_of
from sync.reports.words import counted, safe

_NAMED = 5


def view_of(outcome: Outcome) -> RenderableType:
    """The run in a few lines; the status table where a judgement was made."""
    parts: list[RenderableType] = [f"[bright_black]read  {safe(_read(outcome))}[/]"] if outcome.read else []
    if outcome.judging:
        parts += [table_of(outcome.judging.judged), ""]
    parts += _lines(outcome)
    parts.append(line_of(outcome))
    if outcome.plan and outcome.plan.commands and not outcome.plan.is_write_enabled:
        parts.append(
            f"Writing is off: {counted(len(outcome.plan.commands), 'write')} would be made. See them with: tandem plan"
        )
    return Group(*parts)


def _lines(outcome: Outcome) -> Iterator[str]:
    yield from _unread(outcome)
    if outcome.judging:
        yield from lines_of(own_of(outcome.judging.judgement.findings), outcome.judging.world.spec.language)
    yield from _unwritten(outcome)
    yield from _held(outcome)


def _unread(outcome: Outcome) -> Iterator[str]:
    """What was not completely read, and whose comments say for that reason what they said before."""
    for v in outcome.verdicts:
        if not v.is_complete:
            yield f"[red]unknown[/]  {safe(str(v.scope))}: {safe(v.reason)}"
    for why, keys in kept_of(outcome).items():
        more = f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else ""
        yield f"[red]kept[/]  the last comment of {safe(', '.join(keys[:_NAMED]))}{more}: {safe(why)}"


def _unwritten(outcome: Outcome) -> Iterator[str]:
    for d in outcome.put_off:
        yield f"[cyan]put off[/]  {safe(str(d.delivery.command.slot))}: {safe(d.put_off or '')}"
    for d in outcome.delivered:
        if d.error:
            yield f"[red]not written[/]  {safe(str(d.delivery.command.slot))}: {safe(d.error)}"
    if dead := len(dead_after(outcome)):
        yield f"[red]given up[/]  {counted(dead, 'write')} failed too often. See them with: tandem outbox list"


def _held(outcome: Outcome) -> Iterator[str]:
    """What was held, why, where to look and how to go on."""
    if not outcome.held:
        return
    writes = len(outcome.plan.commands) if outcome.plan else 0
    again = "apply FILE" if outcome.run.command == "apply" else "sync"
    yield from caution_lines(outcome.held)
    yield (
        f"[red]held[/]  {counted(writes, 'write')} not made: the plan looks like a mistake in the mapping. "
        f"Look at it with: tandem plan --diff. If it is right: tandem {again} --i-have-read-the-plan"
    )


def line_of(outcome: Outcome) -> str:
    """``complete: 39 requests, 3 new or changed records, 0 writes in 1.7 s``."""
    run = outcome.run
    seconds = (run.finished_at - run.started_at).total_seconds() if run.finished_at else 0.0
    skipped = f", {counted(run.skipped, 'record')} skipped" if run.skipped else ""
    put_off = f", {len(outcome.put_off)} put off" if outcome.put_off else ""
    return (
        f"{run.outcome}: {counted(run.requests, 'request')}, {counted(run.records, 'new or changed record')}{skipped}, "
        f"{counted(run.writes, 'write')}{put_off} in {seconds:.1f} s"
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
        "kept": [{"commitments": list(keys), "reason": why} for why, keys in kept_of(outcome).items()],
        "failed_writes": [
            {"slot": str(d.delivery.command.slot), "reason": d.error} for d in outcome.delivered if d.error
        ],
        "put_off_writes": [
            {"slot": str(d.delivery.command.slot), "reason": d.put_off} for d in outcome.put_off
        ],
        "dead_letters": len(dead_after(outcome)),
        "held": list(outcome.held),
        "plan": dict(outcome.plan.counts) if outcome.plan else None,
    }
