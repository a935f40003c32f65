"""Sightings: the keys in one text of a change, each with its role, its confidence and the reason in words."""

from __future__ import annotations

import re
from collections.abc import Iterator

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
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)

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
    quoted = _quoted_from(title)
    has_head = False
    found = []
    for cue in cues_in(title, keys_in(title, projects)):
        if cue.seen.start >= quoted:
            found.append(_reverted(title, cue))
            continue
        is_head = _is_head(title, cue, has_head=has_head)
        has_head = has_head or is_head
        found.append(_headed(cue) if is_head else _titled(title, cue, has_head=has_head, elsewhere=elsewhere))
    return tuple(found)


def in_text(text: str, projects: frozenset[str], *, place: Place) -> Iterator[Sighting]:
    """Keys of a description or of a message's body, line by line. Comments of templates (``<!-- -->``) are not read.

    A label or trailer (``Jira: PAY-1``) and the words before a key decide; a bare key is mentioned. The key that the first line of the
    text begins with is implemented, likely.
    """
    is_first = True
    for raw in _COMMENT.sub("", text).splitlines():
        line = raw.strip()
        if not line:
            continue
        seen = keys_in(line, projects)
        if seen:
            yield from _in_line(line, seen, place=place, is_first=is_first)
        is_first = False


def in_trailer(name: str, value: str, projects: frozenset[str]) -> tuple[Sighting, ...]:
    """Keys of one trailer; none where its name says nothing about issues."""
    known = _TRAILERS.get(name.strip().lower())
    if known is None:
        return ()
    role, confidence = known
    reason = f"trailer {name}"
    return tuple(
        Sighting(key=s.key, place=Place.TRAILER, role=role, confidence=confidence, reason=reason)
        for s in keys_in(value, projects)
    )


def _in_line(line: str, seen: tuple[KeySeen, ...], *, place: Place, is_first: bool) -> Iterator[Sighting]:
    trailer = _TRAILER_LINE.match(line)
    if trailer and trailer["name"].lower() in _TRAILERS:
        role, confidence = _TRAILERS[trailer["name"].lower()]
        where = Place.TRAILER if place is Place.MESSAGE else place
        for key in seen:
            yield Sighting(
                key=key.key,
                place=where,
                role=role,
                confidence=confidence,
                reason=f"trailer {trailer['name']}",
            )
        return
    is_quote = line.startswith(">")
    for cue in cues_in(line, seen):
        yield _quoted(cue, place) if is_quote else _described(cue, place=place, is_first=is_first)


def _quoted(cue: Cue, place: Place) -> Sighting:
    return _sighting(cue, place, Role.MENTIONS, Confidence.WEAK, "stands in quoted text")


def _described(cue: Cue, *, place: Place, is_first: bool) -> Sighting:
    if cue.role is Role.MENTIONS or cue.role is None:
        if cue.is_label:
            return _sighting(cue, place, Role.IMPLEMENTS, Confidence.LIKELY, f"labelled {cue.words}")
        if cue.role is None and cue.opens_line and is_first:
            return _sighting(cue, place, Role.IMPLEMENTS, Confidence.LIKELY, "the text begins with it")
        reason = f"after the words {cue.words}" if cue.words else "named in passing"
        return _sighting(cue, place, Role.MENTIONS, Confidence.LIKELY, reason)
    confidence = Confidence.CERTAIN if cue.role is Role.CLOSES else Confidence.LIKELY
    return _sighting(cue, place, cue.role, confidence, f"after the words {cue.words}")


def _sighting(cue: Cue, place: Place, role: Role, confidence: Confidence, reason: str) -> Sighting:  # noqa: PLR0913, PLR0917  # the five parts of a sighting
    return Sighting(key=cue.seen.key, place=place, role=role, confidence=confidence, reason=reason)


def quoted_title(title: str) -> tuple[int, str] | None:
    """How often a title wraps another in ``Revert "..."`` (``Reapply`` counts twice), and the innermost title; None where it does not."""
    depth, rest = 0, title.strip()
    while (wrapped := _REVERT.match(rest)) and depth < 20:
        depth += 1 if wrapped["verb"].lower() == "revert" else 2
        rest = wrapped["rest"].strip().removesuffix('"').removesuffix("”")
    return (depth, rest) if depth else None


def _quoted_from(title: str) -> int:
    """Where the quoted title of a revert begins; the length of ``title`` where nothing is quoted."""
    start = re.search(r"\b(?:revert|reapply)\s+[\"“]", title, re.IGNORECASE)
    return start.start() if start else len(title)


def _reverted(title: str, cue: Cue) -> Sighting:
    wrapped = quoted_title(title[_quoted_from(title) :])
    is_again = wrapped is not None and wrapped[0] % 2 == 0
    if is_again:
        return _sighting(
            cue, Place.TITLE, Role.IMPLEMENTS, Confidence.LIKELY, "lands a reverted change again"
        )
    return _sighting(
        cue, Place.TITLE, Role.REVERTS, Confidence.CERTAIN, "stands in the title of what is reverted"
    )


def _is_head(title: str, cue: Cue, *, has_head: bool) -> bool:
    if has_head and cue.is_listed:
        return cue.opens_line or cue.role is None
    before = _HEAD.match(title)
    return before is not None and cue.role is None and before.end() >= cue.seen.start


def _headed(cue: Cue) -> Sighting:
    return _sighting(cue, Place.TITLE, Role.IMPLEMENTS, Confidence.CERTAIN, "the title begins with it")


def _titled(title: str, cue: Cue, *, has_head: bool, elsewhere: Confidence) -> Sighting:
    if cue.role is Role.MENTIONS:
        return _sighting(cue, Place.TITLE, Role.MENTIONS, Confidence.LIKELY, f"after the words {cue.words}")
    is_joined = bool(_JOINED.search(title[max(0, cue.seen.start - 20) : cue.seen.start]))
    if has_head and not is_joined:
        return _sighting(
            cue, Place.TITLE, Role.MENTIONS, Confidence.LIKELY, "the title begins with another issue"
        )
    if cue.role is Role.CLOSES:
        return _sighting(cue, Place.TITLE, Role.CLOSES, Confidence.CERTAIN, f"after the words {cue.words}")
    return _sighting(cue, Place.TITLE, Role.IMPLEMENTS, elsewhere, "stands in the title")
