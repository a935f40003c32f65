"""GitLab's GraphQL: commits, approvals and notes of many merge requests at once; the same facts that the single routes tell, under the schema's names.

Ids are global ids, iids are texts, and times have no fractions of a second (gitlabhq app/graphql/types/time_type.rb).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from graphql import build_schema

from tests.bench.site import gitlab_bodies as bodies
from tests.bench.site import gitlab_small_bodies as small
from tests.bench.site.gitlab_world import FIRST_PROJECT, FIRST_REQUEST, GitlabWorld
from tests.bench.site.http import Answer, Asked, Route, json_answer, route
from tests.bench.site.queries import (
    MOST_POINTS,
    Query,
    points_of,
    query_of,
    size_of_page,
    told,
)

_LARGEST = 10_000
"""Characters of the longest query (docs.gitlab.com/api/graphql)."""
SCHEMA = build_schema(
    """
    scalar Time
    scalar NoteID
    scalar DiscussionID
    type Query { project(fullPath: ID!): Project queryComplexity: QueryComplexity }
    type QueryComplexity { limit: Int score: Int }
    type Project { id: ID! fullPath: ID! mergeRequests(iids: [String!], first: Int): MergeRequestConnection }
    type MergeRequest {
      id: ID!
      iid: String!
      approvalsLeft: Int
      approvalsRequired: Int
      approvedBy(first: Int): UserCoreConnection
      commits(first: Int): CommitConnection
      notes(first: Int): NoteConnection!
    }
    type Note {
      id: NoteID!
      noteableType: String!
      author: UserCore
      createdAt: Time!
      updatedAt: Time!
      system: Boolean!
      resolvable: Boolean!
      resolved: Boolean!
      discussion: Discussion
    }
    type Discussion { id: DiscussionID! }
    type UserCore { id: ID! username: String! name: String! }
    type Commit { sha: String! title: String message: String }
    type PageInfo { hasNextPage: Boolean! }
    type MergeRequestConnection { nodes: [MergeRequest] pageInfo: PageInfo! }
    type NoteConnection { nodes: [Note] pageInfo: PageInfo! }
    type CommitConnection { nodes: [Commit] pageInfo: PageInfo! }
    type UserCoreConnection { nodes: [UserCore] pageInfo: PageInfo! }
    """
)
"""What is served of GitLab 19.2, with the vendor's names and nullability (docs.gitlab.com/api/graphql/reference)."""
Given = Mapping[str, Any]
"""The arguments of a field."""


class GitlabGraphql:
    """What answers for one world."""

    def __init__(self, world: GitlabWorld) -> None:
        self._world = world

    def all(self) -> list[Route]:
        """The route."""
        return [route("POST", "/api/graphql", self._answer)]

    def _answer(self, asked: Asked) -> Answer:
        document = str(asked.body.get("query"))
        if len(document) > _LARGEST:
            return json_answer({"errors": [{"message": "Query too large"}]}, status=422)
        query = query_of(SCHEMA, document)
        values = query.values_of(asked.body.get("variables") or {}) if isinstance(query, Query) else query
        if not isinstance(query, Query) or not isinstance(values, dict):
            return json_answer({"errors": values})
        points = points_of(query.wanted, values)
        if points > MOST_POINTS:
            said = f"Query has complexity of {points}, which exceeds max complexity of {MOST_POINTS}"
            return json_answer({"errors": [{"message": said}]})
        root = {
            "project": self._project,
            "queryComplexity": {"score": points, "limit": MOST_POINTS},
        }
        return json_answer({"data": told(root, query.wanted, values)})

    def _project(self, given: Given) -> dict[str, Any] | None:
        """The project at a path."""
        number = self._world.project_at(given["fullPath"])
        if number is None:
            return None
        return {
            "id": _global_id("Project", FIRST_PROJECT + number),
            "fullPath": given["fullPath"],
            "mergeRequests": partial(self._requests, number),
        }

    def _requests(self, project: int, given: Given) -> dict[str, Any]:
        """Merge requests of a project, newest first: those of some iids, or all where none are named."""
        last = self._world.graphs[project].size.requests_each
        iids = range(1, last + 1) if given.get("iids") is None else sorted(set(map(int, given["iids"])))
        found = [iid for iid in reversed(iids) if 0 < iid <= last]
        size = size_of_page(given)
        return _connection([self._request(project, iid) for iid in found[:size]], is_last=len(found) <= size)

    def _request(self, project: int, iid: int) -> dict[str, Any]:
        index = self._world.index(project, iid)
        approvals = small.approvals_of(iid)
        return {
            "id": _global_id("MergeRequest", FIRST_REQUEST + index),
            "iid": str(iid),
            "approvalsLeft": approvals["approvals_left"],
            "approvalsRequired": approvals["approvals_required"],
            "approvedBy": partial(_page, [_user(by["user"]) for by in approvals["approved_by"]]),
            "commits": partial(self._commits, project, iid),
            "notes": lambda given: _page(list(_notes(small.threads_of(self._world, index))), given),
        }

    def _commits(self, project: int, iid: int, given: Given) -> dict[str, Any]:
        graph = self._world.graphs[project]
        span, size = graph.of_request(iid), size_of_page(given)
        assert span is not None
        rows = (json.loads(bodies.commit_text(graph, node)) for node in span.part(0, size))
        nodes = [{"sha": row["id"], "title": row["title"], "message": row["message"]} for row in rows]
        return _connection(nodes, is_last=len(span) <= size)


def _page(rows: list[dict[str, Any]], given: Given) -> dict[str, Any]:
    size = size_of_page(given)
    return _connection(rows[:size], is_last=len(rows) <= size)


def _connection(nodes: list[dict[str, Any]], *, is_last: bool) -> dict[str, Any]:
    return {"nodes": nodes, "pageInfo": {"hasNextPage": not is_last}}


def _notes(threads: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for thread in threads:
        kind = "IndividualNoteDiscussion" if thread["individual_note"] else "Discussion"
        for note in thread["notes"]:
            yield {
                "id": _global_id(note["type"] or "Note", note["id"]),
                "noteableType": "MergeRequest",
                "author": _user(note["author"]),
                "createdAt": _whole(note["created_at"]),
                "updatedAt": _whole(note["updated_at"]),
                "system": note["system"],
                "resolvable": note["resolvable"],
                "resolved": note.get("resolved", False),
                "discussion": {"id": _global_id(kind, thread["id"])},
            }


def _user(user: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": _global_id("User", user["id"]),
        "username": user["username"],
        "name": user["name"],
    }


def _global_id(kind: str, id_: object) -> str:
    return f"gid://gitlab/{kind}/{id_}"


def _whole(at: str) -> str:
    """An instant without its fraction of a second."""
    return f"{at.partition('.')[0]}Z"
