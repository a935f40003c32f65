"""The life of a finding in the store: found, cleared, back again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from alembic import command
from sqlalchemy import Engine

from sync.core.condition import Sighting
from sync.store import database, sightings

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def see(engine: Engine, hours: int, *found: str, waiting: tuple[str, ...] = ()) -> dict[str, Sighting]:
    """What is kept after one look, so many hours from NOW."""

    def named(fingerprints: tuple[str, ...]) -> list[SimpleNamespace]:
        return [SimpleNamespace(fingerprint=f, rule="S01", commitment_key="k") for f in fingerprints]

    with engine.begin() as connection:
        sightings.see(
            connection,
            named(found),  # type: ignore[arg-type]
            waiting=named(waiting),  # type: ignore[arg-type]
            unjudged=frozenset(),
            now=NOW + hours * HOUR,
        )
        return {s.fingerprint: s for s in sightings.all_sightings(connection)}


def test_a_drift_counts_from_when_it_is_past_its_grace(engine: Engine) -> None:
    assert see(engine, 0, waiting=("f",))["f"].found_at is None
    kept = see(engine, 2, "f")["f"]
    assert (kept.first_seen_at, kept.found_at) == (NOW, NOW + 2 * HOUR)
    assert see(engine, 3, "f")["f"].found_at == NOW + 2 * HOUR


def test_a_cleared_finding_is_kept_with_when_and_was_told_only_if_it_counted(engine: Engine) -> None:
    see(engine, 0, "f", waiting=("w",))
    kept = see(engine, 1)
    assert {k: (s.cleared_at, s.was_told) for k, s in kept.items()} == {
        "f": (NOW + HOUR, True),
        "w": (NOW + HOUR, False),
    }
    assert see(engine, 2)["f"].cleared_at == NOW + HOUR


def test_each_return_of_what_counted_is_kept_and_of_what_waited_is_not(engine: Engine) -> None:
    see(engine, 0, "f", waiting=("w",))
    see(engine, 1)
    see(engine, 2, "f", "w")
    see(engine, 3)
    kept = see(engine, 4, waiting=("f",))
    assert kept["f"].returned_at == (NOW + 2 * HOUR, NOW + 4 * HOUR)
    assert (kept["f"].found_at, kept["f"].cleared_at) == (None, None)
    assert kept["w"].returned_at == ()


def test_the_same_look_twice_leaves_the_same_store(engine: Engine) -> None:
    see(engine, 0, "f")
    see(engine, 1)
    assert see(engine, 2, "f") == see(engine, 2, "f")


def test_an_upgrade_makes_no_old_finding_new(tmp_path) -> None:
    engine = database.opened(f"sqlite:///{tmp_path / 'old.db'}")
    database.upgrade(engine)
    see(engine, 0, "f")
    command.downgrade(database._config(engine), "0002")
    database.upgrade(engine)
    with engine.connect() as connection:
        (kept,) = sightings.all_sightings(connection)
    assert (kept.found_at, kept.returned_at) == (NOW, ())
    assert database.differences(engine) == []
    engine.dispose()
