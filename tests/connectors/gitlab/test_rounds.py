"""Rounds: partitions that may hold the same record are read one after the other, all others side by side; and nothing is read before what it builds on."""

from __future__ import annotations

import pytest

from connectors.gitlab.rounds import milestone_rounds, work_rounds
from connectors.gitlab.stream_commits import CommitStream
from connectors.port import PATHS


class Groups:
    """The part of a catalogue that rounds ask: which partitions are groups."""

    def __init__(self, *groups: str) -> None:
        self._groups = groups

    def is_group(self, partition: str) -> bool:
        return partition in self._groups


@pytest.mark.parametrize(
    ("groups", "rounds"),
    [
        (("acme", "nova"), [("acme", "nova", "7", "8")]),
        (("acme", "Acme/Pay"), [("acme",), ("Acme/Pay",), ("7", "8")]),
        (("acme", "acme-pay"), [("acme", "acme-pay", "7", "8")]),
    ],
    ids=["apart", "one in the other", "a longer name"],
)
def test_groups_that_lie_in_each_other_are_read_one_after_the_other(groups, rounds):
    assert list(work_rounds(Groups(*groups), (*groups, "7", "8"))) == rounds


def test_milestones_of_groups_are_read_one_after_the_other_and_before_those_of_projects():
    assert list(milestone_rounds(Groups("a", "b"), ("a", "b", "7", "8"))) == [("a",), ("b",), ("7", "8")]


def test_each_stream_comes_after_streams_that_are_read_before_it(connector):
    seen: set[str] = {PATHS}
    for stream in connector().streams():
        assert stream.order.after <= seen
        seen.add(stream.name)


def test_commits_wait_for_the_watched_paths_and_what_builds_on_changes_for_the_commits(connector):
    opened = connector()
    after = {stream.name: stream.order.after for stream in opened.streams()}
    assert {name for name, before in after.items() if PATHS in before} == {CommitStream.name}
    assert {name for name, before in after.items() if "commits" in before} == {
        "todos",
        "pipelines",
        "releases",
        "milestones",
    }
