"""Every pair of rules of which one finding explains the other has a case that shows it: found together, and cleared together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from sync.core.drift.catalogue import rules
from sync.core.drift.judge import Judgement, findings_of
from tests.case_notation import world_in

pytestmark = pytest.mark.pure

FILES = sorted((Path(__file__).parents[3] / "causes").glob("*.yaml"))
CASES = {file.stem: yaml.safe_load(file.read_text("utf-8")) for file in FILES}
WAYS = [(name, how) for name, case in CASES.items() for how in case["after"]]


def judged(case: dict[str, Any], records: list[str]) -> Judgement:
    """What the two rules of the case find."""
    both = {case[part].split()[0] for part in ("cause", "effect")}
    asked = {code: rule for code, rule in rules().items() if code in both}
    return findings_of(world_in(records, mapping=case.get("mapping")), asked)


@pytest.mark.parametrize("name", CASES)
def test_the_effect_is_told_under_its_cause(name: str) -> None:
    case = CASES[name]
    found = {f"{f.rule} {f.subject_label}": f for f in judged(case, case["records"]).findings}
    assert found.keys() == {case["cause"], case["effect"]}
    assert found[case["effect"]].explained_by == found[case["cause"]].fingerprint
    assert found[case["cause"]].explained_by is None


@pytest.mark.parametrize(("name", "how"), WAYS)
def test_what_clears_the_cause_clears_the_effect(name: str, how: str) -> None:
    case = CASES[name]
    left = judged(case, case["after"][how])
    assert (left.findings, left.waiting, left.not_asked) == ((), (), ())


def test_every_pair_has_a_case_and_every_case_is_a_pair() -> None:
    pairs = {f"{cause}_{rule.code}" for rule in rules().values() for cause in rule.explained_by}
    assert set(CASES) == pairs
    named = {n: f"{c['cause'].split()[0]}_{c['effect'].split()[0]}" for n, c in CASES.items()}
    assert named == {name: name for name in CASES}
    assert all(case["note"] for case in CASES.values())


def test_no_rule_explains_itself_by_way_of_others() -> None:
    def above(code: str, seen: frozenset[str]) -> None:
        assert code not in seen
        for cause in rules()[code].explained_by:
            above(cause, seen | {code})

    for code in rules():
        above(code, frozenset())
