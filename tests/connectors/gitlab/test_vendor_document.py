"""Every request that the connector makes is one that the vendor's document knows, with parameters that it knows."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs

import pytest
import yaml

from connectors.port import as_they_are
from tests.connectors.gitlab.test_details import PIPELINE, REQUEST

DOCUMENT = Path(__file__).parents[3].parent / "shared" / "specs" / "gitlab-rest-v4.yaml"


@pytest.fixture(scope="module")
def known():
    """Query parameters by path pattern, of all reads."""
    with DOCUMENT.open(encoding="utf-8") as file:
        paths = yaml.load(file, Loader=yaml.CSafeLoader)["paths"]
    return [
        (
            re.compile(re.sub(r"\{[^}]+\}", "[^?]+", path.removeprefix("/api/v4/")) + "$"),
            path.count("/"),
            {p["name"] for p in operations["get"].get("parameters", ()) if p.get("in") == "query"},
        )
        for path, operations in paths.items()
        if "get" in operations
    ]


def parameters_of(known, path):
    """The parameters of the most specific path that matches."""
    return max((depth, sorted(names)) for pattern, depth, names in known if pattern.match(path))[1]


@pytest.mark.skipif(not DOCUMENT.is_file(), reason="the vendor's document in ../shared/specs is not here")
def test_paths_and_parameters_are_the_vendors(known, company, connector, store):
    company.repos[1].files |= {"src/a.py": b"# TODO", "src/b.py": b""}
    todos = ({"project": 1, "path": "src"},)
    store.pull(connector(projects=("team/p1",), paths=((1, "core"),), todos=todos))
    company.repos[1].heads["main"] = company.repos[1].commit("forced", "1-0")
    del company.repos[1].files["src/b.py"]
    opened = connector(paths=((1, "core"),), todos=todos)
    store.pull(opened)
    for census in opened.censuses():
        partition = next(iter(census.partitions()))
        census.ids(partition)
        census.settled(partition, frozenset({"404"}))
    company.answers |= {
        f"projects/7/{what}": (200, [])
        for what in ("pipelines/5/jobs", "merge_requests/12/commits", "merge_requests/12/discussions")
    }
    company.answers["projects/7/merge_requests/12/approvals"] = (200, {"approved_by": []})
    details = opened.details()
    assert [one.name for one in details] == ["jobs", "merge_request_commits", "approvals", "notes"]
    for one, parent in zip(details, (PIPELINE, REQUEST, REQUEST, REQUEST), strict=True):
        tuple(one.fetch((parent,), as_they_are))
    tuple(opened.checks(write_test=False))
    asked = {
        (path, tuple(parse_qs(query))) for path, _, query in (line.partition("?") for line in company.log)
    }
    unknown = {
        (path, name) for path, names in asked for name in names if name not in parameters_of(known, path)
    }
    assert unknown == set()
    assert len({re.sub(r"\d+", "N", path) for path, _ in asked}) > 15
