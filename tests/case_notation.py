"""Notation of the drift cases: one record per line, ``KIND WORDS... FIELD=VALUE...``, ages counted back from the case's ``now``.

    issue PAY-1 "To Do" blocked_by=PAY-2 links=PAY-3    the other blocks it; it blocks the third
    issue PAY-1 Done 3d type=Bug      in this status for 3 days, before that In Progress; without an age it has no changelog
    change PAY-1 Done 3d was=Review   one status change
    mr 12 opened PAY-1 5d             a merge request opened 5 days ago that implements PAY-1 (``-`` for no key)
    commit c1 PAY-1 2d                a commit; ``branch NAME 2d`` a branch; ``pipeline 1 failed 2d``; ``job 1 unit failed``
    approval 12 5d approver_ids=zmin  who approved !12 as it stood 5 days ago; missing_count=1 by GitLab's rules
    notes 12 5d open:6d bot:6d        threads on !12 as it stood then, with their ages: open, resolved, bot (open, by a bot), single (no thread), or an author's
    gone PAY-9 "To Do" 2d             an issue that was missed 2 days ago, as it was read last
    touch c1 src/core                 a commit changed something below a path
    file src/a.py "# TODO(PAY-1): x"  a file that was read for marks; ``scan src`` what was looked at below a path
    $c1                               the sha of commit c1, anywhere in a line
    touched PAY-1 edited 2h           a person edited (deleted) the managed comment; is_left_alone=yes, commitment=KEY
    dead PAY-1 comment 2h             a write that failed too often; ``site gitlab skew_s=-400 token_expires_on=2026-12-01``
    deployment 1 $c1 2d, release v2.0 $c1 2d, gitlab_issue 1 closed, sprint S1, worklog PAY-1 2.5 3d    hours and age
    version 2.0, milestone 2.0, project 8 acme/other, verdict commits 8 forbidden, alias OLD-1 PAY-1

Fields are the records' own. Ages: ``3d``, ``23h59m``; fields in ``_at`` are ages, in ``_on`` dates, ``is_`` yes or no, those that hold several are split at commas.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, TypeAlias, TypeVar

import yaml

from connectors.port import Completeness, Verdict
from connectors.records import KeyAlias, Note, Record
from mappings.observed import Gone
from sync.core.condition import Condition, DeadLetter, SiteVitals, TouchedSlot
from sync.core.world import World
from tests import builders

_AGE = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?")
_READ: TypeAlias = Record | KeyAlias | Verdict | Gone | TouchedSlot | DeadLetter | SiteVitals
_NO_RECORDS = (KeyAlias, Verdict, Gone, TouchedSlot, DeadLetter, SiteVitals)
_NUMBERS = {
    "comment_count": int,
    "missing_count": int,
    "attempts": int,
    "skew_s": float,
    "spent_s": int,
    "story_points": float,
    "original_estimate_s": int,
}
_SEVERAL = {"approver_ids", "labels", "components", "fix_version_ids", "sprint_ids", "links", "parent_shas"}

_THREADS: Mapping[str, Callable[[datetime], Note]] = {
    "open": builders.note,
    "resolved": partial(builders.note, is_resolved=True),
    "bot": partial(builders.note, is_author_bot=True),
    "single": partial(builders.note, is_resolvable=False),
}

R = TypeVar("R")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One case file: the world, what is expected of the rule, and which traps it is about."""

    world: World
    now: datetime
    expect: tuple[Mapping[str, Any], ...]
    waiting: tuple[str, ...]
    not_asked: bool
    unknown: frozenset[str]
    covers: frozenset[str]


def case_of(text: str) -> Case:
    """The case that the YAML ``text`` describes; ``ValueError`` or ``KeyError`` for what the notation does not know."""
    given = yaml.safe_load(text)
    surplus = set(given) - {
        "note", "now", "records", "mapping", "expect", "waiting", "not_asked", "unknown", "covers",
    }  # fmt: skip
    if surplus:
        raise ValueError(f"unknown parts of a case: {surplus}")
    world = world_in(given.get("records", ()), mapping=given.get("mapping"), now=given.get("now"))
    return Case(
        world=world,
        now=world.now,
        expect=tuple(given["expect"]),
        waiting=tuple(given.get("waiting", ())),
        not_asked=given.get("not_asked", False),
        unknown=frozenset(given.get("unknown", ())),
        covers=frozenset(given.get("covers", ())),
    )


def world_in(
    records: Iterable[str], *, mapping: Mapping[str, Any] | None = None, now: datetime | None = None
) -> World:
    """The world that lines of records describe, at ``now`` (in UTC where it names no zone)."""
    now = now or builders.NOW
    now = now if now.tzinfo else now.replace(tzinfo=UTC)
    read = [line for text in records for line in _Line.of(text, now).read()]
    return builders.world(
        [r for r in read if not isinstance(r, _NO_RECORDS)],
        mapping=mapping,
        now=now,
        aliases=_of(KeyAlias, read),
        verdicts=_of(Verdict, read),
        gone=_of(Gone, read),
        condition=Condition(
            touched=_of(TouchedSlot, read), dead=_of(DeadLetter, read), sites=_of(SiteVitals, read)
        ),
    )


def _of(kind: type[R], read: Iterable[_READ]) -> tuple[R, ...]:
    return tuple(r for r in read if isinstance(r, kind))


def _field(text: str) -> tuple[str, tuple[str, ...]]:
    name, _, value = text.partition(":")
    return name, (value,)


def age_of(text: str) -> timedelta:
    """The age that ``3d`` or ``23h59m`` says."""
    found = _AGE.fullmatch(text)
    if not found or not text:
        raise ValueError(f"{text!r} is not an age such as 3d or 23h59m")
    days, hours, minutes = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


@dataclass(frozen=True, kw_only=True)
class _Line:
    """One line of records: its words, its fields, and the case's now."""

    kind: str
    words: list[str]
    given: Mapping[str, str]
    now: datetime

    @classmethod
    def of(cls, text: str, now: datetime) -> _Line:
        kind, *rest = shlex.split(re.sub(r"\$(\w+)", lambda name: builders.sha_of(name[1]), text))
        pairs = (word.partition("=") for word in rest if re.match(r"[a-z_]+=", word))
        words = [word for word in rest if not re.match(r"[a-z_]+=", word)]
        return cls(kind=kind, words=words, given={k: v for k, _, v in pairs}, now=now)

    def read(self) -> Iterable[_READ]:
        readers: Mapping[str, Callable[[], Iterable[_READ]]] = {
            "issue": self._issue,
            "gone": self._gone,
            "change": self._change,
            "mr": self._mr,
            "commit": self._commit,
            "branch": self._branch,
            "pipeline": self._pipeline,
            "verdict": self._verdict,
            "touched": self._touched,
            "dead": self._dead,
            "site": self._site,
            "deployment": self._deployment,
            "release": self._release,
            "gitlab_issue": self._gitlab_issue,
            "worklog": self._worklog,
            "approval": self._approval,
            "notes": self._notes,
            "file": self._file,
        }
        return readers.get(self.kind, self._plain)()

    def _at(self, place: int) -> datetime:
        return self.now - age_of(self.words[place])

    def _values(self) -> dict[str, Any]:
        return {name: self._value(name, text) for name, text in self.given.items()}

    def _value(self, name: str, text: str) -> Any:
        read: Mapping[str, Callable[[str], Any]] = {
            **dict.fromkeys(_SEVERAL, lambda several: tuple(several.split(","))),
            **_NUMBERS,
            "links": lambda several: tuple(map(builders.blocks, several.split(","))),
            "fields": lambda several: tuple(map(_field, several.split(","))),
            "at": self._ago,
        }
        by_ending: Mapping[str, Callable[[str], Any]] = {"_at": self._ago, "_on": date.fromisoformat}
        if name.startswith("is_"):
            return {"yes": True, "no": False}[text]
        return read.get(name, by_ending.get(name[-3:], str))(text)

    def _ago(self, age: str) -> datetime:
        return self.now - age_of(age)

    def _issue(self) -> Iterable[Record]:
        key, status, *age = self.words
        values = self._values()
        if "blocked_by" in values:
            values["links"] = (builders.blocked_by(values.pop("blocked_by")),)
        yield builders.issue(key, status=status, **values)
        if age:
            yield builders.change(key, status, self.now - age_of(age[0]))

    def _gone(self) -> Iterable[Gone]:
        key, status, _ = self.words
        yield Gone(issue=builders.issue(key, status=status, **self._values()), noticed_at=self._at(2))

    def _change(self) -> Iterable[Record]:
        yield builders.change(self.words[0], self.words[1], self._at(2), **self._values())

    def _mr(self) -> Iterable[Record]:
        number, state, key, _ = self.words
        made: dict[str, Any] = {"created_at": self._at(3)}
        if key != "-":
            made["title"] = f"{key}: some change"
        yield builders.mr(int(number), state=state, **made | self._values())

    def _commit(self) -> Iterable[Record]:
        name, key, _ = self.words
        title = f"{key}: some change" if key != "-" else "Some change"
        yield builders.commit(name, **{"title": title, "at": self._at(2)} | self._values())

    def _branch(self) -> Iterable[Record]:
        values = {"committed_at": self._at(1)} | self._values()
        if "tip" in values:
            values["sha"] = builders.sha_of(values.pop("tip"))
        yield builders.branch(self.words[0], **values)

    def _pipeline(self) -> Iterable[Record]:
        number, status, _ = self.words
        yield builders.pipeline(int(number), status=status, at=self._at(2), **self._values())

    def _verdict(self) -> Iterable[Verdict]:
        stream, partition, completeness = self.words
        verdict = builders.verdict(
            stream, partition, **{"completeness": Completeness(completeness), "at": self.now} | self._values()
        )
        yield verdict

    def _touched(self) -> Iterable[TouchedSlot]:
        yield builders.touched_slot(self.words[0], self.words[1], self._at(2), **self._values())

    def _dead(self) -> Iterable[DeadLetter]:
        yield builders.dead_letter(self.words[0], self.words[1], self._at(2), **self._values())

    def _site(self) -> Iterable[SiteVitals]:
        yield builders.site(self.words[0], **{"at": self.now} | self._values())

    def _deployment(self) -> Iterable[Record]:
        number, sha, _ = self.words
        yield builders.deployment(int(number), **{"sha": sha, "at": self._at(2)} | self._values())

    def _release(self) -> Iterable[Record]:
        tag, sha, _ = self.words
        yield builders.release(tag, **{"sha": sha, "at": self._at(2)} | self._values())

    def _gitlab_issue(self) -> Iterable[Record]:
        yield builders.gitlab_issue(int(self.words[0]), state=self.words[1], **self._values())

    def _worklog(self) -> Iterable[Record]:
        key, hours, _ = self.words
        yield builders.worklog(key, float(hours), self._at(2), **self._values())

    def _approval(self) -> Iterable[Record]:
        yield builders.approval(int(self.words[0]), **{"updated_at": self._at(1)} | self._values())

    def _notes(self) -> Iterable[Record]:
        said = (word.partition(":")[::2] for word in self.words[2:])
        notes = (
            _THREADS.get(how, partial(builders.note, author_name=how))(self._ago(age)) for how, age in said
        )
        yield builders.notes(int(self.words[0]), *notes, updated_at=self._at(1))

    def _file(self) -> Iterable[Record]:
        path, text = self.words
        yield from builders.todos(path, text.replace("\\n", "\n"), **self._values())

    def _plain(self) -> Iterable[Record | KeyAlias]:
        values = self._values()
        if self.kind == "alias":
            yield KeyAlias(source="jira", key=self.words[0], issue_id=builders.number_of(self.words[1]))
        elif self.kind == "job":
            yield builders.job(int(self.words[0]), self.words[1], **{"status": self.words[2]} | values)
        else:
            plain = {"touch": builders.touch, "version": builders.version, "milestone": builders.milestone}
            more = {"project": builders.project, "sprint": builders.sprint, "scan": builders.scan}
            yield (plain | more)[self.kind](*self.words, **values)
