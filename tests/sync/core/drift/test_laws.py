"""Laws of the judgement: they hold for any records."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from connectors.records import Issue, Record
from mappings.schema import WriteOptions
from sync.core.drift.catalogue import rules
from sync.core.drift.judge import Judgement, findings_of
from sync.core.judged import judged_of
from sync.core.plan import DeliveredState, Plan, PlanOptions, plan_for
from tests import builders

pytestmark = pytest.mark.pure

STATUSES = ("To Do", "In Progress", "In Review", "Done", "Closed")
TEXTS = st.text(max_size=40) | st.sampled_from(
    ["{code}", "{0}", "{issue}", "%s", "h1. x", "<script>", "@all", "\0"]
)
DAYS = st.integers(0, 45).map(lambda days: timedelta(days=days, minutes=7 * days))

MILESTONES = [
    {
        "key": "a",
        "title": "A {x}",
        "due": "2026-11-01",
        "scope": {"any": [{"project": "PAY"}, {"fix_version": "2.0"}]},
    },
    {
        "key": "b",
        "title": "B",
        "technical_owner": "Li Wei",
        "due": "2026-11-10",
        "scope": {"project": "RISK"},
    },
]
DEBT = [{"key": "d", "issue": "DEBT-1", "accepted_until": "2026-11-15"}]
MAPPING = {
    "milestones": MILESTONES,
    "debt": DEBT,
    "sources": {"jira": [{"projects": ["PAY", "RISK", "DEBT"]}], "gitlab": [{"groups": ["acme"]}]},
}


@st.composite
def histories(draw: st.DrawFn, project: str = "PAY") -> list[Record]:
    """A few items of one project with changelogs, merge requests (some reverted), commits, branches and pipelines; numbers and ids are the project's own."""
    base = 100 * (1 + ["PAY", "RISK", "DEBT"].index(project))
    home = str(base)
    made: list[Record] = [builders.project(home, f"acme/{project.lower()}")]
    for number in range(1, draw(st.integers(1, 4)) + 1):
        key, number_ = f"{project}-{number}", base + number
        status, age = draw(st.sampled_from(STATUSES)), draw(DAYS)
        title = draw(TEXTS)
        made.append(builders.issue(key, status=status, title=title, fix_version_ids=(f"v{project}",)))
        made.append(builders.change(key, status, builders.NOW - age))
        state = draw(st.sampled_from(("opened", "merged", "closed")))
        at = builders.NOW - draw(DAYS)
        shape = {"state": state, "project_id": home, "created_at": at, "milestone_id": f"m{project}"}
        made.append(builders.mr(number_, title=f"{key}: {title}", **shape))
        if draw(st.booleans()):
            text = f"This reverts merge request !{number_}"
            shape = {"state": "merged", "project_id": home, "created_at": at + timedelta(hours=1)}
            made.append(builders.mr(number_ + 50, title="Out", description=text, **shape))
        made.append(builders.commit(f"{key} c", title=f"{key} {title}", at=at, project_id=home))
        made.append(builders.branch(f"feature/{key}-x", committed_at=at, project_id=home))
        made.append(builders.pipeline(number_, at=at + timedelta(days=2), project_id=home))
    made.append(builders.version(project, project_key=project, id=f"v{project}"))
    made.append(builders.milestone("9.9", id=f"m{project}", group_id=None, project_id=home))
    return made


def judged(records: list[Record], **given) -> Judgement:
    return findings_of(builders.world(records, mapping=MAPPING, **given), rules())


@given(histories(), histories("RISK"), st.randoms())
@settings(max_examples=60, deadline=None)
def test_the_order_of_records_does_not_matter(pay, risk, random) -> None:
    records = pay + risk
    shuffled = random.sample(records, len(records))
    assert judged(shuffled) == judged(records)


@given(histories(), histories("RISK"))
@settings(max_examples=60, deadline=None)
def test_records_of_one_commitment_change_no_finding_of_another(pay, risk) -> None:
    alone = [f for f in judged(risk).findings if f.commitment_key == "b"]
    beside = [f for f in judged(risk + pay).findings if f.commitment_key == "b"]
    assert beside == alone


@given(histories(), st.integers(1, 60 * 24 * 20))
@settings(max_examples=60, deadline=None)
def test_a_finding_that_lasts_keeps_its_fingerprint_as_time_goes_on(records, minutes) -> None:
    before = judged(records)
    later = judged(records, now=builders.NOW + timedelta(minutes=minutes))
    stays = {"S01", "S02", "S03", "S04", "S05", "S08", "S09", "R01", "T02", "D01"}
    lasting = {f.fingerprint for f in before.findings if f.rule in stays}
    assert lasting <= {f.fingerprint for f in later.findings}


@given(histories(), histories("DEBT"))
@settings(max_examples=60, deadline=None)
def test_every_finding_has_evidence_and_says_what_clears_it_in_both_languages(pay, debt) -> None:
    findings = judged(pay + debt).findings
    assert findings
    for finding in findings:
        values = dict(finding.values)
        assert finding.evidence[0].record == finding.subject
        assert finding.subject_label == finding.evidence[0].label
        for text in (finding.says, finding.clears):
            assert text.filled("en", values).strip()
            assert text.filled("zh", values).strip()
        assert finding.since <= builders.NOW


@given(histories())
@settings(max_examples=30, deadline=None)
def test_fingerprints_are_unique(records) -> None:
    fingerprints = [f.fingerprint for f in judged(records).findings]
    assert len(set(fingerprints)) == len(fingerprints)


@given(histories(), histories("DEBT"), DAYS)
@settings(max_examples=60, deadline=None)
def test_when_issues_were_last_updated_changes_nothing_for_our_own_comments_update_them(
    pay, debt, age
) -> None:
    records = [
        *pay,
        *debt,
        builders.issue("PAY-90", status="Done"),
        builders.issue("PAY-91", status="In Progress"),
    ]
    commented = [replace(r, updated_at=builders.NOW - age) if isinstance(r, Issue) else r for r in records]
    assert judged(commented) == judged(records)
    assert _plan_of(commented) == _plan_of(records)


def _plan_of(records: list[Record]) -> Plan:
    """What would be written about the records onto PAY-1, every comment and property."""
    world = builders.world(records, mapping=MAPPING)
    slots = {c.key: (("jira", "1", "PAY-1"),) for c in world.commitments}
    options = PlanOptions(write=WriteOptions(), language="en", now=world.now, slots=slots)
    return plan_for(judged_of(world, findings_of(world, rules()).findings), DeliveredState(), options)


@given(histories(), TEXTS)
@settings(max_examples=30, deadline=None)
def test_a_new_title_changes_no_fingerprint(records, title) -> None:
    renamed = [replace(r, title=title) if isinstance(r, Issue) else r for r in records]
    before, after = (tuple(_fingerprints(judged(some))) for some in (records, renamed))
    assert sorted(before) == sorted(after)


def _fingerprints(judgement: Judgement) -> Iterator[str]:
    return (f.fingerprint for f in judgement.findings)
