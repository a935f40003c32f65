"""Queries: what is asked of many merge requests of one project at once, and the rows of the REST API that the answer stands for. Pure.

Both ways end in the same parsers. A row is only made of what was told wholly: a connection with a further page, a node that was left out and an id of another form
raise ValueError, and that merge request is asked by REST. Types and nullability: docs.gitlab.com/api/graphql/reference, 19.2.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from connectors.gitlab.parse import text

_GLOBAL_ID = re.compile(r"gid://gitlab/[\w:]+/(\w+)")
_MERGE_REQUEST = "MergeRequest"
_OF_COMMITS = "Commit"

APPROVALS = "approvalsRequired approvalsLeft approvedBy { pageInfo { hasNextPage } nodes { username } }"
COMMITS = "commits(first: 100) { pageInfo { hasNextPage } nodes { sha title message } }"
NOTES = (
    "notes(first: 100) { pageInfo { hasNextPage } nodes { id noteableType system createdAt updatedAt resolvable resolved "
    "author { username name } discussion { id } } }"
)
"""Of the notes not the words: see decision 0006. ``notes`` is one connection less deep than ``discussions``, which tell the same."""

POINTS = "queryComplexity { score limit }"
"""How complex the query is by the site's own count, and how complex one may be."""


def document(fields: str, *, beside: str = "") -> str:
    """The query for ``fields`` of the merge requests ``iids`` of the project at ``path``; ``beside`` is asked along.

    Looked for by iids, merge requests cost the same number of points however many they are.
    """
    asked = f"project(fullPath: $path) {{ mergeRequests(iids: $iids, first: $first) {{ nodes {{ id {fields} }} }} }}"
    return f"query($path: ID!, $iids: [String!], $first: Int) {{ {beside} {asked} }}"


def variables(path: str, iids: Iterable[str]) -> dict[str, Any]:
    """The variables of ``document``. Iids are texts there, not numbers."""
    asked = list(iids)
    return {"path": path, "iids": asked, "first": len(asked)}


def id_of(node: Any) -> str:  # noqa: ANN401  # raw nodes end here
    """The number in a node's global id, as text: the id that REST gives it. Raises ValueError where it is none."""
    found = _GLOBAL_ID.fullmatch(text(node["id"]))
    if found is None:
        raise ValueError("no global id")
    return found[1]


def approval_row(node: Any) -> dict[str, Any]:  # noqa: ANN401
    """What ``approvals`` would have told."""
    return {
        "approvals_required": node["approvalsRequired"],
        "approvals_left": node["approvalsLeft"],
        "approved_by": [{"user": user} for user in _nodes(node["approvedBy"])],
    }


def commit_rows(node: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """What ``commits`` would have told, newest first."""
    return [
        {"id": one["sha"], "title": one["title"], "message": one["message"]}
        for one in _nodes(node["commits"])
    ]


def discussion_rows(node: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """What ``discussions`` would have told. Notes on commits of the merge request are left out, as they are there."""
    threads: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for note in _nodes(node["notes"]):
        if note["noteableType"] == _OF_COMMITS:
            continue
        if note["noteableType"] != _MERGE_REQUEST:
            raise ValueError("a note on something else")
        threads[id_of(note["discussion"])].append(_note_row(note))
    return [{"id": id_, "notes": notes} for id_, notes in threads.items()]


def _note_row(note: Mapping[str, Any]) -> dict[str, Any]:
    id_ = id_of(note)
    if not id_.isdecimal():  # an event that GitLab shows as if it were a note; REST does not list it
        raise ValueError("no note but an event")
    return {
        "id": id_,
        "author": note["author"],
        "created_at": note["createdAt"],
        "updated_at": note["updatedAt"],
        "system": note["system"],
        "resolvable": note["resolvable"],
        "resolved": note["resolvable"] and note["resolved"],
    }


def _nodes(connection: Any) -> list[Any]:  # noqa: ANN401
    """The nodes of a connection that was told to its end, none of them left out."""
    nodes = connection["nodes"]
    if connection["pageInfo"]["hasNextPage"] is not False or not isinstance(nodes, list) or None in nodes:
        raise ValueError("not told wholly")
    return nodes
