"""Portions: what is read in one piece, and what each piece waits for, by what the streams declare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pytest

from connectors.port import PATHS, Order, Page, Request
from sync.engine.portions import Listed, Place, chosen_of, opening_of, portions_of

pytestmark = pytest.mark.pure

_ACTIVITY = frozenset({"commits", "pipelines"})
GITLAB = {
    "projects": Order(),
    "commits": Order(after=frozenset({"projects", PATHS})),
    "merge_requests": Order(after=frozenset({"projects"})),
    "pipelines": Order(after=frozenset({"commits"}), alike=frozenset({"commits"})),
    "milestones": Order(after=_ACTIVITY, alike=_ACTIVITY),
}
JIRA = {
    "sprints": Order(may_name_paths=False),
    "issues": Order(),
    "worklogs": Order(after=frozenset({"issues"}), may_name_paths=False),
}


@dataclass(frozen=True)
class Some:
    """A stream with partitions and nothing in them."""

    name: str
    order: Order
    found: tuple[str, ...] = ()

    def partitions(self, known: frozenset[str]) -> Iterable[str]:
        return self.found

    def pages(self, request: Request) -> Iterator[Page]:
        return iter(())


def gitlab_portions() -> dict[str, tuple[tuple[tuple[str, tuple[str, ...]], ...], frozenset[str]]]:
    rounds = {
        "commits": (("1", "2"),),
        "merge_requests": (("nova", "2"),),
        "pipelines": (("1", "2"),),
        "milestones": (("nova",), ("1", "2")),
    }
    listed = (Listed(name=name, order=GITLAB[name], rounds=found) for name, found in rounds.items())
    place = Place(source="gitlab", before=("jira",), done=frozenset({"projects"}))
    return {p.name: (p.chosen, frozenset(p.needs)) for p in portions_of(place, listed)}


def test_a_project_is_read_through_all_its_streams_in_one_piece() -> None:
    chosen, needs = gitlab_portions()["gitlab/1"]
    assert chosen == (("commits", ("1",)), ("pipelines", ("1",)), ("milestones", ("1",)))
    assert needs == {"jira: opened", "jira: paths", "gitlab: rounds of milestones"}


def test_rounds_before_the_last_are_a_piece_of_their_own() -> None:
    chosen, needs = gitlab_portions()["gitlab: rounds of milestones"]
    assert chosen == (("milestones", ("nova",)),)
    assert needs == frozenset()


def test_what_needs_no_path_waits_for_no_other_source() -> None:
    chosen, needs = gitlab_portions()["gitlab/nova"]
    assert chosen == (("merge_requests", ("nova",)),)
    assert needs == frozenset()


def test_what_comes_after_a_stream_as_a_whole_waits_for_all_its_pieces() -> None:
    rounds = {"sprints": (("*",),), "issues": (("A", "B"),), "worklogs": (("*",),)}
    listed = (Listed(name=name, order=JIRA[name], rounds=found) for name, found in rounds.items())
    found = {p.name: p for p in portions_of(Place(source="jira"), listed)}
    assert found["jira/A"].labels == ("jira: read", "jira: issues", "jira: paths")
    assert found["jira/A"].needs == ()
    assert found["jira/*"].needs == ("jira: issues",)
    assert found["jira/*"].labels == ("jira: read", "jira: worklogs")


def test_what_need_not_wait_for_what_others_of_its_partition_wait_for_is_a_piece_of_its_own() -> None:
    rounds = {"sprints": (("*",),), "issues": (("A", "B"),), "worklogs": (("*",),)}
    listed = (Listed(name=name, order=JIRA[name], rounds=found) for name, found in rounds.items())
    found = {p.name: p for p in portions_of(Place(source="jira"), listed)}
    assert found["jira/* sprints"].needs == ()
    assert found["jira/* sprints"].chosen == (("sprints", ("*",)),)
    assert found["jira/*"].chosen == (("worklogs", ("*",)),)


def test_who_learns_of_another_is_read_with_it_whatever_it_waits_for_itself() -> None:
    signs = frozenset({"merge_requests"})
    orders = {
        "commits": Order(after=frozenset({PATHS}), alike=signs),
        "issues": Order(alike=signs),
        "versions": Order(),
    }
    listed = (Listed(name=name, order=order, rounds=(("1",),)) for name, order in orders.items())
    found = {p.name: p.chosen for p in portions_of(Place(source="gitlab", before=("jira",)), listed)}
    assert found == {
        "gitlab/1": (("commits", ("1",)), ("issues", ("1",))),
        "gitlab/1 versions": (("versions", ("1",)),),
    }


def test_only_what_others_need_and_what_is_of_the_whole_site_is_read_at_the_opening() -> None:
    found = {"projects": ("*",), "sprints": ("*",), "issues": ("A", "B"), "worklogs": ("*",)}
    streams = [Some(name, order, found.get(name, ())) for name, order in {**JIRA, **GITLAB}.items()]
    assert [stream.name for stream in opening_of(streams)] == ["projects"]


def test_of_a_stream_only_the_chosen_partitions_are_read() -> None:
    streams = (Some("issues", Order(), ("A", "B")), Some("sprints", Order(), ("*",)))
    (only,) = chosen_of(streams, (("issues", ("B",)),))
    assert (only.name, only.partitions(frozenset())) == ("issues", ("B",))


def test_streams_that_would_wait_for_what_is_read_with_them_are_a_defect() -> None:
    issues = Order(after=frozenset({"merge_requests"}))
    listed = [
        Listed(name=name, order=order, rounds=(("nova",),))
        for name, order in (("merge_requests", Order()), ("issues", issues))
    ]
    with pytest.raises(RuntimeError, match="gitlab/nova"):
        portions_of(Place(source="gitlab"), listed)
