"""The status of every commitment: a table for people, a document for programs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from rich import box
from rich.table import Table

from connectors.commands import Slot
from connectors.port import Verdict
from sync.core.judged import Judged
from sync.core.language import Language
from sync.core.status import headline
from sync.engine.judging import Judging
from sync.reports.drift import finding_document
from sync.reports.noticed import own_of
from sync.reports.words import age, safe, status_words


def table_of(judged: Iterable[Judged]) -> Table:
    """One row per commitment; what is neither drifting nor open is left to ``status --all``."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for name in ("COMMITMENT", "STATUS", "DONE", "DUE", "FINDINGS", "TECHNICAL", "ENGINEERING"):
        table.add_column(name, overflow="fold", justify="right" if name == "DONE" else "left")
    for one in judged:
        table.add_row(*_cells(one))
    return table


def _cells(one: Judged) -> tuple[str, ...]:
    counts = one.counts
    return (
        safe(one.commitment.title),
        status_words(one.status.health, one.status.agreement),
        f"{counts.delivered}/{counts.total}",
        one.due_on.isoformat() if one.due_on else "-",
        _found(one),
        safe(one.commitment.technical_owner or "-"),
        safe(one.commitment.engineering_owner or "-"),
    )


def _found(one: Judged) -> str:
    rules = sorted({f.rule for f in one.findings})
    text = f"{len(one.findings)}  [bright_black]{' '.join(rules)}[/]" if one.findings else "-"
    return text + (f" [bright_black](+{len(one.suppressed)} suppressed)[/]" if one.suppressed else "")


def sources_line(verdicts: Iterable[Verdict], now: datetime) -> str:
    """``Read   jira 2 min ago, complete · gitlab 3 min ago, 1 scope unknown``."""
    by_source: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        by_source.setdefault(verdict.scope.source, []).append(verdict)
    parts = [_source(name, found, now) for name, found in sorted(by_source.items())]
    return "Read   " + (" · ".join(parts) or "nothing yet: run  tandem sync")


def _source(name: str, verdicts: list[Verdict], now: datetime) -> str:
    blind = sum(not v.is_complete for v in verdicts)
    how = f"[red]{blind} of {len(verdicts)} scopes unknown[/]" if blind else "complete"
    oldest = age(min(v.at for v in verdicts), now)
    return f"{safe(name)} {'just now' if oldest == 'new' else f'{oldest} ago'}, {how}"


def document_of(judged: Iterable[Judged], judging: Judging) -> dict[str, object]:
    """The statuses of ``judged`` as a JSON document; codes stay English, sentences are in the mapping's language. ``noticed`` is about the engine itself."""
    world = judging.world
    left = frozenset(t.slot for t in world.condition.touched if t.is_left_alone)
    own = own_of(judging.judgement.findings)
    return {
        "as_of": world.now.isoformat(),
        "commitments": [_document(one, world.spec.language, left=left) for one in judged],
        "noticed": [finding_document(f, world.spec.language) for f in own],
    }


def _document(one: Judged, language: Language, *, left: frozenset[Slot]) -> dict[str, object]:
    c = one.counts
    return {
        "key": one.commitment.key,
        "kind": one.commitment.kind,
        "title": one.commitment.title,
        "health": one.status.health,
        "agreement": one.status.agreement,
        "why": headline(one.status, language),
        "due_on": one.due_on.isoformat() if one.due_on else None,
        "technical_owner": one.commitment.technical_owner,
        "engineering_owner": one.commitment.engineering_owner,
        "counts": {
            "delivered": c.delivered,
            "in_review": c.in_review,
            "in_progress": c.in_progress,
            "to_do": c.to_do,
            "dropped": c.dropped,
            "total": c.total,
        },
        "findings": [
            {"rule": f.rule, "severity": f.severity.word, "fingerprint": f.fingerprint} for f in one.findings
        ],
        "suppressed": len(one.suppressed),
        "unknown": [str(v.scope) for v in one.blind_spots],
        "left_alone": sorted(str(slot) for slot in left if slot.commitment_key == one.commitment.key),
    }
