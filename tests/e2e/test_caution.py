"""A plan that looks like a mistake in the mapping is held until a person has read it, by every way in which a plan is carried out."""

from __future__ import annotations

from pathlib import Path

from stand import Stand

LIMIT = "write:\n  breaker: {max_slots: 3}\n"
READ = "--i-have-read-the-plan"


def test_a_plan_that_writes_into_too_many_slots_is_held_until_somebody_has_read_it(stand: Stand) -> None:
    stand.edit_mapping(lambda text: text.replace("write:\n", LIMIT))
    for _ in range(2):
        code, text, errors = stand.run("sync")
        assert (code, stand.own_comments()) == (1, {}), text + errors
        assert "more than write.breaker.max_slots (3)" in text
        assert READ in text
    assert "caution" in stand.run("plan")[1]
    document = stand.json("sync")
    assert (document["outcome"], len(document["held"])) == ("held", 1)
    assert stand.run("sync", READ)[0] == 0
    assert len(stand.own_comments()) > 3
    assert stand.run("sync")[0] == 0


def test_a_saved_plan_with_cautions_needs_to_have_been_read_too(stand: Stand, tmp_path: Path) -> None:
    stand.edit_mapping(lambda text: text.replace("write:\n", LIMIT))
    assert stand.run("pull")[0] == 0
    file = str(tmp_path / "plan.json")
    stand.run("plan", "--out", file)
    assert stand.run("apply", file)[0] == 1
    assert stand.own_comments() == {}
    assert stand.run("apply", file, READ)[0] == 0
    assert len(stand.own_comments()) > 3


def test_taking_most_commitments_out_of_the_mapping_is_held_and_forgotten_once_it_was_meant(
    synced: Stand,
) -> None:
    before = synced.own_comments()
    synced.edit_mapping(lambda text: text.partition("milestones:\n")[0] + "write:\n  enabled: true\n")
    assert synced.run("sync")[0] == 1
    assert synced.own_comments() == before
    assert "is no longer in the mapping; its comment stays as it is" in synced.run("plan")[1]
    assert synced.run("sync", READ)[0] == 0
    assert synced.run("sync")[0] == 0
    assert synced.own_comments() == before


def test_a_worker_can_never_say_that_it_has_read_a_plan(stand: Stand) -> None:
    assert stand.run("worker", "--once", READ)[0] != 0
    assert stand.own_comments() == {}
