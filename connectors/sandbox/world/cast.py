"""Cast: which planted story is told in which milestone. The one place that says how often each drift and each look-alike occurs."""

from __future__ import annotations

from connectors.sandbox.world import drift_done as done
from connectors.sandbox.world import drift_landed as after
from connectors.sandbox.world import drift_open as begun
from connectors.sandbox.world import stories
from connectors.sandbox.world.changes import merged
from connectors.sandbox.world.drift_debt import touching, touching_once
from connectors.sandbox.world.plan import Item
from connectors.sandbox.world.programmes import (
    FEATURES,
    LAKE,
    MES,
    PORTAL,
    RISK,
    Milestone,
    member,
    milestones,
)
from connectors.sandbox.world.workshop import Story, Workshop

_MES, _RISK, _PORTAL, _FEATURES, _LAKE = (m.commitment for m in (MES, RISK, PORTAL, FEATURES, LAKE))
_ROLES: tuple[tuple[Milestone, str, float, str, Story], ...] = (
    (MES, "Story", 24, "Hot-swap of line recipes", done.done_but_open(_MES)),
    (RISK, "Story", 25, "Explain declined limits to the case reviewer", done.done_but_open(_RISK)),
    (MES, "Story", 40, "Persist the dispatch queue over restarts", done.quiet_beside_open(_MES, "draft")),
    (MES, "Bug", 38, "断网后重复上报产量", done.quiet_beside_open(_MES, "backport")),
    (RISK, "Story", 37, "Decision log with reason codes", done.quiet_beside_open(_RISK, "docs")),
    (RISK, "Bug", 60, "Limit check ignores the currency", done.done_but_closed(_RISK)),
    (PORTAL, "Story", 62, "Shift notes with photos", done.done_but_closed(_PORTAL)),
    (PORTAL, "Story", 61, "Voice input for notes", done.dropped_and_closed(_PORTAL)),
    (MES, "Bug", 58, "Gateway leaks sockets after a PLC restart", done.pushed_directly(_MES)),
    (FEATURES, "Task", 70, "Agree on names of the merchant features", done.done_without_code(_FEATURES)),
    (LAKE, "Story", 71, "数据湖分区策略", done.done_without_code(_LAKE)),
    (MES, "Spike", 72, "Compare three message brokers", done.done_without_need(_MES)),
    (RISK, "Epic", 73, "Threat review of the decision API", done.done_without_need(_RISK)),
    (MES, "Story", 32, "Operators sign off a changeover", begun.merged_but_waiting(_MES)),
    (RISK, "Bug", 33, "Watch list reload drops entries", begun.merged_but_waiting(_RISK)),
    (FEATURES, "Story", 41, "Feature lineage in the catalogue", begun.merged_and_open(_FEATURES)),
    (MES, "Bug", 42, "Andon colours for colour-blind operators", begun.merged_then_taken_back(_MES)),
    (RISK, "Story", 55, "Shadow scoring of the new graph model", begun.silent(_RISK, has_branch=True)),
    (LAKE, "Task", 56, "Move telemetry archive to cold storage", begun.silent(_LAKE, has_branch=False)),
    (MES, "Story", 43, "班次切换自动结算", begun.silent_over_the_stop(_MES)),
    (RISK, "Spike", 44, "Can rules run on the stream?", begun.thinking(_RISK)),
    (PORTAL, "Story", 57, "Portal remembers the last line", begun.waiting_for_review(_PORTAL)),
    (MES, "Story", 30, "Traceability label in two languages", begun.begun_in_secret(_MES, is_bare=False)),
    (PORTAL, "Bug", 31, "Clock drifts on the hall display", begun.begun_in_secret(_PORTAL, is_bare=True)),
    (
        LAKE,
        "Story",
        29,
        "Ad-hoc queries for process engineers",
        begun.begun_in_secret(_LAKE, is_bare=False, is_draft=True),
    ),
    (RISK, "Spike", 34, "Try a columnar rule table", begun.tried(_RISK)),
    (LAKE, "Story", 63, "Schema registry for sensor frames", begun.given_up(_LAKE)),
    (MES, "Story", 20, "Dispatch by due date and set-up time", after.turned_red(_MES, days=3.4)),
    (MES, "Bug", 21, "排程忽略维护窗口", after.turned_red(_MES, days=2.3)),
    (PORTAL, "Story", 22, "Night shift sees the next day's plan", after.turned_red(_PORTAL, days=1.5)),
    (FEATURES, "Story", 23, "Merchant velocity over seven days", after.looked_red(_FEATURES, "features")),
    (RISK, "Task", 26, "Rotate service credentials", after.looked_red(_RISK, "common")),
    (PORTAL, "Story", 27, "Line status at a glance", after.looked_red(_PORTAL, "portal")),
    (RISK, "Bug", 28, "灰度规则计数错误", after.looked_red(_RISK, "engine")),
    (RISK, "Story", 45, "Retry settlement batches after a time-out", after.taken_back(_RISK)),
    (MES, "Story", 46, "Push recipes over MQTT", after.taken_back(_MES)),
    (LAKE, "Bug", 47, "Late sensor frames are counted twice", after.taken_back(_LAKE, by_push=True)),
    (RISK, "Story", 48, "Device fingerprint v3", after.taken_back_twice(_RISK)),
    (MES, "Story", 49, "Barcode driver without polling", after.taken_back_and_redone(_MES)),
    (RISK, "Task", 50, "Tune the connection pools", after.taken_back_in_part(_RISK)),
    (
        RISK,
        "Story",
        51,
        "Rule versions in the audit trail",
        after.in_another_milestone(_RISK, "Risk engine 1.3"),
    ),
    (
        MES,
        "Bug",
        52,
        "Scrap booking rounds half pieces",
        after.in_another_milestone(_MES, "Risk engine v1.4"),
    ),
    (
        RISK,
        "Story",
        53,
        "Case queue sorted by exposure",
        after.opened_in_another_milestone(_RISK, "Risk engine 1.3"),
    ),
    (MES, "Story", 54, "工序报工离线缓存", after.in_same_milestone(_MES, "MES 2.0.0", "2.0.0 is 2.0")),
    (
        RISK,
        "Bug",
        64,
        "Score rounding in reports",
        after.in_same_milestone(_RISK, "Risk engine v1.4", "v1.4 is 1.4"),
    ),
    (
        RISK,
        "Task",
        65,
        "Clean up feature flags",
        after.in_same_milestone(_RISK, "Backlog", "only one has a number"),
    ),
)


def planted(shop: Workshop) -> dict[str, Item]:
    """Cast every planted story. Returns the open items that the debt register speaks of."""
    for milestone, kind, age, title, story in _ROLES:
        if milestone in milestones(shop):
            shop.tell(story, member(shop, milestone, kind, age=age, title=title))
    if not shop.is_small:
        _in_two(shop)
    _in_pairs(shop)
    for index in range(shop.few(8)):
        title = shop.title("RISK")
        shop.tell(after.in_platform, shop.item("RISK", "Task", age=70 + index, title=title))
    return _for_debt(shop)


def _in_pairs(shop: Workshop) -> None:
    """Stories that need a second item."""
    other = member(shop, RISK, "Story", age=18, title="Decision API answers in batches")
    shop.tell(stories.to_do, other)
    named = member(shop, RISK, "Story", age=66, title="Decision API keeps an idempotency key")
    shop.tell(done.mentioned_only(_RISK, other), named)
    parent = member(shop, MES, "Story", age=67, title="Energy report per order")
    child = shop.item("IMP", "Sub-task", age=66, title="Collect meter readings per order", parent=parent)
    shop.tell(done.done_by_child(_MES, child), parent)
    quiet = member(shop, MES, "Task", age=74, title="Freeze the message formats with the ERP team")
    quiet.number = ACCEPTED
    shop.tell(done.done_without_code(_MES, suppressed=True), quiet)
    twice = member(shop, RISK, "Story", age=68, title="Limits per merchant group")
    twice.versions = (*twice.versions, "Risk engine 1.3")
    shop.tell(after.in_same_milestone(_RISK, "Risk engine 1.3", "one of its two versions matches"), twice)

    moved = member(shop, RISK, "Story", age=69, title="Order limits come from the MES")
    moved.former_number = 91
    shop.tell(after.under_a_former_key(_RISK), moved)


def _in_two(shop: Workshop) -> None:
    """A story that stands in two commitments."""
    both = member(shop, LAKE, "Story", age=19, title="Stream work orders into the lake")
    both.versions = (MES.version or "",)
    shop.tell(done.done_but_open(_LAKE, _MES), both)


ACCEPTED = 90
"""Number of the IMP issue whose missing code the mapping accepts for a time."""


def _for_debt(shop: Workshop) -> dict[str, Item]:
    blocked = member(shop, RISK, "Story", age=36, title="Instant limit changes")
    deferred = member(
        shop,
        RISK if shop.is_small else FEATURES,
        "Story",
        age=35,
        title="Offline scoring for the night batch",
    )
    own = member(shop, MES, "Story", age=59, title="What-if plans for the dispatcher")
    finished = member(shop, RISK, "Story", age=90, title="Score cards in the case view")
    for item in (blocked, deferred, own):
        shop.tell(stories.to_do, item)
    shop.tell(_finished, finished)
    shop.tell(touching, member(shop, MES, "Story", age=39, title="Serial scales at the packing station"))
    parser = member(shop, RISK, "Task", age=110, title="Retire the rule parser step by step")
    shop.tell(touching_once, parser)
    return {"blocked": blocked, "deferred": deferred, "own": own, "done": finished}


def _finished(shop: Workshop, item: Item) -> None:
    merged_at = shop.ago(44)
    merged(shop, item, shop.ago(49), merged_at)
    stories.closed(item, started=shop.ago(49.2), landed=merged_at, shop=shop)
