"""The plan as people read it: one line per slot, what would be written and why."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sync.core.actions import COMMENT, Action, ActionKind
from sync.core.plan import Plan
from sync.reports.wiki_view import lines_of
from sync.reports.words import counted, safe, status_words

_SIGNS = {
    ActionKind.CREATE: "[green]+ create[/]",
    ActionKind.REPLACE: "[green]+ new[/]",
    ActionKind.UPDATE: "[yellow]~ update[/]",
    ActionKind.NO_OP: "[bright_black]· no-op[/]",
    ActionKind.BLOCKED: "[red]? blocked[/]",
    ActionKind.DEFERRED: "[cyan]> deferred[/]",
    ActionKind.LEFT: "[magenta]! left[/]",
}


def view_of(plan: Plan, *, file: Path | None = None, has_diff: bool = False) -> RenderableType:
    """The whole plan; ``file`` is where it was kept, ``has_diff`` adds each comment's old and new text."""
    parts: list[RenderableType] = [_heading(plan), Padding(table_of(plan), (1, 0, 1, 2))]
    parts += [diff for action in plan.actions if has_diff and (diff := _diff_of(action))]
    parts += [f"  [yellow]{safe(key)}[/] has no Jira issue to carry its comment" for key in plan.unplaced]
    parts += [
        f"  [yellow]{safe(key)}[/] is no longer in the mapping; its comment stays as it is"
        for key in dict.fromkeys(slot.commitment_key for slot in plan.gone)
    ]
    parts += caution_lines(plan.cautions)
    parts.append(_ending(plan, file))
    return Group(*parts)


def caution_lines(cautions: Iterable[str]) -> tuple[str, ...]:
    """Why a person must read the plan before it is carried out, a line each; nothing without cautions."""
    return tuple(f"[red]caution[/]  {safe(caution)}" for caution in cautions)


def _heading(plan: Plan) -> str:
    comments = [a for a in plan.actions if a.target == COMMENT]
    unchanged = sum(a.kind is ActionKind.NO_OP for a in comments)
    read = plan.commitments - plan.unknown
    return (
        f"Plan for {counted(plan.commitments, 'commitment')} "
        f"({read} read completely, {plan.unknown} unknown, {unchanged} unchanged since the last run)"
    )


def table_of(plan: Plan) -> Table:
    """One row per slot; properties that are not written are left out."""
    table = Table.grid(padding=(0, 2))
    for action in plan.actions:
        if action.target == COMMENT or action.kind.is_write:
            what = "comment" if action.target == COMMENT else "property"
            status = status_words(action.health, action.agreement) if action.target == COMMENT else ""
            title = safe(action.title) if action.target == COMMENT else "[bright_black]tandem.status[/]"
            table.add_row(_SIGNS[action.kind], what, safe(action.issue_key), title, status, safe(action.why))
    return table


def _diff_of(action: Action) -> RenderableType | None:
    if not action.kind.is_write:
        return None
    lines = difflib.unified_diff(
        lines_of(action.before or ""), lines_of(action.after or ""), "now", "then", lineterm="", n=1
    )
    text = Text(f"{action.issue_key} {action.target}\n", style="bold")
    for line in lines:
        colour = {"+": "green", "-": "red"}.get(line[:1], "")
        text.append("".join(c for c in line if c.isprintable()) + "\n", style=colour)
    return Padding(text, (0, 0, 1, 2))


def _ending(plan: Plan, file: Path | None) -> str:
    writes = plan.counts["writes"]
    if not writes and plan.cautions:
        return "Nothing to write, but see the caution above.  ->  if that is what you want: tandem sync --i-have-read-the-plan"
    if not writes:
        return "Nothing to write: every slot says what it should."
    loud = plan.counts["notifying"]
    if not plan.is_write_enabled:
        return (
            f"{counted(writes, 'write')} would be made, but writing is off. Nothing has been written. "
            "To allow it, set  write: {enabled: true}  in the mapping."
        )
    how = f"tandem apply {file}" if file else "tandem sync, or tandem plan --out FILE and tandem apply FILE"
    if plan.cautions:
        how = f"if that is what you want: {how}, with --i-have-read-the-plan"
    return f"{counted(writes, 'write')} would be made ({loud} notify). Nothing has been written.  ->  {how}"
