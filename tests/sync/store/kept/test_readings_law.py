"""The reading that is kept up in parts is the one that is worked out whole, after whatever changes."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import Engine, delete, select

from sync.store.kept import readings as kept
from sync.store.kept.readings import LIMITS, Limits
from sync.store.kept.slices import LARGEST
from sync.store.tables import links, reverts
from tests.builders import NOW, branch, commit, mr, project, sha_of
from tests.sync.store.kept import histories
from tests.sync.store.kept.histories import SPECS, Step
from tests.sync.store.kept.kept_rows import START, come, emptied, kept_as_worked_out_whole


def test_the_law_is_about_parts(engine: Engine) -> None:
    """A change of one commit among many is read in part: what stands wrong in the rest of the project stays."""
    many = [commit(f"n{number}", title=f"PAY-{number}") for number in range(1, 20)]
    come(engine, Step(records=(*START, *many, branch("main", sha=sha_of("n1")))))
    kept.refreshed(engine, SPECS[0])
    with engine.begin() as connection:
        connection.execute(delete(links).where(links.c.key == "PAY-7"))
    come(engine, Step(records=(commit("new", title="PAY-99"),)))
    kept.refreshed(engine, SPECS[0])
    with engine.connect() as connection:
        found = set(connection.execute(select(links.c.key)).scalars())
    assert "PAY-99" in found
    assert "PAY-7" not in found


def test_what_names_a_merge_request_of_another_project_hears_of_it(file_engine: Engine) -> None:
    """Of its being merged, of its project's other path, and of its end."""
    theirs = mr(81, reference="!1", project_id="8")
    back = commit("back", title="Back", message="Back\n\nThis reverts merge request acme/risk!1")
    come(file_engine, Step(records=(*START, theirs, back, branch("main", sha=back.sha))))
    merged = replace(theirs, state="merged", merged_at=NOW)
    steps = (
        (Step(), 0),
        (Step(records=(merged,)), 1),
        (Step(records=(project("8", path="acme/other"),)), 0),
        (Step(records=(project("8", path="acme/risk"),)), 1),
        (Step(gone=(merged.ref,)), 0),
        (Step(records=(merged,)), 1),
        (Step(deleted=("8",)), 0),
    )
    for step, count in steps:
        come(file_engine, step)
        kept.refreshed(file_engine, SPECS[0], limits=Limits(most=9.0))
        with file_engine.connect() as connection:
            assert len(connection.execute(select(reverts)).all()) == count


def test_a_commit_that_comes_with_a_project_of_its_own_is_heard_by_what_repeats_it(
    file_engine: Engine,
) -> None:
    """Of a project that was never read there are no marks of single changes."""
    pick = commit("pick", title="Port", message=f"Port\n\n(cherry picked from commit {sha_of('origin')})")
    come(file_engine, Step(records=(*START, pick)))
    kept.refreshed(file_engine, SPECS[0], limits=Limits(most=9.0))
    origin = commit("origin", title="RISK-3: limits", project_id="9")
    come(file_engine, Step(records=(project("9", path="acme/new"), origin)))
    kept.refreshed(file_engine, SPECS[0], limits=Limits(most=9.0))
    with file_engine.connect() as connection:
        found = connection.execute(select(links.c.change_id).where(links.c.key == "RISK-3")).scalars()
        assert set(found) == {pick.id, origin.id}


@pytest.mark.filterwarnings("ignore:Generating overly large repr")  # a history that fails is cut short
@given(
    history=histories.histories,
    largest=st.sampled_from((2, 5, LARGEST)),
    issues=st.sampled_from((0, LIMITS.issues)),
)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_what_is_kept_up_in_parts_is_what_is_worked_out_whole(
    engine: Engine, history: list[Step], largest: int, issues: int
) -> None:
    emptied(engine)
    for step in history:
        come(engine, step)
        kept.refreshed(engine, step.spec, limits=Limits(most=9.0, largest=largest, issues=issues))
        kept_as_worked_out_whole(engine, step.spec)
