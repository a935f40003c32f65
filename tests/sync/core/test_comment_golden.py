"""Five typical comments in both languages, compared byte for byte with ``tests/golden/comment_*.txt``.

After a wanted change of wording write them anew with ``TANDEM_REWRITE_GOLDEN=1 pytest tests/sync/core/test_comment_golden.py``, and read the difference.
"""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from connectors.port import Completeness
from connectors.records import Ref
from sync.core.comment import comment_of
from sync.core.finding import Audience, Evidence, Severity
from sync.core.judged import SourceRead, told_of
from sync.core.language import Text
from sync.core.progress import Counts
from sync.core.status import Agreement, Health, Reason, Status
from sync.core.words import ALL_DELIVERED

GOLDEN = Path(__file__).parents[2] / "golden"


def merge_request(number, observed):
    url = f"https://gitlab.example/acme/pay/-/merge_requests/{number}"
    return Evidence(
        record=Ref(source="gitlab", kind="merge_request", id=str(number)),
        label=f"!{number}",
        url=url,
        observed=observed,
    )


def issue(key):
    url = f"https://jira.example/browse/{key}"
    return Evidence(record=Ref(source="jira", kind="issue", id=key), label=key, url=url, observed="Done")


def red_main(make, key):
    return make.finding(
        "S03",
        label=key,
        since=make.NOW - timedelta(days=5),
        says=Text(
            en="{issue} is Done, but {branch} has been red since it was merged.",
            zh="{issue} 已是完成状态，但合并后 {branch} 的流水线一直失败。",
        ),
        clears=Text(
            en="Make the pipeline on {branch} green, or reopen {issue}.",
            zh="修复 {branch} 的流水线，或重新打开 {issue}。",
        ),
        values=(("issue", key), ("branch", "main")),
        evidence=(issue(key), merge_request(405, "merged")),
    )


def other_milestone(make):
    return make.finding(
        "R01",
        Severity.WARNING,
        label="!398",
        audience=Audience.BOTH,
        says=Text(
            en="{mr} sits in GitLab milestone {milestone}, its issue {issue} in {version}.",
            zh="{mr} 属于 GitLab 里程碑 {milestone}，对应事项 {issue} 却属于版本 {version}。",
        ),
        means=Text(
            en="Two plans promise {issue} for different releases ({version} / {milestone}).",
            zh="两份计划把 {issue} 承诺给不同的版本（{version} / {milestone}）。",
        ),
        clears=Text(en="Give {mr} and {issue} the same release.", zh="将 {mr} 与 {issue} 归入同一版本。"),
        values=(("mr", "!398"), ("issue", "PAY-122"), ("milestone", "2.1"), ("version", "2.0")),
        evidence=(merge_request(398, "opened"), issue("PAY-122")),
    )


def open_child(make):
    return make.finding(
        "S14",
        Severity.WARNING,
        label="PAY-120",
        audience=Audience.ENGINEERING,
        says=Text(
            en="{parent} is Done, but {child} is still open.", zh="{parent} 已完成，但 {child} 仍未完成。"
        ),
        means=Text(
            en="{parent} and its parts disagree about whether the work is over ({child}).",
            zh="{parent} 与其子项对工作是否结束说法不一（{child}）。",
        ),
        clears=Text(en="Close {child}, or reopen {parent}.", zh="关闭 {child}，或重新打开 {parent}。"),
        values=(("parent", "PAY-120"), ("child", "PAY-121")),
        evidence=(issue("PAY-120"), issue("PAY-121")),
    )


def notices(make, count):
    says = Text(en="{issue} has no code.", zh="{issue} 没有代码。")
    return [
        make.finding("S04", Severity.NOTICE, label=f"PAY-{n}", says=says) for n in range(200, 200 + count)
    ]


def at_risk(make):
    urgent = [make.finding(), red_main(make, "PAY-131"), other_milestone(make), open_child(make)]
    findings = [*urgent, *notices(make, 2)]
    quiet = make.finding("S01", label="PAY-90", suppressed=make.suppressed("迁移 / migration"))
    judged = make.judged(
        findings, suppressed=(quiet,), member_keys=("PAY-118", "PAY-131", "PAY-140"), status=_status(findings)
    )
    before = make.judged(findings[4:], counts=Counts(delivered=29, in_review=6, to_do=8))
    return judged, told_of(before)


def _status(findings, health=Health.AT_RISK, base=None):
    said = [
        Reason(code=f.rule, text=f.says, values=f.values, health=health)
        for f in findings
        if f.severity >= Severity.HIGH
    ]
    agreement = Agreement.DRIFTING if findings else Agreement.AGREED
    return Status(health=health, agreement=agreement, reasons=(*said, *([base] if base else [])))


def off_track(make):
    overdue = make.finding(
        "T02",
        label="Payment core 2.0",
        audience=Audience.BOTH,
        says=Text(
            en="It was due {due} and {open} items are not done.", zh="已于 {due} 到期，仍有 {open} 项未完成。"
        ),
        means=Text(
            en="It was promised for {due} and is not there; items left: {open}.",
            zh="承诺于 {due} 交付，至今未到；剩余 {open} 项。",
        ),
        clears=Text(
            en="Deliver or drop the open items, or agree on a new date.",
            zh="交付或取消未完成事项，或商定新的日期。",
        ),
        values=(("due", "2026-11-20"), ("open", "13")),
        evidence=(
            Evidence(
                record=Ref(source="tandem", kind="commitment", id="payment-core-2.0"),
                label="Payment core 2.0",
                url="",
                observed="due",
            ),
        ),
    )
    findings = [overdue, *(red_main(make, f"PAY-{n}") for n in range(131, 138)), other_milestone(make)]
    judged = make.judged(findings, status=_status(findings[:1], Health.OFF_TRACK), due_on=date(2026, 11, 20))
    return judged, told_of(make.judged(findings[1:], health=Health.AT_RISK))


def on_track(make):
    return make.judged(), told_of(make.judged(counts=Counts(delivered=30, in_review=7, to_do=7)))


def done(make):
    base = Reason(
        code="all_delivered",
        text=ALL_DELIVERED,
        values=(("total", "44"), ("delivered", "44")),
        health=Health.DONE,
    )
    counts = Counts(delivered=44, dropped=2)
    return make.judged(status=_status([], Health.DONE, base), counts=counts), told_of(make.judged())


def blocked(make):
    own = {
        "key": "settlement-2027",
        "title": "清算平台二期 / Settlement, phase 2",
        "technical_owner": None,
    }
    blocks = make.finding(
        "D02",
        label="PAY-7",
        audience=Audience.BOTH,
        says=Text(en="{debt} is open and blocks {item}.", zh="{debt} 尚未偿还，阻塞了 {item}。"),
        means=Text(
            en="{item} has to wait until {debt} has been dealt with.", zh="{item} 须等待 {debt} 处理完毕。"
        ),
        clears=Text(
            en="Repay {debt}, or take {item} out of the milestone.",
            zh="偿还 {debt}，或将 {item} 移出里程碑。",
        ),
        values=(("debt", "PAY-7"), ("item", "PAY-150")),
        evidence=(issue("PAY-7"), issue("PAY-150")),
    )
    reads = (
        SourceRead(source="gitlab", at=make.NOW - timedelta(hours=5), completeness=Completeness.COMPLETE),
        SourceRead(source="jira", at=make.NOW, completeness=Completeness.COMPLETE),
    )
    status = _status([blocks], Health.BLOCKED)
    counts = Counts(delivered=3, in_progress=2, to_do=9)
    return make.judged([blocks], commitment=own, status=status, counts=counts, reads=reads, due_on=None), None


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "case", [at_risk, off_track, on_track, done, blocked], ids=lambda case: case.__name__
)
def test_a_typical_comment_reads_as_agreed(make, case, language):
    judged, told = case(make)
    slot = make.slot(judged.commitment.key)
    body = comment_of(judged, told, language=language, now=make.NOW, slot=slot).body + "\n"
    path = GOLDEN / f"comment_{case.__name__}_{language}.txt"
    if os.environ.get("TANDEM_REWRITE_GOLDEN"):
        path.write_text(body, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == body
