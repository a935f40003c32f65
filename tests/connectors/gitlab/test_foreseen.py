"""Foreseen: the ranges that a walk lists for certain, and no other; where nothing is run ahead, nothing is asked otherwise than before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from connectors.gitlab.branches import Branches, stale
from connectors.gitlab.foreseen import spans_to_come
from connectors.records import Branch
from tests.connectors.gitlab.fake_gitlab import NOW


def branches(**heads: str) -> Branches:
    found = tuple(
        Branch(
            source="gitlab",
            id=f"7/{name}",
            project_id="7",
            name=name,
            sha=sha,
            committed_at=NOW,
            url="https://x.test",
            is_default=name == "main",
        )
        for name, sha in heads.items()
    )
    return Branches(all=found, skipped=(), names=frozenset(heads))


@pytest.mark.parametrize(
    ("tips", "spans"),
    [
        ({}, ("c3", "c3..a1")),
        ({"main": "c3", "a": "a1", "same": "c3"}, ()),
        ({"main": "c2", "a": "a1"}, ("c2..c3",)),
        ({"main": "c2", "a": "a0"}, ("c2..c3", "a0..a1")),
        ({"main": "c3", "gone": "a1"}, ("c3..a1",)),
        (stale({"main": "c3", "a": "a1"}), ("c3", "c3..a1")),
    ],
    ids=["first", "unchanged", "one moved", "two moved", "one gone, one new", "read anew"],
)
def test_the_spans_that_are_listed_for_certain(tips: dict[str, str], spans: tuple[str, ...]):
    assert spans_to_come(branches(main="c3", a="a1", same="c3"), tips, ()) == tuple(
        (span, "") for span in spans
    )


def test_watched_paths_are_foreseen_too_as_they_are_walked():
    found = spans_to_come(
        branches(main="c3", a="a1"), {"main": "c2", "a": "a1", "path:src": "walked"}, ("docs", "src")
    )
    assert found == (("c2..c3", ""), ("c2..c3", "src"), ("c3", "docs"), ("c3..a1", "docs"))


def at_once(calls: Iterable[Callable[[], Any]]) -> Iterator[Callable[[], Any]]:
    """Runs all calls before the first result is wanted, the last one first."""
    waiting = list(calls)
    results = [call() for call in reversed(waiting)][::-1]
    return (lambda result=result: result for result in results)


def test_run_ahead_or_not_a_walk_asks_the_same_and_brings_the_same(gitlab, connector, store, stream_of):
    repo = gitlab.project(7, "team/pay")
    repo.heads["main"] = repo.line("m", 250)
    for number in range(4):
        repo.heads[f"feature/{number}"] = repo.line(f"f{number}", 3, after="m2")
    logs, pages = [], []
    for more in ({}, {"ahead": at_once}):
        opened = connector(paths=(("team/pay", "src"),))
        opened.connect()
        stream = stream_of(opened, "commits")
        gitlab.log.clear()
        pages.append([list(store.pages(stream, each, **more)) for each in stream.partitions(frozenset())])
        logs.append(list(map(str, gitlab.log)))
    assert sorted(logs[0]) == sorted(logs[1])
    assert logs[0] != logs[1]
    assert pages[0] == pages[1]
