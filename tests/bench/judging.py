"""How long judging takes: ``python -m tests.bench.judging [--scale 0.1]``. Times by the process's own CPU clock, memory at its peak; a store in a temporary folder."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from connectors.cursor import Cursor
from connectors.port import Page, Scope
from connectors.records import Issue
from mappings.load import loaded
from mappings.schema import MappingSpec
from sync.app import rule_codes
from sync.engine import cycle
from sync.engine.judging import judging, wanted_in
from sync.memory import begin_work
from sync.store import database, kept, progress, records
from sync.store.records import live
from sync.store.tables import RECORD_TABLES
from tests.bench.big_world import JIRA, NOW, Size, mapping_text, pages, scaled, scopes_of, verdicts_of
from tests.bench.spent import spent

Step = Callable[[database.Engine, MappingSpec, Size], dict[str, Any]]


def main() -> None:
    """Print the figures as a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    size = scaled(Size(), by=given.scale)
    with tempfile.TemporaryDirectory() as made:
        folder = given.folder or Path(made)
        rows = [_apart(step, folder, size) for step in STEPS]
    print(json.dumps({"size": asdict(size), "steps": rows}, indent=2))


def _apart(step: Step, folder: Path, size: Size) -> dict[str, Any]:
    """The step's figures, from a process of its own, so that memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(measured, (step, folder, size))


def measured(step: Step, folder: Path, size: Size) -> dict[str, Any]:
    """One step's figures, and what it tells."""
    begin_work()
    engine, spec = _opened(folder, size)
    with spent() as figures:
        told = step(engine, spec, size)
    return {"step": step.__name__, **figures, **told}


def _opened(folder: Path, size: Size) -> tuple[database.Engine, MappingSpec]:
    mapping = folder / "tandem.yaml"
    mapping.write_text(mapping_text(size), encoding="utf-8")
    engine = database.opened(f"sqlite:///{folder / 'tandem.db'}")
    database.upgrade(engine)
    return engine, loaded(mapping, rule_codes=rule_codes()).spec


def landed(engine: database.Engine, spec: MappingSpec, size: Size) -> dict[str, Any]:
    """Making the records and storing them in pages; no part of judging."""
    count = 0
    for scope, made in scopes_of(size):
        with engine.begin() as connection:
            for page in pages(made):
                records.land(connection, scope, Page(records=page, cursor=Cursor()), now=NOW)
                count += len(page)
    with engine.begin() as connection:
        for verdict in verdicts_of(size):
            progress.keep_verdict(connection, verdict)
    return {"records": count}


def judged_first(engine: database.Engine, spec: MappingSpec, size: Size) -> dict[str, Any]:
    """The first judgement: all code is read, all memberships are worked out, everything is judged, and what was found is noted."""
    return _judged(engine, spec, now=NOW)


def judged_again(engine: database.Engine, spec: MappingSpec, size: Size) -> dict[str, Any]:
    """Everything judged once more, for what was found is no longer new; now it can be kept."""
    return _judged(engine, spec, now=NOW)


def judged_after_nothing(engine: database.Engine, spec: MappingSpec, size: Size) -> dict[str, Any]:
    """Nothing changed: what is kept is taken up."""
    return _judged(engine, spec, now=NOW)


def judged_after_a_change(engine: database.Engine, spec: MappingSpec, size: Size) -> dict[str, Any]:
    """One issue was edited: what it can matter to is judged anew, all else is taken up."""
    with engine.begin() as connection:
        table = RECORD_TABLES[Issue]
        issue = next(live(connection, Issue, table.c["key"] == "PAA-2"))
        changed = replace(issue, title="Another title", updated_at=NOW)
        scope = Scope(source=JIRA, stream="issues", partition=issue.project_key)
        records.land(connection, scope, Page(records=(changed,), cursor=Cursor()), now=NOW)
    return _judged(engine, spec, now=NOW)


def _judged(engine: database.Engine, spec: MappingSpec, *, now: datetime) -> dict[str, Any]:
    """What a run does between its pull and its plan. ``wanted_s`` of its time go to finding out what must be asked one by one."""
    kept.refresh(engine, spec)
    before = time.process_time()
    wanted_in(engine, spec, now=now)
    wanted_s = time.process_time() - before
    with judging(engine, spec, now=now) as found:
        cycle.remember(engine, found)
        return {
            "commitments": len(found.judged),
            "findings": len(found.judgement.findings),
            "judged_anew": len(found.fresh),
            "wanted_s": round(wanted_s, 2),
        }


STEPS = (landed, judged_first, judged_again, judged_after_nothing, judged_after_a_change)

if __name__ == "__main__":
    main()
