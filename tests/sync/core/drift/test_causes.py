"""One root cause is reported once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from sync.core.drift.catalogue import rules
from sync.core.drift.causes import with_causes
from sync.core.drift.judge import findings_of
from sync.core.finding import Finding, Severity
from sync.reports.drift import folded
from tests import builders

pytestmark = pytest.mark.pure


@pytest.fixture
def pair(make) -> tuple[Finding, Finding]:
    """A cause and what it explains."""
    return make.finding("S09", Severity.CRITICAL), make.finding("S01")


def cause_of(*found: Finding) -> str | None:
    return with_causes(found, rules())[-1].explained_by


def test_what_was_reverted_explains_what_else_is_wrong_with_the_item(pair) -> None:
    cause, explained = pair
    assert cause_of(cause, explained) == cause.fingerprint
    assert cause_of(cause, replace(explained, rule="S03")) == cause.fingerprint
    assert cause_of(explained, cause) is None


def test_another_subject_commitment_or_rule_explains_nothing(make, pair) -> None:
    cause, explained = pair
    assert cause_of(cause, make.finding("S01", label="PAY-2")) is None
    assert cause_of(cause, replace(explained, commitment_key="other")) is None
    assert cause_of(replace(cause, rule="S02"), explained) is None
    assert cause_of(cause, replace(explained, rule="S04")) is None


def test_nothing_hides_behind_what_is_suppressed_or_less_severe(make, pair) -> None:
    cause, explained = pair
    assert cause_of(replace(cause, suppressed=make.suppressed()), explained) is None
    assert cause_of(replace(cause, severity=Severity.WARNING), explained) is None


def test_what_is_explained_by_something_explained_stands_under_the_root(make) -> None:
    root, between, leaf = (make.finding(code, Severity.WARNING) for code in ("S11", "R11", "S17"))
    found = {f.rule: f for f in with_causes((leaf, between, root), rules())}
    assert found["R11"].explained_by == found["S17"].explained_by == root.fingerprint
    found = {f.rule: f for f in with_causes((leaf, between), rules())}
    assert (found["R11"].explained_by, found["S17"].explained_by) == (None, between.fingerprint)


def test_a_cause_covers_what_is_about_no_single_commitment_and_says_that_it_does(make) -> None:
    leaf = make.finding("L03", Severity.NOTICE, label="!1", commitment_key="*", discriminator="PAY-9")
    cause = make.finding("L06", covers=frozenset({(leaf.subject, "PAY-9")}))
    assert cause_of(cause, leaf) == cause.fingerprint
    assert cause_of(cause, replace(leaf, discriminator="PAY-8")) is None
    assert cause_of(cause, replace(leaf, commitment_key="other")) is None
    assert cause_of(replace(cause, covers=frozenset()), leaf) is None


def test_the_judge_tells_the_cause_of_a_reverted_item_with_an_open_merge_request() -> None:
    at = builders.NOW - timedelta(days=9)
    records = [
        builders.issue("PAY-1", status="Done"),
        builders.change("PAY-1", "Done", at + timedelta(days=2)),
        builders.mr(1, title="PAY-1: x", state="merged", merged_at=at, merge_commit_sha=builders.sha_of("a")),
        builders.mr(
            2,
            title='Revert "PAY-1: x"',
            description=f"This reverts commit {builders.sha_of('a')}.",
            state="merged",
            merged_at=at + timedelta(days=4),
        ),
        builders.mr(3, title="PAY-1: again", created_at=at + timedelta(days=1)),
    ]
    found = {f.rule: f for f in findings_of(builders.world(records), rules()).findings}
    assert {"S01", "S09"} <= set(found)
    assert found["S01"].explained_by == found["S09"].fingerprint


def test_what_is_explained_stands_below_its_cause_and_comes_up_without_it(make, pair) -> None:
    cause, explained = with_causes(pair, rules())
    other = make.finding("S03", label="PAY-2")
    assert folded((explained, other, cause)) == (other, cause, explained)
    assert folded((explained, other)) == (explained, other)
