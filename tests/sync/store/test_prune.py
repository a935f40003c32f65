"""Prune removes what is old and of no consequence, and nothing else."""

from datetime import timedelta

import pytest
from record_builders import branch, issue, job, pipeline
from sqlalchemy import Engine, select, text
from store_builders import NOW, count_of, fill, land, note_run, rows_of

from connectors.errors import ConfigError
from sync.store import prune
from sync.store.prune import KINDS, pruned, tidied
from sync.store.tables import TABLE_BY_KIND, audit, runs

OLD = NOW - timedelta(days=400)
YEAR = 365


def ids(engine: Engine, kind: str) -> list[str]:
    with engine.connect() as connection:
        return sorted(connection.execute(select(TABLE_BY_KIND[kind].c.id)).scalars())


def test_an_unknown_kind_names_the_allowed_ones_and_removes_nothing(engine: Engine) -> None:
    fill(engine)
    before = rows_of(engine)
    with pytest.raises(
        ConfigError, match=r'"issue" cannot be pruned; allowed: gone, pipeline, job'
    ) as caught:
        pruned(
            engine,
            {"issue": 1, "run": 1, "audit": 1, "gone": 29, "decision": 29},
            now=NOW + timedelta(days=900),
        )
    assert "audit wants at least 2 days" in str(caught.value)
    assert "gone wants at least 30 days" in str(caught.value)
    assert "decision wants at least 30 days" in str(caught.value)
    assert rows_of(engine) == before


def test_nothing_is_old_in_a_new_store(engine: Engine) -> None:
    fill(engine)
    before = rows_of(engine)
    assert set(pruned(engine, dict.fromkeys(KINDS, 30), now=NOW).values()) == {0}
    assert rows_of(engine) == before


def test_only_pipelines_before_a_kept_pass_of_their_branch_go_and_their_jobs_with_them(
    engine: Engine,
) -> None:
    day = timedelta(days=1)
    land(
        engine,
        pipeline(1, status="failed", at=OLD),
        job(1, "unit"),
        pipeline(2, status="success", at=OLD + day),
        pipeline(3, status="failed", at=OLD + 2 * day),
        job(3, "unit"),
        pipeline(4, status="success", at=NOW),
        pipeline(5, status="failed", at=OLD, ref_name="other"),
    )
    assert pruned(engine, {"pipeline": YEAR}, now=NOW) == {"pipeline": 2}
    assert ids(engine, "pipeline") == ["5002", "5003", "5004", "5005"]
    assert count_of(engine, TABLE_BY_KIND["job"]) == 1


def test_a_tombstone_goes_once_nothing_belongs_to_it(engine: Engine) -> None:
    fill(engine)
    land(engine, branch("old"), branch("new"), issue("PAY-50"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE issue_records SET gone_at = :at"), {"at": _sql(OLD)})
        connection.execute(
            text("UPDATE branch_records SET gone_at = :at WHERE name = 'old'"), {"at": _sql(OLD)}
        )
        connection.execute(text("DELETE FROM aliases"))
    assert pruned(engine, {"gone": YEAR}, now=NOW) == {"gone": 2}
    assert len(ids(engine, "issue")) == 3
    assert len(ids(engine, "branch")) == 1


def test_the_newest_good_run_stays_however_old(engine: Engine) -> None:
    with engine.begin() as connection:
        for n in range(3):
            note_run(connection, f"r{n}", ended=OLD - NOW + timedelta(days=n))
        note_run(connection, "bad", ended=OLD - NOW + timedelta(days=4), outcome="failed")
        connection.execute(
            text("INSERT INTO skips (run_id, scope, what, reason) VALUES ('r0', 's', 'w', 'r')")
        )
    assert pruned(engine, {"run": YEAR}, now=NOW) == {"run": 4}
    with engine.connect() as connection:
        assert connection.execute(select(runs.c.id)).scalars().all() == ["r2"]


def test_counting_removes_nothing(engine: Engine) -> None:
    land(engine, pipeline(1, at=OLD), pipeline(2, status="success", at=OLD + timedelta(days=1)))
    assert pruned(engine, {"pipeline": YEAR}, now=NOW, is_dry=True) == {"pipeline": 1}
    assert len(ids(engine, "pipeline")) == 2


def test_the_room_is_given_back_or_told_to_wait(engine: Engine) -> None:
    fill(engine, count=50)
    before = rows_of(engine)
    assert tidied(engine)
    assert rows_of(engine) == before
    assert prune.LEAST_DAYS["audit"] == 2
    assert count_of(engine, audit) == 0


def _sql(instant: object) -> str:
    return str(instant).removesuffix("+00:00") + ".000000"
