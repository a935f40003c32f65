"""Words: the fixed sentences of statuses and comments, in English and Simplified Chinese. The same facts and numbers in the same order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import assert_never

from sync.core.finding import Audience, Severity
from sync.core.language import Language, Text

HEALTH: Mapping[str, Text] = MappingProxyType(
    {
        "done": Text(en="DONE", zh="已完成"),
        "on_track": Text(en="ON TRACK", zh="进展正常"),
        "at_risk": Text(en="AT RISK", zh="有风险"),
        "off_track": Text(en="OFF TRACK", zh="偏离计划"),
        "blocked": Text(en="BLOCKED", zh="受阻"),
        "unknown": Text(en="UNKNOWN", zh="未知"),
    }
)
AGREEMENT: Mapping[str, Text] = MappingProxyType(
    {
        "agreed": Text(en="agreed", zh="两边一致"),
        "drifting": Text(en="drifting", zh="两边不一致"),
        "unknown": Text(en="unknown", zh="未知"),
    }
)
SEVERITY: Mapping[Severity, Text] = MappingProxyType(
    {
        Severity.CRITICAL: Text(en="critical", zh="严重"),
        Severity.HIGH: Text(en="high", zh="高"),
        Severity.WARNING: Text(en="warning", zh="警告"),
        Severity.NOTICE: Text(en="notice", zh="提示"),
        Severity.INFO: Text(en="info", zh="信息"),
    }
)
COMPLETENESS: Mapping[str, Text] = MappingProxyType(
    {
        "complete": Text(en="complete", zh="完整"),
        "partial": Text(en="incomplete", zh="不完整"),
        "forbidden": Text(en="forbidden", zh="无权限"),
        "missing": Text(en="missing", zh="不存在"),
    }
)

UNREAD = Text(en="not completely read: {scope} ({reason})", zh="未能完整读取：{scope}（{reason}）")
CLOSED = Text(
    en="it is closed, with {delivered} of {total} items delivered",
    zh="已关闭，{total} 项中已交付 {delivered} 项",
)
ALL_DELIVERED = Text(en="every item is delivered ({total} of {total})", zh="{total} 项已全部交付")
NO_ITEMS = Text(en="no items belong to it yet", zh="尚无工作项")
UNDER_WAY = Text(
    en="{delivered} of {total} items are delivered and nothing serious is in the way",
    zh="{total} 项中已交付 {delivered} 项，没有严重阻碍",
)
TOO_MUCH_LEFT = Text(
    en="it is due within {days} working days and only {delivered} of {total} items are delivered",
    zh="距截止不足 {days} 个工作日，{total} 项中仅交付 {delivered} 项",
)
DEBT_REPAID = Text(en="the debt is repaid", zh="债务已偿还")
DEBT_OPEN = Text(
    en="the debt is not repaid yet and nothing serious is in the way", zh="债务尚未偿还，没有严重阻碍"
)
DEBT_LATE = Text(
    en="the debt is accepted for at most {days} more working days and is not repaid yet",
    zh="债务的接受期限不足 {days} 个工作日，尚未偿还",
)

DUE = Text(en="due {date}", zh="截止 {date}")
NO_DATE = Text(en="no due date", zh="未定截止日期")
WHY = Text(en="Why:", zh="原因：")
DRIFT = Text(en="Drift", zh="偏差")
WHAT_IS_WRONG = Text(en="What is wrong", zh="问题")
WHAT_TO_DO = Text(en="What to do", zh="处理办法")
WHO = Text(en="Who", zh="责任人")
SINCE = Text(en="since {date}", zh="{date}起")
ACKNOWLEDGED = Text(en="acknowledged by {name}", zh="{name} 已知悉")
FLAPPING = Text(en="comes and goes", zh="时有时无")
EXPLAINS = Text(en="explains {codes}", zh="同时导致 {codes}")
FOR_DELIVERY = Text(en=". For delivery: {meaning}", zh="。对交付而言：{meaning}")
AND_MORE = Text(en="and {count} more", zh="另有 {count} 项")
UNTIL = Text(en="{count} suppressed until {date} ({reason})", zh="{count} 项暂缓至 {date}（{reason}）")
UNTIL_FIRST = Text(
    en="{count} suppressed, the first until {date} ({reason})",
    zh="{count} 项暂缓，最早至 {date}（{reason}）",
)
NOBODY = Text(en="nobody named", zh="未指定")
TECHNICAL = Text(en="technical: {name}", zh="技术：{name}")
ENGINEERING = Text(en="engineering: {name}", zh="工程：{name}")
OPERATOR = Text(en="operator: {name}", zh="运维：{name}")

PROGRESS = Text(en="Progress:", zh="进度：")
DELIVERED = Text(en="{delivered} of {total} items delivered", zh="{total} 项中已交付 {delivered} 项")
IN_REVIEW = Text(en="{count} in review", zh="{count} 项评审中")
IN_PROGRESS = Text(en="{count} in progress", zh="{count} 项进行中")
TO_DO = Text(en="{count} to do", zh="{count} 项未开始")
DROPPED = Text(en="{count} dropped", zh="{count} 项已取消")

SINCE_LAST = Text(en="Since last time:", zh="较上次：")
WAS = Text(en="was {health}", zh="上次为“{health}”")
MORE_DELIVERED = Text(en="{count} delivered", zh="交付 {count} 项")
ADDED = Text(en="{keys} added", zh="新增 {keys}")
REMOVED = Text(en="{keys} removed", zh="移出 {keys}")
NEW_FINDINGS = Text(en="new drift: {count}", zh="新增 {count} 处偏差")
CLEARED = Text(en="drift cleared: {count}", zh="消除 {count} 处偏差")

READ = Text(en="Read:", zh="数据：")
READ_SOURCE = Text(en="{source} {completeness}, {at}, {age}", zh="{source} {completeness}，{at}，{age}")
WHEN_WRITTEN = Text(en=" ({zone}; ages at the time of writing)", zh="（{zone}，时长以写入时为准）")
JUST_NOW = Text(en="just now", zh="刚刚")
MINUTES = Text(en="{count} min ago", zh="{count} 分钟前")
HOURS = Text(en="{count} h ago", zh="{count} 小时前")
DAYS = Text(en="{count} days ago", zh="{count} 天前")
SILENCE = Text(
    en="To quiet a drift: tandem ack (it is known), or tandem suppress or suppressions in the mapping (accepted until a day, with reason and owner).",
    zh="如需静默某项偏差：tandem ack（表示知情）；或 tandem suppress、映射文件的 suppressions（限期接受，须写明理由、责任人和期限）。",
)

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def date_words(on: date, language: Language) -> str:
    """A date as people write it: ``15 Dec 2026``, ``2026年12月15日``."""
    if language == "zh":
        return f"{on.year}年{on.month}月{on.day}日"
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def instant_words(at: datetime, language: Language) -> str:
    """An instant, in the zone that it carries, to the minute."""
    return f"{date_words(at.date(), language)} {at:%H:%M}"


def age_words(age_s: float, language: Language) -> str:
    """An age in the largest unit that is at least one; an instant in the future is just now."""
    minutes = int(age_s // 60)
    for unit, text in ((48 * 60, DAYS), (120, HOURS), (1, MINUTES)):
        if minutes >= unit:
            divisor = {DAYS: 1440, HOURS: 60, MINUTES: 1}[text]
            return text.filled(language, {"count": str(minutes // divisor)})
    return JUST_NOW.within(language)


def severity_count(count: int, severity: Severity, language: Language) -> str:
    """So many findings of a severity: ``2 notices``, ``提示 2 项``."""
    word = SEVERITY[severity].within(language)
    if language == "zh":
        return f"{word} {count} 项"
    has_plural = severity in {Severity.NOTICE, Severity.WARNING} and count != 1
    return f"{count} {word}{'s' if has_plural else ''}"


def joined(parts: Iterable[str], language: Language) -> str:
    """Parts of a sentence with commas between them."""
    return ("，" if language == "zh" else ", ").join(parts)


def roles_of(audience: Audience) -> tuple[Text, ...]:
    """The roles that are to act, each with a place for the ``name``."""
    match audience:
        case Audience.TECHNICAL:
            return (TECHNICAL,)
        case Audience.ENGINEERING:
            return (ENGINEERING,)
        case Audience.BOTH:
            return (TECHNICAL, ENGINEERING)
        case Audience.OPERATOR:
            return (OPERATOR,)
        case _:
            assert_never(audience)
