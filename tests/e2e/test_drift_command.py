"""``tandem drift``: what is shown, in which format, and what is refused."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
from stand import Stand


def codes(stand: Stand, *arguments: str) -> set[str]:
    return {f["rule"] for f in stand.json("drift", *arguments)["findings"]}


def test_every_format_holds_the_same_findings_and_its_counts(synced: Stand) -> None:
    document = synced.json("drift")
    wanted = sorted(f["fingerprint"] for f in document["findings"])
    code, text, errors = synced.run("drift", "--format", "sarif")
    sarif = json.loads(text)
    assert sorted(r["partialFingerprints"]["tandem/v1"] for r in sarif["runs"][0]["results"]) == wanted
    assert sarif["runs"][0]["properties"]["counts"] == document["counts"]
    assert (code, "suppressed" in errors) == (0, True)
    code, text, errors = synced.run("drift", "--format", "csv")
    assert sorted(row["fingerprint"] for row in csv.DictReader(io.StringIO(text))) == wanted
    assert (code, "suppressed" in errors) == (0, True)
    code, text, _ = synced.run("drift", "--format", "markdown")
    open_ones = [f for f in document["findings"] if not f["suppressed"]]
    assert len([line for line in text.splitlines() if line.startswith("| ")]) == len(open_ones) + 1
    for form in ("table", "markdown"):
        last = synced.run("drift", "--format", form)[1].strip().splitlines()[-1]
        assert f"{document['counts']['suppressed']} suppressed" in last
        assert f"{document['counts']['acknowledged']} acknowledged" in last
    assert next(iter(synced.json("drift", "--format", "json"))) == "schema_version"


def test_codes_choose_what_is_shown_and_never_what_is_written(synced: Stand) -> None:
    everything, plan = codes(synced), synced.json("plan")["counts"]
    assert codes(synced, "--select", "S,L01") == {c for c in everything if c[0] == "S" or c == "L01"}
    assert codes(synced, "--ignore", "s,l01") == {c for c in everything if c[0] != "S" and c != "L01"}
    assert synced.json("plan")["counts"] == plan


def test_who_is_to_act_chooses_too(synced: Stand) -> None:
    found = synced.json("drift", "--audience", "technical")["findings"]
    assert {f["audience"] for f in found} <= {"technical", "both"}
    assert found


@pytest.mark.parametrize(
    "arguments",
    [
        ("--select", "S99"),
        ("--ignore", "Q"),
        ("--audience", "everybody"),
        ("--format", "xml"),
        ("--since", "yesterday"),
    ],
)
def test_what_is_not_known_is_refused_with_what_is(synced: Stand, arguments: tuple[str, str]) -> None:
    code, _, errors = synced.run("drift", *arguments)
    assert code == 4
    assert arguments[0] in errors
    assert "Did you mean" in errors or "Allowed" in errors or "YYYY-MM-DD" in errors


def test_a_mistyped_format_is_guessed(synced: Stand) -> None:
    assert 'Did you mean "markdown"?' in " ".join(synced.run("drift", "--format", "markdwn")[2].split())


def test_what_is_new_is_new_until_a_working_day_has_gone_by(synced: Stand) -> None:
    first = synced.json("drift")
    assert len(synced.json("drift", "--new")["findings"]) == first["counts"]["new"] > 0
    day = synced.world.clock.now().date()
    synced.world.clock.advance(timedelta(days=4))
    later = {f["fingerprint"] for f in first["findings"]}
    assert not later & {f["fingerprint"] for f in synced.json("drift", "--new")["findings"]}
    since = synced.json("drift", "--since", (day + timedelta(days=1)).isoformat())["findings"]
    assert not later & {f["fingerprint"] for f in since}
    old = {f["fingerprint"] for f in synced.json("drift", "--since", str(day))["findings"]}
    assert later & old


def test_what_cleared_is_kept_with_when(synced: Stand) -> None:
    before = synced.json("drift")
    assert before["cleared"] == []
    synced.edit_mapping(lambda text: f"{text}\ndrift: {{S01: {{enabled: false}}}}\n")
    assert synced.run("sync", "--i-have-read-the-plan")[0] == 0
    after = synced.json("drift")
    gone = {f["fingerprint"] for f in before["findings"]} - {f["fingerprint"] for f in after["findings"]}
    assert {s["fingerprint"] for s in after["cleared"]} == gone
    assert gone
    assert all(s["cleared_at"] for s in after["cleared"])
    assert after["counts"]["cleared"] == len(gone)
