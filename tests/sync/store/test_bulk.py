"""Rows land on each database by its fastest way, and whichever way is taken, the store holds the same."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import postgres
import pytest
from record_builders import blocks, change, commit, issue, mr, note, notes, version, worklog
from sqlalchemy import BigInteger, Boolean, Date, Engine, Float, Integer, Table, Text, select, text
from sqlalchemy.exc import IntegrityError
from store_builders import NOW, land, rows_of

from connectors.records import Record
from sync.store import bulk, database
from sync.store.bulk import add, put
from sync.store.errors import StoreError
from sync.store.records import row_of
from sync.store.tables import TABLE_BY_KIND, metadata
from sync.store.types import Instant, PlainText, Tuple

ALWAYS, NEVER = 1, 10**9
ISSUES = TABLE_BY_KIND["issue"]
FAR_EAST = timezone(timedelta(hours=13, minutes=45))

NASTY = (
    "", " ", "\\N", "\\.", "\n\\.\n", "a\tb\rc\nd\x0b\f\b\x1f\x7f", "\\t\\n\\\\", "NULL", "null", "'; DROP TABLE x;--", '"', "{}", "(),",
    "a\0b", "\0", "lone \ud800 and \udfff", "pair \ud83d\ude00", "修复 🚀 \u2028\u202e\ufeff", "\\u0000 \\x00", "%s %(x)s :x ?", "e\u0301", "x" * 10_000_000,
)  # fmt: skip


def nasty_records() -> list[Record]:
    """Records of several kinds with everything that a way into the database could trip over."""
    found: list[Record] = []
    for number, words in enumerate(NASTY):
        key, short = f"PAY-{number + 1}", words[:50]
        at = datetime(2026, 1, 1, 0, 0, 0, number, tzinfo=FAR_EAST)
        found += [
            issue(key, title=words, description=short, labels=(short, short), links=(blocks("PAY-7"),), story_points=number / 3,
                  due_on=date(1, 1, 1), spent_s=2**60 + number, fields=(("Team", (short, "")), (short, ()))),
            change(key, short, at, author_name=None, from_text=short),
            worklog(key, 1.5, datetime(1, 1, 1, tzinfo=UTC) + timedelta(days=number)),
            commit(str(number), title=short, message=words, trailers=((short, "x"),), committed_at=datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
            mr(number, title=short, labels=(), description=short),
            notes(number, note(at, author_name=short)),
            version(f"1.{number}", release_on=date(9999, 12, 31)),
        ]  # fmt: skip
    return [*found, issue("PAY-900", story_points=float("inf")), issue("PAY-901", story_points=-0.0)]


def by_kind(found: list[Record]) -> dict[Table, list[dict[str, Any]]]:
    tables: dict[Table, list[dict[str, Any]]] = {}
    for record in found:
        tables.setdefault(TABLE_BY_KIND[record.kind], []).append(row_of(record, "a\0b"))
    return tables


def texts_in(engine: Engine, table: Table) -> list[tuple[str | None, ...]]:
    """Every row as the server itself writes it down."""
    columns = ", ".join(f'"{c.name}"::text' for c in table.columns)
    with engine.connect() as connection:
        return sorted(map(tuple, connection.execute(text(f"SELECT {columns} FROM {table.name}"))), key=repr)


def put_in(engine: Engine, table: Table, rows: list[dict[str, Any]], **how: Any) -> None:
    with engine.begin() as connection:
        put(connection, table, rows, **how)


def test_what_is_copied_in_is_to_the_last_character_what_is_inserted_row_by_row(
    server_engine: Engine,
) -> None:
    for table, rows in by_kind(nasty_records()).items():
        stored = []
        for staged_from in (NEVER, ALWAYS):
            put_in(server_engine, table, rows, staged_from=staged_from)
            stored.append(texts_in(server_engine, table))
            with server_engine.begin() as connection:
                connection.execute(table.delete())
        assert stored[0] == stored[1]
        assert len(stored[0]) == len(rows)


def test_sqlite_holds_what_postgresql_holds(file_engine: Engine, server_engine: Engine) -> None:
    for engine in (file_engine, server_engine):
        for table, rows in by_kind(nasty_records()).items():
            put_in(engine, table, rows, staged_from=ALWAYS)
    assert rows_of(file_engine) == rows_of(server_engine)


def value_for(column: Any, number: int) -> object:
    """A value of the column's type that is another one in every column and row."""
    kind = column.type.impl if isinstance(column.type, PlainText) else column.type
    place = sum(map(ord, column.name)) % 1000 + number
    values: dict[type, object] = {
        Text: f"{column.name} {number}",
        Tuple: (column.name, number),
        Instant: NOW + timedelta(minutes=place),
        Date: date(2026, 1, 1) + timedelta(days=place),
        Boolean: place % 2 == 0,
        Float: place / 8,
        Integer: place,
        BigInteger: 2**40 + place,
    }
    return values[type(kind)]


@pytest.mark.parametrize(
    ("way", "tables"),
    [(add, metadata.sorted_tables), (put, [*TABLE_BY_KIND.values()])],
    ids=["add", "put"],
)
def test_every_value_comes_into_its_own_column(engine: Engine, way: Any, tables: list[Table]) -> None:
    for table in tables:
        rows = [{c.name: value_for(c, number) for c in table.columns} for number in range(1, 151)]
        with engine.begin() as connection:
            way(connection, table, rows)
            found = map(dict, connection.execute(select(table)).mappings())
            assert sorted(found, key=repr) == sorted(rows, key=repr)


@pytest.mark.parametrize("staged_from", [NEVER, ALWAYS])
def test_rows_that_are_there_are_replaced_in_every_column(engine: Engine, staged_from: int) -> None:
    before = [row_of(issue(f"PAY-{n}", labels=("a",), story_points=1.0), "PAY") for n in range(9)]
    after = [
        row_of(issue(f"PAY-{n}", title="new", due_on=date(2026, 1, 1)), "RISK") | {"gone_at": NOW}
        for n in range(5)
    ]
    put_in(engine, ISSUES, before, staged_from=staged_from)
    put_in(engine, ISSUES, after, staged_from=staged_from)
    expected = {row["id"]: row for row in (*before, *after)}
    assert {row["id"]: row for row in rows_of(engine)["issue_records"]} == expected


@pytest.mark.parametrize("staged_from", [NEVER, ALWAYS])
def test_of_two_rows_whose_keys_become_one_the_later_counts(engine: Engine, staged_from: int) -> None:
    rows = [
        row_of(issue("PAY-1", id=id_, title=title), "PAY")
        for id_, title in (("7\0", "first"), ("8", "other"), ("7\ufffd", "later"))
    ]
    put_in(engine, ISSUES, rows, staged_from=staged_from)
    found = {(row["id"], row["title"]) for row in rows_of(engine)["issue_records"]}
    assert found == {("7\ufffd", "later"), ("8", "other")}


def test_a_record_whose_id_no_database_can_hold_is_not_written_again(engine: Engine) -> None:
    odd = issue("PAY-1", id="7\0")
    land(engine, odd)
    with engine.begin() as connection:
        connection.execute(text("UPDATE issue_records SET partition = 'untouched'"))
    land(engine, odd)
    assert [r["partition"] for r in rows_of(engine)["issue_records"]] == ["untouched"]


def test_pages_of_one_transaction_do_not_mix_and_one_that_is_given_up_leaves_nothing(engine: Engine) -> None:
    first, second, third = (
        [row_of(issue(f"{key}-{n}"), key) for n in range(150)] for key in ("PAY", "RISK", "OPS")
    )
    with engine.begin() as connection:
        put(connection, ISSUES, first)
        connection.execute(ISSUES.delete())
        put(connection, ISSUES, second)
    with engine.connect() as connection:
        put(connection, ISSUES, third)
        connection.rollback()
    put_in(engine, ISSUES, first[:120])
    assert {r["partition"] for r in rows_of(engine)["issue_records"]} == {"PAY", "RISK"}
    assert len(rows_of(engine)["issue_records"]) == 270


def test_a_connection_goes_on_after_transactions_that_were_given_up(server_engine: Engine) -> None:
    # the driver prepares statements after some uses; the table that they name is gone with the transaction that made it
    with server_engine.connect() as connection:
        for number in range(24):
            rows = [row_of(issue(f"PAY-{number * 200 + n}"), "PAY") for n in range(150)]
            put(connection, ISSUES, rows)
            if number % 8 in {0, 3, 7}:
                connection.rollback()
            else:
                connection.commit()
    assert len(rows_of(server_engine)["issue_records"]) == 15 * 150


@pytest.fixture
def narrow_engine() -> Iterator[Engine]:
    """A store on a server that lets this user make no temporary tables."""
    if not postgres.is_installed():
        pytest.skip(f"the wheel {postgres.WHEEL} is not installed, so there is no PostgreSQL to test on")
    server = postgres.server()
    with server.database() as url:
        owner = database.opened(url)
        database.upgrade(owner)
        server.execute("CREATE ROLE narrow LOGIN")
        server.execute(f'REVOKE TEMPORARY ON DATABASE "{owner.url.database}" FROM PUBLIC')
        server.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO narrow", name=owner.url.database or "")
        engine = database.opened(url.replace("postgres@", "narrow@"))
        yield engine
        engine.dispose()
        server.execute("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM narrow", name=owner.url.database or "")
        server.execute("DROP ROLE narrow")
        owner.dispose()


def test_without_the_right_to_make_temporary_tables_rows_land_one_by_one(narrow_engine: Engine) -> None:
    land(narrow_engine, *(issue(f"PAY-{n}") for n in range(bulk.STAGED_FROM + 50)))
    assert len(rows_of(narrow_engine)["issue_records"]) == bulk.STAGED_FROM + 50


def test_a_server_that_goes_away_during_a_copy_is_a_store_error(server_engine: Engine) -> None:
    rows = [row_of(issue(f"PAY-{n}"), "PAY") for n in range(200)]
    with server_engine.connect() as connection:
        put(connection, ISSUES, rows)
        own = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        postgres.server().execute(f"SELECT pg_terminate_backend({own})")
        with pytest.raises(StoreError, match="look whether the server runs"):
            put(connection, ISSUES, rows)
    assert rows_of(server_engine)["issue_records"] == []


def test_a_row_that_the_server_refuses_is_the_same_mistake_either_way(server_engine: Engine) -> None:
    rows = [row_of(issue(f"PAY-{n}"), "PAY") | {"title": None} for n in range(200)]
    for staged_from in (NEVER, ALWAYS):
        with pytest.raises(IntegrityError, match="title"):
            put_in(server_engine, ISSUES, rows, staged_from=staged_from)
