"""Names: what a change names beside known issues, which makes what it says depend on others.

| kind | name |
|---|---|
| key | a key that no issue has |
| sha | a commit that it repeats or takes back, and that nobody has |
| origin | such a commit that is there |
| request | the id of a project (empty where there is none), and the path and reference by which it names a merge request there to be taken back |
| back | empty: it takes something back |
| path | of a project itself: the path by which the mapping confirms links |
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import NamedTuple

from connectors.records import Commit, MergeRequest, Ref
from mappings.inherited import named_by
from mappings.reverts import referred_by, takes_back

KEY, SHA, ORIGIN, REQUEST, BACK, PATH = "key", "sha", "origin", "request", "back", "path"


class Name(NamedTuple):
    """One name: the change that names it, of which kind it is, and the name."""

    change_kind: str
    change_id: str
    kind: str
    name: str


def names_of(
    changes: Iterable[Commit | MergeRequest], ids: Mapping[tuple[str, str], str], *, known: Container[str]
) -> Iterator[Name]:
    """What changes name of other changes; ``ids`` are those of the projects by path, ``known`` the shas of commits that are there."""
    for change in changes:
        kind, id_ = change.kind, change.id
        sha = named_by(change) if isinstance(change, Commit) else None
        if sha:
            yield Name(kind, id_, ORIGIN if sha in known else SHA, sha)
        if takes_back(change):
            yield Name(kind, id_, BACK, "")
        for path, reference in referred_by(change):
            yield Name(kind, id_, REQUEST, name_of_request(ids, change.source, path, reference))


def name_of_request(ids: Mapping[tuple[str, str], str], source: str, path: str, reference: str) -> str:
    """The name of a merge request of a project as it is found now."""
    return f"{ids.get((source, path), '')} {path}{reference}"


def request_of(name: str) -> tuple[str, str, str]:
    """(id, path, reference) in such a name; no id where there was no such project."""
    id_, _, rest = name.partition(" ")
    path, sign, number = rest.rpartition("!")
    return id_, path, sign + number


def unknown_keys(unknown: Mapping[Ref, frozenset[str]]) -> Iterator[Name]:
    """The names of keys that no issue has, by change."""
    for change, keys in unknown.items():
        for key in keys:
            yield Name(change.kind, change.id, KEY, key)
