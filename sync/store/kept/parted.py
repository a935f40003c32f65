"""Parted: a project of which a part is read, with what that is read by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from msgspec import Struct
from sqlalchemy import Connection

from connectors.records import Commit, Record, Ref
from mappings.graph import Carriers
from mappings.keys import known_projects
from mappings.schema import MappingSpec
from sync.store.kept.project import Surroundings
from sync.store.kept.reading import Silent
from sync.store.kept.skimmed import Skimmed, SkimmedObserved


class Facts(Struct, frozen=True, kw_only=True):
    """What is worked out of all of a project, whatever part of it is read: it holds until anything in the project changes."""

    skimmed: Skimmed
    carriers: Carriers


@dataclass(frozen=True, kw_only=True)
class PartedProject:
    """What reading a part of a project goes by. ``silent`` is how it was read before."""

    connection: Connection
    spec: MappingSpec
    around: Surroundings
    place: tuple[str, str]
    skimmed: Skimmed
    silent: tuple[Silent, ...]

    @cached_property
    def base(self) -> SkimmedObserved:
        """The skimmed project alone."""
        return self.observed()

    @cached_property
    def keys(self) -> frozenset[str]:
        """The keys of Jira projects that count in texts."""
        return known_projects(self.spec, self.base)

    def observed(self, records: Iterable[Record] = ()) -> SkimmedObserved:
        """The skimmed project with some records in full, its own or those of others."""
        full = {record.ref: record for record in records}
        given = (*self.around.projects, *self.skimmed.requests.values(), *self.skimmed.others)
        return SkimmedObserved(
            (*(record for record in given if record.ref not in full), *full.values()),
            aliases=self.around.aliases,
            issue_refs=self.around.issue_refs,
            graphs={self.place: self.skimmed.graph},
        )

    def ref(self, kind: str, id_: str) -> Ref:
        """A record of the project's source."""
        return Ref(self.place[0], kind, id_)

    def shas(self, refs: Iterable[Ref]) -> set[str]:
        """The shas of the commits among changes of the project."""
        return {ref.id.rpartition("/")[2] for ref in refs if ref.kind == Commit.kind}
