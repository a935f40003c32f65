"""People: who an issue belongs to, in names that can be compared with those of a change's author."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from connectors.records import Issue
from mappings.likely.keyless import faces_of
from mappings.people import People
from mappings.schema import MappingSpec, Person


@dataclass(frozen=True)
class Faces:
    """Names and accounts by which the same person goes in both tools: as the mapping says, else the same name or account in both."""

    spec: MappingSpec

    def of_author(self, faces: frozenset[str]) -> frozenset[str]:
        """All names of who is known by one of ``faces``."""
        return faces.union(*(_faces(p) for face in faces if (p := self._by_face.get(face))))

    def of_assignee(self, issue: Issue) -> frozenset[str]:
        """All names of who the issue is assigned to."""
        return self._of_jira(issue.assignee_id, issue.assignee_name)

    def of_reporter(self, issue: Issue) -> frozenset[str]:
        """All names of who wrote the issue."""
        return self._of_jira(issue.reporter_id, None)

    def _of_jira(self, account: str | None, name: str | None) -> frozenset[str]:
        person = self._people.by_jira(account) if account else None
        return faces_of(account, name) | (_faces(person) if person else frozenset())

    @cached_property
    def _people(self) -> People:
        return People.of(self.spec)

    @cached_property
    def _by_face(self) -> Mapping[str, Person]:
        return MappingProxyType({face: p for p in self.spec.people for face in _faces(p)})


def _faces(person: Person) -> frozenset[str]:
    return faces_of(person.name, person.gitlab, person.jira)
