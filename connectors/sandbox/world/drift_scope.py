"""Planted drift of plans: two small milestones whose scope, dates, owners and agreements came apart after they had been settled."""

from __future__ import annotations

from msgspec import Struct

from connectors.sandbox.world.changes import change
from connectors.sandbox.world.jira_payloads import FIELD_IDS
from connectors.sandbox.world.people import BY_LOGIN
from connectors.sandbox.world.plan import Change, Edit, Item
from connectors.sandbox.world.programmes import due_on
from connectors.sandbox.world.workshop import Workshop

_HOUR_S = 3600
BASELINE_DAYS = -8
"""Day, counted from the anchor's, at whose end the scope was agreed."""
DUE_DAYS = 10


class Small(Struct, frozen=True, kw_only=True):
    """A small milestone: its name is that of its Jira version and of its GitLab milestone. ``first`` numbers its items, ``ids`` are those of both."""

    key: str
    title: str
    project: str
    owner: str
    repository: str
    first: int
    version_id: str
    milestone_id: int


RAMP_UP = Small(
    key="ramp-up-1.0", title="Ramp-up 1.0", project="IMP", owner="Wang Fang 王芳", repository="line-gateway",
    first=811, version_id="12011", milestone_id=721,
)  # fmt: skip
AUDIT = Small(
    key="audit-2.0", title="Audit 2.0", project="RISK", owner="Zhao Lei 赵磊", repository="engine",
    first=811, version_id="13011", milestone_id=722,
)  # fmt: skip


def small_milestones(shop: Workshop) -> tuple[Small, ...]:
    """The small milestones that the company has."""
    return () if shop.is_small else (RAMP_UP, AUDIT)


def scoped(shop: Workshop) -> None:
    """All of this module."""
    for small in small_milestones(shop):
        plan = _Plan(shop, small)
        plan.agreed()
        plan.grown()
        plan.shrunk()
        plan.blocked()
        plan.worked()
        plan.estimated()
        plan.moved()
        plan.governed()


class _Plan:
    """The items of one small milestone, and what happened to them."""

    def __init__(self, shop: Workshop, small: Small) -> None:
        self.shop, self.small, self.number = shop, small, small.first
        self.ref = f"tandem:commitment:{small.key}"

    def item(self, title: str, *, age: float = 60, kind: str = "Story", is_inside: bool = True) -> Item:
        shop, small = self.shop, self.small
        made = shop.item(small.project, kind, age=age, title=f"{small.title}: {title}")
        made.number, self.number, made.efforts = self.number, self.number + 1, ()
        made.versions = (small.title,) if is_inside else ()
        return made

    def plant(self, rule: str, subject: object, why: str) -> None:
        self.shop.plant(rule, self.small.key, subject, why)  # type: ignore[arg-type]  # a Subject

    def decoy(self, rule: str, subject: object, why: str) -> None:
        self.shop.decoy(rule, self.small.key, subject, why)  # type: ignore[arg-type]  # a Subject

    def agreed(self) -> None:
        """Ten items that were there from the start; three have hours and no code (C04). The first carries the comment."""
        self.base = [self.item(f"station {n}") for n in range(1, 11)]
        for item in self.base[1:4]:
            item.efforts = ((self.shop.ago(8), 5 * _HOUR_S), (self.shop.ago(7), 5 * _HOUR_S))
        self.plant("C04", self.ref, "three items have hours and no code")

    def grown(self) -> None:
        """R04: two items joined after the baseline. R09: one of them stands in the big milestone of its project as well."""
        for title in ("training videos", "translated signs"):
            late = self.item(title)
            late.created_at = self.shop.ago(5)
        self.plant("R04", self.ref, "two items joined ten after the baseline")
        both = self.base[4]
        big = "MES core 2.0" if self.small.project == "IMP" else "Risk engine 1.4"
        both.versions = (self.small.title, big)
        commitment = "mes-core-2.0" if self.small.project == "IMP" else self.small.key
        self.shop.plant("R09", commitment, both, "in two milestones")

    def shrunk(self) -> None:
        """R05: one item was taken out four days ago, ten days before the date."""
        shop, small = self.shop, self.small
        gone = self.item("spare station", is_inside=False)
        value = (small.version_id, small.title)
        gone.edits = (
            Edit(
                at=gone.created_at,
                by=gone.reporter,
                field="Fix Version",
                old=(None, None),
                new=value,
                field_id="fixVersions",
            ),
            Edit(
                at=shop.ago(4),
                by=gone.reporter,
                field="Fix Version",
                old=value,
                new=(None, None),
                field_id="fixVersions",
            ),
        )
        self.plant("R05", self.ref, "one item was taken out four days ago")

    def blocked(self) -> None:
        """T04: an item outside, due after the milestone, blocks one inside."""
        blocker = self.item("power supply", kind="Spike", is_inside=False)
        blocker.due_on = due_on(self.shop, DUE_DAYS + 20)
        blocker.blocks.append(self.base[5])
        self.plant("T04", blocker, "it blocks an item and is due after the milestone")
        inside = self.base[9]
        inside.due_on = due_on(self.shop, DUE_DAYS + 20)
        inside.blocks.append(self.base[5])
        self.decoy("T04", inside, "both are items of the milestone")

    def worked(self) -> None:
        """R02 and R03: planned on one side, and merged elsewhere; beside them one that is planned on both and goes to main."""
        loose = self.item("operator hints", kind="Spike", is_inside=False)
        outside = self._change(loose, days=4)
        self.plant("R02", outside, "its issue belongs to no milestone")
        self.decoy("L02", loose, "a spike needs no code")
        aimed = self._change(self.base[6], days=3, target="release/0.9")
        self.plant("R03", aimed, "its target feeds another release")
        self.decoy("R02", aimed, "planned on both sides")
        self.decoy("R03", self._change(self.base[7], days=6), "it goes to main")

    def _change(self, item: Item, *, days: float, **more: str) -> Change:
        """An open merge request in the milestone, and its item in progress since then."""
        shop, small = self.shop, self.small
        item.moves = [(shop.ago(days), "In Progress")]
        more = {"repository": small.repository, "milestone": small.title} | more
        return change(shop, item, shop.ago(days), shop.ago(hours=7), **more)

    def estimated(self) -> None:
        """R06: more than doubled after work had begun; beside it a first estimate that came late."""
        for item, old, new in ((self.base[7], "3", "8"), (self.base[6], None, "5")):
            points = Edit(
                at=self.shop.ago(2),
                by=item.assignee,
                field="Story Points",
                old=(None, old),
                new=(None, new),
                field_id=FIELD_IDS["Story Points"],
            )
            item.edits = (points,)
            mark = self.plant if old else self.decoy
            mark("R06", item, "more than doubled after work had begun" if old else "a first estimate")

    def moved(self) -> None:
        """R08: somebody without the role moved a date; beside it a planner did. R09: in two milestones, and in one."""
        days = tuple((due_on(self.shop, n).isoformat(),) * 2 for n in (DUE_DAYS - 5, DUE_DAYS))
        for item, login in ((self.base[8], "sun.li"), (self.base[0], "zhang.min")):
            item.due_on = due_on(self.shop, DUE_DAYS)
            by = BY_LOGIN[login]
            item.edits = (Edit(at=self.shop.ago(5), by=by, field="duedate", old=days[0], new=days[1]),)
        self.plant("R08", self.base[8], "somebody who is no planner moved the date")
        self.decoy("R08", self.base[0], "a planner moved the date")
        self.decoy("R09", self.base[0], "in one milestone")

    def governed(self) -> None:
        """G02, R10 and S16: one owner for both sides, nothing agreed about the end, and a GitLab milestone that was closed already."""
        self.plant("G02", self.ref, "both owners are one person")
        self.plant("R10", self.ref, "no exit criteria")
        for rule, why in (
            ("R04", "its scope was agreed today"),
            ("R05", "its scope was agreed today"),
            ("R10", "everything is agreed"),
            ("G02", "two people answer for it"),
            ("C04", "its hours lie on what was built"),
        ):
            self.shop.decoy(rule, "mes-core-2.0", "tandem:commitment:mes-core-2.0", why)
        version = f"jira:version:{self.small.version_id}"
        self.plant("S16", version, "its GitLab milestone was closed days ago")
