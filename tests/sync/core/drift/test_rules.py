"""What holds for every rule, and debt that lives in GitLab."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from pkgutil import iter_modules
from string import Formatter

import pytest

from connectors.records import GitlabIssue
from sync.core import drift
from sync.core.drift.catalogue import rules
from sync.core.drift.judge import findings_of
from sync.core.explain import explanation_of, lines_of
from sync.core.language import Text
from tests import builders

pytestmark = pytest.mark.pure


def places_in(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def sentences() -> list[Text]:
    of_rules = [text for rule in rules().values() for text in (rule.title, rule.says, rule.clears)]
    modules = [import_module(f"{drift.__name__}.{m.name}") for m in iter_modules(drift.__path__)]
    found = [value for module in modules for value in vars(module).values()]
    tables = [
        text
        for value in found
        if isinstance(value, dict)
        for text in value.values()
        if isinstance(text, Text)
    ]
    return [*of_rules, *tables, *(value for value in found if isinstance(value, Text))]


@pytest.mark.parametrize("text", sentences(), ids=lambda text: text.en)
def test_both_languages_name_the_same_places(text: Text) -> None:
    assert places_in(text.en) == places_in(text.zh)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in text.zh)
    assert len(text.en) < 110


def gitlab_debt(state: str = "opened") -> GitlabIssue:
    return GitlabIssue(
        source="gitlab",
        id="501",
        project_id=builders.PROJECT,
        reference="acme/pay#5",
        title="Secret cache trouble",
        state=state,
        created_at=builders.NOW - timedelta(days=90),
        updated_at=builders.NOW - timedelta(days=90),
        url="https://gitlab.example/acme/pay/-/issues/5",
        is_confidential=True,
    )


DEBT = {
    "key": "d",
    "issue": "acme/pay#5",
    "title": "Cache",
    "technical_owner": "Li Wei",
    "engineering_owner": "Li Wei",
}


def test_debt_in_gitlab_is_past_its_acceptance_and_in_the_way_like_any_other() -> None:
    debt = DEBT | {"accepted_until": "2026-11-18", "reason": "time", "deferred_features": ["PAY-1"]}
    world = builders.world([gitlab_debt(), builders.issue("PAY-1")], mapping={"debt": [debt]})
    found = findings_of(world, rules()).findings
    assert [(f.rule, f.commitment_key, f.subject_label) for f in found] == [
        ("D01", "d", "acme/pay#5"),
        ("D02", "pay-2.0", "acme/pay#5"),
    ]
    assert "Secret" not in "".join(str(f) for f in found)


def test_closed_debt_in_gitlab_is_repaid() -> None:
    debt = {"key": "d", "issue": "acme/pay#5", "accepted_until": "2026-11-18"}
    world = builders.world([gitlab_debt("closed")], mapping={"debt": [debt]})
    assert findings_of(world, rules()).findings == ()


@pytest.mark.parametrize("key", ["d", "D02", "x01"])
def test_every_kind_of_explanation_has_lines(key: str) -> None:
    debt = DEBT | {"accepted_until": "2026-11-18"}
    world = builders.world([gitlab_debt()], mapping={"debt": [debt], "drift": {"X01": {"enabled": False}}})
    found = explanation_of(world, findings_of(world, rules()), key, position_of=lambda path: f"m.yaml:{path}")
    lines = lines_of(found)
    assert lines[0].lower().startswith(key.lower())
    assert all("\n" not in line for line in lines)
    assert any("switched off" in line for line in lines) is (key == "x01")
