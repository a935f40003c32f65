"""Watched paths: every path that a scope rule or a debt module names, once."""

import pytest

from mappings.commitments import Commitment, CommitmentKind, ScopeRule
from mappings.terms import Debt
from mappings.watched import watched_paths

pytestmark = pytest.mark.pure


def commitment(scope: object, modules: tuple[tuple[str, str], ...] = ()) -> Commitment:
    debt = Debt(issue_key="PAY-7", modules=modules) if modules else None
    return Commitment(
        key="a",
        kind=CommitmentKind.MILESTONE,
        title="A",
        origin="milestones[0]",
        scope=ScopeRule.model_validate(scope),
        debt=debt,
    )


def path(prefix: str, project: object = "acme/pay") -> dict[str, object]:
    return {"path": {"project": project, "prefix": prefix}}


def test_paths_are_found_at_every_depth_of_a_rule() -> None:
    scope = {"any": [path("a"), {"all": [path("b"), {"label": "x"}]}], "not": path("c")}
    assert watched_paths([commitment(scope)]) == (("acme/pay", "a"), ("acme/pay", "b"), ("acme/pay", "c"))


def test_modules_of_debt_count_and_nothing_is_named_twice() -> None:
    found = watched_paths(
        [commitment(path("a")), commitment({"label": "x"}, modules=(("acme/pay", "a"), ("acme/risk", "m")))]
    )
    assert found == (("acme/pay", "a"), ("acme/risk", "m"))


def test_a_project_given_by_number_is_named_by_its_digits() -> None:
    assert watched_paths([commitment(path("a", project=7))]) == (("7", "a"),)
