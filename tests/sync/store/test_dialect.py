"""What is said to both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, insert, select

from sync.store.dialect import is_one_of
from sync.store.tables import aliases

HOSTILE = ("PAY-1", "it's", 'a "b"', "{1,2}", "back\\slash", "NULL", "", "支付-1", "cut\0here", "\ud800")


@pytest.mark.parametrize("asked", HOSTILE)
def test_a_text_is_found_among_others_as_it_is_stored(engine: Engine, asked: str) -> None:
    rows = [{"source": str(n), "key": key, "issue_id": key} for n, key in enumerate(HOSTILE)]
    is_it = is_one_of(aliases.c.key, [asked, "nobody"])
    with engine.begin() as connection:
        connection.execute(insert(aliases), rows)
        found = connection.execute(select(aliases.c.source).where(is_it)).scalars().all()
        assert found == [str(HOSTILE.index(asked))]
        assert connection.execute(select(aliases).where(is_one_of(aliases.c.key, []))).all() == []


def test_texts_are_looked_up_by_an_index(file_engine: Engine) -> None:
    """SQLite takes none where a condition is compared with 1."""
    query = select(aliases).where(aliases.c.source == "jira", is_one_of(aliases.c.key, ["PAY-1"]))
    with file_engine.connect() as connection:
        asked = f"EXPLAIN QUERY PLAN {query.compile(connection)}"
        plan = connection.exec_driver_sql(asked, ("jira", '["PAY-1"]')).all()
    assert "source=? AND key=?" in plan[0].detail
