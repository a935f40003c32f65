"""The whole loop: what is planted is found and nothing else, it is written back once, and the second run writes nothing."""

from __future__ import annotations

import pytest
from stand import Stand

both_products = pytest.mark.parametrize("stand", ["full cloud", "full datacenter"], indirect=True)


def writes_in(requests: list[str]) -> list[str]:
    """Requests that changed something."""
    return [
        r
        for r in requests
        if r.startswith(("PUT", "DELETE"))
        or (r.startswith("POST") and r.partition("?")[0].endswith("/comment"))
    ]


@both_products
def test_exactly_the_planted_drift_is_found(stand: Stand) -> None:
    stand.run("sync")
    found = stand.json("drift")["findings"]
    seen = {(f["rule"], f["commitment"] or "*", f["subject"], f["suppressed"] is not None) for f in found}
    planted = {(p.rule, p.commitment, p.subject, p.suppressed) for p in stand.world.truth}
    assert {"invented": seen - planted, "missed": planted - seen} == {"invented": set(), "missed": set()}
    assert len(planted) >= 2 * 16


@both_products
def test_the_second_sync_writes_nothing_and_asks_little(stand: Stand) -> None:
    first = stand.requests_of("sync")
    second = stand.requests_of("sync")
    assert len(writes_in(first)) > 10
    assert writes_in(second) == []
    assert len(second) <= 40, "\n".join(second)


@both_products
def test_every_slot_has_exactly_one_comment_that_says_what_the_store_says(stand: Stand) -> None:
    stand.run("sync")
    assert all(len(bodies) == 1 for bodies in stand.own_comments().values())
    assert len(stand.own_comments()) >= 10


def test_pull_plan_and_apply_in_three_steps_do_what_sync_does(stand: Stand) -> None:
    assert stand.run("pull")[0] == 0
    settings = stand.options.settings
    assert settings
    file = settings.mapping.parent / "plan.json"
    assert stand.run("plan", "--out", str(file), "--detailed-exitcode")[0] == 2
    assert stand.own_comments() == {}
    assert stand.run("apply", str(file))[0] == 0
    assert stand.own_comments()
    assert stand.run("plan", "--detailed-exitcode")[0] == 0


def test_a_stale_plan_is_refused_and_writes_nothing(stand: Stand) -> None:
    settings = stand.options.settings
    assert settings
    file = settings.mapping.parent / "plan.json"
    stand.run("pull")
    stand.run("plan", "--out", str(file))
    assert stand.run("apply", str(file))[0] == 0
    before = stand.own_comments()
    code, _, errors = stand.run("apply", str(file))
    assert (code, stand.own_comments()) == (6, before)
    assert "stale" in errors


def test_nothing_is_written_until_the_mapping_allows_it(stand: Stand) -> None:
    stand.edit_mapping(lambda text: text.replace("enabled: true", "enabled: false"))
    code, text, _ = stand.run("sync")
    assert (code, stand.own_comments()) == (0, {})
    assert "Writing is off" in text


def test_the_kill_switch_stops_all_writing(stand: Stand) -> None:
    stand.with_settings(writes_off=True)
    assert stand.run("sync")[0] == 0
    assert stand.own_comments() == {}


def test_a_person_may_break_the_build_on_drift_but_the_night_run_does_not_fail(stand: Stand) -> None:
    assert stand.run("sync")[0] == 0
    assert stand.run("drift")[0] == 0
    assert stand.run("drift", "--fail-on", "high")[0] == 2
