"""Replaying: derive a recorded run again, offline, in a store of its own, and compare what comes out. No socket is opened and nothing is written to a tool."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace
from pydantic import SecretStr
from sqlalchemy import Engine

from connectors.errors import ConfigError, TandemError
from connectors.port import Verdict
from connectors.tape.tapes import PlayedTape
from mappings.load import LoadedMapping, loaded
from sync.app import App, new_run_id, rule_codes
from sync.core.plan import Plan
from sync.engine import cycle
from sync.engine.judging import Judging
from sync.engine.run import Job, Outcome, pull_only, rehearse
from sync.recordings.recording import Manifest, Recording, closing_engine, manifest_in
from sync.settings import Settings, SourceSettings


class Replay(Struct, frozen=True, kw_only=True):
    """What came of a replay. ``missing`` are requests that the recording does not hold; ``judging`` and ``plan`` are by ``mapping``, where another was given."""

    manifest: Manifest
    outcome: Outcome
    judging: Judging
    plan: Plan
    missing: tuple[str, ...]
    mapping: Path | None = None

    @property
    def unread(self) -> tuple[str, ...]:
        """The scopes that were not completely read, each with how it ended."""
        return unread_of(self.outcome.verdicts)

    @property
    def differences(self) -> tuple[str, ...]:
        """Where this replay disagrees with the one that was made along with the recording, in words; nothing where it cannot be compared."""
        if self.mapping or self.manifest.plan_basis is None:
            return ()
        found = []
        if self.plan.basis != self.manifest.plan_basis:
            found.append(f"another plan: basis {self.plan.basis}, recorded {self.manifest.plan_basis}")
        if self.unread != self.manifest.unread:
            found.append(
                f"other scopes unread: {', '.join(self.unread) or 'none'}; recorded: {', '.join(self.manifest.unread) or 'none'}"
            )
        return tuple(found)


def unread_of(verdicts: tuple[Verdict, ...]) -> tuple[str, ...]:
    """``jira/issues/IMP partial`` for each scope that was not completely read, sorted."""
    return tuple(sorted(f"{v.scope} {v.completeness}" for v in verdicts if not v.is_complete))


@contextmanager
def replayed(folder: Path, *, mapping: Path | None = None) -> Iterator[tuple[Replay, Engine]]:
    """The run in ``folder`` derived again, and the store that it led to, which is gone afterwards.

    With ``mapping`` it is read as recorded and judged by that one. Raises ConfigError for what is no recording and for an invalid mapping, else what the run
    itself raised.
    """
    manifest = manifest_in(folder)
    other = loaded(mapping, rule_codes=rule_codes()) if mapping else None
    with tempfile.TemporaryDirectory(prefix="tandem-replay-") as work:
        store = Path(work) / "store.db"
        try:
            shutil.copyfile(folder / "before.db", store)
        except OSError as error:
            raise ConfigError(
                f"{folder / 'before.db'}: cannot be read ({error.strerror}); the recording is incomplete"
            ) from error
        with closing_engine(store) as engine:
            yield replace(_run(folder, manifest, engine, other=other), mapping=mapping), engine


def _run(folder: Path, manifest: Manifest, engine: Engine, *, other: LoadedMapping | None) -> Replay:
    tape = PlayedTape(folder, began_at=manifest.started_at)
    app = App(
        settings=_settings_of(manifest),
        mapping=loaded(folder / "mapping.yaml", rule_codes=rule_codes()),
        engine=engine,
        now=lambda: tape.at,
    )
    with app.connectors(tape=tape) as connectors:
        job = Job(
            engine=engine,
            spec=app.mapping.spec,
            connectors=connectors,
            now=app.now,
            run_id=new_run_id(),
            command=f"replay of {manifest.command}",
            census_every=timedelta(hours=manifest.census_hours),
            is_full=manifest.is_full,
            writes_off=manifest.writes_off,
        )
        outcome = _derived(job, manifest)
    judging, plan = outcome.judging, outcome.plan
    if judging is None or plan is None or other is not None:
        at = manifest.judged_at or app.now()
        judging = cycle.judging_of(engine, other.spec if other else app.mapping.spec, now=at)
        plan = cycle.plan_of(engine, judging, is_off=manifest.writes_off)
    return Replay(
        manifest=manifest,
        outcome=outcome,
        judging=judging,
        plan=plan,
        missing=tuple(tape.missing),
    )


def _derived(job: Job, manifest: Manifest) -> Outcome:
    """The recorded command up to where it would write."""
    if manifest.command == "pull":
        return pull_only(job)
    vitals = {name: site.vitals for name, site in manifest.sources.items()} if manifest.judged_at else {}
    return rehearse(job, judged_at=manifest.judged_at, vitals=vitals)


def _settings_of(manifest: Manifest) -> Settings:
    """Settings made of the manifest alone: the environment of whoever replays has no part in it."""
    return Settings.model_construct(
        attempts=manifest.attempts,
        wait_budget_s=manifest.wait_budget_s,
        writes_off=manifest.writes_off,
        sources={
            name: SourceSettings(
                url=site.url,
                token=SecretStr("replayed"),
                browse_url=site.browse_url,
                graphql=site.graphql,
                token_expires_on=site.token_expires_on,
            )
            for name, site in manifest.sources.items()
        },
    )


def verified(recording: Recording) -> bool:
    """Replay a recording just made and note in its manifest what it leads to; True if that is what the run decided. Raises a TandemError, OSError."""
    if recording.outcome is None:
        raise TandemError("the run did not come to its end")
    with replayed(recording.folder) as (replay, _):
        live = recording.outcome
        is_as_live = replay.unread == unread_of(live.verdicts) and (
            live.plan is None or live.plan.basis == replay.plan.basis
        )
        recording.keep(plan_basis=replay.plan.basis, unread=replay.unread, is_as_live=is_as_live)
    return is_as_live
