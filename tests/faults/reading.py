"""Reading: what a store holds and what the pure core makes of it, as a value that can be compared."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete, insert, select

from connectors.commands import marked
from mappings.schema import MappingSpec
from sync.core.actions import COMMENT
from sync.core.plan import Action, DeliveredState, plan_for
from sync.engine import cycle
from sync.store import records
from sync.store.tables import TABLE_BY_KIND, sightings
from tests.faults.measure import Place, Reading

_ISSUES = TABLE_BY_KIND["issue"]
_IS_GONE = _ISSUES.c.gone_at.is_not(None)
_UNLIMITED = {"max_writes_per_run": 10_000, "max_writes_per_day": 10_000}


def reading_in(engine: Engine, spec: MappingSpec, *, now: datetime) -> Reading:
    """The reading of one store at ``now``. Reads only."""
    with engine.connect() as connection:
        held = records.all_records(connection)
        aliases = records.all_aliases(connection)
    generous = spec.model_copy(update={"write": spec.write.model_copy(update=_UNLIMITED)})
    judging = cycle.judging_of(engine, generous, now=now)
    plan = plan_for(judging.judged, DeliveredState(), cycle.options_of(judging.world))
    found = judging.judgement.findings
    return Reading(
        records={str(one.ref): one for one in held},
        aliases=frozenset((a.key, a.issue_id) for a in aliases),
        findings=frozenset(_name(f) for f in found if not f.rule.startswith("X")),
        troubles=frozenset(_name(f) for f in found if f.rule.startswith("X")),
        statuses={
            one.commitment.key: (one.status.health.value, one.status.agreement.value)
            for one in judging.judged
        },
        wanted=_digests(plan.actions),
        entries={
            a.slot.issue_id: json.loads(a.after) for a in plan.actions if a.target != COMMENT and a.after
        },
    )


def _name(finding: Any) -> str:
    quiet = " (suppressed)" if finding.suppressed else ""
    return (
        f"{finding.rule} {finding.commitment_key} {finding.subject} {finding.discriminator}".rstrip() + quiet
    )


def _digests(actions: Iterable[Action]) -> dict[Place, str]:
    """The digest that each slot's comment shall carry; a slot about which nothing is said is left out."""
    return {
        (a.slot.issue_id, a.slot.commitment_key): marker[1]
        for a in actions
        if a.target == COMMENT and a.after and (marker := marked(a.after))
    }


def lend_past(lender: Engine, borrower: Engine) -> None:
    """Give ``borrower`` what ``lender`` knows of the past: the ages of findings, and issues that it missed. A fresh reader has seen none of them.

    What ``borrower`` has live was missed wrongly, and is not lent.
    """
    with lender.connect() as connection:
        ages = [dict(row._mapping) for row in connection.execute(select(sightings))]
        missed = [dict(row._mapping) for row in connection.execute(select(_ISSUES).where(_IS_GONE))]
    with borrower.begin() as connection:
        connection.execute(delete(sightings))
        connection.execute(delete(_ISSUES).where(_IS_GONE))
        live = {(row.source, row.id) for row in connection.execute(select(_ISSUES.c.source, _ISSUES.c.id))}
        missed = [row for row in missed if (row["source"], row["id"]) not in live]
        for table, rows in ((sightings, ages), (_ISSUES, missed)):
            if rows:
                connection.execute(insert(table), rows)
