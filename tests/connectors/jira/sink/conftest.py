"""One issue of a Jira that keeps what it is told, with faults that a test switches on."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

ME = {"accountId": "acc-bot"}
COMMENTS = "https://jira.test/rest/api/2/issue/10/comment"
LIST = "https://jira.test/rest/api/2/comment/list"
BULK = "https://jira.test/rest/api/3/issue/bulkfetch"
PROPERTY = "https://jira.test/rest/api/2/issue/10/properties/tandem.status"


@dataclass
class Issue10:
    """The comments and one property of issue 10, with faults that a test switches on."""

    comments: list[dict[str, Any]] = field(default_factory=list)
    held: Any = None
    next_id: int = 100
    page: int = 100
    lose_answer_of: str = ""
    """Method whose requests are carried out and then cut off."""
    refuse: dict[str, int] = field(default_factory=dict)
    """Status by method; PUT-silent is a PUT with notifyUsers=false."""
    lies: bool = False
    """A write of the property is answered well and not carried out."""
    strip_marker: bool = False
    told: str = ""
    """What is answered where many are asked for, instead of the truth."""
    log: list[str] = field(default_factory=list)

    def says(self, author, body, id_=None, **more):
        self.next_id += 1
        comment = {"id": str(id_ or self.next_id), "author": author, "body": body} | more
        self.comments.append(comment)
        return comment["id"]

    def answer(self, request):
        method, path = request.method, request.url.partition("?")[0]
        silent = "-silent" if "notifyUsers=false" in request.url else ""
        self.log.append(method + silent)
        if status := self.refuse.get(method + silent):
            return status, {}, json.dumps({"errorMessages": ["not allowed"]})
        result = getattr(self, f"do_{method.lower()}")(path.rpartition("/comment")[2].strip("/"), request)
        if self.lose_answer_of == method:
            raise requests.ConnectionError("connection reset by peer")
        return result

    def do_get(self, id_, request):
        found = [comment for comment in self.comments if comment["id"] == id_]
        if id_:
            return (200, {}, json.dumps(found[0])) if found else (404, {}, "{}")
        start = int(request.params["startAt"])
        rows = self.comments[start : start + self.page]
        return 200, {}, json.dumps({"comments": rows, "total": len(self.comments), "startAt": start})

    def do_post(self, id_, request):
        sent = json.loads(request.body)
        body = sent["body"].rpartition("\n")[0] if self.strip_marker else sent["body"]
        new = self.says(ME, body, visibility=sent.get("visibility"), properties=sent["properties"])
        return 201, {}, json.dumps({"id": new})

    def do_put(self, id_, request):
        for comment in self.comments:
            if comment["id"] == id_:
                comment["body"] = json.loads(request.body)["body"]
                return 200, {}, "{}"
        return 404, {}, "{}"

    def do_delete(self, id_, request):
        before = len(self.comments)
        self.comments = [comment for comment in self.comments if comment["id"] != id_]
        return (204, {}, "") if len(self.comments) < before else (404, {}, "{}")

    def answer_property(self, request):
        self.log.append(request.method)
        if request.method == "GET":
            found = {"key": "tandem.status", "value": self.held}
            return (200, {}, json.dumps(found)) if self.held is not None else (404, {}, "{}")
        self.held = self.held if self.lies else json.loads(request.body)
        if self.lose_answer_of == "PUT":
            raise requests.ConnectionError("connection reset by peer")
        return 201, {}, ""

    def answer_list(self, request):
        """Comments by their ids, as ``comment/list`` of Cloud gives them."""
        self.log.append("GET-list")
        if status := self.refuse.get("GET") or self.refuse.get("GET-list"):
            return status, {}, json.dumps({"errorMessages": ["not allowed"]})
        if self.told:
            return 200, {}, self.told
        ids = {str(id_) for id_ in json.loads(request.body)["ids"]}
        return 200, {}, json.dumps({"values": [one for one in self.comments if one["id"] in ids]})

    def answer_bulk(self, request):
        """The issue with its property, as ``issue/bulkfetch`` of Cloud gives it."""
        self.log.append("GET-bulk")
        if status := self.refuse.get("GET") or self.refuse.get("GET-bulk"):
            return status, {}, json.dumps({"errorMessages": ["not allowed"]})
        if self.told:
            return 200, {}, self.told
        asked = json.loads(request.body)
        held = {} if self.held is None else {"tandem.status": self.held}
        rows = [{"id": "10", "properties": held}] if "10" in asked["issueIdsOrKeys"] else []
        return 200, {}, json.dumps({"issues": rows})

    @property
    def writes(self):
        return [entry for entry in self.log if not entry.startswith("GET")]


@pytest.fixture
def world(mock):
    issue = Issue10()
    for method in ("GET", "POST", "PUT", "DELETE"):
        mock.add_callback(method, re.compile(re.escape(COMMENTS) + r"(/\d+)?(\?.*)?$"), issue.answer)
    for method in ("GET", "PUT"):
        mock.add_callback(method, PROPERTY, issue.answer_property)
    mock.add_callback("POST", LIST, issue.answer_list)
    mock.add_callback("POST", BULK, issue.answer_bulk)
    return issue


@pytest.fixture
def sink(cloud):
    return cloud.connected().sink()


@pytest.fixture
def server_sink(server):
    return server.connected().sink()
