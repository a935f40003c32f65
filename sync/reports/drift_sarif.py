"""The findings as SARIF 2.1.0 (OASIS Standard, 27 March 2020), for viewers and pipelines that read results of analyses."""

from __future__ import annotations

from typing import assert_never

from sync.core.drift.catalogue import documentation_of, rules
from sync.core.finding import Finding, Severity, State
from sync.core.language import Language
from sync.reports.drift import DriftReport, clearing_of, sentence_of
from sync.reports.inert import address, one_line

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif_of(report: DriftReport, *, version: str) -> dict[str, object]:
    """One run of the tool ``Tandem`` with every rule and every finding; suppressed ones carry their suppression (section 3.35)."""
    codes = tuple(rules())
    language = report.world.spec.language
    driver = {
        "name": "Tandem",
        "semanticVersion": version,
        "rules": [_rule(code, language) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(f, codes, language) for f in report.findings],
        "properties": {"as_of": report.world.now.isoformat(), "counts": report.counts},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def level_of(severity: Severity) -> str:
    """The level of section 3.27.10 that a severity comes closest to."""
    match severity:
        case Severity.CRITICAL | Severity.HIGH:
            return "error"
        case Severity.WARNING:
            return "warning"
        case Severity.NOTICE | Severity.INFO:
            return "note"
        case _:
            assert_never(severity)


def _rule(code: str, language: Language) -> dict[str, object]:
    rule = rules()[code]
    return {
        "id": code,
        "shortDescription": {"text": rule.title.within(language)},
        "fullDescription": {"text": documentation_of(rule)},
        "defaultConfiguration": {"level": level_of(rule.severity)},
    }


def _result(f: Finding, codes: tuple[str, ...], language: Language) -> dict[str, object]:
    message = f"{sentence_of(f, language)} {clearing_of(f, language)}"
    result: dict[str, object] = {
        "ruleId": f.rule,
        "ruleIndex": codes.index(f.rule),
        "level": level_of(f.severity),
        "message": {"text": one_line(message)},
        "partialFingerprints": {"tandem/v1": f.fingerprint},
        "baselineState": "new" if f.state is State.NEW else "unchanged",
        "properties": {
            "severity": f.severity.word,
            "state": f.state.value,
            "commitment": None if f.commitment_key == "*" else f.commitment_key,
            "audience": f.audience.value,
            "since": f.since.isoformat(),
        },
    }
    if url := address(f.evidence[0].url):
        result["locations"] = [{"physicalLocation": {"artifactLocation": {"uri": url}}}]
    if quiet := f.suppressed:
        why = f"{quiet.reason} (until {quiet.until.isoformat()}, {quiet.owner})"
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": one_line(why)}]
    return result
