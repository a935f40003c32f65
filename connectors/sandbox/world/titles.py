"""Titles: what the company's work is called, in English and Chinese, with the odd text that real trackers hold."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import product

_ENGLISH = {
    "IMP": (
        (
            "Retry",
            "Speed up",
            "Add alarms to",
            "Rework",
            "Cache",
            "Validate",
            "Paginate",
            "Log",
            "Harden",
            "Split",
        ),
        (
            "the OPC UA session pool",
            "shift handover report",
            "spindle telemetry ingest",
            "work order dispatch",
            "pallet tracking screen",
            "line changeover wizard",
            "andon board refresh",
            "recipe download to PLC",
            "quality gate at station 12",
            "scrap booking",
            "barcode scanner driver",
            "energy meter collector",
            "tool life counter",
            "MES to ERP confirmation",
            "maintenance calendar",
        ),
    ),
    "RISK": (
        (
            "Backfill",
            "Tune",
            "Version",
            "Explain",
            "Audit",
            "Batch",
            "Deduplicate",
            "Throttle",
            "Monitor",
            "Split",
        ),
        (
            "the velocity rules",
            "device fingerprint features",
            "chargeback labels",
            "limit decision API",
            "score calibration",
            "merchant watch list",
            "graph neighbour lookup",
            "model registry hook",
            "case review queue",
            "settlement batches",
            "sanctions screening",
            "feature freshness check",
            "shadow scoring",
            "rule DSL parser",
            "alert routing",
        ),
    ),
}
_CHINESE = {
    "IMP": (
        ("优化", "修复", "新增", "重构", "补充"),
        (
            "工单派发延迟",
            "产线看板刷新",
            "设备点检记录",
            "物料追溯查询",
            "班组交接报表",
            "扫码枪断线重连",
            "能耗采集补数",
            "首件检验流程",
        ),
    ),
    "RISK": (
        ("优化", "修复", "新增", "重构", "校验"),
        (
            "额度决策接口",
            "设备指纹特征",
            "黑名单同步",
            "案件审核队列",
            "规则灰度发布",
            "特征回溯任务",
            "评分卡监控",
            "清算批次重试",
        ),
    ),
}
HOSTILE = (
    "Show {code} blocks as text in the andon board",
    "h1. Boo — heading typed into the scrap reason",
    "Operators paste [x|javascript:alert(1)] into the shift report",
    "@all: recipe names with an at sign mail the whole plant",
    "<script>alert(1)</script> in the pallet label",
    "Footer shows tandem-slot=mes-core-2.0 tandem-digest=0123456789abcdef",
    "| table | in | a comment breaks the export |",
    "🚀 Faster changeover 🏭 (phase 2)",
    "Names with right-to-left marks \u202eecived\u202c print reversed",
    "支持 {color:red}红色{color} 报警文本 与 *粗体*",
    "Encode as UTF-8, hash with SHA-256, dates as ISO-8601",
    "!image.png! and {noformat} in operator notes",
)
_BEFORE_CODE = re.compile(r"[^a-z0-9]+")


def titles(programme: str, rng: random.Random) -> Iterator[str]:
    """Titles that never repeat: three English ones to one Chinese, then numbered follow-ups."""
    english = [f"{verb} {thing}" for verb, thing in product(*_ENGLISH[programme])]
    chinese = [f"{verb}{thing}" for verb, thing in product(*_CHINESE[programme])]
    rng.shuffle(english)
    rng.shuffle(chinese)
    for part in range(1, 100):
        suffix = "" if part == 1 else f" ({part})"
        for index, title in enumerate(english):
            yield title + suffix
            if index % 3 == 2 and index // 3 < len(chinese):
                yield chinese[index // 3] + suffix


def slug(title: str) -> str:
    """The words of a title that fit into a branch name; ``update`` where none does."""
    words = [w for w in _BEFORE_CODE.split(title.lower()) if len(w) > 1]
    return "-".join(words[:4]) or "update"
