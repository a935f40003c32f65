"""Planted drift of the debt register: repaid without work (D03), repaid and open (D04), without terms (D05), new in the core (D06), promised anyway (D09)."""

from __future__ import annotations

from connectors.sandbox.world.changes import merged
from connectors.sandbox.world.drift_debt import key_of
from connectors.sandbox.world.drift_done import landed
from connectors.sandbox.world.plan import Item
from connectors.sandbox.world.programmes import due_on
from connectors.sandbox.world.workshop import Workshop

CORE = "nova/risk/engine:src/kernel"
"""The module that the mapping calls core."""
_FIRST = 861
_IN_RISK = {
    "Password in the start script": "规则脚本里写着口令",
    "Clock set by hand": "Time zone of the batch is fixed in code",
    "Reader polls without a pause": "限额查询没有缓存",
    "Two formats of one message": "Two names for one limit",
    "Nobody knows who uses the export": "没人知道谁在用旧报表",
    "Kernel without a watchdog": "Decision kernel has no circuit breaker",
    "Kernel reads its settings twice": "决策内核重复加载规则",
    "Agents cannot be reached": "No channel to the case reviewers",
    "Remote restart": "Callback to the reviewer",
    "Remote update": "Reviewer may attach files",
}
"""What the same stories are called in the other project."""


def registered(shop: Workshop) -> None:
    """All of this module, once for each project that the company's debt lies in."""
    for project in ("IMP", "RISK"):
        _Register(shop, project).fill()


class _Register:
    """Debt of one project, numbered on."""

    def __init__(self, shop: Workshop, project: str) -> None:
        self.shop, self.project, self.number = shop, project, _FIRST

    def title(self, name: str) -> str:
        return _IN_RISK[name] if self.project == "RISK" else name

    def debt(
        self, title: str, *, age: float = 80, accepted: int | None = 60, fields: dict[str, str] | None = None
    ) -> Item:
        made = self.shop.item(self.project, "Task", age=age, title=self.title(title), labels=("tech-debt",))
        made.number, self.number, made.efforts = self.number, self.number + 1, ()
        if accepted is not None:
            made.fields["Accepted until"] = due_on(self.shop, accepted).isoformat()
        made.fields |= fields or {}
        return made

    def fill(self) -> None:
        shop = self.shop
        paper = self.debt("Password in the start script")
        paper.moves = [(shop.ago(20), "In Progress"), (shop.ago(9), "Done")]
        shop.plant("D03", key_of(paper), paper, "done, and nothing was merged for it")
        real = self.debt("Clock set by hand")
        landed(shop, real, 12)
        shop.decoy("D03", key_of(real), real, "repaid by a merge request")
        left = self.debt("Reader polls without a pause")
        merged(shop, left, shop.ago(12), shop.ago(8.5), style="merge")
        shop.plant("D04", key_of(left), left, "everything is merged, still to do")
        some = self.debt("Two formats of one message")
        merged(
            shop,
            some,
            shop.ago(12),
            shop.ago(8.6),
            style="merge",
            title=f"{some.key}: first step to one format",
        )
        shop.decoy("D04", key_of(some), some, "a first step")
        bare = self.debt("Nobody knows who uses the export", accepted=None)
        shop.plant("D05", key_of(bare), bare, "no date until which it is accepted")
        shop.decoy("D05", key_of(left), left, "its date is there")
        self._in_core()
        self._promised()

    def _in_core(self) -> None:
        shop = self.shop
        new = self.debt("Kernel without a watchdog", age=9, fields={"Modules": CORE})
        shop.plant("D06", key_of(new), new, "nine days old, in the core")
        old = self.debt("Kernel reads its settings twice", age=90, fields={"Modules": CORE})
        shop.decoy("D06", key_of(old), old, "known for months")

    def _promised(self) -> None:
        shop = self.shop
        features = []
        for title, is_promised in (("Remote restart", True), ("Remote update", False)):
            feature = shop.item(self.project, "Spike", age=40, title=self.title(title))
            feature.number, self.number, feature.efforts = self.number, self.number + 1, ()
            feature.moves = [(shop.ago(4), "In Progress")] if is_promised else []
            features.append(feature)
        deferring = self.debt(
            "Agents cannot be reached", fields={"Deferred features": ", ".join(f.key for f in features)}
        )
        shop.plant("D09", key_of(deferring), features[0], "it waits for the debt and is being worked on")
        shop.decoy("D09", key_of(deferring), features[1], "it waits")
