"""Writing: the deliveries of a judgement in parts, of which each issue is in one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.commands import Slot
from sync.queue.writing import DELIVER, ISSUES, delivery_parts

pytestmark = pytest.mark.pure

ALL = [
    (Slot(source=source, issue_id=str(issue), commitment_key=key), target)
    for source in ("jira", "other")
    for issue in range(9)
    for key in ("*", "a", "b")
    for target in ("comment", "property")
]
PLACES = st.lists(st.sampled_from(ALL), unique=True)


def places_of(content, source):
    return [
        (Slot(source=source, issue_id=issue_id, commitment_key=key), target)
        for issue_id, key, targets in content
        for target in targets
    ]


@given(places=PLACES)
def test_each_place_is_in_one_part_and_each_issue_too(places):
    parts = delivery_parts(places)
    found = [place for part in parts for place in places_of(part.content, part.source)]
    assert sorted(found) == sorted(places)
    issues = [(part.source, issue) for part in parts for issue in {issue for issue, _, _ in part.content}]
    assert len(issues) == len(set(issues))


@given(places=PLACES)
def test_parts_are_small_and_their_names_differ(places):
    parts = delivery_parts(places)
    assert all(0 < len({issue for issue, _, _ in part.content}) <= ISSUES for part in parts)
    assert len({part.name for part in parts}) == len(parts)
    assert {part.kind for part in parts} <= {DELIVER}


@given(places=PLACES)
def test_the_parts_do_not_hang_on_the_order_of_places(places):
    assert delivery_parts(reversed(places)) == delivery_parts(places)


def test_nothing_to_write_is_no_part():
    assert delivery_parts([]) == ()
