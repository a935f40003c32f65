from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from connectors.records import FieldChange, PathTouch, Project
from mappings.graph import carried_commits
from mappings.likely.keyless import faces_of, keyless_changes
from mappings.likely.ranking import Ranking
from mappings.likely.suggestions import Bounds, suggestions_of
from mappings.likely.times import Life, fit_of
from mappings.links import links_of
from mappings.observed import Observed
from mappings.schema import MappingSpec, Vocabulary
from tests.mappings.link_builders import START, at, branch, commit, issue, observed, request, spec

pytestmark = pytest.mark.pure

DAY = timedelta(days=1)
PATH = Project(source="gitlab", id="1", path="pay/core", name="core", url="")


def people(*persons: dict[str, str]) -> MappingSpec:
    return MappingSpec.model_validate(
        {"version": 1, "sources": {"jira": [{"projects": ["PAY", "RISK"]}]}, "people": persons}
    )


def names(*records, mapping: MappingSpec | None = None) -> list[str]:
    view = observed(PATH, *records)
    chosen = mapping or spec()
    changes = keyless_changes(chosen, view, links_of(chosen, view), carried_commits(view))
    return [change.name for change in changes]


def best(*records, mapping: MappingSpec | None = None) -> list[tuple[str, tuple[str, ...]]]:
    """Keys with the codes of their reasons for the one change without a key."""
    found = suggestions_of(mapping or spec(), observed(*records), Bounds(least=0.0))
    assert len(found.found) <= 1
    return [(x.issue.key, tuple(r.why.value for r in x.reasons)) for s in found.found for x in s.issues]


def test_changes_without_a_key_are_told_newest_first():
    records = (commit("a" * 40, minute=1), commit("b" * 40, minute=3), request(1, merged=2))
    assert names(*records) == [f"pay/core@{'b' * 12}", "pay/core!1", f"pay/core@{'a' * 12}"]


@pytest.mark.parametrize(
    "record",
    [
        commit("a", message="PAY-1 x"),
        commit("a", message="see PAY-1"),
        commit("a", "b c", message="land"),
        commit("a", is_reachable=False),
        commit("a", author_name="Robot"),
        commit("a", author_email="robot@example.org"),
        request(1, "PAY-1"),
        request(1, source_branch="pay-1/x", title="PAY-1"),
        request(1, state="closed"),
        request(1, is_author_bot=True),
        request(1, author_id="robot"),
        request(1, source_branch="renovate/x"),
    ],
)
def test_what_names_an_issue_or_is_no_work_of_people_is_not_asked_about(record):
    mapping = spec().model_copy(update={"vocabulary": Vocabulary(bots=frozenset({"robot"}))})
    assert names(record, mapping=mapping) == []


def test_commits_that_a_merge_request_brought_are_its_own():
    records = (
        commit("a"),
        commit("b", "a"),
        commit("m", "a b", message="Merge branch 'x' into 'main'"),
        branch("main", "m"),
        request(1, "PAY-1", merged=3, sha="b", merge_commit_sha="m"),
    )
    assert names(*records) == ["pay/core@a"]
    assert names(*records[:-1], replace(records[-1], title="work")) == ["pay/core!1", "pay/core@a"]


def test_words_of_title_branch_and_commits_find_the_issue():
    known = (issue("PAY-1", title="Retry the gateway"), issue("PAY-2", title="Colour of buttons"))
    assert best(*known, request(1, "gateway retries"))[0][0] == "PAY-1"
    assert best(*known, request(1, source_branch="buttonColour"))[0] == ("PAY-2", ("words", "branch"))
    graph = (commit("a", message="PAY-2 x"), commit("b", "a", message="gateway retry"), branch("main", "a"))
    assert best(*known, *graph, request(1, sha="b"))[0][0] == "PAY-1"


def test_chinese_words_find_the_issue():
    known = (issue("PAY-1", title="支付网关重试"), issue("PAY-2", title="登录按钮颜色"))
    assert best(*known, request(1, "网关超时后重试"))[0][0] == "PAY-1"


def test_of_two_alike_the_one_of_the_author_comes_first():
    known = (issue("PAY-1", title="gateway"), issue("PAY-2", title="gateway", assignee_id="712020:ab"))
    mapping = people({"name": "Li Wei", "jira": "712020:ab", "gitlab": "liwei"})
    for change in (
        request(1, "gateway", author_id="liwei"),
        commit("a", message="gateway", author_name="Li  wei"),
        commit("a", message="gateway", author_email="liwei@example.org"),
    ):
        assert best(*known, change, mapping=mapping)[0] == ("PAY-2", ("words", "assignee"))
        assert best(*known, change)[0] == ("PAY-1", ("words",))


def test_without_people_the_same_name_or_account_in_both_tools_is_one_person():
    known = (issue("PAY-1", title="gateway"), issue("PAY-2", title="gateway", assignee_name="Zhang Min"))
    assert best(*known, commit("a", message="gateway", author_name="zhang min"))[0][0] == "PAY-2"
    named = (issue("PAY-1", title="gateway"), issue("PAY-2", title="gateway", reporter_id="zmin"))
    assert best(*named, request(1, "gateway", author_id="zmin"))[0] == ("PAY-2", ("words", "reporter"))


def test_an_issue_of_the_author_is_found_without_a_shared_word():
    mine = issue("PAY-1", title="login", assignee_name="Zhang Min", resolved_at=at(60))
    change = commit("a", message="tidy the kitchen", author_name="Zhang Min", minute=30)
    assert best(mine, change) == [("PAY-1", ("assignee", "resolved"))]
    assert best(issue("PAY-2", title="login", resolved_at=at(60)), change) == []


def test_of_two_alike_the_one_that_was_resolved_then_comes_first():
    known = (
        issue("PAY-1", title="gateway", resolved_at=START + 90 * DAY),
        issue("PAY-2", title="gateway", resolved_at=START + DAY),
    )
    assert best(*known, commit("a", message="gateway", minute=30))[0] == ("PAY-2", ("words", "resolved"))


def test_of_two_alike_the_one_that_work_has_begun_on_comes_first():
    begun = FieldChange(
        source="jira", id="1.0", issue_id="PAY-2", at=at(1), field="status", to_text="In Progress"
    )
    known = (issue("PAY-1", title="gateway"), issue("PAY-2", title="gateway"), begun)
    assert best(*known, commit("a", message="gateway", minute=9))[0] == ("PAY-2", ("words", "underway"))
    assert best(*known, commit("a", message="gateway", minute=0))[0] == ("PAY-1", ("words",))


def test_of_two_alike_the_one_whose_work_touched_the_same_files_comes_first():
    def touch(sha: str) -> PathTouch:
        return PathTouch(source="gitlab", id=f"1/{sha}/src", project_id="1", prefix="src", sha=sha)

    known = (issue("PAY-1", title="gateway"), issue("PAY-2", title="gateway"), commit("a", message="PAY-2 x"))
    change = commit("b", message="gateway")
    assert best(*known, change, touch("a"), touch("b"))[0] == ("PAY-2", ("words", "files"))
    assert best(*known, change, touch("b"))[0] == ("PAY-1", ("words",))


def test_epics_are_no_work_of_their_own():
    assert best(issue("PAY-1", title="gateway", type="Epic"), commit("a", message="gateway")) == []


@pytest.mark.parametrize(
    ("life", "fit"),
    [
        (Life(created_at=START - 9 * DAY, began_at=None, resolved_at=START), 1.0),
        (Life(created_at=START + 3 * DAY, began_at=None, resolved_at=None), -0.5),
        (Life(created_at=START - 99 * DAY, began_at=None, resolved_at=START - 61 * DAY), -0.2),
        (Life(created_at=START - DAY, began_at=None, resolved_at=None), 0.15),
        (Life(created_at=START - DAY, began_at=START - DAY, resolved_at=None), 0.6),
        (Life(created_at=START - DAY, began_at=START - DAY, resolved_at=START + 99 * DAY), 0.6),
        (Life(created_at=START - DAY, began_at=None, resolved_at=START + 99 * DAY), 0.1),
    ],
)
def test_the_fit_of_an_instant(life, fit):
    assert fit_of(life, START) == pytest.approx(fit)


def test_an_issue_written_shortly_after_its_work_fits_a_little():
    late = Life(created_at=START + DAY, began_at=None, resolved_at=None)
    assert 0 < fit_of(late, START) < 0.3


def test_names_are_compared_without_case_blanks_and_address():
    assert faces_of("Li  Wei", "LI.WEI@example.org", "", None, "ab") == {"li wei", "li.wei"}


def test_limit_least_and_since_bound_the_answer():
    records = (
        issue("PAY-1", title="gateway"),
        *(commit(x, message="gateway", minute=n) for n, x in enumerate("abc")),
    )
    view = observed(*records)
    assert len(suggestions_of(spec(), view, Bounds(limit=2, least=0.0)).found) == 2
    late = suggestions_of(spec(), view, Bounds(least=0.0, since=at(1)))
    assert (len(late.found), late.keyless, late.asked) == (2, 2, 2)
    assert suggestions_of(spec(), view, Bounds(least=1.0)).found == ()


RECORDS = (
    PATH,
    issue("PAY-1", title="Retry the gateway", assignee_name="Li Wei"),
    issue("PAY-2", title="Retry the gateway"),
    issue("PAY-3", title="支付网关重试", resolved_at=at(40), assignee_name="Li Wei"),
    commit("a", message="gateway retry", author_name="Li Wei", minute=3),
    commit("b", "a", message="网关重试", minute=4),
    request(1, "retry", source_branch="gateway"),
)  # fmt: skip


@settings(max_examples=40)
@given(st.permutations(RECORDS))
def test_the_order_of_records_does_not_matter(shuffled):
    bounds = Bounds(least=0.0)
    assert suggestions_of(spec(), Observed.of(shuffled), bounds) == suggestions_of(
        spec(), Observed.of(RECORDS), bounds
    )


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_gives_scores_between_nothing_and_all(title, message):
    view = observed(issue("PAY-1", title=title), commit("a", message=message))
    for change in keyless_changes(spec(), view, (), {}):
        for likely in Ranking(spec(), view).likely(change):
            assert 0 < likely.score <= 1
            assert likely.reasons
