"""Changes without a key as a user meets them: suggested, confirmed in the mapping, tied."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from stand import Stand


def suggested(stand: Stand, *options: str) -> Any:
    code, text, errors = stand.run("links", "suggest", "--format", "json", *options)
    assert code == 0, errors
    return json.loads(text)


def test_a_suggestion_that_is_confirmed_in_the_mapping_becomes_a_certain_link(synced: Stand) -> None:
    before = suggested(synced, "--limit", "1000", "--min-score", "0")
    assert next(iter(before)) == "schema_version"
    assert before["suggestions"]
    first = before["suggestions"][0]
    best = first["issues"][0]
    entry = f'{{change: "{first["change"]}", issue: {best["key"]}}}'
    assert entry in best["confirm"]
    synced.edit_mapping(lambda mapping: f"{mapping}\nlinks: {{confirmed: [{entry}]}}\n")
    tied = [x for x in synced.json("links", "why", best["key"])["links"] if x["place"] == "mapping"]
    assert [(x["kind"], x["role"], x["confidence"]) for x in tied] == [
        (first["kind"], "implements", "certain")
    ]
    after = suggested(synced, "--limit", "1000", "--min-score", "0")
    assert first["change"] not in {s["change"] for s in after["suggestions"]}
    assert after["keyless"] == before["keyless"] - 1


def test_limit_score_and_day_bound_what_is_told(synced: Stand) -> None:
    everything = suggested(synced, "--limit", "1000", "--min-score", "0")
    assert len(suggested(synced, "--limit", "2", "--min-score", "0")["suggestions"]) == 2
    good = suggested(synced, "--limit", "1000", "--min-score", "0.25")["suggestions"]
    assert all(issue["score"] >= 0.25 for s in good for issue in s["issues"])
    day = everything["suggestions"][0]["at"][:10]
    late = suggested(synced, "--limit", "1000", "--min-score", "0", "--since", day)
    assert 0 < late["keyless"] < everything["keyless"]
    assert suggested(synced, "--since", "2099-01-01")["suggestions"] == []


def test_every_form_tells_the_same_and_how_to_confirm(synced: Stand) -> None:
    bounds = ("--limit", "3", "--min-score", "0")
    found = suggested(synced, *bounds)["suggestions"]
    names = [s["change"] for s in found]
    for form in ("table", "markdown"):
        code, text, _ = synced.run("links", "suggest", "--format", form, *bounds)
        assert code == 0
        assert "confirmed:" in text
    assert [name for name in names if name.partition("@")[0] not in text.replace("\\", "")] == []
    _, text, _ = synced.run("links", "suggest", "--format", "csv", *bounds)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(r["change"], r["issue"]) for r in rows] == [
        (s["change"], issue["key"]) for s in found for issue in s["issues"]
    ]


@pytest.mark.parametrize("options", [("--since", "yesterday"), ("--since", "2026-13-01")])
def test_a_day_that_is_none_is_refused(synced: Stand, options: tuple[str, ...]) -> None:
    code, _, errors = synced.run("links", "suggest", *options)
    assert (code, "YYYY-MM-DD" in errors) == (4, True)
