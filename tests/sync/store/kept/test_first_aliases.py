"""An alias of each project: one step through the index for each finds what going through all of them does."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, insert, text

from connectors.records import KeyAlias
from sync.store.kept.project import ONE_OF_EACH, alias_of_each_project
from sync.store.tables import aliases

projects = st.from_regex(r"[A-Z][A-Z0-9_]{1,4}", fullmatch=True)
keys = st.tuples(
    st.sampled_from(["jira", "jira2", "other"]),
    st.builds("{}-{}".format, projects, st.integers(1, 12_000)),
)


def _stored(engine: Engine, rows: set[tuple[str, str]]) -> tuple[tuple[KeyAlias, ...], int]:
    """(what is found among these aliases, by how many questions); nothing stays."""
    asked: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        asked.extend([statement] * statement.startswith("SELECT"))

    with engine.connect() as connection:
        if rows:
            named = [{"source": source, "key": key, "issue_id": "1"} for source, key in rows]
            connection.execute(insert(aliases), named)
        event.listen(engine, "before_cursor_execute", note)
        found = alias_of_each_project(connection)
        event.remove(engine, "before_cursor_execute", note)
        connection.rollback()
    return found, len(asked)


@given(st.sets(keys, max_size=30))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_project_of_each_source_is_named_once_by_its_first_key(
    engine: Engine, rows: set[tuple[str, str]]
) -> None:
    found, _ = _stored(engine, rows)
    firsts: dict[tuple[str, str], str] = {}
    for source, key in sorted(rows):
        firsts.setdefault((source, key.rpartition("-")[0]), key)
    told = {(alias.source, alias.key.rpartition("-")[0]): alias.key for alias in found}
    assert len(found) == len(told)
    assert told.keys() == firsts.keys()
    if engine.dialect.name == "sqlite":
        assert told == firsts


def test_many_keys_of_few_projects_cost_few_questions_in_sqlite(file_engine: Engine) -> None:
    rows = {("jira", f"{project}-{number}") for project in ("PAY", "PAYX", "RISK") for number in range(400)}
    found, asked = _stored(file_engine, rows)
    assert [alias.key for alias in found] == ["PAY-0", "PAYX-0", "RISK-0"]
    assert asked == 4


def test_a_server_steps_through_an_index(server_engine: Engine) -> None:
    rows = [
        {"source": "jira", "key": f"{project}-{number}", "issue_id": "1"}
        for project in ("PAY", "PAYX", "RISK")
        for number in range(3000)
    ]
    with server_engine.begin() as connection:
        connection.execute(insert(aliases), rows)
        connection.execute(text("ANALYZE aliases"))
        assert len(alias_of_each_project(connection)) == 3
        told = connection.execute(text(f"EXPLAIN {ONE_OF_EACH}")).scalars().all()
    plan = "\n".join(told)
    assert "ix_aliases_source_prefix" in plan
    assert "Seq Scan" not in plan
