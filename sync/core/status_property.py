"""Status property: the JSON document that an issue carries for Jira automation, about every commitment whose slot the issue is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from sync.core.finding import Finding
from sync.core.judged import Judged
from sync.core.wiki import plain

PROPERTY_KEY = "tandem.status"
"""Key of the issue property."""

PROPERTY_VERSION = 1
"""Version of the document's shape."""

PROPERTY_LIMIT = 30_000
"""Most characters of the document; Jira takes 32,768. The mildest findings are left out beyond it."""

_MOST_FINDINGS = 100


def property_of(judged: Iterable[Judged], *, kept: Mapping[str, Any] | None = None) -> str:
    """Canonical JSON ``{"version": 1, "commitments": {KEY: {"health", "agreement", "findings": [{"rule", "severity", "subject"}]}}}``.

    Only open findings, worst first. ``kept`` are entries of commitments that are unknown now: what was said of them stays said.
    """
    entries = dict(kept or {}) | {one.commitment.key: _entry(one) for one in judged if not one.is_unknown}
    document = {"version": PROPERTY_VERSION, "commitments": entries}
    while len(text := _canonical(document)) > PROPERTY_LIMIT:
        longest = max(entries, key=lambda key: (len(entries[key]["findings"]), key))
        if not entries[longest]["findings"]:
            break
        findings = entries[longest]["findings"]
        entries[longest] = entries[longest] | {"findings": findings[: len(findings) // 2]}
    return text


def kept_of(document: str, keys: Iterable[str]) -> dict[str, Any]:
    """The entries of ``keys`` in a document of ours; empty where it holds none or is of another version."""
    try:
        raw = json.loads(document)
        entries = raw["commitments"] if raw["version"] == PROPERTY_VERSION else {}
        return {key: entries[key] for key in keys if key in entries}
    except (ValueError, KeyError, TypeError):
        return {}


def digest_of(text: str) -> str:
    """Sixteen hexadecimal digits that identify a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _entry(judged: Judged) -> dict[str, Any]:
    return {
        "health": judged.status.health.value,
        "agreement": judged.status.agreement.value,
        "findings": [_finding(finding) for finding in judged.findings[:_MOST_FINDINGS]],
    }


def _finding(finding: Finding) -> dict[str, str]:
    subject = plain(finding.subject_label, 200)
    return {"rule": finding.rule, "severity": finding.severity.word, "subject": subject}


def _canonical(document: Mapping[str, Any]) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
