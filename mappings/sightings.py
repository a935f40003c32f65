"""Sightings: the keys in a branch name, a longer text or a trailer, each with its role, its confidence and the reason in words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from mappings.cues import Cue, Judged, cues_in, sighting_of
from mappings.keys import KeySeen, keys_in
from mappings.roles import Confidence, Place, Role, Sighting
from mappings.titles import quoted_at, reverted

_COMMIT = re.compile(r"[0-9a-f]{7,64}\b")
_UNSAID = re.compile(
    r"(?:git-svn-id|change-id|[a-z]{2,12}(?:-off|-authored)?-by|cc|author|committer)\s*:", re.IGNORECASE
)
"""Lines that tools and people sign with; a branch or a name in them is no word about an issue."""
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)

OWN_LINE = "its line begins with it"
"""The reason for a key in a text that nothing but its place makes the change's own."""
_QUOTED: Judged = (Role.MENTIONS, Confidence.WEAK, "stands in quoted text")

_TRAILERS: dict[str, tuple[Role, Confidence]] = {
    **dict.fromkeys(
        ("closes-bug", "closes", "close", "closed", "fixes", "fix", "fixed", "resolves", "resolve", "resolved"),
        (Role.CLOSES, Confidence.CERTAIN),
    ),
    **dict.fromkeys(
        ("jira", "jira-issue", "jira-ticket", "jira-id", "partial-bug", "issue", "issues", "ticket", "task", "story", "bug", "implements", "part-of"),
        (Role.IMPLEMENTS, Confidence.CERTAIN),
    ),
    **dict.fromkeys(
        ("refs", "ref", "references", "related", "related-bug", "related-to", "relates-to", "see", "see-also", "follow-up", "follow-up-of"),
        (Role.MENTIONS, Confidence.LIKELY),
    ),
}  # fmt: skip
_SEE = re.compile(r"see(?: also)?\s*:?\s*\S+\Z", re.IGNORECASE)
"""A line that refers to one issue and says nothing else."""
_BRACKETS_END = frozenset({")", ").", "）", "）。", "]", "].", "】", "】。"})
_REFERS = re.compile(r"(?:refs?|references?|related-bug|follow-up(?:-of)?)\Z", re.IGNORECASE)
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


def in_text(text: str, projects: frozenset[str], *, place: Place, is_sole: bool) -> Iterator[Sighting]:
    """Keys of a description or of a message's body, line by line. Comments of templates (``<!-- -->``) are not read.

    A label or trailer (``Jira: PAY-1``) and the words before a key decide; a bare key is mentioned. Where the text is the sole one that may name issues
    (``is_sole``), the key that its first line or a starred line begins with, or that stands alone on a line, is implemented, likely. In a message's body the key that a
    paragraph or a listed or bracketed line begins with is, for so squashed titles stand there.
    """
    if not keys_in(text, projects, lower_case=True):
        return
    is_message = place is Place.MESSAGE
    is_first = follows_blank = True
    for raw in _COMMENT.sub("", text).splitlines():
        line = raw.strip()
        seen = () if _UNSAID.match(line) else keys_in(line, projects, lower_case=True)
        if seen:
            is_listed = line.startswith(("* ", "- ", "[") if is_message else "* ") or _is_titled(line, seen)
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
    for seen in keys_in(value, projects, lower_case=True):
        yield Sighting(
            key=seen.key,
            place=place,
            role=role,
            confidence=confidence,
            reason=f"trailer {name.strip()}",
            is_exact=seen.is_exact,
            is_reference=bool(_REFERS.match(name.strip())),
        )


class _Line(Struct, frozen=True, kw_only=True):
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
    quote = quoted_at(line.text)
    in_brackets = _bracketed(line)
    for cue in cues_in(line.text, line.seen):
        if not cue.seen.is_upper and cue.role is None and not cue.is_label:
            continue
        is_own = (line.opens and cue.opens_line) or (line.is_sole and (cue.is_alone or in_brackets))
        judged = _QUOTED if line.text.startswith(">") else _described(cue, is_own=is_own)
        if cue.seen.start >= quote:
            judged = reverted(line.text[quote:])
        sighting = sighting_of(cue, place, judged=judged)
        yield replace(sighting, is_reference=True) if _SEE.match(line.text) else sighting


def _is_titled(line: str, seen: tuple[KeySeen, ...]) -> bool:
    """True if the line begins as titles do: ``PAY-1: retry``."""
    return seen[0].start == 0 and line[seen[0].end :].lstrip()[:1] in {":", "："}


def _bracketed(line: _Line) -> bool:
    """True if the line ends with one key in brackets, as titles do: ``retry (PAY-1)``."""
    (last, *others) = reversed(line.seen)
    before, after = line.text[: last.start].rstrip(), line.text[last.end :].strip()
    return not others and before.endswith(("(", "（", "[", "【")) and after in _BRACKETS_END


def projects_of(seen: tuple[KeySeen, ...]) -> frozenset[str]:
    """Project keys of keys that were seen."""
    return frozenset(s.key.rpartition("-")[0] for s in seen)


def _described(cue: Cue, *, is_own: bool) -> Judged:
    if cue.is_label:
        return Role.IMPLEMENTS, Confidence.LIKELY, f"labelled {cue.words}"
    if cue.role is None and is_own:
        return Role.IMPLEMENTS, Confidence.LIKELY, OWN_LINE
    if cue.role is None:
        return Role.MENTIONS, Confidence.LIKELY, "named in passing"
    if cue.words.lower().startswith("reverted"):
        return Role.MENTIONS, Confidence.LIKELY, f"after the words {cue.words}"
    confidence = Confidence.CERTAIN if cue.role in {Role.CLOSES, Role.REVERTS} else Confidence.LIKELY
    return cue.role, confidence, f"after the words {cue.words}"
