"""Cues: the words before a key that say whether a change closes, implements or only mentions the issue. English and Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from mappings.keys import KeySeen
from mappings.roles import Confidence, Place, Role, Sighting

_REACH = 160
"""How many characters before a key are looked at; bounds the work on long lines."""
_CUE_REACH = 100
"""How many of them may hold the cue and what stands between it and the key."""

_URL = re.compile(r"https?://[^\s<>()\"']*\Z")
_SIGNS = " \t\u00a0\u3000:：*_[(<#`\"'“「【（|=-"
_FILLERS = frozenset(
    {
        "the",
        "jira",
        "issue",
        "issues",
        "ticket",
        "tickets",
        "bug",
        "bugs",
        "story",
        "task",
        "问题",
        "需求",
        "缺陷",
        "任务",
    }
)
"""What may stand between a cue and its key."""
_LAST_WORD = re.compile(r"(?:[A-Za-z]+|问题|需求|缺陷|任务)\Z")
_BETWEEN = re.compile(
    r"(?>\([^()]{0,60}\)|[\s,;/&+、，；()\[\]<>*`|]|\b(?:and|or|jira|issue)\b|和|及|与|以及)*+", re.IGNORECASE
)

_CLOSES = r"\b(?:clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|solve[sd]?|complete[sd]?)|修复|修正|解决|关闭|完成"
_IMPLEMENTS = r"\b(?:implement(?:s|ed|ing)?|(?:PR|MR|(?:pull|merge) request|patch|fix|fixes) for|(?:requested|reported|filed) (?:in|at|as|by)|(?:patch|reviewed|tested|committed|contributed|fixed) by [^\n]{1,80} for|part of|address(?:es|ed)?|works? on|towards?|contributes to)|实现|开发|处理"
_MENTIONS = (
    r"\b(?:see(?: also)?|cf\.?|refs?|refers to|references?|relate[sd](?: to)?|follow(?:s|ed)?[- ]?up(?: (?:of|to|for|on|from))?|after"
    r"|similar to|depends on|blocked by|blocks|because of|due to|caused by|introduced (?:in|by|with)|broken by|regression (?:of|from|in)"
    r"|duplicates?(?: of)?|work ?around(?: for)?|until|till|pending|tracked (?:in|by|under|as)|todo(?: for| in)?|unlike|as in|same as|noting|not|(?:to|should|must) revert)"
    r"|参见|参考|相关|关联|详见|依赖|后续"
)
_REVERTS = (
    r"(?:(?<!\w\s)(?<!\w)|(?<=\bthis\s)|(?<=\band\s)|(?<=\wly\s))(?:revert(?:s|ed|ing)?|back(?:s|ed|ing)? out|roll(?:s|ed|ing)? back|rollback|undo(?:es|ing)?)"
    r"(?: (?:the|all|changes?|commits?|fix|patch|work|made|of|for|from|[0-9a-f]{7,40})){0,4}+|回滚|撤销|回退|还原"
)
_NEGATED = (
    r"(?P<negated>(?:\b(?:not|never|without|cannot|partial(?:ly)?|partly)|n't|n’t|没有|不|未|部分)\s*)?"
)
_CUE = re.compile(
    rf"{_NEGATED}(?:(?P<reverts>{_REVERTS})|(?P<closes>{_CLOSES})|(?P<implements>{_IMPLEMENTS})|(?P<mentions>{_MENTIONS}))"
    r"[了的]?\Z",
    re.IGNORECASE,
)
_AFTER = " \t)]>*_.,;"
_REFERENCE = re.compile(r"(?:refs?|references?|follow\S*)\b|关联", re.IGNORECASE)
_LABEL = re.compile(
    r"^[\s>*_#|+-]*(?:关联|所属|对应)?(?:jira|issue|ticket|task|story|bug|work item|问题|任务|需求|工单|缺陷|单号)(?:[ -]?(?:link|key|id|ticket|issue|url|number|no\.?|s)|单号|编号|链接)*"
    r"[\s*_]*[:：|=][\s*_\[<(|【（]*\Z",
    re.IGNORECASE,
)
_AT_START = re.compile(r"^[\s>*_#`\[(<|+-]*\Z")


Judged: TypeAlias = tuple[Role, Confidence, str]
"""What was made of a key: role, confidence and the reason in words."""


class Cue(Struct, frozen=True, kw_only=True):
    """What the words before one key say: a role with the words, None where they say nothing.

    ``is_reference`` where the words are ``refs`` or ``follow-up of``. ``is_label`` is True after ``Jira:``, ``opens_line`` where the line begins with the key, ``is_listed`` where it continues a list of keys,
    ``is_alone`` where the line holds nothing but it or its address.
    """

    seen: KeySeen
    role: Role | None
    words: str = ""
    is_label: bool = False
    opens_line: bool = False
    is_listed: bool = False
    is_alone: bool = False

    @property
    def is_reference(self) -> bool:
        """True where the words refer to an issue that may as well be the change's own."""
        return self.role is Role.MENTIONS and bool(_REFERENCE.match(self.words))


def cues_in(line: str, seen: Sequence[KeySeen]) -> Iterator[Cue]:
    """One cue for each of ``seen``, the keys of one ``line``. A key that continues a list takes the cue of the key before it."""
    last: Cue | None = None
    for key in seen:
        before = _URL.sub("", line[max(0, key.start - _REACH) : key.start])
        cue = _cue(before, key, at_line_start=key.start <= _REACH)
        if last is not None and cue.role is None and not cue.is_label and _continues(line, last.seen, key):
            cue = replace(last, seen=key, is_listed=True)
        if cue.opens_line and len(seen) == 1 and not line[key.end :].strip(_AFTER):
            cue = replace(cue, is_alone=True)
        yield cue
        last = cue


def _continues(line: str, last: KeySeen, key: KeySeen) -> bool:
    gap = _URL.sub("", line[last.end : key.start]) if key.start - last.end <= _REACH else "far"
    return bool(_BETWEEN.fullmatch(gap))


def _cue(before: str, key: KeySeen, *, at_line_start: bool) -> Cue:
    if at_line_start and _LABEL.search(before):
        return Cue(seen=key, role=None, words=before.strip(" *_[<(|"), is_label=True)
    opens = at_line_start and bool(_AT_START.match(before))
    found = _CUE.search(_without_filler(before))
    if found is None:
        return Cue(seen=key, role=None, opens_line=opens)
    role = Role.MENTIONS if found["negated"] else _role(found)
    return Cue(seen=key, role=role, words=found[0].strip(), opens_line=opens)


def _without_filler(before: str) -> str:
    """The last few words of ``before`` that are neither signs nor words such as "the issue"."""
    kept = before[-_CUE_REACH:].rstrip(_SIGNS)
    while (word := _LAST_WORD.search(kept[-12:])) and word[0].lower() in _FILLERS:
        kept = kept[: -len(word[0])].rstrip(_SIGNS)
    return kept


def _role(found: re.Match[str]) -> Role:
    if found["reverts"]:
        return Role.REVERTS
    if found["closes"]:
        return Role.CLOSES
    return Role.IMPLEMENTS if found["implements"] else Role.MENTIONS


def sighting_of(cue: Cue, place: Place, *, judged: Judged) -> Sighting:
    """The sighting of the cue's key at ``place``."""
    role, confidence, reason = judged
    return Sighting(
        key=cue.seen.key,
        place=place,
        role=role,
        confidence=confidence,
        reason=reason,
        is_exact=cue.seen.is_exact,
        is_reference=cue.is_reference,
    )
