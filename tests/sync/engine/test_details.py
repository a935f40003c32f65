"""Details: what one parent does not tell costs no other, and what was asked is noted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from engine_fakes import NOW, FakeConnector, threads_asking
from msgspec.structs import replace
from record_builders import mr, note, notes
from sqlalchemy import Engine

from connectors.errors import BlockedError, ForbiddenError, RetryableError, TandemError
from connectors.port import Ahead, Completeness, Scope, Skipped
from connectors.records import MergeRequest, MergeRequestNotes, Record
from sync.core.wanted import asked_scope
from sync.engine import details
from sync.engine.pull import Landed, Pull
from sync.store import progress, records

ONE, TWO = mr(1), mr(2)


@dataclass
class Told:
    """Details that answer from ``script`` by the parent's id: records, or an error; ``asked`` notes of whom, ``together`` are one group."""

    script: dict[str, tuple[Record, ...] | Skipped | TandemError]
    name: str = "notes"
    notice: str = ""
    together: int = 1
    asked: list[str] = field(default_factory=list)

    def groups(self, parents: tuple[Record, ...]) -> Iterator[tuple[Record, ...]]:
        return (parents[at : at + self.together] for at in range(0, len(parents), self.together))

    def fetch(self, parents: tuple[Record, ...], ahead: Ahead) -> Iterator[tuple[Record, ...] | Skipped]:
        for parent in parents:
            self.asked.append(parent.id)
            answer = self.script[parent.id]
            if isinstance(answer, TandemError):
                raise answer
            yield answer


def ask(job: Pull, *told: Told) -> dict[str, Completeness]:
    """What became of each kind of detail, asked of both merge requests."""
    connector = FakeConnector(source="gitlab", details_=told)
    found = details.ask(job, [connector], dict.fromkeys((one.name for one in told), (ONE, TWO)))
    return {verdict.scope.stream: verdict.completeness for verdict in found}


def known(engine: Engine) -> set[Record]:
    with engine.connect() as connection:
        return set(records.all_records(connection))


def asked(engine: Engine) -> dict[Scope, object]:
    with engine.connect() as connection:
        return dict(progress.read_instants(connection))


def test_what_is_told_is_stored_with_when_it_was_asked(engine: Engine, job: Pull) -> None:
    told = Told({ONE.id: (notes(1, note()),), TWO.id: (notes(2),)})
    assert ask(job, told) == {"notes": Completeness.COMPLETE}
    assert known(engine) == {notes(1, note()), notes(2)}
    assert asked(engine) == {asked_scope("notes", ONE): NOW, asked_scope("notes", TWO): NOW}


def test_answers_land_in_the_order_of_their_projects_whatever_that_of_their_parents(
    engine: Engine, job: Pull
) -> None:
    """Two workers that land answers of the same projects at the same time would else wait for each other."""
    other, seen = replace(mr(3), project_id="10"), list[Landed]()
    told = Told({ONE.id: (notes(1),), other.id: (notes(3),)})
    assert ONE.project_id > other.project_id
    connector = FakeConnector(source="gitlab", details_=(told,))
    details.ask(replace(job, watch=seen.append), [connector], {"notes": (ONE, other)})
    assert told.asked == [ONE.id, other.id]
    assert [one.scope.partition for one in seen] == [other.project_id, ONE.project_id]


def test_a_note_that_was_deleted_is_gone_once_the_notes_are_read_again(engine: Engine, job: Pull) -> None:
    ask(job, Told({ONE.id: (notes(1, note()),), TWO.id: (notes(2),)}))
    later = replace(job, now=NOW + timedelta(days=1))
    ask(later, Told({ONE.id: (notes(1),), TWO.id: (notes(2),)}))
    assert {one.id: one.notes for one in known(engine) if isinstance(one, MergeRequestNotes)} == {
        ONE.id: (),
        TWO.id: (),
    }
    assert set(asked(engine).values()) == {NOW + timedelta(days=1)}


@pytest.mark.parametrize(
    ("nothing", "skipped"),
    [((), []), (Skipped(what="notes of gitlab:merge_request:1", reason="403"), ["notes of gitlab"])],
)
def test_a_parent_that_tells_nothing_is_noted_and_the_others_are_asked(
    engine: Engine, job: Pull, nothing: tuple[Record, ...] | Skipped, skipped: list[str]
) -> None:
    pages: list[Landed] = []
    told = Told({ONE.id: nothing, TWO.id: (notes(2),)}, together=2)
    assert ask(replace(job, watch=pages.append), told) == {"notes": Completeness.COMPLETE}
    assert known(engine) == {notes(2)}
    assert set(asked(engine)) == {asked_scope("notes", ONE), asked_scope("notes", TWO)}
    with engine.connect() as connection:
        found = progress.skipped_in(connection, job.run_id)
    assert [what.partition(":")[0] for _, what, _ in found] == skipped
    assert [(len(page.kinds), page.skipped) for page in pages] == [(1, len(skipped))]


@pytest.mark.parametrize(
    ("error", "others"),
    [(RetryableError("503"), Completeness.COMPLETE), (BlockedError("blocked"), Completeness.PARTIAL)],
)
def test_a_failure_ends_the_kind_of_detail_and_a_site_wide_one_all_of_the_site(
    engine: Engine, job: Pull, error: TandemError, others: Completeness
) -> None:
    told = Told({ONE.id: error, TWO.id: (notes(2),)})
    later = Told({ONE.id: (), TWO.id: ()}, name="other")
    assert ask(job, told, later) == {"notes": Completeness.PARTIAL, "other": others}
    assert told.asked == [ONE.id]
    assert later.asked == ([ONE.id, TWO.id] if others is Completeness.COMPLETE else [])
    assert not {scope for scope in asked(engine) if scope.stream == "notes"}


def test_a_refusal_that_no_connector_made_little_of_ends_the_kind_of_detail(job: Pull) -> None:
    told = Told({ONE.id: ForbiddenError("403"), TWO.id: ()})
    assert ask(job, told) == {"notes": Completeness.FORBIDDEN}


def many(count: int) -> tuple[dict[str, MergeRequest], dict[str, tuple[Record, ...] | Skipped | TandemError]]:
    """(merge requests by id, what each tells)."""
    numbers = {mr(number).id: number for number in range(1, count + 1)}
    return {id_: mr(n) for id_, n in numbers.items()}, {
        id_: (notes(n, note()),) for id_, n in numbers.items()
    }


def ask_many(job: Pull, told: Told, parents: dict[str, MergeRequest]) -> None:
    connector = FakeConnector(source="gitlab", details_=(told,))
    details.ask(job, [connector], {told.name: tuple(parents.values())})


@pytest.mark.parametrize("size", [1, 5])
def test_groups_are_asked_side_by_side_and_every_answer_lands(engine: Engine, job: Pull, size: int) -> None:
    (parents, script), together, seen = many(40), threading.Barrier(4), list[Landed]()

    @dataclass
    class Meeting(Told):
        def fetch(self, parents: tuple[Record, ...], ahead: Ahead) -> Iterator[tuple[Record, ...] | Skipped]:
            together.wait(10)
            yield from super().fetch(parents, ahead)

    ask_many(replace(job, workers=4, watch=seen.append), Meeting(script, together=size), parents)
    assert sum(len(one.kinds) for one in seen) == 40
    assert {one.id for one in known(engine)} == set(parents)
    assert threads_asking() == []


@pytest.mark.parametrize("size", [1, 8])
@pytest.mark.parametrize("workers", [1, 4])
def test_an_error_ends_the_asking_and_what_was_told_before_it_is_kept(
    engine: Engine, job: Pull, workers: int, size: int
) -> None:
    parents, script = many(40)
    ids = list(parents)
    told = Told(script | {ids[12]: RetryableError("503")}, together=size)
    ask_many(replace(job, workers=workers), told, parents)
    assert {one.id for one in known(engine)} == set(ids[:12])
    assert len(told.asked) <= 13 + 4 * workers * size
    assert threads_asking() == []


def test_that_many_could_not_be_asked_together_is_said_once(
    job: Pull, capsys: pytest.CaptureFixture[str]
) -> None:
    both: dict[str, tuple[Record, ...] | Skipped | TandemError] = {ONE.id: (), TWO.id: ()}
    ask(job, *(Told(both, name=name, notice="no GraphQL") for name in ("approvals", "notes")))
    said = capsys.readouterr()
    assert (said.out + said.err).count("no GraphQL") == 1
