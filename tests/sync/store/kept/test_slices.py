"""What is kept of a large project: its graph in pieces, and its code read some changes at a time."""

from __future__ import annotations

from collections.abc import Callable

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select

from sync.store.kept import readings as kept
from sync.store.kept.pieces import graph_now
from sync.store.kept.readings import Limits
from sync.store.tables import graphs, links
from tests.builders import branch, commit, issue, sha_of
from tests.sync.store.kept import histories
from tests.sync.store.kept.histories import SPECS, Step
from tests.sync.store.kept.kept_rows import START, come, come_in, emptied, kept_as_worked_out_whole


def test_many_small_changes_are_put_together(file_engine: Engine) -> None:
    """The graph is kept in pieces; there are never many, and together they say what one would."""
    many = [commit(f"n{number}", parent_shas=(sha_of(f"n{number - 1}"),)) for number in range(80)]
    come(file_engine, Step(records=(*START, branch("main", sha=sha_of("n0")), *many[:40])))
    kept.refreshed(file_engine, SPECS[0])
    for one in many[40:]:
        come(file_engine, Step(records=(one,)))
        kept.refreshed(file_engine, SPECS[0])
    with file_engine.connect() as connection:
        assert len(connection.execute(select(graphs.c.piece)).all()) < 40
        assert graph_now(connection, ("gitlab", "7"), ()) == {c.sha: c.parent_shas for c in many}


def test_a_full_piece_of_the_graph_is_not_written_again(file_engine: Engine) -> None:
    """However often the graph changes; what stands in it otherwise now, or is gone, is told by the pieces behind."""
    place = ("gitlab", "7")
    many = [commit(f"n{number}", parent_shas=(sha_of(f"n{number - 1}"),)) for number in range(80)]
    come(file_engine, Step(records=(*START, *many)))
    with file_engine.begin() as connection:
        graph_now(connection, place, [c.id for c in many[:30]], full=20)
    left = {c.sha: c.parent_shas for c in many[30:]}
    for one in many[:30]:
        come(file_engine, Step(gone=(one.ref,)))
        with file_engine.begin() as connection:
            graph_now(connection, place, [one.id], full=20)
    for one in many[30:]:
        with file_engine.begin() as connection:
            graph_now(connection, place, [one.id], full=20)
    with file_engine.connect() as connection:
        query = select(graphs.c.piece, graphs.c.commits).order_by(graphs.c.piece)
        pieces = connection.execute(query).all()
        assert graph_now(connection, place, (), full=20) == left
    sizes = [len(orjson.loads(row.commits)["shas"]) for row in pieces]
    assert [row.piece for row in pieces] == [*range(len(pieces))]
    assert sizes[0] == 30
    assert max(sizes[1:]) == 20
    assert sum(sizes) <= 30 + 30 + 50


def test_a_large_project_is_read_some_at_a_time_and_goes_on_where_that_broke_off(engine: Engine) -> None:
    many = [commit(f"n{number}", title=f"PAY-{number}") for number in range(1, 20)]
    back = commit("back", title='Revert "PAY-1"', message=f"This reverts commit {sha_of('n1')}.")
    come(engine, Step(records=(*START, *many, back, branch("main", sha=sha_of("n1")))))
    read = list[int]()

    def guard(connection: Connection) -> None:
        read.append(len(connection.execute(select(links.c.key)).all()))
        if len(read) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kept.refreshed(engine, SPECS[0], guard=guard, limits=Limits(largest=5))
    kept.refreshed(engine, SPECS[0], guard=guard, limits=Limits(largest=5))
    assert read == sorted(read)
    assert len(set(read)) > 4  # each transaction added some
    assert len(kept_as_worked_out_whole(engine, SPECS[0])["links"]) > 15


def test_what_is_read_before_a_commit_that_it_names_knows_of_it(file_engine: Engine) -> None:
    """Both changed at once, and come in slices of their own."""
    earlier, later = sorted(("one", "other"), key=sha_of)
    back = commit(earlier, title="Back", message=f"Back\n\nThis reverts commit {sha_of(later)}.")
    origin = commit(later, title="RISK-3: limits")
    come(file_engine, Step(records=(*START, back)))
    kept.refreshed(file_engine, SPECS[0])
    come(file_engine, Step(records=(origin, branch("main", sha=back.sha))))
    kept.refreshed(file_engine, SPECS[0], limits=Limits(largest=2))
    kept_as_worked_out_whole(file_engine, SPECS[0])


def comes_at(transaction: int, step: Step) -> Callable[[Connection], None]:
    """A guard by which a step comes in at the beginning of this transaction, counted from 1."""
    seen = list[int]()

    def guard(connection: Connection) -> None:
        seen.append(1)
        if len(seen) == transaction:
            come_in(connection, step)

    return guard


@pytest.mark.parametrize("transaction", [2, 3, 4, 5])
def test_a_repeated_commit_that_changes_while_code_is_read_is_passed_on(
    file_engine: Engine, transaction: int
) -> None:
    """Also by what was read before it changed."""
    repeats, origin = sorted(("one", "other"), key=sha_of)
    port = commit(repeats, title="Port", message=f"Port\n\n(cherry picked from commit {sha_of(origin)})")
    before, after = commit(origin, title="RISK-3: limits"), commit(origin, title="PAY-1: limits")
    come(file_engine, Step(records=(*START, branch("main", sha=port.sha), port, before)))
    guard = comes_at(transaction, Step(records=(after,)))
    kept.refreshed(file_engine, SPECS[0], guard=guard, limits=Limits(largest=1))
    kept.refreshed(file_engine, SPECS[0], limits=Limits(largest=1))
    assert str(kept_as_worked_out_whole(file_engine, SPECS[0])).count("cherry-picked from") == 1


def test_an_issue_that_goes_while_code_is_read_goes_from_what_is_read_later(file_engine: Engine) -> None:
    """Which issues there are is asked once for all projects."""
    here, there = (
        [commit(name) for name in ("one", "other")],
        commit("third", project_id="8", title="PAY-1: x"),
    )
    come(file_engine, Step(records=(*START, issue("PAY-1"), *here, there)))
    guard = comes_at(3, Step(gone=(here[0].ref, issue("PAY-1").ref)))
    kept.refreshed(file_engine, SPECS[0], guard=guard, limits=Limits(largest=1))
    kept.refreshed(file_engine, SPECS[0], limits=Limits(largest=1))
    kept_as_worked_out_whole(file_engine, SPECS[0])


@pytest.mark.filterwarnings("ignore:Generating overly large repr")  # a history that fails is cut short
@given(history=histories.histories, largest=st.sampled_from((1, 2, 5)), place=st.integers(1, 6))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_what_comes_between_two_slices_is_not_lost(
    file_engine: Engine, history: list[Step], largest: int, place: int
) -> None:
    """Every second step comes while the one before is being read, in its ``place``-th transaction, or behind it."""
    emptied(file_engine)
    for step, late in zip(history[::2], (*history[1::2], Step()), strict=False):
        come(file_engine, step)
        transactions = list[int]()

        def guard(connection: Connection, late: Step = late, seen: list[int] = transactions) -> None:
            seen.append(1)
            if len(seen) == place:
                come_in(connection, late)

        kept.refreshed(file_engine, step.spec, guard=guard, limits=Limits(most=9.0, largest=largest))
        if len(transactions) < place:
            come(file_engine, late)
        kept.refreshed(file_engine, late.spec, limits=Limits(most=9.0, largest=largest))
        kept_as_worked_out_whole(file_engine, late.spec)
