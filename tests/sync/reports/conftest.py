"""A judgement and a plan over small worlds, for the tests of views."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from rich.console import Console

from mappings.schema import WriteOptions
from sync.core.actions import DeliveredState, PlanOptions
from sync.core.coverage import unknown_of
from sync.core.drift.catalogue import rules
from sync.core.drift.judge import findings_of
from sync.core.judged import judged_of
from sync.core.plan import Plan, plan_for
from sync.engine.judging import Judging
from tests import builders

SLOTS = {"pay-2.0": (("jira", builders.number_of("PAY-1"), "PAY-1"),)}


def judging(records: Iterable[Any] = (), **given: Any) -> Judging:
    """The judgement over ``records``."""
    world = builders.world([builders.issue("PAY-1"), *records], **given)
    judgement = findings_of(world, rules(), unknown=unknown_of(world))
    return Judging(world=world, judgement=judgement, judged=judged_of(world, judgement.findings))


def plan(of: Judging, state: DeliveredState | None = None, **write: Any) -> Plan:
    """The plan for a judgement."""
    options = PlanOptions(
        write=WriteOptions(**{"enabled": True} | write), language="en", now=of.world.now, slots=SLOTS
    )
    return plan_for(of.judged, state or DeliveredState(), options)


def printed(renderable: object) -> str:
    """What the console shows, without colours."""
    console = Console(file=io.StringIO(), width=200, highlight=False)
    console.print(renderable)
    return console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO


@pytest.fixture(scope="session")
def view() -> Mapping[str, Any]:
    """Builders by name."""
    return {"judging": judging, "plan": plan, "printed": printed}
