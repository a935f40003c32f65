"""Planted stories of how work flows: merged and left in progress (S06), reopened and left alone (S10), parents, mirrors, hours and keys that disagree.

They are told last and draw from a chance of their own, so that nothing else in the company depends on them.
"""

from __future__ import annotations

from datetime import timedelta

from connectors.sandbox.world.changes import change, merged
from connectors.sandbox.world.drift_done import landed
from connectors.sandbox.world.plan import Change, Edit, Item
from connectors.sandbox.world.programmes import MES, PILOT, RISK, Milestone, member
from connectors.sandbox.world.version_ids import VERSION_IDS
from connectors.sandbox.world.workdays import workdays_before
from connectors.sandbox.world.workshop import Workshop

_HOUR_S = 3600
LAST_ORDINARY = 800
"""No ordinary item has a larger number; planted milestones, debt and these stories come behind it."""
_FIRST = 901


def flowing(shop: Workshop) -> None:
    """Everything of this module, in the two largest milestones."""
    for milestone in (MES, RISK):
        items = Items(shop, milestone)
        _left_in_progress(shop, milestone, items)
        _left_alone(shop, milestone, items)
        _family(shop, milestone, items)
        _mirrored(shop, milestone, items)
        _contradicting(shop, milestone, items)
        _waiting(shop, milestone, items)
        _booked(shop, milestone, items)
        _keyed(shop, milestone, items)
        _claiming(shop, milestone, items)
        _shipped(shop, milestone, items)
    forgotten = Items(shop, RISK, first=946).made("Spike", "Follow-up that nobody began", age=90)
    forgotten.versions = ("Risk engine 1.3",)
    shop.plant("R11", RISK.commitment, forgotten, "never begun, its version is released")
    _stale(shop, RISK)
    version = f"jira:version:{VERSION_IDS[MES.version]}"
    shop.decoy("S12", MES.commitment, version, "not released")
    shop.decoy("S16", MES.commitment, version, "it has no GitLab milestone")
    _never_shipped(shop, RISK, "Risk engine 1.3", Items(shop, RISK, first=941))
    _never_shipped(shop, PILOT, PILOT.version or "", Items(shop, PILOT, first=941))


class Items:
    """Makes items of one milestone, numbered on from ``first``."""

    def __init__(self, shop: Workshop, milestone: Milestone, first: int = _FIRST) -> None:
        self._shop, self._milestone, self._next = shop, milestone, first

    def made(self, kind: str, title: str, *, age: float = 30) -> Item:
        """The next item, without hours."""
        item = member(self._shop, self._milestone, kind, age=age, title=title)
        item.number, self._next = self._next, self._next + 1
        item.efforts = ()
        return item


def _left_in_progress(shop: Workshop, milestone: Milestone, items: Items) -> None:
    """S06, and beside it one that waits for its tests by policy. Both are switched off for users, so that S11 is no matter."""
    item = items.made("Story", "Shift hand-over behind a flag")
    item.labels = ("feature-flag",)
    merged(shop, item, shop.ago(11), shop.ago(7.2), style="merge")
    item.moves = [(shop.ago(11.5), "In Progress")]
    shop.plant("S06", milestone.commitment, item, "all merged a week ago, still in progress")
    shop.decoy("S11", milestone.commitment, item, "switched off for users by a flag")
    waiting = items.made("Story", "Bulk import behind a flag")
    waiting.labels = ("feature-flag",)
    merged(shop, waiting, shop.ago(12), shop.ago(8.2), style="merge")
    waiting.moves = [(shop.ago(12.5), "In Progress"), (shop.ago(8.1), "In Review")]
    shop.decoy("S06", milestone.commitment, waiting, "in review: it waits for its tests")


def _shipped(shop: Workshop, milestone: Milestone, items: Items) -> None:
    """S11: merged before the last release, and still in review."""
    item = items.made("Story", "Labels in three languages", age=60)
    merged(shop, item, shop.ago(40), shop.ago(35), style="merge")
    item.moves = [(shop.ago(40.1), "In Progress"), (shop.ago(34.8), "In Review")]
    shop.plant("S11", milestone.commitment, item, "it went out with the last release")


def _left_alone(shop: Workshop, milestone: Milestone, items: Items) -> None:
    """S10: reopened six days ago and nothing pushed since; beside it one that is being mended."""
    for title, is_mended in (("Totals differ by one cent", False), ("Icons overlap on small screens", True)):
        item = items.made("Story", title, age=60)
        landed(shop, item, 32)
        item.moves += [(shop.ago(6), "In Progress")]
        if is_mended:
            again = {"branch": f"fix/{item.key}-again", "title": f"{item.key}: {title}, second try"}
            change(shop, item, shop.ago(2), shop.ago(hours=9), is_draft=True, **again)
            shop.decoy("S10", milestone.commitment, item, "a draft was opened after the reopening")
        else:
            shop.plant("S10", milestone.commitment, item, "reopened six days ago, nothing pushed since")


def _family(shop: Workshop, milestone: Milestone, items: Items) -> None:
    """S14: a spike that is done while its sub-task is open; beside it one whose sub-task is done too."""
    for title, is_open in (("Choose a label printer", True), ("Choose a badge reader", False)):
        parent = items.made("Spike", title, age=40)
        parent.moves = [(shop.ago(20), "In Progress"), (shop.ago(5), "Done")]
        child = shop.item(parent.project, "Sub-task", age=26, title=f"Compare prices: {title}", parent=parent)
        child.number, child.efforts = parent.number + 60, ()
        if not is_open:
            child.moves = [(shop.ago(19), "In Progress"), (shop.ago(6), "Done")]
        mark = shop.plant if is_open else shop.decoy
        mark("S14", milestone.commitment, parent, f"its sub-task is {'open' if is_open else 'done'}")


def _mirrored(shop: Workshop, milestone: Milestone, items: Items) -> None:
    """S13: done in Jira, open in GitLab; beside it one that is open on both sides."""
    repository = "line-gateway" if milestone is MES else "engine"
    done = items.made("Spike", "Agree on the message names", age=40)
    done.moves = [(shop.ago(20), "In Progress"), (shop.ago(6), "Done")]
    still = items.made("Spike", "Agree on the alarm levels", age=40)
    still.moves = [(shop.ago(4), "In Progress")]
    shop.mirrors += [(repository, done), (repository, still)]
    shop.plant("S13", milestone.commitment, done, "its mirror in GitLab is open")
    shop.decoy("S13", milestone.commitment, still, "open on both sides")


def _contradicting(shop: Workshop, milestone: Milestone, items: Items) -> None:
    """S17: done without a resolution; beside it one that the workflow reopened with its resolution kept."""
    bare = items.made("Spike", "Survey of the spare parts", age=40)
    bare.moves, bare.is_unresolved = [(shop.ago(20), "In Progress"), (shop.ago(7), "Done")], True
    shop.plant("S17", milestone.commitment, bare, "done without a resolution")
    kept = items.made("Spike", "Survey of the cables", age=40)
    kept.moves = [(shop.ago(20), "In Progress"), (shop.ago(9), "Done"), (shop.ago(3), "In Progress")]
    kept.resolved_at = shop.ago(9)
    shop.decoy("S17", milestone.commitment, kept, "the workflow keeps the resolution on reopening")


def _waiting(shop: Workshop, milestone: Milestone, items: Items) -> None:
    """T06: a merge request without a move for five working days; its label gives it the lowest priority, Jira the highest (G08)."""
    item = items.made("Bug", "Alarm sounds twice", age=30)
    item.priority = 1
    last = workdays_before(shop.anchor, 5)
    start = last - timedelta(days=3)
    change(shop, item, start, last, updated_at=last, labels=("priority::lowest",))
    item.moves = [(start - timedelta(hours=2), "In Progress"), (last, "In Review")]
    shop.plant("T06", milestone.commitment, _newest(shop), "nothing moved for five working days")
    shop.plant("G08", milestone.commitment, item, "highest in Jira, lowest in GitLab")
    other = items.made("Bug", "Alarm text is cut", age=30)
    other.priority = 2
    recent = shop.ago(hours=20)
    change(shop, other, shop.ago(3), recent, updated_at=recent, labels=("priority::medium",))
    other.moves = [(shop.ago(3.1), "In Progress"), (recent, "In Review")]
    shop.decoy("T06", milestone.commitment, _newest(shop), "moved yesterday")
    shop.decoy("G08", milestone.commitment, other, "high and medium are neighbours")


def _newest(shop: Workshop) -> Change:
    return shop.changes[-1]


def _booked(shop: Workshop, milestone: Milestone, items: Items) -> None:
    """C03 and C06: hours after the end, and a day of fourteen hours; beside them hours that are in order."""
    late = items.made("Spike", "Visit the supplier", age=60)
    late.moves = [(shop.ago(30), "In Progress"), (shop.ago(20), "Done")]
    late.efforts = ((shop.ago(25), 4 * _HOUR_S), (shop.ago(10), 3 * _HOUR_S))
    shop.plant("C03", milestone.commitment, late, "three hours, ten days after it was done")
    shop.decoy("C07", milestone.commitment, late, "within the time of its version")
    in_time = items.made("Spike", "Visit the other plant", age=60)
    in_time.moves = [(shop.ago(30), "In Progress"), (shop.ago(20), "Done")]
    in_time.efforts = ((shop.ago(25), 4 * _HOUR_S), (shop.ago(18.5), 2 * _HOUR_S))
    shop.decoy("C03", milestone.commitment, in_time, "booked a day late")
    long = items.made("Spike", "Night watch at the pilot line", age=40)
    long.moves, long.efforts = [(shop.ago(6), "In Progress")], ((shop.ago(5.5), 14 * _HOUR_S),)
    shop.plant("C06", milestone.commitment, long, "one entry of fourteen hours")
    shop.decoy("C06", milestone.commitment, in_time, "a morning's work")


def _keyed(shop: Workshop, milestone: Milestone, items: Items) -> None:
    """L05: moved here ten days ago, with a branch under the former key; beside it one whose branch has the new key."""
    for number, title, is_old in ((951, "Scanner pairing", True), (952, "Scanner battery warning", False)):
        item = items.made("Spike", title, age=50)
        item.former_number = number
        key = item.former_key if is_old else item.key
        subjects = (f"{key}: first sketch",)
        change(
            shop,
            item,
            shop.ago(4),
            shop.ago(2),
            branch=f"spike/{key}-sketch",
            subjects=subjects,
            is_bare=True,
        )
        item.moves = [(shop.ago(14), "In Progress")]
        moved = Edit(
            at=shop.ago(10), by=item.reporter, field="Key", old=(None, item.former_key), new=(None, item.key)
        )
        item.edits = (moved,)
        mark = shop.plant if is_old else shop.decoy
        mark("L05", milestone.commitment, item, f"its branch has the {'former' if is_old else 'new'} key")


def _claiming(shop: Workshop, milestone: Milestone, items: Items) -> None:
    """L07: one merge request whose title names eleven items."""
    item = items.made("Spike", "Tidy up the tickets", age=20)
    item.moves = [(shop.ago(3), "In Progress")]
    keys = " ".join(f"{item.project}-{_FIRST + n}" for n in range(11))
    branch = f"chore/tidy-up-{milestone.project.lower()}"
    subjects = ("tidy up",)
    more = {"title": f"Tidy up {keys}", "branch": branch, "subjects": subjects, "is_draft": True}
    change(shop, item, shop.ago(3), shop.ago(hours=30), **more)
    shop.plant("L07", "*", _newest(shop), "names eleven items and no release")


def _stale(shop: Workshop, milestone: Milestone) -> None:
    """Three items that nobody has touched for months."""
    items = Items(shop, milestone, first=981)
    for title in ("Archive of the old reports", "Second data centre", "Nightly consistency check"):
        items.made("Story", title, age=170)


def _never_shipped(shop: Workshop, milestone: Milestone, version: str, items: Items) -> None:
    """S12 with R12 and C07: in a version that was released weeks ago, merged hours ago without a pipeline, with hours of these days."""
    item = items.made("Story", "Late addition to the release notes", age=70)
    item.versions = (version,)
    at = shop.ago(hours=3)
    merged(shop, item, shop.ago(2), at, style="merge", landing="none", repository="portal")
    item.moves = [(shop.ago(2.1), "In Progress"), (at + timedelta(minutes=20), "Done")]
    item.efforts = ((shop.ago(1.6), 4 * _HOUR_S), (shop.ago(0.7), 4 * _HOUR_S))

    shop.plant(
        "S12", milestone.commitment, f"jira:version:{VERSION_IDS[version]}", "merged after the last shipment"
    )
    shop.plant("R12", milestone.commitment, item, "done weeks after its version's release")
    shop.plant("C07", milestone.commitment, item, "eight hours, weeks after the release")
