"""Changes that admit debt: a table for people, a document for programs, a list for a page and rows for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table

from connectors.records import Commit, MergeRequest
from mappings.admitted import Candidate, DebtKind
from sync.core.language import Language, Text
from sync.reports.inert import address, cell, inert, one_line
from sync.reports.words import safe

_HEADS = (
    Text(en="KIND", zh="类别"),
    Text(en="PROBABILITY", zh="概率"),
    Text(en="WHAT", zh="内容"),
    Text(en="WHERE", zh="位置"),
    Text(en="BECAUSE", zh="依据"),
    Text(en="ISSUES", zh="关联问题"),
)
_KINDS: Mapping[DebtKind, Text] = MappingProxyType(
    {
        DebtKind.CODE: Text(en="code", zh="代码"),
        DebtKind.DESIGN: Text(en="design", zh="设计"),
        DebtKind.DOCUMENTATION: Text(en="documentation", zh="文档"),
        DebtKind.TEST: Text(en="test", zh="测试"),
        DebtKind.REQUIREMENT: Text(en="requirement", zh="需求"),
        DebtKind.ARCHITECTURE: Text(en="architecture", zh="架构"),
        DebtKind.BUILD: Text(en="build", zh="构建"),
        DebtKind.DEFECT: Text(en="defect", zh="缺陷"),
    }
)
_SOME = Text(
    en="{count} that admit debt. A person decides what goes into the register.",
    zh="{count} 项变更自述含有技术债。是否登记由人决定。",
)
_NONE = Text(en="No change that was read admits debt.", zh="已读取的变更中没有自述的技术债。")


def view_of(candidates: Iterable[Candidate], language: Language) -> RenderableType:
    """The table, and a line that counts."""
    found = tuple(candidates)
    if not found:
        return _NONE.within(language)
    counted = _SOME.filled(language, {"count": _count(found, language)})
    return Group(_table(found, language), "", counted)


def _count(found: tuple[Candidate, ...], language: Language) -> str:
    if language == "zh":
        return str(len(found))
    return "1 change" if len(found) == 1 else f"{len(found):,} changes"


def _table(candidates: Iterable[Candidate], language: Language) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for at, head in enumerate(_HEADS):
        table.add_column(head.within(language), overflow="fold", no_wrap=at < 2)
    for c in candidates:
        cells = (_title(c), _where(c), ", ".join(c.admission.because), ", ".join(c.issue_keys))
        table.add_row(_kind(c, language), _percent(c), *map(safe, cells))
    return table


def _kind(candidate: Candidate, language: Language) -> str:
    return _KINDS[candidate.admission.kind].within(language)


def _percent(candidate: Candidate) -> str:
    return f"{candidate.admission.probability:.0%}"


def _title(candidate: Candidate) -> str:
    return one_line(candidate.record.title)


def _name(record: MergeRequest | Commit) -> str:
    """What people call it: ``!12``, or the first eight digits of a commit."""
    return record.sha[:8] if isinstance(record, Commit) else record.reference


def _where(candidate: Candidate) -> str:
    return candidate.record.url or _name(candidate.record)


def document_of(candidates: Iterable[Candidate], *, now: datetime) -> dict[str, object]:
    """The candidates as a JSON document; codes stay English."""
    return {"as_of": now.isoformat(), "candidates": [_document(c) for c in candidates]}


def _document(c: Candidate) -> dict[str, object]:
    return {
        "kind": c.admission.kind,
        "probability": round(c.admission.probability, 3),
        "title": c.record.title,
        "record": str(c.record.ref),
        "said_in": str(c.said_in),
        "url": c.record.url,
        "at": c.at.isoformat(),
        "because": list(c.admission.because),
        "issues": list(c.issue_keys),
    }


def markdown_of(candidates: Iterable[Candidate], language: Language) -> str:
    """A Markdown table; outside text is escaped, so that it stays text."""
    heads = [head.within(language) for head in _HEADS]
    lines = [heads, ["---"] * len(heads), *(_markdown_row(c, language) for c in candidates)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _markdown_row(c: Candidate, language: Language) -> list[str]:
    because, issues = ", ".join(c.admission.because), ", ".join(c.issue_keys)
    return [_kind(c, language), _percent(c), inert(_title(c)), _link(c), inert(because), inert(issues)]


def _link(c: Candidate) -> str:
    url = address(c.record.url)
    return f"[{inert(_name(c.record))}](<{url}>)" if url else inert(_where(c))


def csv_of(candidates: Iterable[Candidate], language: Language) -> str:
    """Comma-separated rows under a head line; no cell is a formula to a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head.within(language).lower() for head in _HEADS)
    writer.writerows(_cells(c, language) for c in candidates)
    return text.getvalue()


def _cells(c: Candidate, language: Language) -> Iterator[str]:
    yield _kind(c, language)
    yield f"{c.admission.probability:.3f}"
    yield from map(cell, (_title(c), _where(c), ", ".join(c.admission.because), ", ".join(c.issue_keys)))
