"""What was judged of a commitment is used again as it was, and no longer than it is good."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec import json
from msgspec.structs import replace

from connectors.port import Completeness
from mappings.drift_options import SuppressionSpec
from sync.core.condition import Condition
from sync.core.drift.judge import Judgement, Waiting
from sync.core.finding import Severity
from sync.core.judged import judged_of
from sync.core.kept_judgement import LONGEST, Bases, KeptJudgement, kept_of, parted

HOUR = timedelta(hours=1)


def kept(make, *findings, waiting=(), **more):
    """A world with one commitment, how it is judged, and what is kept of that."""
    world = make.world([make.issue("PAY-118")], **more)
    judgement = Judgement(findings=findings, waiting=tuple(waiting))
    (judged,) = judged_of(world, findings)
    return world, judged, kept_of(world, "basis", judgement, judged=judged)


def waiting(make, *, until):
    finding = make.finding("S01")
    return Waiting(
        rule="S01",
        commitment_key=finding.commitment_key,
        subject=finding.subject,
        subject_label="PAY-118",
        since=make.NOW,
        until=until,
        fingerprint=finding.fingerprint,
        sight=finding.sight,
    )


def test_what_is_kept_is_the_same_again_after_it_was_stored(make):
    findings = (make.finding("S01"), make.finding("S02", suppressed=make.suppressed()))
    world, judged, one = kept(make, *findings, verdicts=[make.verdict("issues", "PAY", source="jira")])
    stored = json.decode(json.encode(one), type=KeptJudgement)
    assert stored == one
    assert stored.judged(world, judged.commitment) == judged


def test_its_sources_are_as_old_as_the_verdicts_are_now(make):
    world, judged, one = kept(make, verdicts=[make.verdict("issues", "PAY", source="jira")])
    later = make.NOW + HOUR
    verdicts = [make.verdict("issues", "PAY", source="jira", at=later)]
    now = dataclasses.replace(world, observed=dataclasses.replace(world.observed, verdicts=tuple(verdicts)))
    (read,) = one.judged(now, judged.commitment).reads
    assert read.at == later


def test_it_is_good_for_an_hour_by_the_same_basis_and_not_before_it_was_made(make):
    _, _, one = kept(make)
    assert one.is_good("basis", now=make.NOW)
    assert one.is_good("basis", now=make.NOW + LONGEST - timedelta(seconds=1))
    assert not one.is_good("basis", now=make.NOW + LONGEST)
    assert not one.is_good("basis", now=make.NOW - timedelta(seconds=1))
    assert not one.is_good("another", now=make.NOW)


def test_it_is_good_until_a_grace_is_over(make):
    soon = make.NOW + timedelta(minutes=5)
    assert kept(make, waiting=[waiting(make, until=soon)])[2].good_until == soon
    assert kept(make, waiting=[waiting(make, until=make.NOW + 9 * HOUR)])[2].good_until == make.NOW + LONGEST


def test_it_is_good_until_the_day_ends_where_the_calendar_is(make):
    world, judged, _ = kept(make)
    calendar = world.spec.calendar.model_copy(update={"zone": "Asia/Shanghai"})
    spec = world.spec.model_copy(update={"calendar": calendar})
    late = dataclasses.replace(world, spec=spec, now=world.now.replace(hour=15, minute=45))
    one = kept_of(late, "basis", Judgement(findings=()), judged=judged)
    assert one.good_until == late.now + timedelta(minutes=15)


def test_what_is_about_no_single_commitment_has_no_standing(make):
    world, judged, _ = kept(make)
    one = kept_of(world, "basis", Judgement(findings=()))
    assert (one.key, one.standing) == ("*", None)
    with pytest.raises(ValueError, match="no standing"):
        one.judged(world, judged.commitment)


def test_a_judgement_of_several_is_parted_without_loss(make):
    findings = (make.finding("S01", commitment_key="a"), make.finding("S01", commitment_key="b"))
    parts = parted(Judgement(findings=findings), ("a", "b", "c"))
    assert [parts[key].findings for key in "abc"] == [findings[:1], findings[1:], ()]


def test_the_basis_changes_with_what_no_record_tells(make):
    world, judged, _ = kept(make)
    blind = [make.verdict("issues", "PAY", Completeness.PARTIAL, source="jira")]
    suppression = SuppressionSpec(rule="S01", reason="known", owner="Li Wei", until=make.NOW.date())
    others = (
        dataclasses.replace(world, observed=dataclasses.replace(world.observed, verdicts=tuple(blind))),
        dataclasses.replace(world, condition=Condition(suppressions=(suppression,))),
        dataclasses.replace(world, spec=world.spec.model_copy(update={"language": "zh"})),
    )
    about = [Bases(one, "1").of(judged.commitment) for one in (world, *others)]
    about.append(Bases(world, "2").of(judged.commitment))
    about.append(Bases(world, "1").of(replace(judged.commitment, title="Another")))
    assert len(set(about)) == len(about)
    assert Bases(dataclasses.replace(world, now=world.now + HOUR), "1").of(judged.commitment) == about[0]


_ELSEWHERE = """
from tests import builders
from sync.core.kept_judgement import Bases
world = builders.world()
print(Bases(world, "1").of(world.commitments[0]))
"""


@pytest.mark.process
def test_the_basis_is_the_same_in_every_process():
    said = {
        subprocess.run(
            [sys.executable, "-c", _ELSEWHERE],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[3],
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(said) == 1
    assert said != {""}


def test_a_severity_survives(make):
    _, _, one = kept(make, make.finding("S01", Severity.CRITICAL))
    stored = json.decode(json.encode(one), type=KeptJudgement)
    assert stored.judgement.findings[0].severity is Severity.CRITICAL
