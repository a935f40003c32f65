"""What landed and what was shipped is kept in parts, which is nothing that anybody who asks sees."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select

from connectors.records import Ref
from mappings.shipments import Shipment
from sync.store.kept.arrivals import Arrived, StoredArrivals, keep_arrived
from sync.store.tables import arrived
from tests.builders import NOW, sha_of

PLACE = ("gitlab", "7")
OTHER = ("gitlab", "8")
SHAS = tuple(sha_of(f"n{number}") for number in range(60))


def shipment(number: int, *, place: tuple[str, str] = PLACE) -> Shipment:
    """A deployment, the later the higher its number."""
    return Shipment(
        ref=Ref(place[0], "deployment", str(number)),
        name="production",
        at=NOW + timedelta(hours=number),
        project_id=place[1],
        sha=SHAS[0],
    )


def what_arrived(landed: frozenset[int], shipped: dict[int, int]) -> Arrived:
    """Of the commits of these numbers; ``shipped`` says with which shipment."""
    numbers = sorted(set(shipped.values()))
    return Arrived(
        landed=frozenset(SHAS[number] for number in landed),
        shipped=tuple(
            (shipment(number), tuple(SHAS[of] for of, by in shipped.items() if by == number))
            for number in numbers
        ),
    )


def parts(connection: Connection) -> dict[str, str]:
    """What is kept, by the first digits."""
    return {row.begin: row.commits for row in connection.execute(select(arrived.c.begin, arrived.c.commits))}


NUMBERS = st.integers(0, len(SHAS) - 1)
STATES = st.builds(
    what_arrived, st.frozensets(NUMBERS), st.dictionaries(NUMBERS, st.integers(1, 4), max_size=len(SHAS))
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(states=st.lists(st.tuples(STATES, st.sampled_from([2, 7, 1000])), min_size=1, max_size=4))
def test_what_was_kept_last_is_what_is_told(engine: Engine, states: list[tuple[Arrived, int]]) -> None:
    with engine.begin() as connection:
        for what, full in states:
            keep_arrived(connection, PLACE, what, full=full)
        told = StoredArrivals(connection)
        what = states[-1][0]
        assert {sha for sha in SHAS if told.has_landed((*PLACE, sha))} == what.landed
        expected = {(*PLACE, sha): by for by, shas in what.shipped for sha in shas}
        assert told.shipped(tuple((*PLACE, sha) for sha in SHAS)) == expected
        first = {PLACE: what.shipped[0][0].at} if what.shipped else {}
        assert told.first_of((PLACE, OTHER)) == first
        connection.rollback()


def test_a_part_holds_no_more_than_a_few_and_what_stands_is_not_written_again(file_engine: Engine) -> None:
    everything = what_arrived(frozenset(range(60)), dict.fromkeys(range(60), 1))
    less = what_arrived(frozenset(range(59)), dict.fromkeys(range(60), 1))
    statements: list[str] = []
    with file_engine.begin() as connection:
        keep_arrived(connection, PLACE, everything, full=5)
        kept = parts(connection)
        changed = SHAS[59][:1]
        assert set(kept) == {sha[:1] for sha in SHAS}
        assert max(len(orjson.loads(text)[""]) for text in kept.values()) < 60 / 4
        connection.connection.dbapi_connection.set_trace_callback(statements.append)  # type: ignore[union-attr]
        keep_arrived(connection, PLACE, less, full=5)
        connection.connection.dbapi_connection.set_trace_callback(None)  # type: ignore[union-attr]
    written = [text for text in statements if text.startswith(("INSERT INTO arrived", "DELETE"))]
    assert len(written) == 1
    assert f"'{changed}'" in written[0]


def test_parts_that_nothing_is_in_any_more_are_gone(engine: Engine) -> None:
    with engine.begin() as connection:
        keep_arrived(connection, PLACE, what_arrived(frozenset(range(60)), {}), full=5)
        keep_arrived(connection, PLACE, what_arrived(frozenset([3]), {}), full=5)
        assert set(parts(connection)) == {""}
        keep_arrived(connection, PLACE, what_arrived(frozenset(), {}), full=5)
        assert parts(connection) == {}


@pytest.mark.parametrize("place", [OTHER, ("elsewhere", "7")])
def test_a_project_knows_its_own_commits_only(engine: Engine, place: tuple[str, str]) -> None:
    with engine.begin() as connection:
        keep_arrived(connection, PLACE, what_arrived(frozenset([1]), {1: 1}))
        told = StoredArrivals(connection)
        assert not told.has_landed((*place, SHAS[1]))
        assert told.shipped(((*place, SHAS[1]),)) == {}
        keep_arrived(connection, place, what_arrived(frozenset([2]), {}))
        told = StoredArrivals(connection)
        assert told.has_landed((*PLACE, SHAS[1]))
        assert not told.has_landed((*PLACE, SHAS[2]))
        assert told.has_landed((*place, SHAS[2]))
