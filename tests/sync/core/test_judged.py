from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.port import Completeness
from sync.core.finding import Severity, State
from sync.core.judged import SourceRead, judged_of, told_of
from sync.core.progress import Counts
from sync.core.status import Health

pytestmark = pytest.mark.pure


def test_every_commitment_is_judged_with_its_own_findings_worst_first(make):
    both = (make.commitment("b"), make.commitment("a"))
    item = make.issue("PAY-118")
    notice = make.finding("S04", Severity.NOTICE, commitment_key="b")
    high = make.finding("S01", commitment_key="b")
    quiet = make.finding("S02", commitment_key="b", suppressed=make.suppressed())
    world = make.world([item], commitments=both, members={"b": [item]})
    first, second = judged_of(world, [notice, quiet, make.finding("X01", commitment_key="*"), high])
    assert (first.commitment.key, first.findings, first.suppressed) == ("b", (high, notice), (quiet,))
    assert (first.member_keys, first.counts, first.due_on) == (("PAY-118",), Counts(to_do=1), both[0].due_on)
    assert (second.commitment.key, second.findings, second.member_keys) == ("a", (), ())


def test_a_source_is_as_old_as_its_oldest_and_as_complete_as_its_worst_scope(make):
    earlier = make.NOW - timedelta(hours=2)
    verdicts = [
        make.verdict("issues", "PAY", source="jira", at=earlier),
        make.verdict("versions", "PAY", source="jira"),
        make.verdict("worklogs", "PAY", source="jira", at=earlier - timedelta(days=9)),
        make.verdict("commits", "11", Completeness.PARTIAL),
        make.verdict("projects", "11"),
    ]
    (judged,) = judged_of(make.world([make.issue("PAY-118")], verdicts=verdicts), ())
    assert judged.reads == (
        SourceRead(source="gitlab", at=make.NOW, completeness=Completeness.PARTIAL),
        SourceRead(source="jira", at=earlier, completeness=Completeness.COMPLETE),
    )
    assert judged.is_unknown
    assert judged.status.health is Health.UNKNOWN
    assert [str(v.scope) for v in judged.blind_spots] == ["gitlab/commits/11"]


def test_what_is_told_is_what_was_judged(make):
    told = told_of(make.judged([make.finding()]), readers="role:Developers")
    assert told.health is Health.AT_RISK
    assert told.severities == {make.finding().fingerprint: Severity.HIGH}
    assert told.readers == "role:Developers"


def test_the_health_that_people_heard_leaves_muted_findings_out(make):
    world = make.world([make.issue("PAY-1")])
    loud, muted = make.finding(), make.finding(state=State.FLAPPING)
    (with_loud,), (with_muted,) = judged_of(world, [loud]), judged_of(world, [muted])
    assert (with_loud.status.health, with_loud.heard) == (Health.AT_RISK, None)
    assert (with_muted.status.health, with_muted.heard) == (Health.AT_RISK, Health.ON_TRACK)
    assert told_of(with_muted).heard_health is Health.ON_TRACK
