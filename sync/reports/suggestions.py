"""Suggested links for people and programs: a table, Markdown, CSV and a JSON document, in English and Simplified Chinese."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table

from connectors.records import MergeRequest
from mappings.likely.keyless import Keyless
from mappings.likely.ranking import Likely, Reason, Why
from mappings.likely.suggestions import Suggested, Suggestion
from sync.core.language import Language, Text
from sync.reports.inert import cell, inert
from sync.reports.words import safe

REASONS: Mapping[Why, Text] = MappingProxyType(
    {
        Why.WORDS: Text(en="both say: {value}", zh="共同用词：{value}"),
        Why.BRANCH: Text(en="the branch says: {value}", zh="分支名含有：{value}"),
        Why.ASSIGNEE: Text(en="the author is its assignee", zh="作者是该工作项的经办人"),
        Why.REPORTER: Text(en="the author reported it", zh="作者是该工作项的报告人"),
        Why.RESOLVED: Text(en="resolved within days of it: {value}", zh="与解决日期相隔天数：{value}"),
        Why.UNDERWAY: Text(en="was in progress then", zh="当时正在进行"),
        Why.FILES: Text(en="other work on it touched {value}", zh="该工作项的其他改动涉及 {value}"),
    }
)
OF_REQUEST = Text(
    en="put {issue} into the title or description of the merge request, or write into the mapping under links.confirmed: {entry}",
    zh="在合并请求的标题或描述中写上 {issue}，或在映射文件的 links.confirmed 下写上：{entry}",
)
OF_COMMIT = Text(
    en="write into the mapping under links.confirmed: {entry}",
    zh="在映射文件的 links.confirmed 下写上：{entry}",
)
HOW = Text(
    en="A suggestion counts for nothing until it is confirmed: put the key into the merge request, or name it in the mapping, such as\n{entry}",
    zh="建议在确认之前不影响任何状态。确认方法：在合并请求中写上工作项编号，或写入映射文件，例如：\n{entry}",
)
COUNTS = Text(
    en="{found} of {asked} changes without a key have a likely issue; {keyless} in all",
    zh="已查看 {asked} 个没有工作项编号的变更，其中 {found} 个有可能对应的工作项；此类变更共 {keyless} 个",
)
HEADINGS = (
    Text(en="CHANGE", zh="变更"),
    Text(en="TITLE", zh="标题"),
    Text(en="ISSUE", zh="工作项"),
    Text(en="SCORE", zh="得分"),
    Text(en="WHY", zh="理由"),
)
COLUMNS = ("change", "kind", "title", "at", "url", "issue", "issue_title", "score", "reasons", "confirm")


def view_of(suggested: Suggested, language: Language) -> RenderableType:
    """A table with one row per likely issue, the counts, and how to confirm."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for heading, name in zip(HEADINGS, ("change", "title", "issue", "score", "why"), strict=True):
        table.add_column(heading.within(language), overflow="fold", no_wrap=name == "score")
    for cells in _rows(suggested, language):
        table.add_row(*map(safe, cells))
    lines = [safe(_counts(suggested, language))]
    if suggested.found:
        lines += ["", *map(safe, _how(suggested, language).splitlines())]
    return Group(table, *lines)


def markdown_of(suggested: Suggested, language: Language) -> str:
    """The same as a Markdown table. Outside text cannot end a cell or begin markup."""
    lines = [
        " | ".join(heading.within(language) for heading in HEADINGS),
        " | ".join(["---"] * len(HEADINGS)),
    ]
    lines += [" | ".join(map(inert, cells)) for cells in _rows(suggested, language)]
    table = "\n".join(f"| {line} |" for line in lines)
    text = f"{table}\n\n{_counts(suggested, language)}\n"
    if not suggested.found:
        return text
    how, _, entry = _how(suggested, language).partition("\n")
    return f"{text}\n{how}\n\n```yaml\n{entry}\n```\n"


def csv_of(suggested: Suggested, language: Language) -> str:
    """One line per likely issue, with a heading. Cells that a spreadsheet would take for a formula begin with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for suggestion in suggested.found:
        change = suggestion.change
        for likely in suggestion.issues:
            cells = (
                *(change.name, change.ref.kind, change.title, change.at.isoformat(), change.url),
                *(likely.issue.key, likely.issue.title, f"{likely.score:.3f}"),
                *("; ".join(_reasons(likely, language)), confirmation_of(change, likely, language)),
            )
            writer.writerow(map(cell, cells))
    return out.getvalue()


def document_of(suggested: Suggested, *, language: Language, now: datetime) -> dict[str, object]:
    """The suggestions as a JSON document."""
    return {
        "as_of": now.isoformat(),
        "keyless": suggested.keyless,
        "asked": suggested.asked,
        "suggestions": [_document(suggestion, language) for suggestion in suggested.found],
    }


def _document(suggestion: Suggestion, language: Language) -> dict[str, object]:
    change = suggestion.change
    return {
        "change": change.name,
        "kind": change.ref.kind,
        "title": change.title,
        "at": change.at.isoformat(),
        "url": change.url,
        "issues": [
            {
                "key": likely.issue.key,
                "title": likely.issue.title,
                "url": likely.issue.url,
                "score": likely.score,
                "reasons": [
                    {"code": reason.why.value, "value": reason.value, "says": reason_text(reason, language)}
                    for reason in likely.reasons
                ],
                "confirm": confirmation_of(change, likely, language),
            }
            for likely in suggestion.issues
        ],
    }


def reason_text(reason: Reason, language: Language) -> str:
    """One reason in words, of outside text."""
    return REASONS[reason.why].filled(language, {"value": reason.value})


def confirmation_of(change: Keyless, likely: Likely, language: Language) -> str:
    """How a person confirms that ``change`` is about the issue. A commit that was pushed keeps its message."""
    text = OF_REQUEST if change.ref.kind == MergeRequest.kind else OF_COMMIT
    return text.filled(language, {"issue": likely.issue.key, "entry": entry_of(change, likely)})


def entry_of(change: Keyless, likely: Likely) -> str:
    """The entry for ``links.confirmed`` in the mapping."""
    return f'{{change: "{change.name}", issue: {likely.issue.key}}}'


def _rows(suggested: Suggested, language: Language) -> Iterator[tuple[str, ...]]:
    """Cells of outside text; the change stands in the first row of its issues only."""
    for suggestion in suggested.found:
        change = suggestion.change
        for number, likely in enumerate(suggestion.issues):
            first = (change.name, change.title) if number == 0 else ("", "")
            issue = f"{likely.issue.key} {likely.issue.title}"
            yield (*first, issue, f"{likely.score:.2f}", "; ".join(_reasons(likely, language)))


def _reasons(likely: Likely, language: Language) -> Iterator[str]:
    return (reason_text(reason, language) for reason in likely.reasons)


def _counts(suggested: Suggested, language: Language) -> str:
    numbers = {"found": len(suggested.found), "asked": suggested.asked, "keyless": suggested.keyless}
    return COUNTS.filled(language, {name: str(number) for name, number in numbers.items()})


def _how(suggested: Suggested, language: Language) -> str:
    first = suggested.found[0]
    entry = f"links:\n  confirmed:\n    - {entry_of(first.change, first.issues[0])}"
    return HOW.filled(language, {"entry": entry})
