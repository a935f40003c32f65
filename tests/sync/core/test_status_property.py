from __future__ import annotations

import json

import pytest

from sync.core.finding import Severity
from sync.core.status import Health
from sync.core.status_property import PROPERTY_LIMIT, kept_of, property_of

pytestmark = pytest.mark.pure


def test_the_document_says_health_agreement_and_open_findings(make):
    quiet = make.finding("S02", suppressed=make.suppressed())
    assert json.loads(property_of([make.judged([make.finding()], suppressed=(quiet,))])) == {
        "version": 1,
        "commitments": {
            "payment-core-2.0": {
                "health": "at_risk",
                "agreement": "drifting",
                "findings": [{"rule": "S01", "severity": "high", "subject": "PAY-118"}],
            }
        },
    }


def test_the_text_is_canonical(make):
    one, two = make.judged(commitment={"key": "a"}), make.judged(commitment={"key": "b"})
    assert property_of([one, two]) == property_of([two, one])


def test_of_an_unknown_commitment_the_former_entry_is_kept(make):
    before = property_of([make.judged(commitment={"key": "a"}), make.judged(commitment={"key": "b"})])
    unknown = make.judged(commitment={"key": "a"}, health=Health.UNKNOWN)
    known = make.judged(commitment={"key": "b"})
    assert property_of([unknown, known], kept=kept_of(before, ["a"])) == before
    assert list(json.loads(property_of([unknown, known]))["commitments"]) == ["b"]


@pytest.mark.parametrize(
    "document", ["", "[]", "null", "{}", '{"version":2,"commitments":{"a":{}}}', '{"version":1}']
)
def test_nothing_is_kept_of_what_is_not_ours(document):
    assert kept_of(document, ["a"]) == {}


def test_a_document_never_outgrows_what_jira_takes_and_loses_the_mildest_first(make):
    findings = [make.finding(label="关" * 200 + f"-{n}") for n in range(400)]
    findings[0] = make.finding("S09", Severity.CRITICAL)
    many = [make.judged(findings, commitment={"key": f"c{n}"}) for n in range(8)]
    text = property_of(many)
    assert len(text) <= PROPERTY_LIMIT
    for entry in json.loads(text)["commitments"].values():
        assert entry["findings"][0]["rule"] == "S09"
