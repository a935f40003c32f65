"""Planted marks in source files: TODOs that name closed, missing or no issues (L04), or debt that counts as repaid (D03); and what only looks like them.

Only the folder ``src`` of two repositories may be read; the other files are there to be left alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from connectors.marks import marks_in
from connectors.sandbox.world.drift_debt import RETIRED, key_of
from connectors.sandbox.world.plan import DONE, Item
from connectors.sandbox.world.repositories import PROJECT_IDS
from connectors.sandbox.world.workshop import Workshop

_LABELS = "Old label printer protocol"
"""Title of a repaid debt."""
_UNNAMED = 11
"""How many marks of the line gateway name no issue: more than the rule lets pass."""
_KINDS = {"Story", "Bug", "Improvement"}

_CODE = """\
\"\"\"{title}.\"\"\"

from __future__ import annotations

LIMIT = {limit}
HINT = "TODO {quoted}: shown to operators when a form is left half filled"


def accept(frame: bytes) -> bool:
    # longer frames come from drivers that we do not know
    return 0 < len(frame) <= LIMIT
"""
_DRIVER = """\
/* Serial driver of the gateway. */
#include "driver.h"

int open_port(const char *name) {{
    /* {mark} */
    return name[0] == '"' ? -1 : 0; // the quote is no string
}}
"""
_REASONS = (
    "one lock per port",
    "handle a half-written frame",
    "measure before tuning this",
    "断网时的重试",
    "merge with the other parser",
    "name the magic number",
    "log what was dropped",
    "use the shared clock",
    "split this function",
    "验证时区",
    "stop copying the buffer",
)


def noted(shop: Workshop) -> None:
    """Every source file of the company, with its marks."""
    done = {project: _done(shop, project) for project in ("IMP", "RISK")}
    _ordinary(shop, quoted=done["IMP"][1].key)
    _closed(shop, done)
    _missing(shop)
    _look_alikes(shop, done)
    if not shop.is_small:
        _unnamed(shop)
        _repaid(shop)


def _done(shop: Workshop, project: str) -> list[Item]:
    """Finished work that nothing else is told about, newest first."""
    actors = set(map(id, shop.issues.values()))
    fitting = (
        i
        for i in shop.items
        if i.project == project
        and i.status in DONE
        and i.type in _KINDS
        and id(i) not in actors
        and not i.labels
    )
    return sorted(fitting, key=lambda i: (i.number < 800, i.number), reverse=True)[-12:]


def _write(shop: Workshop, repository: str, path: str, lines: str | Iterable[str]) -> None:
    """A file in the repository, more lines of it where it is there already."""
    text = lines if isinstance(lines, str) else "".join(f"{line}\n" for line in lines)
    held = shop.files[shop.home(repository)]
    held[path] = held.get(path, "") + text


def _ordinary(shop: Workshop, *, quoted: str) -> None:
    """Files without any mark, but for one in a string that names work which is done."""
    for repository, folders in (
        ("line-gateway", ("src/session", "src/telemetry", "tests")),
        ("engine", ("src/rules", "src/decision", "tests")),
    ):
        for folder in folders:
            for name in ("pool", "state", "routes")[: shop.few(16)]:
                title, limit = f"{folder.rpartition('/')[2].capitalize()} {name}", 128 * len(name)
                _write(
                    shop,
                    repository,
                    f"{folder}/{name}.py",
                    _CODE.format(title=title, limit=limit, quoted=quoted),
                )
    _write(shop, "line-gateway", "README.md", "# Line gateway\n\nTODO: describe the driver interface\n")


def _closed(shop: Workshop, done: dict[str, list[Item]]) -> None:
    stale, other = done["IMP"][0], done["RISK"][0]
    mark = f"TODO({stale.key}): drop the second pool once the new one has run a month"
    _write(shop, "line-gateway", "src/session/pool.py", f"\n\n# {mark}\nSPARE = 2\n")
    _write(
        shop, "engine", "src/decision/state.py", f"\n\n# FIXME {other.key} the fallback is still in here\n"
    )
    for item in (stale, other):
        shop.plant("L04", "*", item, "closed, and code still says that something is left to do for it")


def _missing(shop: Workshop) -> None:
    text = "\n\n# TODO RISK-9410: ask the limit store only once\n"
    _write(shop, "engine", "src/rules/routes.py", text)
    (mark,) = (m for m in marks_in("routes.py", text) if "9410" in m.text)
    subject = f"gitlab:todo:{PROJECT_IDS[shop.home('engine')]}/src/rules/routes.py/{mark.digest}"
    shop.plant("L04", "*", subject, "RISK-9410 does not exist")


def _look_alikes(shop: Workshop, done: dict[str, list[Item]]) -> None:
    actors = set(map(id, shop.issues.values()))
    waiting = next(
        i
        for i in shop.items
        if i.project == "IMP" and i.status == "To Do" and i.type == "Story" and id(i) not in actors
    )
    _write(
        shop, "line-gateway", "src/telemetry/routes.py", f"\n\n# TODO({waiting.key}): one route per line\n"
    )
    shop.decoy("L04", "*", waiting, "still open")
    quoted, fixture, vendored = done["IMP"][1:4]
    shop.decoy("L04", "*", quoted, "its mark stands in a string")
    _write(
        shop, "line-gateway", "src/telemetry/fixtures/frames.py", f"# TODO({fixture.key}): a recorded frame\n"
    )
    shop.decoy("L04", "*", fixture, "its mark stands in a fixture")
    _write(shop, "line-gateway", "src/third_party/modbus.c", _DRIVER.format(mark=f"FIXME {vendored.key}"))
    shop.decoy("L04", "*", vendored, "its mark stands in vendored code")


def _unnamed(shop: Workshop) -> None:
    """Many marks without an issue in one folder, a few in the other."""
    marks = [f"    x = {n}  # TODO: {_REASONS[n % len(_REASONS)]}" for n in range(_UNNAMED)]
    _write(shop, "line-gateway", "src/session/legacy.py", ["def tidy() -> None:", *marks])
    gateway, engine = (f"gitlab:todo_scan:{PROJECT_IDS[name]}/src" for name in ("line-gateway", "engine"))
    shop.plant("L04", "*", gateway, f"{_UNNAMED} marks that name no issue")
    _write(shop, "engine", "src/api/view.py", [f"# TODO {reason}" for reason in _REASONS[:3]])
    shop.decoy("L04", "*", engine, "only three marks that name no issue")


def _repaid(shop: Workshop) -> None:
    labels = next(i for i in shop.items if i.title == _LABELS)
    retired = next(i for i in shop.items if i.project == "IMP" and i.number == RETIRED)
    _write(
        shop,
        "line-gateway",
        "src/drivers/label.c",
        _DRIVER.format(mark=f"TODO({labels.key}): speak the new protocol"),
    )
    _write(
        shop,
        "line-gateway",
        "src/session/handover.py",
        f"# TODO {retired.key}: the sheet is still printed at night\n",
    )
    shop.plant("D03", key_of(labels), labels, "repaid, and code still says that it is not")
    shop.plant("D03", "paper-handover", retired, "repaid, and code still says that it is not")
