"""Mappings and worlds for tests: one milestone that holds every issue of PAY, and what the real mapping functions make of records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from connectors.port import Verdict
from connectors.records import KeyAlias, Record
from mappings.observed import Gone, Observed
from mappings.schema import MappingSpec
from sync.core.build import world_of
from sync.core.condition import Condition
from sync.core.world import World
from tests.condition_builders import dead_letter, site, touched_slot
from tests.record_builders import (
    CATEGORIES,
    NOW,
    PROJECT,
    approval,
    blocked_by,
    blocks,
    branch,
    change,
    commit,
    deployment,
    gitlab_issue,
    issue,
    job,
    milestone,
    mr,
    note,
    notes,
    number_of,
    pipeline,
    project,
    release,
    scan,
    sha_of,
    sprint,
    todos,
    touch,
    verdict,
    version,
    worklog,
)

__all__ = [
    "CATEGORIES",
    "MAPPING",
    "NOW",
    "PROJECT",
    "approval",
    "blocked_by",
    "blocks",
    "branch",
    "change",
    "commit",
    "dead_letter",
    "deployment",
    "gitlab_issue",
    "issue",
    "job",
    "milestone",
    "mr",
    "note",
    "notes",
    "number_of",
    "pipeline",
    "project",
    "release",
    "scan",
    "sha_of",
    "site",
    "spec",
    "sprint",
    "todos",
    "touch",
    "touched_slot",
    "verdict",
    "version",
    "worklog",
    "world",
]

MAPPING: Mapping[str, Any] = {
    "version": 1,
    "sources": {"jira": [{"projects": ["PAY", "RISK"]}], "gitlab": [{"groups": ["acme"]}]},
    "vocabulary": {"statuses": {"In Review": "in_review"}},
    "people": [{"name": "Li Wei", "gitlab": "liwei"}, {"name": "Zhang Min", "jira": "zmin"}],
    "milestones": [
        {
            "key": "pay-2.0",
            "title": "Payment core 2.0",
            "technical_owner": "Li Wei",
            "engineering_owner": "Zhang Min",
            "scope": {"project": "PAY"},
        }
    ],
}
"""A mapping with one milestone that holds every issue of PAY."""


def spec(**parts: Any) -> MappingSpec:
    """The default mapping with the given top-level parts in place of its own."""
    return MappingSpec.model_validate({**MAPPING, **parts})


def world(
    records: Iterable[Record] = (),
    *,
    mapping: Mapping[str, Any] | None = None,
    now: datetime = NOW,
    aliases: Iterable[KeyAlias] = (),
    verdicts: Iterable[Verdict] = (),
    gone: Iterable[Gone] = (),
    condition: Condition | None = None,
) -> World:
    """The world of ``records`` and of the project ``acme/pay``; links, memberships and reverts come from the real functions."""
    given = (project(), *records)
    observed = Observed.of({r.ref: r for r in given}.values(), aliases=aliases, verdicts=verdicts, gone=gone)
    return world_of(spec(**(mapping or {})), observed, now=now, condition=condition)
