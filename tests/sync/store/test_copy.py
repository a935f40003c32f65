"""A copy holds every row of one instant, whichever databases it goes between."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from record_builders import issue
from sqlalchemy import Engine, select
from store_builders import NOW, comment, fill, land, rows_of

from sync.store import database, lease, outbox
from sync.store.copy import copied, rows_copied, snapshot
from sync.store.tables import TABLE_BY_KIND, leases


@pytest.fixture(params=["sqlite", "postgres"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        (tmp_path / "copy.db").write_bytes(request.getfixturevalue("migrated_file"))
        made = database.opened(f"sqlite:///{tmp_path / 'copy.db'}")
    else:
        made = database.opened(request.getfixturevalue("second_postgres_url"))
    yield made
    made.dispose()


def test_every_row_arrives_as_it_was(engine: Engine, target: Engine) -> None:
    fill(engine)
    counts = copied(engine, target)
    assert rows_of(target) == rows_of(engine)
    assert counts["issue_records"] == 3


def test_leases_are_left_behind(engine: Engine, target: Engine) -> None:
    lease.acquired(engine, "site:jira", now=NOW)
    assert leases.name not in copied(engine, target)
    with target.connect() as connection:
        assert connection.execute(select(leases)).all() == []


def test_numbering_goes_on_behind_what_was_copied(engine: Engine, target: Engine) -> None:
    fill(engine)
    copied(engine, target)
    with target.begin() as connection:
        outbox.enqueue(connection, [(comment("PAY-2"), None)], now=NOW)
    with target.connect() as connection:
        first, second = outbox.deliveries(connection)
    assert second.id > first.id


def test_a_row_can_be_changed_on_its_way(engine: Engine, target: Engine) -> None:
    fill(engine)

    def change(table: str, row: dict[str, object]) -> dict[str, object]:
        return {**row, "title": "removed"} if table == "issue_records" else row

    copied(engine, target, change=change)
    assert {r["title"] for r in rows_of(target)["issue_records"]} == {"removed"}


def test_what_lands_during_the_copy_is_not_in_it(engine: Engine, target: Engine) -> None:
    fill(engine)
    with snapshot(engine) as origin, target.begin() as goal:
        origin.execute(select(TABLE_BY_KIND["issue"])).all()
        land(engine, issue("PAY-99"))
        counts = rows_copied(origin, goal)
    assert counts["issue_records"] == 3


def test_a_copy_that_fails_leaves_the_target_empty(engine: Engine, target: Engine) -> None:
    fill(engine)

    def refuse(table: str, row: dict[str, object]) -> dict[str, object]:
        if table == "receipts":
            raise ValueError("no")
        return row

    with pytest.raises(ValueError, match="no"):
        copied(engine, target, change=refuse)
    assert not any(rows_of(target).values())
