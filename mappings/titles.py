"""Titles: the keys in the title of a change, each with its role, its confidence and the reason in words, and what a title quotes."""

from __future__ import annotations

import re

from mappings.cues import Cue, Judged, cues_in, sighting_of
from mappings.keys import KeySeen, keys_in
from mappings.roles import Confidence, Place, Role, Sighting

_HEAD = re.compile(
    r"(?>\[[^\[\]]{0,40}\]|\([^()]{0,40}\)|(?:draft|wip)\b|(?:fixup|squash|amend)!|[a-z]{1,20}(?:\([^()]{0,40}\)|\[[^\[\]]{0,40}\])?!?:|[\s\W_])*+",
    re.IGNORECASE,
)
"""What may stand before the first key of a title: draft marks, conventional-commit prefixes, bracketed words, punctuation."""
_JOINED = re.compile(r"(?:[^\w\s]|\band|[及和与])\s*\Z", re.IGNORECASE)
_REVERT = re.compile(
    r"\s*(?:(?:draft|wip):\s*)?(?P<verb>revert|reapply)\s+[\"“](?P<rest>.*)", re.IGNORECASE | re.DOTALL
)
_QUOTE = re.compile(
    r"\b(?:revert|reapply)\s+[\"“]|\A\W{0,3}revert(?:\([^()]{0,40}\))?!?:|\A\s*\[revert\]", re.IGNORECASE
)
"""Where the words begin that name what is taken back: ``Revert "..."``, ``revert: ...``, ``[Revert] ...``."""
_NUMBERED = re.compile(r"\s{0,3}\([#!][0-9]{1,10}\)\Z")
"""What forges add to the title of a squashed merge request."""
_SMART = re.compile(r"\s#(?:close|resolve|fix|done|finish)(?:e?d)?\b", re.IGNORECASE)
"""Commands that Jira carries out when it reads a commit's title."""
_WORD = re.compile(r"\s+\w")
_MERGING = re.compile(r"\W*(?:merg(?:e|ed|es|ing)|sync(?:ed|ing)?)\b", re.IGNORECASE)
_TARGET = re.compile(r"\b(?:to|into|with)\s+(?:the\s+)?(?:branch\s+)?['\"]?\Z", re.IGNORECASE)
_TARGET_ENDS = re.compile(r"['\"]?(?:\s+branch)?[\s.]*\Z", re.IGNORECASE)

_HEADED: Judged = (Role.IMPLEMENTS, Confidence.CERTAIN, "the title begins with it")
_CLOSED_BY_COMMAND: Judged = (Role.CLOSES, Confidence.CERTAIN, "a command in the title closes it")


def in_title(title: str, projects: frozenset[str], *, elsewhere: Confidence) -> tuple[Sighting, ...]:
    """Keys of a title. At its start they are implemented, certainly; elsewhere with the confidence ``elsewhere``.

    In a title that starts with a key, a key that follows a plain word (``PAY-1 adjust the test of PAY-2``) is only mentioned.
    What a quoted title named is reverted; a revert of a revert implements it again. In lower case only a key at the start counts, or after words.
    """
    quote = quoted_at(title)
    head = _HEAD.match(title)
    head_end = head.end() if head else 0
    command = _SMART.search(title)
    judged_head = _CLOSED_BY_COMMAND if command and command.start() >= head_end else _HEADED
    is_head = has_head = False
    judged = _HEADED
    found = []
    for cue in cues_in(title, keys_in(title, projects, lower_case=True)):
        opens = cue.role is None or cue.words.lower() == "fix"
        is_head = opens and (cue.seen.start <= head_end or (is_head and cue.is_listed))
        if not cue.seen.is_upper and not _is_meant(title, cue, is_head=is_head):
            continue
        has_head = has_head or is_head
        if cue.seen.start >= quote:
            judged = reverted(title[quote:])
        elif is_head:
            judged = judged_head
        elif not cue.is_listed or judged == judged_head:
            judged = _titled(title, cue, has_head=has_head, elsewhere=elsewhere)
        found.append(sighting_of(cue, Place.TITLE, judged=judged))
    return tuple(found)


def quoted_title(title: str) -> tuple[int, str] | None:
    """How often a title wraps another in ``Revert "..."`` (``Reapply`` counts twice), and the innermost title; None where it does not."""
    depth, rest = 0, _NUMBERED.sub("", title.strip())
    while (wrapped := _REVERT.match(rest)) and depth < 20:
        depth += 1 if wrapped["verb"].lower() == "revert" else 2
        rest = wrapped["rest"].strip()
        rest = rest[:-1] if rest.endswith(('"', "”")) else rest
    return (depth, rest) if depth else None


def unwrapped_title(title: str) -> str | None:
    """The title of the change that a change so titled takes back, None where it takes none back. ``Reapply "X"`` takes back ``Revert "X"``."""
    wrapped = _REVERT.match(_NUMBERED.sub("", title.strip()))
    if wrapped is None or wrapped["rest"].strip()[-1:] not in {'"', "”"}:
        return None
    inner = wrapped["rest"].strip()[:-1]
    return inner if wrapped["verb"].lower() == "revert" else f'Revert "{inner}"'


def _is_meant(title: str, cue: Cue, *, is_head: bool) -> bool:
    """True if a lower-case key is meant as one: after words, or at the start with two digits or a sign behind it (``web-2 browsers`` is not)."""
    if not is_head:
        return cue.role is not None
    return cue.seen.key[-2:].isdigit() or not _WORD.match(title, cue.seen.end)


def _is_target(title: str, seen: KeySeen) -> bool:
    """True if the title speaks of a merge into the branch that is named after the issue."""
    before = title[max(0, seen.start - 40) : seen.start]
    return bool(_MERGING.match(title) and _TARGET.search(before) and _TARGET_ENDS.match(title, seen.end))


def quoted_at(title: str) -> int:
    """Where the quoted title of a revert begins; the length of ``title`` where nothing is quoted."""
    start = _QUOTE.search(title)
    return start.start() if start else len(title)


def reverted(quote: str) -> Judged:
    """What ``Revert "..."`` says of the keys that it quotes."""
    wrapped = quoted_title(quote)
    if wrapped and wrapped[0] % 2 == 0:
        return Role.IMPLEMENTS, Confidence.LIKELY, "lands a reverted change again"
    return Role.REVERTS, Confidence.CERTAIN, "stands in the title of what is reverted"


def _titled(title: str, cue: Cue, *, has_head: bool, elsewhere: Confidence) -> Judged:
    if cue.role is Role.MENTIONS:
        return Role.MENTIONS, Confidence.LIKELY, f"after the words {cue.words}"
    if cue.role is Role.REVERTS:
        return Role.REVERTS, Confidence.CERTAIN, f"after the words {cue.words}"
    if _is_target(title, cue.seen):
        return Role.MENTIONS, Confidence.WEAK, "merges into the issue's branch"
    if has_head and not _JOINED.search(title[max(0, cue.seen.start - 20) : cue.seen.start]):
        return Role.MENTIONS, Confidence.LIKELY, "the title begins with another issue"
    if cue.role is Role.CLOSES:
        return Role.CLOSES, Confidence.CERTAIN, f"after the words {cue.words}"
    return Role.IMPLEMENTS, elsewhere, "stands in the title"
