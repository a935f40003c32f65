"""Questions by equal values, put together once and asked with any texts."""

from __future__ import annotations

import pytest
from record_builders import NOW, issue
from sqlalchemy import Engine, event, insert
from store_builders import land

from connectors.records import Issue
from sync.store import questions
from sync.store.questions import rows_by
from sync.store.records import bury, live_by
from sync.store.tables import aliases, cursors

ROWS = [
    {"source": source, "key": key, "issue_id": f"{source}{key}"}
    for source in "ab"
    for key in ("1", "2", "it's")
]


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ({"source": "a", "key": "1"}, ["a1"]),
        ({"source": "a"}, ["a1", "a2", "ait's"]),
        ({"source": "a", "key": ["2", "it's", "3"]}, ["a2", "ait's"]),
        ({"source": ("a", "b"), "key": ("1", "2")}, ["a1", "a2", "b1", "b2"]),
        ({"key": "it's"}, ["ait's", "bit's"]),
        ({"source": "a", "key": []}, []),
        ({"source": "c", "key": "1"}, []),
    ],
)
def test_rows_are_found_that_hold_a_text_or_one_of_several(
    engine: Engine, wanted: dict[str, str | list[str]], ids: list[str]
) -> None:
    with engine.begin() as connection:
        connection.execute(insert(aliases), ROWS)
        found = rows_by(connection, aliases, ("issue_id",), **wanted)
        assert sorted(found.scalars()) == ids
        assert {row.issue_id for row in rows_by(connection, aliases, **wanted)} == set(ids)


def test_a_text_is_looked_for_as_it_is_stored(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(aliases), [{"source": "a", "key": "cut\0here", "issue_id": "1"}])
        for key in ("cut\0here", ["cut\0here"]):
            assert rows_by(connection, aliases, ("issue_id",), key=key).scalars().all() == ["1"]


def test_a_question_is_put_together_and_compiled_once_for_all_texts(engine: Engine) -> None:
    said: list[str] = []
    with engine.begin() as connection:
        event.listen(connection, "before_cursor_execute", lambda *given: said.append(given[2]))
        questions._question.cache_clear()
        for source, streams in (("a", ["x"]), ("b", ["x", "y", "z"]), ("c", [])):
            rows_by(connection, cursors, source=source, stream=streams).all()
    assert len(said) == 3
    assert len(set(said)) == 1
    assert questions._question.cache_info().misses == 1


def test_live_records_are_found_by_their_texts(engine: Engine) -> None:
    first, second, gone = (issue(f"PAY-{n}", parent_key="PAY-9" if n > 1 else None) for n in (1, 2, 3))
    land(engine, first, second, gone)
    with engine.begin() as connection:
        bury(connection, (gone.ref,), now=NOW)
        assert [*live_by(connection, Issue, parent_key=["PAY-9", "PAY-8"])] == [second]
        assert [*live_by(connection, Issue, source="jira", key="PAY-1")] == [first]
