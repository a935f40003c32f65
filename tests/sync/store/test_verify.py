"""Verify finds what is wrong with a store, and finds nothing wrong with a good one."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from record_builders import issue, job
from sqlalchemy import Engine, text
from store_builders import NOW, fill, land

from connectors.check import Check, Level
from connectors.cursor import Cursor
from sync.store.verify import verified


def troubles(engine: Engine) -> dict[str, Check]:
    return {c.subject: c for c in verified(engine, now=NOW) if c.level is not Level.OK}


@pytest.fixture
def filled(engine: Engine) -> Iterator[Engine]:
    fill(engine)
    return engine


def change(engine: Engine, statement: str, **values: Any) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement), values)


def test_a_good_store_has_no_troubles(filled: Engine) -> None:
    assert troubles(filled) == {}
    assert len(list(verified(filled, now=NOW))) >= 10


def test_hostile_text_keeps_its_digest(engine: Engine) -> None:
    nasty = "a\0b\ud800 \\u0000 '; DROP TABLE x;-- 🚀\u2028"
    land(engine, issue(title=nasty, labels=(nasty,), story_points=3, fields=(("Team", (nasty,)),)))
    assert troubles(engine) == {}


def test_a_record_that_another_program_changed_fails(filled: Engine) -> None:
    change(filled, "UPDATE issue_records SET status = 'Done' WHERE key = 'PAY-2'")
    found = troubles(filled)
    assert found["digests"].level is Level.FAIL
    assert found["digests"].message.startswith("issue_records")


def test_a_digest_from_before_they_were_made_as_now_tells_nothing_until_its_record_comes_again(
    filled: Engine,
) -> None:
    change(filled, "UPDATE issue_records SET digest = ''")
    assert troubles(filled) == {}
    change(filled, "UPDATE issue_records SET status = 'Done' WHERE key = 'PAY-2'")
    assert troubles(filled) == {}
    again = issue("PAY-2")
    land(filled, again)
    assert troubles(filled) == {}
    change(filled, "UPDATE issue_records SET status = 'Done' WHERE key = 'PAY-2'")
    assert troubles(filled)["digests"].level is Level.FAIL


def test_a_record_that_cannot_be_read_fails(filled: Engine) -> None:
    change(filled, "UPDATE issue_records SET labels = '{not json' WHERE key = 'PAY-2'")
    assert troubles(filled)["digests"].level is Level.FAIL


@pytest.mark.parametrize(
    ("delete", "subject", "says"),
    [
        (
            "DELETE FROM issue_records WHERE key = 'PAY-2'",
            "records",
            "1 rows of field_change_records name issue records",
        ),
        ("DELETE FROM pipeline_records", "records", "1 rows of job_records name pipeline records"),
        ("DELETE FROM issue_records WHERE key = 'PAY-1'", "slots", "1 rows of receipts name issue records"),
    ],
)
def test_rows_that_belong_to_nothing_are_told(filled: Engine, delete: str, subject: str, says: str) -> None:
    change(filled, delete)
    found = troubles(filled)[subject]
    assert (found.level, says in found.message) == (Level.WARN, True), found.message


def test_a_tombstone_is_still_something_to_belong_to(filled: Engine) -> None:
    change(filled, "UPDATE issue_records SET gone_at = :now", now=str(NOW))
    assert "records" not in troubles(filled)


@pytest.mark.parametrize("field", ["read_to", "walk_started_at"])
def test_a_cursor_from_the_future_is_told(filled: Engine, field: str) -> None:
    land(filled, cursor=Cursor(**{field: NOW + timedelta(hours=2)}))
    assert "jira/issues/PAY" in troubles(filled)["cursors"].message


def test_a_delivery_that_cannot_be_read_fails(filled: Engine) -> None:
    change(filled, "UPDATE outbox SET command = '[]'")
    assert troubles(filled)["outbox"].level is Level.FAIL


def test_a_lacking_table_fails_and_ends_the_looking(filled: Engine) -> None:
    change(filled, "DROP TABLE audit")
    assert list(troubles(filled)) == ["tables"]


def test_an_older_store_is_to_be_upgraded(filled: Engine) -> None:
    change(filled, "UPDATE alembic_version SET version_num = '0001'")
    assert troubles(filled)["revision"].advice == "tandem db upgrade"


def test_a_damaged_page_fails(file_engine: Engine) -> None:
    fill(file_engine, count=300)
    land(file_engine, job(1, "lint"))
    file = file_engine.url.database or ""
    file_engine.dispose()
    with open(file, "r+b") as handle:  # noqa: PTH123
        handle.seek(0, 2)
        handle.seek(handle.tell() // 2 // 4096 * 4096)
        handle.write(b"\0" * 4096)
    first = next(verified(file_engine, now=NOW))
    assert (first.subject, first.level) == ("pages", Level.FAIL)
