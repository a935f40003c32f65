"""Reading: what details are asked for in one part."""

from __future__ import annotations

from itertools import groupby

import pytest
from record_builders import mr

from sync.queue.reading import DETAIL, detail_parts

pytestmark = pytest.mark.pure

PARENTS = tuple(mr(number, project_id=str(number % 3)) for number in range(100))


def test_parents_of_one_project_are_asked_for_together():
    parts = tuple(detail_parts({"notes": PARENTS}, frozenset({"gitlab"})))
    project = {parent.ref.id: parent.project_id for parent in PARENTS}
    asked = [project[id_] for part in parts for _, id_ in part.content[1]]
    assert [name for name, _ in groupby(asked)] == ["0", "1", "2"]
    assert {part.kind for part in parts} == {DETAIL}


def test_each_parent_is_asked_for_once_and_of_its_own_source():
    other = mr(7, source="other")
    parts = tuple(detail_parts({"notes": (*PARENTS, other)}, frozenset({"gitlab", "other"})))
    asked = [(part.source, kind, id_) for part in parts for kind, id_ in part.content[1]]
    assert sorted(asked) == sorted((p.source, p.ref.kind, p.ref.id) for p in (*PARENTS, other))


def test_a_source_that_was_not_opened_is_asked_for_nothing():
    assert tuple(detail_parts({"notes": PARENTS}, frozenset())) == ()
