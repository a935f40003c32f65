"""The queue for people: the tick, what waits and runs of each kind, the workers, what they have used of their budgets, and what went wrong."""

from __future__ import annotations

from datetime import datetime

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table

from sync.reports.words import age, counted, safe
from sync.store.queue_state import KindState, QueueState

_COLUMNS = ("KIND", "TO COME", "WAITING", "RUNNING", "DONE", "FAILED", "OLDEST WAITING")


def view_of(state: QueueState) -> RenderableType:
    """Tables of kinds and budgets between the tick's line and that of the workers."""
    if state.tick is None:
        return Group(
            _workers_line(state), "No tick has begun here yet. A worker begins one: tandem worker --queue"
        )
    parts: list[RenderableType] = [_tick_line(state), _kinds(state)]
    if state.budgets:
        parts.append(_budgets(state))
    parts += [f"[yellow]{safe(name)}[/]: {safe(trouble)}" for name, trouble in state.troubles]
    return Group(*parts, _workers_line(state))


def _tick_line(state: QueueState) -> str:
    tick = state.tick
    assert tick is not None  # noqa: S101  # the caller has looked
    began = f"Tick {tick.id} began {_since(tick.started_at, state.now)} ago"
    closed = "".join(f"; {safe(source)} is asked no more: {safe(reason)}" for source, reason in tick.closed)
    if tick.finished_at is None:
        return f"{began} and is under way{closed}."
    return f"{began} and ended {_since(tick.finished_at, state.now)} ago: {tick.outcome}{closed}."


def _kinds(state: QueueState) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for name in _COLUMNS:
        table.add_column(name, justify="left" if name == "KIND" else "right")
    for kind in state.kinds:
        failed = f"[red]{kind.failed}[/]" if kind.failed else "0"
        numbers = (str(n) for n in (kind.to_come, kind.waiting, kind.running, kind.done))
        table.add_row(kind.kind, *numbers, failed, _waited(kind, state.now))
    return table


def _waited(kind: KindState, now: datetime) -> str:
    return _since(kind.oldest_at, now) if kind.oldest_at else "-"


def _budgets(state: QueueState) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for name in ("SOURCE", "BUDGET", "TAKEN", "HELD BACK"):
        table.add_column(name, justify="left" if name in {"SOURCE", "BUDGET"} else "right", overflow="fold")
    for source, budget, turns, held_s in state.budgets:
        table.add_row(safe(source), safe(budget), str(turns), f"{held_s:.0f} s" if held_s else "-")
    return table


def _workers_line(state: QueueState) -> str:
    if not state.workers:
        return "No worker is there. Start some: tandem worker --queue"
    newest = max(at for _, at in state.workers)
    return f"{counted(len(state.workers), 'worker')}, the last sign of life {_since(newest, state.now)} ago."


def _since(at: datetime, now: datetime) -> str:
    """How long ago: seconds below a minute, for those matter here."""
    seconds = (now - at).total_seconds()
    return age(at, now) if seconds >= 60 else f"{max(seconds, 0):.0f} s"


def document_of(state: QueueState) -> dict[str, object]:
    """The same as a JSON document."""
    tick = state.tick
    return {
        "tick": {
            "id": tick.id,
            "run": tick.run_id,
            "started_at": tick.started_at.isoformat(),
            "finished_at": tick.finished_at.isoformat() if tick.finished_at else None,
            "outcome": tick.outcome,
            "closed": [{"source": source, "reason": reason} for source, reason in tick.closed],
        }
        if tick
        else None,
        "kinds": [
            {
                "kind": kind.kind,
                "to_come": kind.to_come,
                "waiting": kind.waiting,
                "running": kind.running,
                "done": kind.done,
                "failed": kind.failed,
                "oldest_waiting_at": kind.oldest_at.isoformat() if kind.oldest_at else None,
            }
            for kind in state.kinds
        ],
        "workers": [{"id": id_, "last_heartbeat_at": at.isoformat()} for id_, at in state.workers],
        "budgets": [
            {"source": source, "budget": budget, "taken": turns, "held_s": round(held_s, 1)}
            for source, budget, turns, held_s in state.budgets
        ],
        "troubles": [{"part": name, "reason": reason} for name, reason in state.troubles],
    }
