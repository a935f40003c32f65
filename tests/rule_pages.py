"""Rule pages: the rules' documentation, made of their docstrings and of a case in which each of them raises. ``python -m tests.rule_pages`` prints it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import yaml

from sync.core.drift.catalogue import documentation_of, rules
from sync.core.drift.judge import findings_of
from sync.core.drift.rule import Rule
from tests.case_notation import case_of

CASES = Path(__file__).parent / "cases"
_MEANING = {"en": "For delivery: ", "zh": "对交付而言："}
_HEAD = """\
# What Tandem finds

Made by `make rules` from the rules themselves; do not edit. Each example is a test of the rule: the records, what Tandem says about them, and what clears it.

| code | drift | severity | who |
|---|---|---|---|
"""


def pages() -> str:
    """The whole document."""
    rows = (
        f"| [{r.code}](#{r.code.lower()}) | {r.title.en} | {r.severity.word} | {r.audience.value} |"
        for r in rules().values()
    )
    return _HEAD + "\n".join(rows) + "\n\n" + "\n".join(_page(rule) for rule in rules().values())


def _page(rule: Rule) -> str:
    summary, _, rest = documentation_of(rule).partition("\n\n")
    lines = [f"## {rule.code}", "", f"**{rule.title.en}** · {rule.title.zh}", "", summary, ""]
    lines += [_item(paragraph) for paragraph in _paragraphs(rest)]
    lines += ["", ", ".join(_terms(rule)) + ".", "", *_example(rule)]
    return "\n".join(lines) + "\n"


def _paragraphs(text: str) -> Iterator[str]:
    """The docstring's parts: each begins on a line of its own with its name and goes on to the next."""
    held: list[str] = []
    for line in text.splitlines():
        if line.startswith(("What drifts", "Why it matters", "Stays quiet", "Clears")) and held:
            yield " ".join(held)
            held = []
        held.append(line.strip())
    if held:
        yield " ".join(held)


def _item(paragraph: str) -> str:
    name, colon, text = paragraph.partition(":")
    return f"- **{name}:**{text}" if colon and len(name) < 20 else f"- {paragraph}"


def _terms(rule: Rule) -> Iterator[str]:
    """Severity, audience, grace, thresholds and streams, as the mapping may change them."""
    yield f"Severity {rule.severity.word}, for {'both sides' if rule.audience.value == 'both' else rule.audience.value}"
    yield f"grace {rule.grace / timedelta(hours=1):g} h" if rule.grace else "no grace"
    yield from (f"`{name}` {value:g}" for name, value in rule.thresholds)
    if rule.absence:
        yield "not asked while unread: " + " ".join(sorted(rule.absence))
    if rule.explained_by:
        yield "told under its cause, where that is found: " + " ".join(sorted(rule.explained_by))


def _example(rule: Rule) -> Iterator[str]:
    """The shortest case of the rule that raises, with what the rule says in it."""
    texts = [file.read_text("utf-8") for file in sorted((CASES / rule.code).glob("*.yaml"))]
    text = min((t for t in texts if yaml.safe_load(t)["expect"]), key=lambda t: (t.count("\n"), t))
    given, case = yaml.safe_load(text), case_of(text)
    finding = findings_of(case.world, {rule.code: rule}, unknown=case.unknown).findings[0]
    values = dict(finding.values)
    yield from ("Example: " + given["note"], "", "```")
    yield from (given.get("records") or ["(no records)"])
    if given.get("mapping"):
        yield f"mapping: {yaml.safe_dump(given['mapping'], default_flow_style=True, allow_unicode=True, width=10_000).strip()}"
    yield from ("```", "")
    for language, stop in (("en", "."), ("zh", "。")):
        says, clears = finding.says.filled(language, values), finding.clears.filled(language, values)
        yield f"> {says}{stop} -> {clears}{stop}"
        if finding.means:
            yield ">"
            yield f"> {_MEANING[language]}{finding.means.filled(language, values)}{stop}"
        yield ">" if language == "en" else ""


if __name__ == "__main__":
    sys.stdout.write(pages())
