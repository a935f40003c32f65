"""What is kept judges exactly as everything read anew: after every kind of change, on both kinds of database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, func, select, update

from connectors.cursor import Cursor
from connectors.port import Completeness, Page, Scope, Verdict
from connectors.records import KeyAlias, Record, Ref
from mappings.schema import MappingSpec
from sync.core.finding import Acknowledged
from sync.core.wanted import wanted_of
from sync.engine import cycle
from sync.engine.judging import judging, judging_of, wanted_in
from sync.store import decisions, kept, progress, records
from sync.store.kept import judgements as kept_judgements
from sync.store.tables import judgements, links, marks
from tests import builders
from tests.builders import NOW, branch, commit, issue, mr, pipeline, project, release, sha_of, touch, version
from tests.record_builders import todos

SCOPE = Scope(source="jira", stream="issues", partition="PAY")
MILESTONES = [
    {
        "key": "two",
        "title": "Two",
        "technical_owner": "Li Wei",
        "scope": {"project": "PAY", "fix_version": "2.0"},
    },
    {"key": "epic", "title": "Epic", "scope": {"epic": "PAY-50"}},
    {"key": "core", "title": "Core", "scope": {"path": {"project": "acme/pay", "prefix": "src/core"}}},
    {
        "key": "slotless",
        "title": "Slotless",
        "scope": {"all": [{"project": "RISK"}, {"not": {"label": "spike"}}]},
    },
]
SPEC = builders.spec(milestones=MILESTONES, debt=[{"from": "jira", "label": ["tech-debt"]}])
DONE = {"status": "Done", "resolved_at": NOW - timedelta(days=4)}


def land(engine: Engine, *given: Record, gone: Iterable[Ref] = (), aliases: Iterable[KeyAlias] = ()) -> None:
    """A page, with the alias of each issue's key as the connector gives it."""
    own = [KeyAlias(source=r.source, key=r.key, issue_id=r.id) for r in given if r.kind == "issue"]
    page = Page(records=given, cursor=Cursor(), gone=tuple(gone), aliases=(*own, *aliases))
    with engine.begin() as connection:
        records.land(connection, SCOPE, page, now=NOW)


def check(engine: Engine, spec: MappingSpec = SPEC) -> tuple[str, ...]:
    """Refresh, and hold what is kept against everything read anew. Returns the rules that found something."""
    kept.refresh(engine, spec)
    whole = judging_of(engine, spec, now=NOW)
    with judging(engine, spec, now=NOW) as found, engine.connect() as connection:
        assert kept.is_fresh(connection, spec)
        assert found.judgement == whole.judgement
        assert found.judged == whole.judged
        assert found.unknown == whole.unknown
        assert found.world.commitments == whole.world.commitments
    assert wanted_in(engine, spec, now=NOW, is_full=True) == wanted_of(whole.world)
    return tuple(sorted({f.rule for f in whole.judgement.findings}))


def company() -> tuple[Record, ...]:
    """Two projects with a line of work each, a merge with a red pipeline, an epic with a child and its sub-task, a debt and a release."""
    merge = mr(
        1,
        title="PAY-1 retry",
        state="merged",
        merged_at=NOW - timedelta(days=3),
        merge_commit_sha=sha_of("merge"),
        sha=sha_of("a"),
    )
    return (
        project(),
        project("8", path="acme/risk"),
        version("2.0"),
        issue("PAY-1", fix_version_ids=(version("2.0").id,), **DONE),
        issue("PAY-2", fix_version_ids=(version("2.0").id,), status="In Progress"),
        issue("PAY-50", type="Epic"),
        issue("PAY-51", epic_key="PAY-50"),
        issue("PAY-52", parent_key="PAY-51", is_subtask=True),
        issue("PAY-60", labels=("tech-debt",)),
        issue("RISK-1", **DONE),
        commit("root"),
        commit("a", title="PAY-1: retry", message="PAY-1: retry", parent_shas=(sha_of("root"),)),
        commit("merge", message="Merge branch 'x'", parent_shas=(sha_of("root"), sha_of("a"))),
        commit("r", message="RISK-1 limits", project_id="8"),
        branch("main", sha=sha_of("merge"), is_default=True),
        branch("main", sha=sha_of("r"), is_default=True, project_id="8"),
        branch("feature/PAY-2-x", sha=sha_of("a")),
        merge,
        mr(2, title="nothing named", source_branch="cleanup"),
        mr(3, title="RISK-1", project_id="8", state="opened"),
        pipeline(1, status="failed", at=NOW - timedelta(days=2)),
        touch("a", prefix="src/core"),
        release("v1", sha=sha_of("merge")),
    )


CHANGES: tuple[tuple[str, Sequence[Record], dict[str, Any]], ...] = (
    ("an issue changes", (issue("PAY-2", **DONE),), {}),
    ("an issue leaves its milestone", (issue("PAY-2", status="In Progress"),), {}),
    ("an issue is new", (issue("PAY-3", fix_version_ids=(version("2.0").id,)),), {}),
    ("an issue is gone", (), {"gone": [issue("PAY-1").ref]}),
    ("an issue moves", (replace(issue("RISK-1", **DONE), key="PAY-77", project_key="PAY"),), {}),
    ("a child changes its epic", (issue("PAY-51", epic_key="PAY-60"),), {}),
    ("an epic is gone", (), {"gone": [issue("PAY-50").ref]}),
    ("a debt loses its label", (issue("PAY-60"),), {}),
    ("a merge request is new", (mr(4, title="PAY-2 more"),), {}),
    ("a merge request names another issue", (mr(3, title="RISK-9", project_id="8", state="opened"),), {}),
    ("a merge request is gone", (), {"gone": [mr(3, project_id="8").ref]}),
    (
        "a commit is new",
        (
            commit("b", message="PAY-2 second", parent_shas=(sha_of("merge"),)),
            branch("main", sha=sha_of("b"), is_default=True),
        ),
        {},
    ),
    (
        "a commit takes another back",
        (
            commit(
                "c",
                message=f'Revert "x"\n\nThis reverts commit {sha_of("merge")}.',
                parent_shas=(sha_of("merge"),),
            ),
            branch("main", sha=sha_of("c"), is_default=True),
        ),
        {},
    ),
    ("the default branch is cut back", (branch("main", sha=sha_of("root"), is_default=True),), {}),
    ("a branch is gone", (), {"gone": [branch("feature/PAY-2-x").ref]}),
    ("a version is renamed", (replace(version("2.0"), name="2.1"),), {}),
    ("a project moves", (project("8", path="acme/other/risk"),), {}),
    ("work touches a path", (touch("b", prefix="src/core"),), {}),
    ("a pipeline is green", (pipeline(2, status="success", at=NOW - timedelta(days=1)),), {}),
)


def settled(engine: Engine, spec: MappingSpec = SPEC) -> None:
    """Judge as runs do, until all that was judged is kept: what is new to a finding's life is judged once more."""
    for _ in range(2):
        kept.refresh(engine, spec)
        with judging(engine, spec, now=NOW) as found:
            cycle.remember(engine, found)
    assert anew(engine, spec) == set()


def anew(engine: Engine, spec: MappingSpec = SPEC, *, now: datetime = NOW) -> set[str]:
    """The keys of what is judged anew."""
    kept.refresh(engine, spec)
    with judging(engine, spec, now=now) as found:
        return {one.key for one in found.fresh}


@pytest.mark.parametrize(("change", "more"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES])
def test_after_a_change_what_is_kept_judges_as_everything_read_anew(
    engine: Engine, change: Sequence[Record], more: dict[str, Any]
) -> None:
    land(engine, *company())
    settled(engine)
    assert check(engine)
    land(engine, *change, **more)
    check(engine)
    assert "*" in anew(engine)
    settled(engine)
    check(engine)


def test_nothing_more_is_wanted_of_what_is_not_judged_anew_until_it_is(engine: Engine) -> None:
    merged = mr(9, title="PAY-2 more", state="merged", merged_at=NOW - timedelta(days=2), comment_count=1)
    land(engine, *company(), merged)
    kept.refresh(engine, SPEC)
    wanted = wanted_in(engine, SPEC, now=NOW)
    assert merged in wanted["notes"]
    settled(engine)
    assert not any(wanted_in(engine, SPEC, now=NOW)[name] for name in ("jobs", "notes", "approvals"))
    land(engine, issue("PAY-2", fix_version_ids=(version("2.0").id,), title="Another"))
    kept.refresh(engine, SPEC)
    assert merged in wanted_in(engine, SPEC, now=NOW)["notes"]


def test_what_could_not_be_asked_is_wanted_again(engine: Engine) -> None:
    merged = mr(9, title="PAY-2 more", state="merged", merged_at=NOW - timedelta(days=2), comment_count=1)
    land(engine, *company(), merged)
    unread = Scope(source="gitlab", stream="notes", partition="7")
    verdict = Verdict(scope=unread, completeness=Completeness.PARTIAL, at=NOW, reason="hung up")
    with engine.begin() as connection:
        progress.keep_verdict(connection, verdict)
    settled(engine)
    assert merged in wanted_in(engine, SPEC, now=NOW)["notes"]


def test_only_what_a_change_can_matter_to_is_judged_anew(engine: Engine) -> None:
    land(engine, *company())
    settled(engine)
    land(engine, issue("PAY-2", **DONE))
    assert anew(engine) == {"*", "two"}
    settled(engine)
    land(engine, issue("PAY-52", parent_key="PAY-51", is_subtask=True, status="In Progress"))
    assert anew(engine) == {"*", "epic"}
    settled(engine)
    land(engine, replace(project("8", path="acme/risk"), last_activity_at=NOW))
    assert anew(engine) == {"*", "slotless"}


def test_a_todo_in_another_project_is_heard_by_the_debt_that_it_names(engine: Engine) -> None:
    repaid = issue("PAY-60", labels=("tech-debt",), **DONE)
    land(engine, *company(), repaid)
    settled(engine)
    land(engine, *todos("src/limits.py", "# TODO(PAY-60): drop the old limits\n", project_id="8"))
    assert {"*", "debt-pay-60"} <= anew(engine)
    assert "D03" in check(engine)


def test_what_is_kept_is_judged_anew_when_its_time_is_over(engine: Engine) -> None:
    land(engine, *company())
    settled(engine)
    assert anew(engine, now=NOW + timedelta(minutes=59)) == set()
    assert anew(engine, now=NOW + timedelta(hours=1)) >= {"*", "two", "epic"}
    assert anew(engine, now=NOW - timedelta(minutes=1)) >= {"*", "two", "epic"}


def test_a_drift_counts_when_its_grace_is_over_and_not_an_hour_later(engine: Engine) -> None:
    spec = builders.spec(milestones=MILESTONES, drift={"S01": {"grace_hours": 24 * 4 + 0.5}})
    land(engine, *company(), issue("PAY-4", resolved_at=NOW - timedelta(days=4), status="In Progress"))
    settled(engine, spec)
    later = NOW + timedelta(minutes=31)
    with judging(engine, spec, now=later) as found:
        assert found.judgement.findings == judging_of(engine, spec, now=later).judgement.findings


def test_a_decision_and_an_unread_scope_have_all_judged_anew(engine: Engine) -> None:
    land(engine, *company())
    settled(engine)
    unread = Verdict(scope=SCOPE, completeness=Completeness.PARTIAL, at=NOW, reason="hung up")
    with engine.begin() as connection:
        progress.keep_verdict(connection, unread)
    check(engine)
    settled_again = replace(unread, completeness=Completeness.COMPLETE, reason="")
    with engine.begin() as connection:
        progress.keep_verdict(connection, settled_again)
    settled(engine)
    with judging(engine, SPEC, now=NOW) as found:
        one = found.judgement.findings[0]
    given = Acknowledged(fingerprint=one.fingerprint, owner="Li Wei", severity=one.severity, at=NOW)
    with engine.begin() as connection:
        decisions.acknowledge(connection, given, about="PAY-1")
    assert anew(engine) >= {"*", "two"}
    check(engine)


def test_for_how_long_judgements_are_good_is_told_without_what_was_judged(engine: Engine) -> None:
    land(engine, *company())
    settled(engine)
    with engine.connect() as connection:
        whole, told = kept_judgements.usable(connection), kept_judgements.validities(connection)
    assert whole.keys() == told.keys() != set()
    assert all(
        (told[key].basis, told[key].judged_at, told[key].good_until)
        == (one.basis, one.judged_at, one.good_until)
        for key, one in whole.items()
    )


@pytest.mark.parametrize("text", ['{"key": "two"}', "", "{key: two}", "null"])
def test_what_another_version_kept_in_another_form_is_judged_anew(engine: Engine, text: str) -> None:
    land(engine, *company())
    settled(engine)
    with engine.begin() as connection:
        connection.execute(update(judgements).values(judgement=text))
    assert anew(engine) >= {"*", "two", "epic"}
    land(engine, pipeline(2, status="success", at=NOW - timedelta(days=1)))
    check(engine)


def test_a_run_that_was_overtaken_keeps_nothing_that_is_no_more_true(engine: Engine) -> None:
    land(engine, *company())
    kept.refresh(engine, SPEC)
    with judging(engine, SPEC, now=NOW) as found:
        land(engine, issue("PAY-2", **DONE))
        cycle.remember(engine, found)
    check(engine)


def test_all_changes_one_after_the_other_and_back_again(engine: Engine) -> None:
    land(engine, *company())
    for _, change, more in CHANGES:
        land(engine, *change, **more)
        check(engine)
    land(engine, *company())
    check(engine)


def test_a_lower_case_branch_counts_once_its_issue_is_known_and_no_more_when_it_is_gone(
    engine: Engine,
) -> None:
    land(engine, *company(), branch("feature/pay-9-lower", sha=sha_of("a")))
    check(engine)
    assert names(engine, "PAY-9") == 0
    land(engine, issue("PAY-9", fix_version_ids=(version("2.0").id,)))
    check(engine)
    assert names(engine, "PAY-9") == 1
    land(engine, gone=[issue("PAY-9").ref])
    check(engine)
    assert names(engine, "PAY-9") == 0


def test_a_former_key_in_lower_case_counts_no_more_when_its_issue_is_gone(engine: Engine) -> None:
    moved = replace(issue("RISK-1", **DONE), key="PAY-77", project_key="PAY")
    land(engine, *company(), branch("feature/risk-1-lower", sha=sha_of("a")))
    land(engine, moved)
    check(engine)
    assert names(engine, "RISK-1", change="7/feature/risk-1-lower") == 1
    land(engine, gone=[moved.ref])
    check(engine)
    assert names(engine, "RISK-1", change="7/feature/risk-1-lower") == 0


def test_a_cherry_pick_says_what_its_origin_says_once_that_is_read(engine: Engine) -> None:
    picked = f"backport\n\n(cherry picked from commit {sha_of('origin')})"
    land(engine, *company(), commit("pick", message=picked))
    check(engine)
    land(engine, commit("origin", message="RISK-1: limits", project_id="8"))
    check(engine)
    assert names(engine, "RISK-1", change=commit("pick").id) == 1


def test_a_revert_of_another_projects_merge_request_stands(engine: Engine) -> None:
    merged = mr(9, title="RISK-1 done", project_id="8", state="merged", merged_at=NOW - timedelta(days=5))
    back = "take back\n\nThis reverts merge request acme/risk!9"
    land(
        engine,
        *company(),
        merged,
        commit("back", message=back),
        branch("main", sha=sha_of("back"), is_default=True),
    )
    check(engine)
    with judging(engine, SPEC, now=NOW) as found:
        assert [r.of for r in found.world.code.reverts] == [merged.ref]


def test_another_mapping_is_worked_out_anew_without_writing_by_those_who_only_read(engine: Engine) -> None:
    land(engine, *company())
    check(engine)
    other = builders.spec(
        milestones=[{"key": "all", "title": "All", "scope": {"project": "PAY"}}],
        links={"ignore_branches": ["feature/*"]},
    )
    with judging(engine, other, now=NOW) as found, engine.connect() as connection:
        assert not kept.is_fresh(connection, other)
        assert found.judged == judging_of(engine, other, now=NOW).judged
    check(engine, other)


def test_nothing_is_rewritten_where_nothing_changed(engine: Engine) -> None:
    land(engine, *company())
    check(engine)
    land(engine, *company())
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(marks)).scalar() == 1
        assert kept.is_fresh(connection, SPEC)


def test_where_nothing_changed_no_transaction_is_begun_that_writes(engine: Engine) -> None:
    land(engine, *company())
    settled(engine)
    begun: list[object] = []
    kept.refresh(engine, SPEC, guard=begun.append)
    assert begun == []
    land(engine, mr(4, title="PAY-2 more"))
    kept.refresh(engine, SPEC, guard=begun.append)
    assert begun != []


def test_a_crash_between_landing_and_reading_forgets_nothing(engine: Engine) -> None:
    land(engine, *company())
    check(engine)
    land(engine, mr(4, title="PAY-2 more"))

    def crash(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kept.refresh(engine, SPEC, guard=crash)
    with engine.connect() as connection:
        assert not kept.is_fresh(connection, SPEC)
    check(engine)
    assert names(engine, "PAY-2", change=mr(4).id) == 1


def names(engine: Engine, key: str, *, change: str | None = None) -> int:
    """How many links there are to a key, of one change where it is named."""
    query = select(func.count()).select_from(links).where(links.c.key == key)
    if change:
        query = query.where(links.c.change_id == change)
    with engine.connect() as connection:
        return connection.execute(query).scalar_one()
