"""What people and programs are shown of acknowledgements and suppressions."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from mappings.drift_options import SuppressionSpec
from sync.core.decided import AcknowledgedNow, SuppressedNow
from sync.core.drift.standing import Lapse
from sync.core.finding import Acknowledged, Finding, Severity
from sync.reports import acknowledgements, suppressions
from tests import builders

pytestmark = pytest.mark.pure
GIVEN = Acknowledged(
    fingerprint="f" * 16, owner="Li [bold]", severity=Severity.HIGH, at=builders.NOW, note="on it"
)
SPEC = SuppressionSpec(rule="L01", reason="[red]migration", owner="Li Wei", until=date(2026, 12, 1))


@pytest.fixture
def findings(view) -> tuple[Finding, ...]:
    """Five merge requests that name no item."""
    judging = view["judging"]([builders.mr(n) for n in range(1, 6)])
    return tuple(f for f in judging.judgement.findings if f.rule == "L01")


def noticed(lapse: Lapse | None = None, finding: Finding | None = None) -> AcknowledgedNow:
    return AcknowledgedNow(
        given=GIVEN, about="S01 PAY-1", commitment_key="pay-2.0", lapse=lapse, finding=finding
    )


def quiet(**more) -> SuppressedNow:
    return SuppressedNow(**{"id": 1, "spec": SPEC, "is_expired": False, "holds": ()} | more)


def test_where_nothing_was_decided_a_sentence_says_so(view) -> None:
    assert view["printed"](acknowledgements.view_of(())) == "Nothing is acknowledged.\n"
    assert view["printed"](suppressions.view_of(())) == "Nothing is suppressed.\n"


@pytest.mark.parametrize("lapse", list(Lapse))
def test_every_lapse_says_why(view, lapse: Lapse) -> None:
    assert "lapsed: " in view["printed"](acknowledgements.view_of([noticed(lapse)]))
    (row,) = acknowledgements.document_of([noticed(lapse)])["acknowledgements"]
    assert row["lapse"] == lapse.value


def test_an_acknowledgement_shows_by_whom_since_when_until_when_and_why(view, findings) -> None:
    text = view["printed"](acknowledgements.view_of([noticed(finding=findings[0])]))
    for part in ("S01 PAY-1", "pay-2.0", "Li [bold]", "2026-11-20", "it clears", "on it", "holds"):
        assert part in text
    assert "not found now" in view["printed"](acknowledgements.view_of([noticed()]))
    (row,) = acknowledgements.document_of([noticed(finding=findings[0])])["acknowledgements"]
    assert (row["until"], row["lapse"], row["is_found_now"], row["severity"]) == (None, None, True, "high")


def test_a_suppression_names_three_of_what_it_holds_and_counts_the_rest(view, findings) -> None:
    text = view["printed"](suppressions.view_of([quiet(holds=findings)]))
    assert "L01 !1, L01 !2, L01 !3 and 2 more" in text
    assert "[red]migration" in text
    (row,) = suppressions.document_of([quiet(holds=findings)])["suppressions"]
    assert [held["subject_label"] for held in row["holds"]] == ["!1", "!2", "!3", "!4", "!5"]
    assert {held["commitment"] for held in row["holds"]} == {None}


def test_a_suppression_that_holds_nothing_and_one_that_has_expired_say_so(view) -> None:
    assert "nothing" in view["printed"](suppressions.view_of([quiet()]))
    expired = quiet(id=None, spec=replace_until(SPEC), is_expired=True)
    assert "2020-01-01 expired" in view["printed"](suppressions.view_of([expired]))


def replace_until(spec: SuppressionSpec) -> SuppressionSpec:
    return spec.model_copy(update={"until": date(2020, 1, 1)})


def test_an_acknowledgement_about_no_single_commitment_has_none() -> None:
    (row,) = acknowledgements.document_of([replace(noticed(), commitment_key="*")])["acknowledgements"]
    assert row["commitment"] is None
