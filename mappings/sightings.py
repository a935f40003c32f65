"""Sightings: the keys in one text of a change, each with its role, its confidence and the reason in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from mappings.cues import Cue, cues_in
from mappings.keys import KeySeen, keys_in
from mappings.roles import Confidence, Place, Role, Sighting

_HEAD = re.compile(
    r"(?>\[[^\[\]]{0,40}\]|\([^()]{0,40}\)|(?:draft|wip)\b|[a-z]{1,20}(?:\([^()]{0,40}\))?!?:|[\s\W_])*+",
    re.IGNORECASE,
)
"""What may stand before the first key of a title: draft marks, conventional-commit prefixes, bracketed words, punctuation."""
_JOINED = re.compile(r"(?:[^\w\s]|\band|[及和与])\s*\Z", re.IGNORECASE)
_REVERT = re.compile(
    r"\s*(?:(?:draft|wip):\s*)?(?P<verb>revert|reapply)\s+[\"“](?P<rest>.*)", re.IGNORECASE | re.DOTALL
)
_QUOTE = re.compile(r"\b(?:revert|reapply)\s+[\"“]", re.IGNORECASE)
_NUMBERED = re.compile(r"\s{0,3}\([#!][0-9]{1,10}\)\Z")
"""What forges add to the title of a squashed merge request."""
_COMMIT = re.compile(r"[0-9a-f]{7,64}\b")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)

_Judged: TypeAlias = tuple[Role, Confidence, str]
_HEADED: _Judged = (Role.IMPLEMENTS, Confidence.CERTAIN, "the title begins with it")
_QUOTED: _Judged = (Role.MENTIONS, Confidence.WEAK, "stands in quoted text")

_TRAILERS: dict[str, tuple[Role, Confidence]] = {
    **dict.fromkeys(
        ("closes", "close", "closed", "fixes", "fix", "fixed", "resolves", "resolve", "resolved"),
        (Role.CLOSES, Confidence.CERTAIN),
    ),
    **dict.fromkeys(
        ("jira", "jira-issue", "jira-ticket", "jira-id", "issue", "issues", "ticket", "task", "story", "bug", "implements", "part-of"),
        (Role.IMPLEMENTS, Confidence.CERTAIN),
    ),
    **dict.fromkeys(
        ("refs", "ref", "references", "related", "related-to", "relates-to", "see", "see-also", "follow-up", "follow-up-of"),
        (Role.MENTIONS, Confidence.LIKELY),
    ),
}  # fmt: skip
_TRAILER_LINE = re.compile(r"(?P<name>[A-Za-z][A-Za-z-]{1,20})\s*:\s+(?P<value>\S.*)\Z")


def in_branch(name: str, projects: frozenset[str], *, lower_case: bool) -> tuple[Sighting, ...]:
    """Keys of a branch name: the branch implements them. ``revert-...`` branches take them back."""
    role = Role.REVERTS if name.lower().startswith("revert-") else Role.IMPLEMENTS
    return tuple(
        Sighting(
            key=seen.key,
            place=Place.BRANCH,
            role=role,
            confidence=Confidence.CERTAIN,
            reason=f"the branch is named {name}",
            is_exact=seen.is_exact,
        )
        for seen in keys_in(name, projects, lower_case=lower_case)
    )


def in_title(title: str, projects: frozenset[str], *, elsewhere: Confidence) -> tuple[Sighting, ...]:
    """Keys of a title. At its start they are implemented, certainly; elsewhere with the confidence ``elsewhere``.

    In a title that starts with a key, a key that follows a plain word (``PAY-1 adjust the test of PAY-2``) is only mentioned.
    What a quoted title named is reverted; a revert of a revert implements it again.
    """
    quoted_at = _quoted_at(title)
    head = _HEAD.match(title)
    head_end = head.end() if head else 0
    is_head = has_head = False
    judged = _HEADED
    found = []
    for cue in cues_in(title, keys_in(title, projects)):
        opens = cue.role is None or cue.words.lower() == "fix"
        is_head = opens and (cue.seen.start <= head_end or (is_head and cue.is_listed))
        has_head = has_head or is_head
        if cue.seen.start >= quoted_at:
            judged = _reverted(title[quoted_at:])
        elif is_head:
            judged = _HEADED
        elif not cue.is_listed or judged == _HEADED:
            judged = _titled(title, cue, has_head=has_head, elsewhere=elsewhere)
        found.append(_sighting(cue, Place.TITLE, judged=judged))
    return tuple(found)


def in_text(text: str, projects: frozenset[str], *, place: Place, is_sole: bool) -> Iterator[Sighting]:
    """Keys of a description or of a message's body, line by line. Comments of templates (``<!-- -->``) are not read.

    A label or trailer (``Jira: PAY-1``) and the words before a key decide; a bare key is mentioned. Where the text is the sole one that may name issues
    (``is_sole``), the key that its first line or a starred line begins with, or that stands alone on a line, is implemented, likely. In a message's body the key that a
    paragraph or a listed or bracketed line begins with is, for so squashed titles stand there.
    """
    if not keys_in(text, projects):
        return
    is_message = place is Place.MESSAGE
    is_first = follows_blank = True
    for raw in _COMMENT.sub("", text).splitlines():
        line = raw.strip()
        seen = keys_in(line, projects)
        if seen:
            is_listed = line.startswith(("* ", "- ", "[") if is_message else "* ")
            opens = is_listed or (follows_blank if is_message else is_first)
            reading = _Line(text=line, seen=seen, opens=opens and (is_sole or is_message), is_sole=is_sole)
            yield from _in_line(reading, place)
        is_first = is_first and not line
        follows_blank = not line


def in_trailer(
    name: str, value: str, projects: frozenset[str], *, place: Place = Place.TRAILER
) -> Iterator[Sighting]:
    """Keys of one trailer; none where its name says nothing about issues. ``Fixes: SHA ("PAY-1 title")`` only quotes the commit that it fixes."""
    known = _TRAILERS.get(name.strip().lower())
    if known is None:
        return
    role, confidence = (Role.MENTIONS, Confidence.LIKELY) if _COMMIT.match(value) else known
    for seen in keys_in(value, projects):
        yield Sighting(
            key=seen.key, place=place, role=role, confidence=confidence, reason=f"trailer {name.strip()}"
        )


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A line with keys. ``opens``: a key at its start is the change's own; ``is_sole``: so is one alone on it."""

    text: str
    seen: tuple[KeySeen, ...]
    opens: bool
    is_sole: bool


def _in_line(line: _Line, place: Place) -> Iterator[Sighting]:
    trailer = _TRAILER_LINE.match(line.text)
    if trailer and trailer["name"].lower() in _TRAILERS:
        where = Place.TRAILER if place is Place.MESSAGE else place
        yield from in_trailer(trailer["name"], trailer["value"], projects_of(line.seen), place=where)
        return
    for cue in cues_in(line.text, line.seen):
        is_own = (line.opens and cue.opens_line) or (line.is_sole and cue.is_alone)
        judged = _QUOTED if line.text.startswith(">") else _described(cue, is_own=is_own)
        yield _sighting(cue, place, judged=judged)


def projects_of(seen: tuple[KeySeen, ...]) -> frozenset[str]:
    """Project keys of keys that were seen."""
    return frozenset(s.key.rpartition("-")[0] for s in seen)


def _sighting(cue: Cue, place: Place, *, judged: _Judged) -> Sighting:
    role, confidence, reason = judged
    return Sighting(key=cue.seen.key, place=place, role=role, confidence=confidence, reason=reason)


def _described(cue: Cue, *, is_own: bool) -> _Judged:
    if cue.is_label:
        return Role.IMPLEMENTS, Confidence.LIKELY, f"labelled {cue.words}"
    if cue.role is None and is_own:
        return Role.IMPLEMENTS, Confidence.LIKELY, "its line begins with it"
    if cue.role is None:
        return Role.MENTIONS, Confidence.LIKELY, "named in passing"
    confidence = Confidence.CERTAIN if cue.role is Role.CLOSES else Confidence.LIKELY
    return cue.role, confidence, f"after the words {cue.words}"


def _quoted_at(title: str) -> int:
    """Where the quoted title of a revert begins; the length of ``title`` where nothing is quoted."""
    start = _QUOTE.search(title)
    return start.start() if start else len(title)


def _reverted(quote: str) -> _Judged:
    wrapped = quoted_title(quote)
    if wrapped and wrapped[0] % 2 == 0:
        return Role.IMPLEMENTS, Confidence.LIKELY, "lands a reverted change again"
    return Role.REVERTS, Confidence.CERTAIN, "stands in the title of what is reverted"


def _titled(title: str, cue: Cue, *, has_head: bool, elsewhere: Confidence) -> _Judged:
    if cue.role is Role.MENTIONS:
        return Role.MENTIONS, Confidence.LIKELY, f"after the words {cue.words}"
    if has_head and not _JOINED.search(title[max(0, cue.seen.start - 20) : cue.seen.start]):
        return Role.MENTIONS, Confidence.LIKELY, "the title begins with another issue"
    if cue.role is Role.CLOSES:
        return Role.CLOSES, Confidence.CERTAIN, f"after the words {cue.words}"
    return Role.IMPLEMENTS, elsewhere, "stands in the title"
