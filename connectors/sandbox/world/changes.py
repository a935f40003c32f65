"""Changes: how branches and merge requests come to be planned for an item."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connectors.sandbox.world.people import Person
from connectors.sandbox.world.plan import Change, DirectCommit, Item
from connectors.sandbox.world.titles import slug
from connectors.sandbox.world.workshop import Workshop

REPOSITORIES = {"IMP": ("line-gateway", "scheduler", "portal"), "RISK": ("engine", "features")}
SHARED = "common"
BUSY = {"IMP": "line-gateway", "RISK": "engine"}
"""Per programme the repository whose main branch is green at the anchor, whatever else was planted."""
_QUIET_DAYS = {"line-gateway": 2.0, "engine": 2.0}
_STEPS = (
    "wire it up",
    "add tests",
    "handle timeouts",
    "tidy names",
    "cover the empty case",
    "补充单元测试",
    "处理超时",
    "update fixtures",
)
_BARE = ("address review", "fix lint", "修正评审意见", "typo", "merge fixtures from staging")
_FORMS = (
    "{key}: {title}",
    "feat({key}): {title}",
    "[{key}] {title}",
    "{key} {title}",
    "fix: {title} ({key})",
)


def latest_landing(shop: Workshop, repository: str) -> datetime:
    """Until when the background merges there: the end of each main branch belongs to planted stories."""
    return shop.ago(_QUIET_DAYS.get(repository, 8.0))


def repository_for(shop: Workshop, project: str) -> str:
    """Where a piece of background work happens."""
    if shop.rng.random() < 0.08:
        return SHARED
    return shop.rng.choice(REPOSITORIES[project])


def change(shop: Workshop, item: Item, started: datetime, last: datetime, **more: Any) -> Change:  # noqa: ANN401  # fields of Change
    """A branch for ``item`` with commits between ``started`` and ``last``; its merge request opens in between. ``more`` overrides any field of Change."""
    author = more.pop("author", item.assignee)
    values: dict[str, Any] = {
        "repository": BUSY[item.project],
        "branch": f"{'fix' if item.type == 'Bug' else 'feature'}/{item.key}-{slug(item.title)}",
        "title": shop.rng.choice(_FORMS).format(key=item.key, title=item.title),
        "opened_at": shop.within(started, last, 0.6),
        "subjects": _subjects(shop, item),
        "style": shop.rng.choice(("merge", "merge", "squash", "rebase")),
        "reviewer": _reviewer(shop, item, author),
    }
    values |= more
    values["repository"] = shop.home(values["repository"])
    made = Change(item=item, author=author, started_at=started, last_at=last, **values)
    shop.changes.append(made)
    return made


def merged(shop: Workshop, item: Item, started: datetime, at: datetime, **more: Any) -> Change:  # noqa: ANN401  # fields of Change
    """A change for ``item`` that was merged ``at``."""
    last = shop.within(started, at, 0.9)
    return change(shop, item, started, last, merged_at=at, **more)


def part(item: Item, number: int) -> dict[str, str]:
    """Branch and title of a later change for the same item; titles never repeat, so that a revert names one request."""
    branch = f"feature/{item.key}-part-{number}"
    return {"branch": branch, "title": f"{item.key}: {item.title}, part {number}"}


def taking_back(shop: Workshop, taken: Change, at: datetime, **more: Any) -> Change:  # noqa: ANN401  # fields of Change
    """A merged merge request that reverts ``taken`` the way GitLab's own button does it."""
    start = at - timedelta(hours=1)
    if taken.style == "rebase":
        taken.style = "squash"  # a fast-forward leaves no single commit that could be taken back
    values: dict[str, Any] = {
        "repository": taken.repository,
        "branch": f"revert-{shop.rng.getrandbits(32):08x}",
        "title": f'Revert "{taken.title}"',
        "description": "Taken back after an incident on staging.",
        "subjects": (f'Revert "{taken.title}"',),
        "style": "squash",
        "takes_back": taken,
    }
    made = Change(
        author=taken.reviewer or taken.author,
        started_at=start,
        last_at=start + timedelta(minutes=5),
        opened_at=start + timedelta(minutes=6),
        merged_at=at,
        **(values | more),
    )
    shop.changes.append(made)
    return made


def direct(shop: Workshop, repository: str, author: Person, *, title: str, at: datetime) -> DirectCommit:
    """A commit pushed straight to the main branch."""
    made = DirectCommit(repository=shop.home(repository), author=author, title=title, at=at)
    shop.directs.append(made)
    return made


def _reviewer(shop: Workshop, item: Item, author: Person) -> Person | None:
    other = shop.someone(item.project)
    return None if other is author else other


def _subjects(shop: Workshop, item: Item) -> tuple[str, ...]:
    """Commit titles: the first names the key, most others do."""
    count = shop.rng.randint(*((1, 3) if shop.is_small else (3, 9)))
    steps = [shop.rng.choice(_STEPS if shop.rng.random() < 0.7 else _BARE) for _ in range(count - 1)]
    return (
        f"{item.key}: {item.title[:50]}",
        *(f"{item.key} {s}" if s in _STEPS else s for s in steps),
    )
