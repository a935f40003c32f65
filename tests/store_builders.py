"""A store with something of everything in it, and what tests ask of stores."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from record_builders import NOW, change, issue, job, mr, pipeline, touch
from sqlalchemy import Engine, func, select

from connectors.commands import Announce, CommentCommand, Receipt, Slot
from connectors.cursor import Cursor
from connectors.port import Completeness, Page, Scope, Verdict
from connectors.records import KeyAlias, Record
from sync.store import outbox, progress, records
from sync.store.tables import leases, metadata

SCOPE = Scope(source="jira", stream="issues", partition="PAY")


def slot_of(key: str = "PAY-1") -> Slot:
    return Slot(source="jira", issue_id=issue(key).id, commitment_key="pay-2")


def comment(key: str = "PAY-1", digest: str = "d1") -> CommentCommand:
    return CommentCommand(
        slot=slot_of(key), body="已完成 <b>", digest=digest, announce=Announce.NOTIFY, visibility=None
    )


def land(engine: Engine, *found: Record, cursor: Cursor | None = None, scope: Scope = SCOPE) -> None:
    page = Page(
        records=found,
        cursor=cursor or Cursor(read_to=NOW),
        aliases=tuple(
            KeyAlias(source=r.source, key=r.key, issue_id=r.id) for r in found if r.kind == "issue"
        ),  # type: ignore[attr-defined]
    )
    with engine.begin() as connection:
        records.land(connection, scope, page, now=NOW)
        progress.keep_cursor(connection, scope, page.cursor)


def fill(engine: Engine, *, count: int = 3) -> None:
    """Records of several kinds, a run, a verdict, an outbox row and a receipt."""
    issues = [issue(f"PAY-{n}", title=f"修复 {n} 'x'\n\u2028") for n in range(1, count + 1)]
    land(engine, *issues, *(change(i.key, "Done", NOW) for i in issues), pipeline(1), job(1, "unit"), mr(1))
    land(engine, touch("c1", "src/"), scope=Scope(source="gitlab", stream="paths", partition="7"))
    with engine.begin() as connection:
        progress.keep_verdict(connection, Verdict(scope=SCOPE, completeness=Completeness.COMPLETE, at=NOW))
        note_run(connection, "r1")
        outbox.enqueue(connection, [(comment(), '{"health":"done"}')], now=NOW)
    with engine.connect() as connection:
        (delivery,) = outbox.deliveries(connection)
    receipt = Receipt(
        slot=slot_of(), target="comment", digest="d1", body="b", delivered_at=NOW, remote_id="7"
    )
    with engine.begin() as connection:
        outbox.delivered(connection, (delivery, receipt))
        outbox.enqueue(connection, [(comment(digest="d2"), None)], now=NOW)


def note_run(connection: Any, id_: str, *, ended: timedelta = timedelta(0), **fields: Any) -> None:
    """A run that took a minute and ended ``ended`` after NOW."""
    end = NOW + ended
    run = progress.Run(
        id=id_,
        command=fields.pop("command", "sync"),
        started_at=end - timedelta(minutes=1),
        finished_at=end,
        outcome=fields.pop("outcome", "complete"),
        **fields,
    )
    progress.begin_run(connection, run)
    progress.end_run(connection, run)


def rows_of(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table but the leases, ordered."""
    with engine.connect() as connection:
        return {
            table.name: [
                dict(r._mapping) for r in connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in metadata.sorted_tables
            if table is not leases
        }


def count_of(engine: Engine, table: Any) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()
