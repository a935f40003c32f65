"""Planted changes that name no item (L01) or one that does not exist (L03), and those that need not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connectors.sandbox.world.changes import direct, latest_landing
from connectors.sandbox.world.people import BY_LOGIN
from connectors.sandbox.world.plan import Change
from connectors.sandbox.world.programmes import MES
from connectors.sandbox.world.repositories import PROJECT_IDS
from connectors.sandbox.world.workshop import Workshop

_PACKAGES = (
    "requests",
    "pydantic",
    "vite",
    "spring-boot",
    "grpc",
    "kafka-clients",
    "react",
    "numpy",
    "log4j2",
    "netty",
)
_DOCS = (
    "Describe the driver interface",
    "运维手册：断网恢复",
    "Add a runbook for the night shift",
    "更新部署说明",
)
_OLD = (
    "Quick fix for the demo",
    "Bump CI image",
    "临时修复看板颜色",
    "Remove dead code",
    "Try a larger runner",
    "整理日志格式",
)


def loose(shop: Workshop, repository: str, *, login: str, **more: Any) -> Change:  # noqa: ANN401  # fields of Change
    """A change that belongs to no item. ``more`` needs branch, title, started_at and last_at."""
    values: dict[str, Any] = {
        "opened_at": more["last_at"] + timedelta(minutes=10),
        "subjects": (more["title"],),
        "style": "squash",
    }
    made = Change(repository=shop.home(repository), author=BY_LOGIN[login], **(values | more))
    shop.changes.append(made)
    return made


def _times(at: datetime, *, hours: float = 20) -> dict[str, datetime]:
    return {"started_at": at - timedelta(hours=hours), "last_at": at - timedelta(hours=hours / 2)}


def untracked(shop: Workshop) -> None:
    """L01: merge requests and a branch of the last month without any key."""
    opened = loose(
        shop,
        "engine",
        login="zhao.lei",
        branch="hotfix-thresholds",
        title="Hotfix: thresholds for the holiday peak",
        **_times(shop.ago(5)),
    )
    landed = loose(
        shop,
        "line-gateway",
        login="tomas.silva",
        branch="tomas/try-pool",
        title="临时扩大连接池",
        merged_at=shop.ago(12),
        **_times(shop.ago(12)),
    )
    branch = loose(
        shop,
        "portal",
        login="sun.li",
        branch="sunli-dark-mode",
        title="dark mode experiment",
        is_bare=True,
        **_times(shop.ago(9)),
    )
    shop.plant("L01", "*", opened, "open merge request without a key")
    shop.plant("L01", "*", landed, "merged merge request without a key")
    shop.plant(
        "L01", "*", f"gitlab:branch:{PROJECT_IDS[branch.repository]}/{branch.branch}", "branch without a key"
    )


def tolerated(shop: Workshop) -> None:
    """Decoys of L01: bots, documentation, what is older than a month, protected and merged branches."""
    _bots(shop)
    docs = [f"{title} {n}" for n in (1, 2, 3) for title in _DOCS]
    for index, title in enumerate(docs[: shop.few(len(docs))]):
        repository = ("line-gateway", "engine")[index % 2]
        at = shop.ago(4 + index * 19)
        made = loose(
            shop,
            repository,
            login="anna.kowalski",
            branch=f"docs/page-{index}",
            title=title,
            merged_at=at,
            labels=("documentation",),
            **_times(at),
        )
        if index < 2:
            shop.decoy("L01", "*", made, "documentation")
    old = _OLD * 2
    for index, title in enumerate(old[: shop.few(len(old))]):
        repository = tuple(PROJECT_IDS)[index % 6]
        at = shop.ago(45 + index * 15)
        made = loose(
            shop,
            repository,
            login="chen.jie",
            branch=f"chore-{index}",
            title=f"{title} ({index})",
            merged_at=at,
            **_times(at),
        )
        if index < 2:
            shop.decoy("L01", "*", made, "older than thirty days")
    _branches(shop)


def _bots(shop: Workshop) -> None:
    for index in range(shop.few(40)):
        repository = tuple(PROJECT_IDS)[index % 6]
        package = _PACKAGES[index % len(_PACKAGES)]
        at = min(shop.ago(1.5 + index * 6), latest_landing(shop, repository))
        title = f"Update dependency {package} to v{2 + index // 10}.{index}"
        merged_at = None if index < 3 else at
        made = loose(
            shop,
            repository,
            login="renovate",
            branch=f"renovate/{package}-{index}",
            title=title,
            merged_at=merged_at,
            **_times(at),
        )
        if index < 4:
            shop.decoy("L01", "*", made, "a bot's merge request")


def _branches(shop: Workshop) -> None:
    release = loose(
        shop,
        "engine",
        login="liu.yang",
        branch="release/1.4",
        title="Prepare release notes",
        is_bare=True,
        is_branch_protected=True,
        **_times(shop.ago(6)),
    )
    old = loose(
        shop,
        "portal",
        login="wang.fang",
        branch="spike-svelte",
        title="try another framework",
        is_bare=True,
        **_times(shop.ago(80)),
    )
    for made, why in ((release, "a protected branch"), (old, "its tip is older than thirty days")):
        shop.decoy("L01", "*", f"gitlab:branch:{PROJECT_IDS[made.repository]}/{made.branch}", why)


def misspelt(shop: Workshop) -> None:
    """L03: keys that no issue has, in a merge request, a branch and a commit; and, as a decoy, one that is old."""
    request = loose(
        shop,
        "line-gateway",
        login="chen.jie",
        branch="feature/IMP-9871-buffer",
        title="IMP-9871: larger frame buffer",
        merged_at=shop.ago(11),
        **_times(shop.ago(11)),
    )
    branch = loose(
        shop,
        "features",
        login="priya.nair",
        branch="feature/RISK-9042-window",
        title="widen the time window",
        is_bare=True,
        **_times(shop.ago(8)),
    )
    commit = direct(shop, "engine", BY_LOGIN["zhao.lei"], title="RISK-9077 raise log level", at=shop.ago(7.3))
    old = loose(
        shop,
        "engine",
        login="zhao.lei",
        branch="feature/RISK-9001-cache",
        title="RISK-9001: warm the cache",
        merged_at=shop.ago(70),
        **_times(shop.ago(70)),
    )
    shop.plant("L03", "*", request, "IMP-9871 does not exist")
    shop.plant(
        "L03",
        "*",
        f"gitlab:branch:{PROJECT_IDS[branch.repository]}/{branch.branch}",
        "RISK-9042 does not exist",
    )
    shop.plant("L03", "*", commit, "RISK-9077 does not exist")
    shop.decoy("L03", "*", old, "older than thirty days")


def release_train(shop: Workshop) -> None:
    """Decoy of S01 and S08: an open release merge request lists a dozen items, done and waiting ones; listing is not working on them."""
    mine = [
        i for i in shop.items if i.project == "IMP" and i.versions == (MES.version,) and i.type == "Story"
    ]
    done = [i for i in mine if i.status == "Done"][-11:]
    waiting = [i for i in mine if i.status == "To Do"][-1]
    lines = "\n".join(f"- {item.key} {item.title}" for item in (*done, waiting))
    made = loose(
        shop,
        "line-gateway",
        login="li.wei",
        branch="release-train",
        title="Release train MES 2.0",
        description=f"What is on board:\n\n{lines}",
        **_times(shop.ago(3)),
    )
    shop.decoy("S01", MES.commitment, done[0], f"only listed in the release {made.branch}")
    shop.decoy("L01", "*", made, "its description lists items")
    shop.decoy("L07", "*", made, "it says that it is a release")
    shop.decoy("S08", MES.commitment, waiting, f"only listed in the release {made.branch}")


def housekeeping(shop: Workshop) -> None:
    """Commits pushed straight to main over the months: version bumps and the like, none naming an item."""
    for index in range(shop.few(60)):
        repository = tuple(PROJECT_IDS)[index % 6]
        at = min(shop.office(shop.ago(12 + index * 4.1)), latest_landing(shop, repository))
        login = ("li.wei", "liu.yang", "chen.jie")[index % 3]
        direct(shop, repository, BY_LOGIN[login], title=f"chore: bump build number to {1000 + index}", at=at)
