"""``tandem ack`` and ``tandem suppress``: what people decide reaches the report, the comment and the plan alike."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from stand import Stand

from sync.store import database
from sync.store.tables import audit

UNTIL = "2026-12-31"


def findings(stand: Stand) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stand.json("drift")["findings"]
    return found


def a_finding(stand: Stand, rule: str = "S01") -> dict[str, Any]:
    return next(f for f in findings(stand) if f["rule"] == rule and f["suppressed"] is None)


def a_person(stand: Stand) -> str:
    found = re.search(r"\{name: ([^,]+), jira:", stand.world.mapping)
    assert found
    return found[1]


def trail(stand: Stand) -> list[tuple[str, str, str]]:
    assert stand.options.settings
    engine = database.opened(stand.options.settings.database)
    query = select(audit.c.target, audit.c.slot, audit.c.outcome).where(audit.c.run_id == "")
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(query.order_by(audit.c.id))]
    engine.dispose()
    return rows


def suppress(stand: Stand, *what: str) -> tuple[int, str, str]:
    given = ("--reason", "migration", "--owner", a_person(stand), "--until", UNTIL)
    return stand.run("suppress", *what, *given)


def test_an_acknowledged_finding_stays_in_sight_and_is_in_the_trail(synced: Stand) -> None:
    one = a_finding(synced)
    by = a_person(synced)
    code, text, errors = synced.run(
        "ack", one["fingerprint"], "--by", by, "--note", "on it", "--until", UNTIL
    )
    assert (code, one["subject_label"] in text) == (0, True), errors
    again = next(f for f in findings(synced) if f["fingerprint"] == one["fingerprint"])
    assert again["state"] == "acknowledged"
    assert again["acknowledged"] == {"owner": by, "note": "on it", "until": UNTIL}
    assert again["suppressed"] is None
    (row,) = synced.json("ack", "--list")["acknowledgements"]
    assert (row["about"], row["owner"], row["until"], row["lapse"]) == (
        f"S01 {one['subject_label']}", by, UNTIL, None
    )  # fmt: skip
    assert "holds" in synced.run("ack", "--list")[1]
    said = f"acknowledged by {by} until {UNTIL}: on it"
    assert trail(synced) == [("acknowledgement", f"S01 {one['subject_label']}", said)]


def test_a_finding_is_acknowledged_by_code_and_subject_in_any_case(synced: Stand) -> None:
    one = a_finding(synced)
    assert synced.run("ack", "s01", one["subject_label"].lower(), "--by", a_person(synced))[0] == 0
    assert a_finding(synced)["state"] == "acknowledged"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("0000000000000000", "--by", "?"), 1, "no such finding"),
        (("S01", "NONE-1", "--by", "?"), 1, "no such finding"),
        (("S01", "--by", "?"), 1, "no such finding"),
        (("S01", "X", "--by", "Nobody At All"), 4, "not under people"),
        (("S01", "X", "--by", "?", "--until", "2020-01-01"), 4, "gone by"),
        (("S01", "X", "--by", "?", "--until", "soon"), 4, "YYYY-MM-DD"),
    ],
)
def test_a_wrong_acknowledgement_is_refused_and_leaves_no_trace(
    synced: Stand, arguments: tuple[str, ...], code: int, says: str
) -> None:
    given = [a_person(synced) if word == "?" else word for word in arguments]
    found, _, errors = synced.run("ack", *given)
    assert (found, says in errors) == (code, True), errors
    assert trail(synced) == []


def test_what_is_suppressed_by_command_leaves_report_comment_and_plan_together(synced: Stand) -> None:
    one = a_finding(synced)
    count = sum((f["rule"], f["subject"]) == ("S01", one["subject"]) for f in findings(synced))
    before = synced.json("plan")["counts"]["writes"]
    code, text, errors = suppress(synced, "--rule", "S01", "--record", one["subject_label"])
    assert (code, f"about {count} of the present findings" in " ".join(text.split())) == (0, True), errors
    again = next(f for f in findings(synced) if f["fingerprint"] == one["fingerprint"])
    assert again["state"] == "suppressed"
    assert again["suppressed"]["reason"] == "migration"
    assert synced.json("plan")["counts"]["writes"] > before
    assert synced.run("sync")[0] == 0
    assert any("migration" in body for bodies in synced.own_comments().values() for body in bodies)
    assert synced.json("plan")["counts"]["writes"] == 0


def test_suppressions_are_listed_dropped_and_expire(synced: Stand) -> None:
    assert suppress(synced, "--rule", "S01")[0] == 0
    row, *in_mapping = synced.json("suppress", "--list")["suppressions"]
    assert [one["id"] for one in in_mapping] == [None] * len(in_mapping)
    assert (row["id"], row["rule"], row["until"], row["is_expired"]) == (1, "S01", UNTIL, False)
    held = {one["fingerprint"] for one in row["holds"]}
    assert held == {f["fingerprint"] for f in findings(synced) if f["rule"] == "S01"}
    assert "migration" in synced.run("suppress", "--list")[1]
    assert {f["state"] for f in findings(synced) if f["rule"] == "S01"} == {"suppressed"}
    assert synced.run("suppress", "--drop", "1")[0] == 0
    assert "suppressed" not in {f["state"] for f in findings(synced) if f["rule"] == "S01"}
    code, _, errors = synced.run("suppress", "--drop", "1")
    assert (code, "suppress --list" in errors) == (1, True)
    assert [kind for kind, _, _ in trail(synced)] == ["suppression", "suppression"]


def test_an_expired_suppression_is_listed_as_such(synced: Stand) -> None:
    assert suppress(synced, "--rule", "S01")[0] == 0
    synced.world.clock.advance(timedelta(days=60))
    assert synced.json("suppress", "--list")["suppressions"][0]["is_expired"] is True
    assert "suppressed" not in {f["state"] for f in findings(synced) if f["rule"] == "S01"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--rule", "S99", "--reason", "why", "--owner", "?", "--until", UNTIL), "is no rule"),
        (("--commitment", "nope", "--reason", "why", "--owner", "?", "--until", UNTIL), "is no commitment"),
        (("--rule", "S01", "--reason", "why", "--owner", "?"), "--until is missing"),
        (("--reason", "why", "--owner", "?", "--until", UNTIL), "silence everything"),
        (("--rule", "S01", "--reason", "w", "--owner", "?", "--until", UNTIL), "--reason"),
        (("--rule", "S01", "--reason", "why", "--owner", "Nobody At All", "--until", UNTIL), "under people"),
        (("--rule", "S01", "--reason", "why", "--owner", "?", "--until", "2020-01-01"), "gone by"),
    ],
)
def test_a_wrong_suppression_is_refused_and_leaves_no_trace(
    synced: Stand, arguments: tuple[str, ...], says: str
) -> None:
    given = [a_person(synced) if word == "?" else word for word in arguments]
    code, _, errors = synced.run("suppress", *given)
    assert (code, says in errors) == (4, True), errors
    assert trail(synced) == []


def test_lapsed_decisions_are_pruned_after_a_while_and_in_the_trail(synced: Stand) -> None:
    assert suppress(synced, "--rule", "S01")[0] == 0
    assert synced.run("ack", a_finding(synced, "S02")["fingerprint"], "--by", a_person(synced))[0] == 0
    synced.with_settings(retention_days={"decision": 30})
    assert synced.json("db", "prune")["removed"] == {"decision": 0}
    synced.world.clock.advance(timedelta(days=70))
    assert synced.json("db", "prune")["removed"] == {"decision": 1}
    assert [row["lapse"] for row in synced.json("ack", "--list")["acknowledgements"]] == [None]
    assert {row["id"] for row in synced.json("suppress", "--list")["suppressions"]} == {None}
    assert trail(synced)[-1][2].startswith(f"suppression removed, ended on {UNTIL}, was by")


@pytest.mark.parametrize("arguments", [(), ("--list", "--by", "x"), ("--list", "S01", "X"), ("S01", "X")])
def test_ack_does_one_thing_at_a_time(synced: Stand, arguments: tuple[str, ...]) -> None:
    code, _, errors = synced.run("ack", *arguments)
    assert (code, "or --list" in errors) == (1, True)


@pytest.mark.parametrize("arguments", [(), ("--list", "--drop", "1"), ("--list", "--rule", "S01")])
def test_suppress_does_one_thing_at_a_time(synced: Stand, arguments: tuple[str, ...]) -> None:
    assert synced.run("suppress", *arguments)[0] == 1
