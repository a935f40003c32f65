"""What admits debt, changes and comments in files: a table for people, a document for programs, a list for a page and rows for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from msgspec import Struct
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table

from connectors.records import Commit, MergeRequest, Todo, TodoScan
from mappings.admitted import Candidate, DebtKind, TodoCandidate
from sync.core.language import Language, Text
from sync.reports.inert import address, cell, inert, one_line
from sync.reports.words import counted, safe

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
    zh="{count}自述含有技术债。是否登记由人决定。",
)
_NONE = Text(
    en="No change and no comment that was read admits debt.", zh="已读取的变更和注释中没有自述的技术债。"
)
_READ = Text(en="Read for comments: {files} in {places}.", zh="已读取注释：{places} 处共 {files} 个文件。")
_LEFT_OUT = Text(en=" Left out: {left}.", zh="未读取：{left}。")
_WHY: Mapping[str, Text] = MappingProxyType(
    {
        "too large": Text(en="too large", zh="过大"),
        "too many": Text(en="too many", zh="超出数量上限"),
        "too many (at least)": Text(en="or more too many", zh="以上超出数量上限"),
        "binary": Text(en="binary", zh="二进制"),
        "in LFS": Text(en="in LFS", zh="在 LFS 中"),
    }
)


class Debt(Struct, frozen=True, kw_only=True):
    """What is shown: changes that admit debt, marks in files, and what was looked at for marks."""

    changes: tuple[Candidate, ...] = ()
    todos: tuple[TodoCandidate, ...] = ()
    scans: tuple[TodoScan, ...] = ()


class _Row(Struct, frozen=True, kw_only=True):
    """One candidate as every form shows it; ``name`` is what people call the place, ``probability`` None for a mark, which is an admission by itself."""

    kind: DebtKind
    probability: float | None
    what: str
    name: str
    url: str
    because: str
    issues: str


def _rows(debt: Debt) -> Iterator[_Row]:
    for c in debt.changes:
        yield _Row(
            kind=c.admission.kind,
            probability=c.admission.probability,
            what=c.record.title,
            name=_name(c.record),
            url=c.record.url,
            because=", ".join(c.admission.because),
            issues=", ".join(c.issue_keys),
        )
    for t in debt.todos:
        yield _Row(
            kind=t.kind,
            probability=None,
            what=_said(t.todo),
            name=f"{t.todo.path}:{t.todo.line}",
            url=t.todo.url,
            because=", ".join(t.because),
            issues=", ".join(t.issue_keys),
        )


def _name(record: MergeRequest | Commit) -> str:
    """What people call it: ``!12``, or the first eight digits of a commit."""
    return record.sha[:8] if isinstance(record, Commit) else record.reference


def _said(todo: Todo) -> str:
    addressee = f"({todo.addressee})" if todo.addressee else ""
    return f"{todo.mark}{addressee}: {todo.text}".rstrip(": ")


def view_of(debt: Debt, language: Language) -> RenderableType:
    """The table, a line that counts, and one that tells what was read for marks."""
    parts: list[RenderableType] = [_NONE.within(language)]
    if debt.changes or debt.todos:
        parts = [_table(debt, language), "", _SOME.filled(language, {"count": _count(debt, language)})]
    return Group(*parts, *(safe(line) for line in _read_lines(debt.scans, language)))


def _count(debt: Debt, language: Language) -> str:
    changes, todos = len(debt.changes), len(debt.todos)
    if language == "zh":
        parts = ((changes, f"{changes} 项变更"), (todos, f"{todos} 条注释"))
        return "、".join(text for number, text in parts if number)
    parts = ((changes, counted(changes, "change")), (todos, counted(todos, "comment")))
    return " and ".join(text for number, text in parts if number)


def _read_lines(scans: tuple[TodoScan, ...], language: Language) -> Iterator[str]:
    """How many files were read for marks, and how many were left out why; nothing where no file may be read."""
    if not scans:
        return
    numbers = {"files": sum(scan.files for scan in scans), "places": len(scans)}
    left: Counter[str] = Counter()
    for scan in scans:
        left.update(dict(scan.left_out))
    told = {n: str(v) if language == "zh" else counted(v, n.removesuffix("s")) for n, v in numbers.items()}
    line = _READ.filled(language, told)
    if left:
        listed = ", ".join(f"{n} {_WHY[why].within(language)}" for why, n in sorted(left.items()))
        line += _LEFT_OUT.filled(language, {"left": listed})
    yield line


def _table(debt: Debt, language: Language) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for at, head in enumerate(_HEADS):
        table.add_column(head.within(language), overflow="fold", no_wrap=at < 2)
    for row in _rows(debt):
        cells = (one_line(row.what), row.url or row.name, row.because, row.issues)
        table.add_row(_KINDS[row.kind].within(language), _percent(row), *map(safe, cells))
    return table


def _percent(row: _Row) -> str:
    return "" if row.probability is None else f"{row.probability:.0%}"


def document_of(debt: Debt, *, now: datetime) -> dict[str, object]:
    """Changes, marks and what was read for them as a JSON document; codes stay English."""
    return {
        "as_of": now.isoformat(),
        "candidates": [_change_document(c) for c in debt.changes],
        "todos": [_todo_document(t) for t in debt.todos],
        "read": [
            {"record": str(s.ref), "url": s.url, "files": s.files, "left_out": dict(s.left_out)}
            for s in debt.scans
        ],
    }


def _change_document(c: Candidate) -> dict[str, object]:
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


def _todo_document(t: TodoCandidate) -> dict[str, object]:
    return {
        "kind": t.kind,
        "mark": t.todo.mark,
        "addressee": t.todo.addressee,
        "text": t.todo.text,
        "record": str(t.todo.ref),
        "path": t.todo.path,
        "line": t.todo.line,
        "url": t.todo.url,
        "because": list(t.because),
        "issues": list(t.issue_keys),
    }


def markdown_of(debt: Debt, language: Language) -> str:
    """A Markdown table; outside text is escaped, so that it stays text."""
    heads = [head.within(language) for head in _HEADS]
    lines = [heads, ["---"] * len(heads), *(_markdown_row(row, language) for row in _rows(debt))]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _markdown_row(row: _Row, language: Language) -> list[str]:
    kind, texts = _KINDS[row.kind].within(language), (inert(row.because), inert(row.issues))
    return [kind, _percent(row), inert(row.what), _link(row), *texts]


def _link(row: _Row) -> str:
    url = address(row.url)
    return f"[{inert(row.name)}](<{url}>)" if url else inert(row.url or row.name)


def csv_of(debt: Debt, language: Language) -> str:
    """Comma-separated rows under a head line; no cell is a formula to a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head.within(language).lower() for head in _HEADS)
    writer.writerows(_cells(row, language) for row in _rows(debt))
    return text.getvalue()


def _cells(row: _Row, language: Language) -> Iterator[str]:
    yield _KINDS[row.kind].within(language)
    yield "" if row.probability is None else f"{row.probability:.3f}"
    yield from map(cell, (row.what, row.url or row.name, row.because, row.issues))
