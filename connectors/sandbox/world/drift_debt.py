"""Planted debt: the register of twelve items, what is past its date (D01), what blocks a milestone (D02), and what only seems to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from connectors.sandbox.world.changes import change, merged, part
from connectors.sandbox.world.drift_done import landed
from connectors.sandbox.world.plan import Item
from connectors.sandbox.world.programmes import FEATURES, MES, RISK, due_on
from connectors.sandbox.world.workshop import Story, Workshop

DEBT_MODULE = "nova/mes/line-gateway:src/drivers"
_IDLE_MODULE = "nova/risk/engine:src/legacy"
LEGACY = 88
"""Number of the IMP issue that the mapping names as debt, open and with one owner only."""
RETIRED = 89
"""Number of the IMP issue that the mapping names as debt, done and without owners."""
ENDING = 60
"""Number of the RISK debt whose acceptance ends on the anchor's day: due tomorrow, not today."""


def key_of(item: Item) -> str:
    """The key of the commitment that a debt issue makes."""
    return f"debt-{item.key.lower()}"


def _debt(shop: Workshop, project: str, title: str, *, accepted: int, **fields: str) -> Item:
    """A debt issue in the register; ``accepted`` is the day relative to the anchor until which it is accepted."""
    kind = shop.rng.choice(("Task", "Technical Debt"))
    register: dict[str, Any] = {name.replace("_", " ").capitalize(): text for name, text in fields.items()}
    register["Accepted until"] = due_on(shop, accepted).isoformat()
    age = shop.rng.uniform(60, 200)
    return shop.item(project, kind, age=age, title=title, labels=("tech-debt",), fields=register)


def register(shop: Workshop, open_in: dict[str, Item]) -> None:
    """All debt of the company. ``open_in`` names the open items that D02 is about: ``blocked``, ``deferred``, ``own`` and ``done``."""
    if shop.is_small:
        _little(shop, open_in)
        return
    _late(shop)
    _blocking(shop, open_in)
    _harmless(shop, open_in)
    _named(shop)


def _little(shop: Workshop, open_in: dict[str, Item]) -> None:
    """One debt that is past its date and blocks a milestone, and one that will be past it tomorrow."""
    late = shop.tell(_overdue, _debt(shop, "IMP", "Driver pool has no back-pressure", accepted=-34))
    late.blocks.append(open_in["blocked"])
    shop.tell(_found(RISK.commitment, "blocks an open item"), late)
    _ending(shop)


def _late(shop: Workshop) -> None:
    for project, title, days in (
        ("IMP", "Driver pool has no back-pressure", -34),
        ("RISK", "规则引擎仍依赖旧版解析器", -12),
        ("IMP", "Screens poll the database directly", -5),
    ):
        item = shop.tell(_overdue, _debt(shop, project, title, accepted=days))
        item.components = ("core",)


def _overdue(shop: Workshop, item: Item) -> None:
    shop.plant("D01", key_of(item), item, f"accepted until {item.fields['Accepted until']}, still open")


def _blocking(shop: Workshop, open_in: dict[str, Item]) -> None:
    blocking = _debt(shop, "RISK", "Limit store without transactions", accepted=60)
    blocking.blocks.append(open_in["blocked"])
    shop.tell(_found(RISK.commitment, "blocks an open item"), blocking)
    deferring = _debt(shop, "RISK", "Backfill runs on one node", accepted=75)
    shop.tell(_deferring(open_in["deferred"]), deferring)
    module = _debt(shop, "IMP", "Serial drivers share global state", accepted=45, modules=DEBT_MODULE)
    shop.tell(_found(MES.commitment, "open items change its module"), module)


def _found(commitment: str, why: str) -> Story:
    def story(shop: Workshop, item: Item) -> None:
        shop.plant("D02", commitment, item, why)

    return story


def _deferring(feature: Item) -> Story:
    def story(shop: Workshop, item: Item) -> None:
        item.fields["Deferred features"] = f"offline scoring, {feature.key}"
        shop.plant("D02", FEATURES.commitment, item, f"defers {feature.key}, which is in scope")

    return story


def _harmless(shop: Workshop, open_in: dict[str, Item]) -> None:
    planned = _debt(shop, "IMP", "Replace the hand-written scheduler queue", accepted=30)
    planned.versions, planned.blocks = (MES.version or "",), [open_in["own"]]
    shop.tell(_quiet("D02", MES.commitment, "planned work of the milestone itself"), planned)
    beside_done = _debt(shop, "RISK", "多语言文本散落在代码中", accepted=90, modules=_IDLE_MODULE)
    beside_done.fields["Deferred features"] = "multi-language reports"
    beside_done.blocks.append(open_in["done"])
    shop.tell(
        _quiet("D02", RISK.commitment, "blocks a done item only; its module is changed by one commit"),
        beside_done,
    )
    repaid = _debt(shop, "IMP", "Old label printer protocol", accepted=-20)
    repaid.blocks.append(open_in["own"])
    shop.tell(_repaid, repaid)
    _ending(shop)


def _ending(shop: Workshop) -> None:
    ending = _debt(shop, "RISK", "Alert rules without tests · 告警规则无测试", accepted=0)
    ending.number, ending.created_at = ENDING, shop.office(shop.ago(130))
    shop.issues["ending debt"] = ending
    shop.tell(_quiet("D01", "", "accepted until today, the day included"), ending)


def _quiet(rule: str, commitment: str, why: str) -> Story:
    def story(shop: Workshop, item: Item) -> None:
        shop.decoy(rule, commitment or key_of(item), item, why)

    return story


def _repaid(shop: Workshop, item: Item) -> None:
    landed(shop, item, 52)
    shop.decoy("D01", key_of(item), item, "repaid before its date")
    shop.decoy("D02", MES.commitment, item, "repaid debt blocks nothing")


def _named(shop: Workshop) -> None:
    legacy = shop.item(
        "IMP", "Task", age=150, title="Legacy fieldbus gateway keeps a private fork", number=LEGACY
    )
    shop.plant("G01", "legacy-fieldbus", "tandem:commitment:legacy-fieldbus", "no engineering owner")
    retired = shop.item("IMP", "Task", age=149, title="Retire the paper handover sheet", number=RETIRED)
    shop.tell(_quiet("D01", "legacy-fieldbus", "has no date"), legacy)
    shop.plant("D05", "legacy-fieldbus", legacy, "has no date")
    shop.tell(_retired, retired)


def _retired(shop: Workshop, item: Item) -> None:
    landed(shop, item, 70)
    shop.decoy("G01", "paper-handover", "tandem:commitment:paper-handover", "done debt needs no owners")


def touching(shop: Workshop, item: Item) -> None:
    """In progress: a first part is merged into the debt's module, a second is under way."""
    merged(
        shop,
        item,
        shop.ago(14),
        shop.ago(10),
        style="merge",
        paths=("src/drivers/serial.c",),
        subjects=_named_commits(item, 3),
    )
    change(shop, item, shop.ago(4), shop.ago(hours=7), **part(item, 2))
    item.moves = [(shop.ago(14.1), "In Progress")]


def touching_once(shop: Workshop, item: Item) -> None:
    """In progress: one commit in a debt's module lately and many long ago, both too little for D02."""
    old = shop.ago(90)
    paths = ("src/legacy/parser.py",)
    merged(
        shop, item, old - timedelta(days=3), old, style="merge", paths=paths, subjects=_named_commits(item, 4)
    )
    merged(
        shop,
        item,
        shop.ago(13),
        shop.ago(9),
        style="rebase",
        paths=paths,
        subjects=_named_commits(item, 1),
        **part(item, 2),
    )
    change(shop, item, shop.ago(3), shop.ago(hours=11), **part(item, 3), is_draft=True)
    item.moves = [(old - timedelta(days=3.5), "In Progress")]


def _named_commits(item: Item, count: int) -> tuple[str, ...]:
    steps = ("guard the port table", "one lock per port", "测试并发读写", "drop the global buffer")
    return tuple(f"{item.key}: {step}" for step in steps[:count])
