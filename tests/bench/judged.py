"""What judging takes, by the commitment and by the commit, and how large the store is afterwards, over two big worlds of which the difference tells."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from sqlalchemy import insert, select

from connectors.cursor import Cursor
from connectors.port import Page, Scope
from connectors.records import Commit, Issue
from mappings.load import loaded
from mappings.schema import MappingSpec
from sync.app import rule_codes
from sync.memory import begin_work
from sync.store import database, kept, records
from sync.store.records import live
from sync.store.tables import RECORD_TABLES, aliases
from tests.bench import judging
from tests.bench.big_world import GITLAB, NOW, Size, mapping_text, scaled
from tests.bench.stored import bytes_per_row, open_store
from tests.postgres import Server

_REREAD = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One world's size, and the figures of its steps by their names."""

    size: Size
    steps: dict[str, dict[str, Any]]

    def of(self, step: str, figure: str) -> float:
        """One figure."""
        return float(self.steps[step][figure])


def judged_at(scale: float, folder: Path) -> Judged:
    """Every step over a world of that scale, each in a process of its own."""
    size = scaled(Size(), by=scale)
    steps = (*judging.STEPS, reread)
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        found = [pool.apply(judging.measured, (step, folder, size)) for step in steps]
    return Judged(size=size, steps={one["step"]: one for one in found})


def reread(engine: database.Engine, spec: MappingSpec, size: Size) -> dict[str, Any]:
    """A commit came in a few projects: their code is read anew."""
    table = RECORD_TABLES[Commit]
    with engine.begin() as connection:
        for number in range(min(_REREAD, size.gitlab_projects)):
            project = str(1000 + number)
            one = next(live(connection, Commit, table.c["project_id"] == project))
            sha = f"{number:040x}"
            new = replace(one, id=f"{project}/{sha}", sha=sha, parent_shas=(one.sha,))
            scope = Scope(source=GITLAB, stream="commits", partition=project)
            records.land(connection, scope, Page(records=(new,), cursor=Cursor()), now=NOW)
    began = time.process_time()
    kept.refresh(engine, spec)
    return {"reread_s": time.process_time() - began}


def costs_of(small: Judged, large: Judged) -> dict[str, float]:
    """Seconds and megabytes by what they grow with, from two worlds: the steps' difference by the difference in size, and what is left for a run as such."""
    commitments = large.size.commitments - small.size.commitments
    issues = large.size.issues - small.size.issues

    def each(step: str, figure: str = "cpu_s", by: float = commitments) -> float:
        return (large.of(step, figure) - small.of(step, figure)) / by

    kept_s = each("judged_after_nothing")
    projects = large.size.gitlab_projects
    commits = large.size.commits / projects * min(_REREAD, projects)
    memory = each("judged_again", "peak_mb", issues)
    return {
        "cpu_s_per_commitment_judged": each("judged_again"),
        "cpu_s_per_commitment_kept": kept_s,
        "cpu_s_per_run": max(
            0.0, small.of("judged_after_nothing", "cpu_s") - kept_s * small.size.commitments
        ),
        "cpu_s_per_commit_reread": large.of("reread", "reread_s") / commits,
        "memory_mb_per_issue": memory,
        "memory_mb_per_run": small.of("judged_again", "peak_mb") - memory * small.size.issues,
    }


def sizes_of(server: Server, folder: Path, scale: float) -> dict[str, float]:
    """``bytes_per_TABLE_DATABASE`` of a judged world: the file in ``folder``, and the same made anew on the server."""
    size = scaled(Size(), by=scale)
    found: dict[str, float] = {}
    with open_store(f"sqlite:///{folder / 'tandem.db'}") as engine:
        _name(engine)
        found |= {f"bytes_per_{name}_sqlite": each for name, each in bytes_per_row(engine).items()}
    with server.database() as url, tempfile.TemporaryDirectory() as made, open_store(url) as engine:
        mapping = Path(made) / "tandem.yaml"
        mapping.write_text(mapping_text(size), encoding="utf-8")
        spec = loaded(mapping, rule_codes=rule_codes()).spec
        begin_work()
        for step in (judging.landed, judging.judged_first, judging.judged_again):
            step(engine, spec, size)
        _name(engine)
        found |= {f"bytes_per_{name}_postgresql": each for name, each in bytes_per_row(engine).items()}
    return found


def _name(engine: database.Engine) -> None:
    """Give every issue its key among the keys, as a pull does."""
    issues = RECORD_TABLES[Issue]
    keys = select(issues.c.source, issues.c.key, issues.c.id)
    with engine.begin() as connection:
        connection.execute(insert(aliases).from_select(["source", "key", "issue_id"], keys))
