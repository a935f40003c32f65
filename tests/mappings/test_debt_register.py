from __future__ import annotations

from datetime import date

import pytest

from connectors.records import KeyAlias
from mappings.commitments import CommitmentKind
from mappings.debt_register import day_in, module_in, parts_in
from mappings.discovery import commitments_of
from mappings.terms import Debt

pytestmark = pytest.mark.pure


def found(make, records, *entries, aliases=()):
    return commitments_of(make.spec(debt=list(entries)), make.observed(records, aliases=aliases))


def keys(make, records, entry):
    return [c.key for c in found(make, records, entry)]


NAMED = {"key": "retry", "issue": "PAY-1", "technical_owner": "Li Wei", "engineering_owner": "Zhang Min"}


def test_a_named_item_is_what_the_file_says(make):
    entry = NAMED | {
        "accepted_until": "2027-03-31",
        "reason": "time",
        "modules": [{"project": 7, "prefix": "src"}],
        "deferred_features": ["PAY-9"],
    }
    (made,) = found(make, [make.issue("PAY-1", title="Retry")], entry)
    assert (made.key, made.kind, made.title, made.origin) == (
        "retry",
        CommitmentKind.DEBT,
        "Retry",
        "debt[0]",
    )
    assert (made.technical_owner, made.engineering_owner) == ("Li Wei", "Zhang Min")
    assert (made.slot_issue_keys, made.is_closed) == (("PAY-1",), False)
    assert made.debt == Debt(
        issue_key="PAY-1",
        accepted_until=date(2027, 3, 31),
        reason="time",
        modules=(("7", "src"),),
        deferred_features=("PAY-9",),
        asked=frozenset({"accepted_until", "reason"}),
    )


def test_a_title_in_the_file_wins(make):
    assert found(make, [make.issue("PAY-1")], NAMED | {"title": "T"})[0].title == "T"


def test_a_named_item_follows_its_issue_to_a_new_key(make):
    moved = make.issue("RISK-4")
    (made,) = found(make, [moved], NAMED, aliases=[KeyAlias(source="jira", key="PAY-1", issue_id=moved.id)])
    assert (made.debt.issue_key, made.slot_issue_keys) == ("RISK-4", ("RISK-4",))


def test_a_named_item_whose_issue_was_not_read_stays(make):
    (made,) = found(make, [], NAMED)
    assert (made.title, made.debt.issue_key, made.is_closed, made.anchors) == ("PAY-1", "PAY-1", False, ())


ISSUES = {
    "PAY-1": {"labels": ("debt",)},
    "PAY-2": {"type": "Debt"},
    "PAY-3": {"components": ("legacy",)},
    "PAY-4": {},
    "RISK-1": {"labels": ("debt",)},
}


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"label": "debt"}, ["debt-pay-1", "debt-risk-1"]),
        ({"label": "debt", "type": "Debt", "component": ["legacy"]}, ["debt-pay-1", "debt-pay-2", "debt-pay-3", "debt-risk-1"]),
        ({"label": "debt", "project": "RISK"}, ["debt-risk-1"]),
        ({"project": "RISK"}, ["debt-risk-1"]),
        ({"label": "none"}, []),
        ({}, []),
    ],
)  # fmt: skip
def test_any_mark_makes_a_debt_item_and_the_project_narrows(make, entry, expected):
    records = [make.issue(key, **facts) for key, facts in ISSUES.items()]
    assert sorted(keys(make, records, entry)) == expected


def test_done_items_stay_so_that_rules_see_them(make):
    (made,) = found(make, [make.issue("PAY-1", labels=("debt",), status_category="done")], {"label": "debt"})
    assert made.is_closed


def test_an_issue_is_one_item_however_often_it_is_found(make):
    records = [make.issue("PAY-1", labels=("debt", "other"))]
    made = found(make, records, {"label": "debt"}, {"label": "other"}, NAMED)
    assert [(c.key, c.origin) for c in made] == [("retry", "debt[2]")]


FIELDS = {"accepted_until": "Until", "modules": "Modules", "deferred_features": "Customer", "reason": "Why"}


def test_the_register_is_read_from_the_fields(make):
    fields = (
        ("Until", ("2027-03-31T00:00:00.000+0800",)),
        ("Modules", ("payments/core:src/a, payments/core:/src/b/",)),
        ("Customer", ("PAY-9；退款，PAY-9", "Refunds")),
        ("Why", (" no time ",)),
    )
    (made,) = found(
        make, [make.issue("PAY-1", labels=("debt",), fields=fields)], {"label": "debt", "fields": FIELDS}
    )
    assert made.debt == Debt(
        issue_key="PAY-1",
        accepted_until=date(2027, 3, 31),
        reason="no time",
        modules=(("payments/core", "src/a"), ("payments/core", "src/b")),
        deferred_features=("PAY-9", "退款", "Refunds"),
        asked=frozenset({"accepted_until", "reason"}),
    )


def test_what_the_fields_leave_open_the_entry_says(make):
    entry = {
        "label": "debt",
        "fields": FIELDS,
        "accepted_until": "2027-01-01",
        "modules": [{"project": "a/b", "prefix": "c"}],
        "deferred_features": "X",
    }
    (made,) = found(make, [make.issue("PAY-1", labels=("debt",), fields=(("Until", ("soon",)),))], entry)
    assert (made.debt.accepted_until, made.debt.modules, made.debt.deferred_features) == (
        date(2027, 1, 1),
        (("a/b", "c"),),
        ("X",),
    )


@pytest.mark.parametrize(
    ("entry", "owner"),
    [
        ({}, "Li Wei"),
        ({"owners_from": None}, None),
        ({"technical_owner": "Zhang Min"}, "Zhang Min"),
        ({"technical_owner": "Ann"}, None),
    ],
)
def test_the_technical_owner_is_the_files_or_else_the_assignee(make, entry, owner):
    records = [make.issue("PAY-1", labels=("debt",), assignee_id="li")]
    assert found(make, records, {"label": "debt"} | entry)[0].technical_owner == owner


def test_gitlab_issues_with_a_label_are_debt_items_without_a_place_for_a_comment(make):
    records = [
        make.project("1", "payments/core"),
        make.gitlab_issue("20", labels=("debt",), assignee_ids=("liwei",), state="closed"),
        make.gitlab_issue("21"),
        make.gitlab_issue("22", labels=("debt",), project_id="2"),
    ]
    (made,) = found(make, records, {"from": "gitlab", "label": "debt", "project": "payments"})
    assert (made.key, made.title, made.slot_issue_keys) == ("debt-payments-core-20", "GitLab issue", ())
    assert (made.technical_owner, made.is_closed, made.debt.issue_key) == ("Li Wei", True, "payments/core#20")


def test_the_title_of_a_confidential_issue_stays_in_gitlab(make):
    records = [make.gitlab_issue("20", labels=("debt",), is_confidential=True, title="Secret")]
    assert found(make, records, {"from": "gitlab", "label": "debt"})[0].title == "payments/core#20"


@pytest.mark.parametrize(
    ("text", "day"),
    [("2027-03-31", date(2027, 3, 31)), (" 2027-03-31 ", date(2027, 3, 31)), ("31.3.2027", None), ("", None)],
)
def test_a_date_is_read_from_the_beginning_of_a_text(text, day):
    assert day_in(text) == day


def test_parts_are_split_at_all_the_usual_signs_and_kept_once():
    assert parts_in(["a, b;c\nd，e、f；a", " "]) == ("a", "b", "c", "d", "e", "f")


@pytest.mark.parametrize(
    ("text", "module"),
    [("g/p:src/a", ("g/p", "src/a")), ("g/p", ("g/p", "")), (" /g/p/ : /src/ ", ("g/p", "src"))],
)
def test_a_module_is_a_project_and_a_path(text, module):
    assert module_in(text) == module
