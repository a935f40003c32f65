"""Recording: a folder from which a run can be derived again, offline, without secrets and e-mail addresses."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import Engine

from connectors.errors import ConfigError, TandemError
from connectors.port import Vitals
from connectors.tape.redaction import Redaction
from connectors.tape.tapes import RecordingTape
from sync.app import App
from sync.engine.run import Outcome
from sync.recordings.readme import README
from sync.store import database
from sync.store.condition import condition_in
from sync.store.copy import copied
from sync.store.records import digest_of_row
from sync.store.tables import metadata
from sync.version import version

FORMAT = 1
"""Version of the folder's layout, the first field of its manifest."""


class RecordedSite(BaseModel):
    """One source as it was recorded: addresses and what it told of clock and token, but no token. Runs before ``graphql`` was a setting asked nothing that way."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    product: str
    url: str
    browse_url: str | None
    graphql: bool = False
    skew_s: float | None = None
    token_expires_on: date | None = None

    @property
    def vitals(self) -> Vitals:
        """Clock and token as the run saw them."""
        return Vitals(skew_s=self.skew_s, token_expires_on=self.token_expires_on)


class Manifest(BaseModel):
    """What a recording says of itself.

    ``judged_at`` is None for a run that was killed or failed, ``error`` why it failed. ``plan_basis`` and ``unread`` are what the recording led to when it was
    replayed at once, by the Tandem that made it; ``is_as_live`` whether that is what the run itself decided.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    tandem: str
    run_id: str | None = None
    command: str
    is_full: bool
    writes_off: bool
    census_hours: float
    attempts: int
    wait_budget_s: float
    started_at: datetime
    judged_at: datetime | None = None
    error: str | None = None
    sources: dict[str, RecordedSite]
    redaction: str = "tokens and e-mail addresses; names of people and texts stay"
    exchanges: int = 0
    rows: dict[str, int]
    plan_basis: str | None = None
    is_as_live: bool | None = None
    unread: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Recording:
    """A recording under way. ``manifest`` is what is known so far; ``trouble`` why nothing more is kept."""

    folder: Path
    redaction: Redaction
    tape: RecordingTape
    manifest: Manifest
    outcome: Outcome | None = field(default=None)

    def keep(self, **news: Any) -> None:  # noqa: ANN401  # fields of the manifest
        """Write the manifest with the ``news``. Raises OSError."""
        self.manifest = self.manifest.model_copy(update=news)
        (self.folder / "manifest.json").write_text(
            self.manifest.model_dump_json(indent=2) + "\n", encoding="utf-8"
        )

    @property
    def trouble(self) -> str | None:
        """Why the recording is incomplete, None where it is whole."""
        return self.tape.trouble


@contextmanager
def recorded(app: App, folder: Path, *, command: str, is_full: bool) -> Iterator[Recording]:
    """A recording of the run inside, begun before anything is contacted. The run ends as it would without it.

    Raises ConfigError for a folder that is not empty or a token too short to be removed, TandemError where it cannot be written.
    """
    names = [name for _, sources in app.mapping.spec.sources for name in (source.name for source in sources)]
    redaction = Redaction(
        secrets=frozenset(app.settings.site(name).token for name in names),
        users=frozenset(user for name in names if (user := app.settings.site(name).user)),
        salt=secrets.token_bytes(32),
    )
    try:
        recording = _begun(app, folder, redaction, command=command, is_full=is_full)
    except OSError as error:
        raise TandemError(f"{folder}: the recording could not be begun ({error.strerror})") from error
    try:
        yield recording
    except BaseException as error:
        with suppress(OSError):
            reason = str(error) or type(error).__name__
            recording.keep(error=redaction.text(reason), exchanges=recording.tape.count)
        raise
    _end(app, recording)


def _begun(app: App, folder: Path, redaction: Redaction, *, command: str, is_full: bool) -> Recording:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ConfigError(f"{folder}: is not empty; a recording needs a folder of its own")
    folder.chmod(0o700)
    (folder / "README.txt").write_text(README, encoding="utf-8")
    mapping = app.settings.mapping.read_bytes().decode("utf-8-sig")
    (folder / "mapping.yaml").write_text(redaction.text(mapping), encoding="utf-8")
    settings = app.settings
    sites = {
        source.name: RecordedSite(
            product=kind,
            url=redaction.text(settings.sources[source.name].url),
            browse_url=redaction.text(settings.sources[source.name].browse_url or "") or None,
            graphql=settings.sources[source.name].graphql,
            token_expires_on=settings.sources[source.name].token_expires_on,
        )
        for kind, sources in app.mapping.spec.sources
        for source in sources
    }
    manifest = Manifest(
        tandem=version(),
        command=command,
        is_full=is_full,
        writes_off=settings.writes_off,
        census_hours=settings.census_hours,
        attempts=settings.attempts,
        wait_budget_s=settings.wait_budget_s,
        started_at=app.now(),
        sources=sites,
        rows=copy_redacted(app.engine, folder / "before.db", redaction),
    )
    tape = RecordingTape(folder, redaction, now=app.now)
    recording = Recording(folder=folder, redaction=redaction, tape=tape, manifest=manifest)
    recording.keep()
    return recording


def copy_redacted(source: Engine, file: Path, redaction: Redaction) -> dict[str, int]:
    """Copy the store into a new SQLite file, each row redacted and its digest made anew; returns rows by table."""

    def change(table_name: str, row: dict[str, Any]) -> dict[str, Any]:
        changed: dict[str, Any] = redaction.value(row)
        if "digest" not in row or (changed == row and table_name != "audit"):
            return changed
        table = metadata.tables[table_name]
        if table_name.endswith("_records"):
            return changed | {"digest": digest_of_row(table, [changed[c.name] for c in table.columns])}  # type: ignore[arg-type]
        return changed | {
            "digest": redaction.digest(row["digest"])
        }  # over a body with an address: a guess could be tested

    with closing_engine(file) as target:
        return dict(copied(source, target, change=change))


@contextmanager
def closing_engine(file: Path) -> Iterator[Engine]:
    """The engine of an upgraded SQLite file, closed at the end so that nothing stays outside the file."""
    engine = database.opened(f"sqlite:///{file}")
    try:
        database.upgrade(engine)
        yield engine
    finally:
        engine.dispose()


def _end(app: App, recording: Recording) -> None:
    """Note how the run ended."""
    outcome = recording.outcome
    if outcome is None:
        return
    with app.engine.connect() as connection:
        seen = {site.source: site for site in condition_in(connection).sites}
    sites = {
        name: site.model_copy(
            update={"skew_s": seen[name].skew_s, "token_expires_on": seen[name].token_expires_on}
        )
        if name in seen
        else site
        for name, site in recording.manifest.sources.items()
    }
    judged_at = outcome.judging.world.now if outcome.judging else outcome.run.finished_at
    try:
        recording.keep(
            run_id=outcome.run.id,
            started_at=outcome.run.started_at,
            judged_at=judged_at,
            sources=sites,
            exchanges=recording.tape.count,
            error=recording.trouble,
        )
    except OSError as error:
        recording.tape.trouble = f"{recording.folder}: {error.strerror}"


def manifest_in(folder: Path) -> Manifest:
    """The manifest of a recording. Raises ConfigError where there is none, or one of another format."""
    file = folder / "manifest.json"
    try:
        manifest = Manifest.model_validate_json(file.read_bytes())
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read ({error.strerror}); is {folder} a recording?") from error
    except ValidationError as error:
        raise ConfigError(
            f"{file}: is no manifest that this Tandem knows ({error.error_count()} problems)"
        ) from error
    if manifest.format != FORMAT:
        raise ConfigError(f"{file}: has format {manifest.format}, this Tandem reads {FORMAT}")
    return manifest
