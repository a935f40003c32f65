"""Every request that the connector makes is in the vendor's document: method, path, query parameters, names in the body."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path

import pytest

from connectors.commands import Announce, CommentCommand, PropertyCommand, Slot, Visibility, marker_of
from connectors.cursor import Cursor
from connectors.jira.checks import DOCTOR
from tests.driven import delivered

FOLDER = Path(__file__).parents[4] / "shared" / "specs"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the folder with the vendor's documents (../shared/specs) is absent"
)

DIGESTS = ("a" * 16, "b" * 16)


@functools.cache
def _document(name):
    return json.loads((FOLDER / name).read_text("utf-8"))


def _operations(is_cloud):
    """(path pattern, operations, document) of every path; Cloud's v2 has the operations of v3."""
    documents = (
        {"jira-cloud-platform-v3.json": "", "jira-cloud-software-agile.json": ""}
        if is_cloud
        else {"jira-dc-10.3.json": "/rest"}
    )
    for name, prefix in documents.items():
        for path, operations in _document(name)["paths"].items():
            yield re.compile(re.sub(r"\{\w+\}", "[^/]+", prefix + path) + "$"), operations, _document(name)


def _operation(call, is_cloud):
    path = call.request.url.partition("?")[0].removeprefix("https://jira.test")
    path = path.replace("/rest/api/2/", "/rest/api/3/") if is_cloud else path
    found = [
        (operations[call.request.method.lower()], document)
        for pattern, operations, document in _operations(is_cloud)
        if pattern.match(path) and call.request.method.lower() in operations
    ]
    assert found, f"{call.request.method} {path} is in no document"
    return found[0]


def _parameters(operation, document):
    for parameter in operation.get("parameters", ()):
        reference = parameter.get("$ref")
        yield (
            document["components"]["parameters"][reference.rpartition("/")[2]] if reference else parameter
        )["name"]


def _body_names(operation, document):
    """Names that the body's schema knows; None where any body is allowed."""
    schema = operation["requestBody"]["content"]["application/json"].get("schema", {})
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return set(schema["properties"]) if "properties" in schema else None


def _assert_documented(scripted):
    for call in scripted.mock.calls:
        operation, document = _operation(call, scripted.is_cloud)
        assert set(call.request.params) <= set(_parameters(operation, document)), call.request.url
        body = json.loads(call.request.body) if call.request.body else None
        if isinstance(body, dict) and "/properties/" not in call.request.url:
            names = _body_names(operation, document)
            assert names is None or set(body) <= names, call.request.url


def _cycle(scripted, pull, issue, now):
    """Everything that the connector can do, once."""
    scripted.on("GET", "api/2/status", [])
    scripted.on("GET", "api/2/mypermissions", {"permissions": {}})
    scripted.on("GET", "api/2/project/PAY", {"key": "PAY"})
    scripted.on("GET", "api/2/project/PAY/versions", [])
    scripted.on("GET", "agile/1.0/board", {"values": [{"id": 8, "type": "scrum"}], "isLast": True})
    scripted.on("GET", "agile/1.0/board/8/sprint", {"values": [], "isLast": True})
    scripted.on("GET", "agile/1.0/sprint/1", {"id": 1, "name": "S1", "state": "closed"})
    for path in ("updated", "deleted"):
        feed = {"values": [{"worklogId": 1, "updatedTime": 5}], "until": 5, "lastPage": True}
        scripted.on("GET", f"api/2/worklog/{path}", feed)
    scripted.on("POST", "api/2/worklog/list", [])
    scripted.on("POST", "api/2/search/jql", {"issues": [issue(1, "PAY-1")], "nextPageToken": "t"})
    scripted.on("POST", "api/2/search/jql", {"issues": []})
    scripted.on("POST", "api/3/changelog/bulkfetch", {"issueChangeLogs": []})
    scripted.on("POST", "api/3/issue/bulkfetch", {"issues": []})
    for rows in ([issue(1, "PAY-1")], []):
        scripted.on("GET", "api/2/search", {"issues": rows})
    for path in ("api/2/issue", "api/2/version", "agile/1.0/sprint"):
        scripted.on("GET", f"{path}/9", {}, status=404)
    for method in ("PUT", "DELETE"):
        scripted.on(method, f"api/2/issue/1/properties/{DOCTOR}", {})
    connector = scripted.connected()
    for stream in connector.streams():
        for partition in stream.partitions(frozenset()):
            pull(connector, stream.name, partition, Cursor(read_to=now, tips=(("1", "active"),)))
    _count_everything(connector)
    list(connector.checks(write_test=True))
    _deliver_everything(scripted, connector.sink(), now)


def _count_everything(connector):
    for census in connector.censuses():
        for partition in census.partitions():
            census.ids(partition)
            census.settled(partition, frozenset({"9"}))


def _deliver_everything(scripted, sink, now):
    slot = Slot(source="jira", issue_id="1", commitment_key="pay")
    me = {"accountId": "acc-bot", "name": "bot", "key": "JIRAUSER1"}
    bodies = [f"x\n{marker_of('pay', digest)}" for digest in DIGESTS]
    scripted.on("POST", "api/2/issue/1/comment", {"id": "5"}, status=201)
    rows = [{"id": "5", "author": me, "body": body} for body in bodies]
    for comments in ([], [rows[1]], [rows[0]]):  # look, read back, read back
        scripted.on("GET", "api/2/issue/1/comment", {"comments": comments, "total": len(comments)})
    for row in (rows[0], rows[0], rows[1]):  # read back, look, look
        scripted.on("POST", "api/2/comment/list", {"values": [row]})
        scripted.on("GET", "api/2/issue/1/comment/5", row)
    scripted.on("PUT", "api/2/issue/1/comment/5", {})
    scripted.on("DELETE", "api/2/issue/1/comment/5", "", status=204)
    receipt = None
    for body, digest, announce in (
        (bodies[0], DIGESTS[0], Announce.NOTIFY),
        (bodies[1], DIGESTS[1], Announce.SILENT),
        (bodies[0], DIGESTS[0], Announce.NOTIFY),
    ):
        visibility = Visibility(kind="role", name="Managers")
        command = CommentCommand(
            slot=slot, body=body, digest=digest, announce=announce, visibility=visibility
        )
        receipt = delivered(sink, command, receipt, now=now)
    scripted.on("GET", "api/2/issue/1/properties/tandem.status", {}, status=404)
    scripted.on("PUT", "api/2/issue/1/properties/tandem.status", {}, status=201)
    kept = {"key": "tandem.status", "value": {"health": "done"}}
    scripted.on("GET", "api/2/issue/1/properties/tandem.status", kept)
    status = PropertyCommand(slot=slot, key="tandem.status", value='{"health":"done"}', digest=DIGESTS[0])
    delivered(sink, status, None, now=now)


@pytest.mark.parametrize("product", ["cloud", "server"])
def test_every_request_is_in_the_vendors_document(product, request, issue, now):
    scripted = request.getfixturevalue(product)
    _cycle(scripted, request.getfixturevalue("pull"), issue, now)
    methods = set(scripted.methods)
    assert {
        "POST api/2/issue/1/comment",
        "PUT api/2/issue/1/comment/5",
        "DELETE api/2/issue/1/comment/5",
    } <= methods
    _assert_documented(scripted)
