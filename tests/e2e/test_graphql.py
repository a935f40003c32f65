"""GraphQL over the whole program: one store is as the other, whichever way GitLab was asked, and what could not be asked together is told."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from stand import Stand

from connectors.records import Record
from connectors.sandbox.state import Fault
from sync.store import database, records


def pulled(stand: Stand, store: Path, *, is_graphql_on: bool) -> tuple[set[Record], Counter[str]]:
    """What a first pull into a new store leaves there, and how often it asked about reviews by which way."""
    assert stand.options.settings
    sources = stand.options.settings.sources
    gitlab = sources["gitlab"].model_copy(update={"graphql": is_graphql_on})
    stand.with_settings(database=f"sqlite:///{store}", sources={**sources, "gitlab": gitlab})
    asked = stand.requests_of("pull")
    found = (re.search(r"graphql$|/(?:approvals|discussions)\b", line) for line in asked)
    engine = database.opened(f"sqlite:///{store}")
    with engine.connect() as connection:
        kept = set(records.all_records(connection))
    engine.dispose()
    return kept, Counter("GraphQL" if one[0] == "graphql" else "REST" for one in found if one)


@pytest.mark.parametrize(
    ("kind", "body"),
    [("good", ""), ("html", ""), ("status", '{"data": null, "errors": [{"message": "no"}]}')],
)
def test_one_store_is_as_the_other_whichever_way_was_asked(
    stand: Stand, tmp_path: Path, kind: str, body: str
) -> None:
    by_rest, alone = pulled(stand, tmp_path / "rest.db", is_graphql_on=False)
    if kind != "good":
        fault = Fault(pattern="POST /api/graphql", kind=kind, status=200, body=body, times=1_000)
        stand.world.sandbox.faults.append(fault)
    by_graphql, together = pulled(stand, tmp_path / "graphql.db", is_graphql_on=True)
    assert by_graphql == by_rest
    assert {"approval", "merge_request_notes"} <= {one.kind for one in by_graphql}
    assert alone["GraphQL"] == 0
    assert together["REST"] == (0 if kind == "good" else alone["REST"])
    assert alone["REST"] > 4 * together["GraphQL"]


def test_what_could_not_be_asked_together_is_said_once_in_a_run(stand: Stand) -> None:
    stand.world.sandbox.gitlab.has_graphql = False
    code, _, errors = stand.run("pull")
    assert code == 0
    assert errors.count("details_asked_one_by_one") == 1
    code, _, errors = stand.run("pull")
    assert (code, errors.count("details_asked_one_by_one")) == (0, 0)  # nothing was to be asked


def test_doctor_tells_of_graphql(stand: Stand) -> None:
    code, out, _ = stand.run("doctor")
    assert (code, "GraphQL" in out) == (0, True)
