from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.records import KeyAlias, MergeRequestCommits, Project
from mappings.links import links_of
from mappings.observed import Observed
from mappings.schema import Vocabulary
from tests.mappings.link_builders import branch, commit, issue, observed, request, spec

pytestmark = pytest.mark.pure


def links(*records, aliases=(), options=None) -> list[str]:
    found = links_of(spec(**(options or {})), observed(*records, aliases=aliases))
    return [f"{x.change.kind} {x.key} {x.place} {x.role} {x.confidence}" for x in found]


def test_branches_requests_and_commits_are_linked_once_per_place():
    one = request(1, "PAY-1 title, PAY-1", source_branch="PAY-1-x", description="Closes PAY-1\nsee PAY-1")
    assert links(issue("PAY-1"), one, branch("PAY-1-x", "a"), commit("a", message="PAY-1 title")) == [
        "branch PAY-1 branch implements certain",
        "commit PAY-1 title implements certain",
        "merge_request PAY-1 branch implements certain",
        "merge_request PAY-1 description closes certain",
        "merge_request PAY-1 title implements certain",
    ]


def test_an_unknown_issue_of_a_mapped_project_gives_a_link_without_issue():
    (link,) = links_of(spec(), observed(request(1, "PAY-7 title")))
    assert (link.key, link.issue) == ("PAY-7", None)


def test_a_former_key_leads_to_the_moved_issue():
    moved = KeyAlias(source="jira", key="OLD-3", issue_id="PAY-1")
    (link,) = links_of(spec(), observed(issue("PAY-1"), request(1, "OLD-3 title"), aliases=(moved,)))
    assert (link.key, link.issue) == ("OLD-3", issue("PAY-1").ref)


def test_a_lower_case_key_needs_a_known_issue_and_the_option():
    assert links(issue("PAY-1"), branch("pay-1-x", "a"), branch("pay-2-factor", "a")) == [
        "branch PAY-1 branch implements certain"
    ]
    assert links(issue("PAY-1"), branch("pay-1-x", "a"), options={"lower_case_branches": False}) == []


def test_carried_commits_speak_for_a_silent_request_only():
    graph = (commit("a"), commit("b", "a", message="PAY-1 title"), branch("main", "a"))
    assert "merge_request PAY-1 commits implements likely" in links(*graph, request(1, sha="b"))
    assert not any("commits" in x for x in links(*graph, request(1, "PAY-2", sha="b")))


def test_asked_commits_that_were_never_pulled_are_read():
    answer = MergeRequestCommits(
        source="gitlab", id="101", head_sha="gone", commits=(("q", "PAY-1 x"), ("p", "see PAY-2"))
    )
    assert links(request(1, sha="gone"), answer) == [
        "merge_request PAY-1 commits implements likely",
        "merge_request PAY-2 commits mentions likely",
    ]


def test_a_request_that_passes_on_what_was_merged_before_only_mentions_it():
    records = (
        commit("a"),
        commit("x", "a", message="PAY-1 title"),
        commit("d", "a x", minute=3, message="land"),
        commit("m", "a d", minute=5, message="land"),
        branch("main", "m"),
        branch("develop", "d"),
        request(1, merged=3, sha="x", merge_commit_sha="d", target_branch="develop"),
        request(2, merged=5, sha="d", merge_commit_sha="m"),
    )
    assert [x for x in links(*records) if x.startswith("merge_request")] == [
        "merge_request PAY-1 commits implements likely",
        "merge_request PAY-1 commits mentions weak",
    ]


def test_a_release_request_mentions_weakly():
    keys = " ".join(f"PAY-{n}" for n in range(1, 5))
    assert all(x.endswith("mentions weak") for x in links(request(1, keys), options={"release_mr_keys": 3}))
    assert all(x.endswith("certain") for x in links(request(1, keys), options={"release_mr_keys": 4}))


def test_ignored_branches_and_descriptions_of_bots_are_weak():
    assert links(request(1, "PAY-1 bump", source_branch="renovate/x")) == [
        "merge_request PAY-1 title implements weak"
    ]
    assert links(branch("renovate/PAY-1", "a")) == ["branch PAY-1 branch implements weak"]
    assert links(request(1, "PAY-1 bump", description="Fixes PAY-2", is_author_bot=True)) == [
        "merge_request PAY-1 title implements certain",
        "merge_request PAY-2 description mentions weak",
    ]


def test_a_bot_may_be_named_in_the_mapping():
    named = spec().model_copy(update={"vocabulary": Vocabulary(bots=frozenset({"Robot"}))})
    (link,) = links_of(named, observed(request(1, description="Fixes PAY-2", author_name="robot")))
    assert (link.role, link.confidence) == ("mentions", "weak")


def test_a_reverting_request_never_implements_the_key_it_quotes():
    one = request(1, 'Revert "PAY-1 title"', source_branch="PAY-1-back", description="PAY-1")
    assert {x.split(" ", 2)[2].split(" ")[1] for x in links(one)} == {"reverts"}


def test_two_parents_with_a_title_of_its_own_are_read_as_a_title():
    assert links(commit("m", "a b", message="PAY-1 title (!12)")) == ["commit PAY-1 title implements certain"]


RECORDS = (
    issue("PAY-1"),
    issue("PAY-2"),
    commit("a"),
    commit("b", "a", message="PAY-1 x"),
    commit("c", "b", message="fixes PAY-2, PAY-1"),
    commit("m", "a c", message="Merge branch 'pay-1' into 'main'"),
    branch("main", "m"),
    branch("pay-2-y", "c"),
    request(1, merged=4, sha="c", merge_commit_sha="m"),
    request(2, "RISK-4", description="PAY-1\ncloses PAY-1", sha="c"),
    request(3, 'Revert "PAY-1 x"', merged=6),
)


@settings(max_examples=50)
@given(st.permutations(RECORDS))
def test_the_order_of_records_does_not_matter(shuffled):
    assert links_of(spec(), Observed.of(shuffled)) == links_of(spec(), Observed.of(RECORDS))


@given(st.text(alphabet='PAYRISK-12 \n"revtclosfi:修复[]()<>!&,*/', max_size=120))
def test_any_text_gives_links_of_mapped_projects_only(words):
    for link in links_of(spec(), observed(request(1, words, description=words), commit("a", message=words))):
        assert link.key.partition("-")[0] in {"PAY", "RISK"}
        assert link.reason


SHA = "a1b2c3d4" * 5
PATH = Project(source="gitlab", id="1", path="Pay/core", name="core", url="")


@pytest.mark.parametrize(
    ("origin", "body", "expected"),
    [
        ("PAY-1 x", f"(cherry picked from commit {SHA})", "implements likely"),
        ("see PAY-1", f"(cherry picked from commit {SHA})", "mentions likely"),
        ("Closes PAY-1", f"This reverts commit {SHA}.", "reverts likely"),
        ("see PAY-1", f"This reverts commit {SHA}.", "mentions likely"),
        ('Revert "PAY-1 x"', f"This reverts commit {SHA}.", "implements likely"),
    ],
)
def test_a_commit_without_a_key_takes_it_from_the_commit_that_it_names(origin, body, expected):
    found = links(commit(SHA, message=origin), commit("b", message=f"back to 2.x\n\n{body}"))
    assert [x for x in found if x.startswith("commit")][1:] == [f"commit PAY-1 title {expected}"]


@pytest.mark.parametrize("body", [f"cherry picked from commit {SHA[:12]}", f"like commit {SHA}"])
def test_a_shortened_sha_and_other_words_pass_nothing_on(body):
    assert len(links(commit(SHA, message="PAY-1 x"), commit("b", message=f"y\n\n{body}"))) == 1


def test_a_key_of_its_own_is_never_replaced():
    found = links(
        commit(SHA, message="PAY-1 x"), commit("b", message=f"PAY-2 y\n\nThis reverts commit {SHA}")
    )
    assert found == ["commit PAY-1 title implements certain", "commit PAY-2 title implements certain"]


def test_a_commit_that_lists_many_issues_is_a_release_but_for_its_title():
    listed = "".join(f"\n* PAY-{n} x" for n in range(2, 5))
    found = links(commit("a", message=f"PAY-1 notes\n{listed}"), options={"release_mr_keys": 3})
    assert found[0] == "commit PAY-1 title implements certain"
    assert {x.split(" ", 3)[3] for x in found[1:]} == {"mentions weak"}


@pytest.mark.parametrize("change", ["pay/core!1", f"Pay/core@{SHA[:8]}", f"pay/core@{SHA.upper()}"])
def test_the_mapping_confirms_a_link_for_certain(change):
    records = (PATH, issue("PAY-1"), request(1), commit(SHA))
    found = links_of(spec(confirmed=[{"change": change, "issue": "PAY-1"}]), observed(*records))
    assert [(x.issue, x.place, x.role, x.confidence) for x in found] == [
        (issue("PAY-1").ref, "mapping", "implements", "certain")
    ]


@pytest.mark.parametrize("change", ["pay/core!2", "pay/other!1", "pay/core@00000000", f"pay/core@{SHA[:8]}"])
def test_a_change_that_is_not_known_or_not_for_sure_confirms_nothing(change):
    records = (PATH, issue("PAY-1"), request(1), commit(SHA), commit(SHA[:8] + "f" * 32))
    assert links_of(spec(confirmed=[{"change": change, "issue": "PAY-1"}]), observed(*records)) == ()


def test_a_confirmed_commit_speaks_for_the_silent_request_that_carries_it():
    graph = (commit("a"), commit(SHA, "a"), branch("main", "a"), request(1, sha=SHA))
    confirmed = spec(confirmed=[{"change": f"pay/core@{SHA}", "issue": "PAY-1"}])
    found = links_of(confirmed, observed(PATH, issue("PAY-1"), *graph))
    assert [(x.change.kind, x.place, x.confidence) for x in found] == [
        ("commit", "mapping", "certain"),
        ("merge_request", "commits", "likely"),
    ]


def test_a_confirmed_link_is_as_sure_on_an_ignored_branch():
    bump = request(1, source_branch="renovate/x")
    (link,) = links_of(
        spec(confirmed=[{"change": "pay/core!1", "issue": "PAY-1"}]), observed(PATH, issue("PAY-1"), bump)
    )
    assert link.confidence == "certain"


@pytest.mark.parametrize("message", ["pay-1 x", "PAY–1 x", "fixes pay-1"])
def test_another_spelling_of_a_key_counts_only_where_the_issue_is_known(message):
    assert links(commit("a", message=message)) == []
    assert len(links(issue("PAY-1"), commit("a", message=message))) == (message != "pay-1 x")


def test_lower_case_at_the_start_of_a_title_needs_two_digits_or_a_sign():
    known = (issue("PAY-1"), issue("PAY-12"))
    assert len(links(*known, commit("a", message="pay-12 x"), commit("b", message="pay-1: x"))) == 2
