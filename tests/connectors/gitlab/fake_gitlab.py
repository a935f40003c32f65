"""A small GitLab in memory behind the HTTP layer: it pages, filters and orders as the vendor documents, and keeps a log of requests."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha1
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import requests
import responses

URL = "https://git.example.com"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def blob_sha(content: bytes) -> str:
    return sha1(b"blob" + content, usedforsecurity=False).hexdigest()


@dataclass
class Repo:
    commits: dict[str, dict[str, Any]] = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)
    cleaned: set[str] = field(default_factory=set)
    files: dict[str, bytes] = field(default_factory=dict)
    """By path: what every commit that is still held shows."""
    modes: dict[str, str] = field(default_factory=dict)
    """Git's mode of files that are no plain ones."""
    blobs_asked: int = 0

    def write(self, path: str, text: str | bytes, *, tip: str) -> str:
        """Change a file in a new commit on top of main; returns the content's sha."""
        self.files[path] = text.encode() if isinstance(text, str) else text
        self.heads["main"] = self.commit(tip, *filter(None, (self.heads.get("main"),)))
        return blob_sha(self.files[path])

    def tree(self, query: dict[str, str]) -> list[dict[str, Any]] | None:
        folder, is_deep = query.get("path", ""), query.get("recursive") == "true"
        ref = query.get("ref", self.heads.get("main", ""))
        if ref in self.cleaned or ref not in self.commits:
            return None
        inside = f"{folder}/" if folder else ""
        below = [p.removeprefix(inside) for p in self.files if p.startswith(inside)]
        if folder and not below:
            return None
        folders = {"/".join(p.split("/")[:n]) for p in below for n in range(1, p.count("/") + 1)}
        rows = [self._row(f"{inside}{p}") for p in below] + [self._folder(f"{inside}{p}") for p in folders]
        shown = (r for r in rows if is_deep or "/" not in r["path"].removeprefix(inside))
        return sorted(shown, key=lambda r: r["path"])

    def _row(self, path: str) -> dict[str, Any]:
        mode = self.modes.get(path, "100644")
        kind = "commit" if mode == "160000" else "blob"
        return {"id": blob_sha(self.files[path]), "path": path, "type": kind, "mode": mode}

    def _folder(self, path: str) -> dict[str, Any]:
        held = [f"{p} {blob_sha(c)}" for p, c in sorted(self.files.items()) if p.startswith(f"{path}/")]
        return {"id": blob_sha("\n".join(held).encode()), "path": path, "type": "tree", "mode": "040000"}

    def blob(self, sha: str) -> dict[str, Any] | None:
        self.blobs_asked += 1
        found = next((c for c in self.files.values() if blob_sha(c) == sha), None)
        if found is None:
            return None
        return {"size": len(found), "encoding": "base64", "content": b64encode(found).decode(), "sha": sha}

    def commit(self, sha: str, *parents: str, files: tuple[str, ...] = (), at: datetime = NOW) -> str:
        self.commits[sha] = {
            "id": sha,
            "parent_ids": list(parents),
            "title": f"commit {sha}",
            "message": f"commit {sha}\n\nRefs: PAY-1\n",
            "author_name": "Li Wei",
            "author_email": "li@example.com",
            "authored_date": stamp(at),
            "committed_date": stamp(at),
            "trailers": {"Refs": "PAY-1"},
            "_files": files,
        }
        return sha

    def line(self, prefix: str, count: int, *, after: str | None = None) -> str:
        """A line of ``count`` commits named PREFIX0, PREFIX1 ...; returns the last sha."""
        for number in range(count):
            after = self.commit(f"{prefix}{number}", *((after,) if after else ()))
        assert after
        return after

    def reach(self, sha: str) -> list[str]:
        order: list[str] = []
        waiting = [sha]
        while waiting:
            at = waiting.pop(0)
            if at in order or at in self.cleaned or at not in self.commits:
                continue
            order.append(at)
            waiting += self.commits[at]["parent_ids"]
        return order

    def newest(self, *, until: str) -> list[dict[str, Any]]:
        """All that is held, also what no branch holds."""
        held = [row for sha, row in [*self.commits.items()][::-1] if sha not in self.cleaned]
        old = (row for row in held if row["committed_date"] <= until)
        return sorted(old, key=lambda row: row["committed_date"], reverse=True)

    def span(self, text: str) -> list[dict[str, Any]] | None:
        old, _, new = text.rpartition("..")
        if any(sha and (sha in self.cleaned or sha not in self.commits) for sha in (old, new)):
            return None
        hidden = set(self.reach(old)) if old else set()
        return [self.commits[sha] for sha in self.reach(new) if sha not in hidden]


@dataclass
class FakeGitlab:
    projects: dict[int, dict[str, Any]] = field(default_factory=dict)
    repos: dict[int, Repo] = field(default_factory=dict)
    lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Rows by path below /api/v4, such as ``groups/team/merge_requests``."""
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    """Fixed (status, body) by path."""
    answers_once: dict[str, Iterator[Any]] = field(default_factory=dict)
    """Bodies by path for the next requests; after them the path answers as usual."""
    default: str = "main"
    """The default branch of every project."""
    log: list[str] = field(default_factory=list)
    at: datetime = NOW
    after_page: Callable[[str], None] = lambda path: None
    """Called after each list page: a place to change the world during a walk."""
    headers: dict[str, dict[str, str]] = field(default_factory=dict)

    def project(self, id_: int, path: str, *, active_at: datetime = NOW - timedelta(days=3)) -> Repo:
        self.projects[id_] = {
            "id": id_,
            "path_with_namespace": path,
            "name": path.rpartition("/")[2],
            "default_branch": "main",
            "last_activity_at": stamp(active_at),
            "namespace": {"id": 900, "kind": "group", "full_path": path.partition("/")[0]},
        }
        return self.repos.setdefault(id_, Repo())

    def asked(self, part: str) -> list[str]:
        return [line for line in self.log if part in line]

    def answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        parts = urlsplit(request.url or "")
        path = unquote(parts.path.removeprefix("/api/v4/"))
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        self.log.append(f"{path}?{unquote(parts.query)}")
        headers = {"Date": format_datetime(self.at, usegmt=True), "Content-Type": "application/json"}
        if (once := next(self.answers_once.get(path, iter(())), None)) is not None:
            return 200, headers, json.dumps(once)
        if path in self.answers:
            status, body = self.answers[path]
            return (
                status,
                headers | self.headers.get(path, {}),
                body if isinstance(body, str) else json.dumps(body),
            )
        found = self._found(path, query)
        if found is None:
            return 404, headers, json.dumps({"message": f"404 {path} Not Found"})
        if isinstance(found, dict):
            return 200, headers, json.dumps(found)
        return self._paged(path, query, found, headers)

    def _paged(
        self, path: str, query: dict[str, str], rows: list[dict[str, Any]], headers: dict[str, str]
    ) -> tuple[int, dict[str, str], str]:
        size, page = int(query.get("per_page", 20)), int(query.get("page", 1))
        chosen = rows[(page - 1) * size : page * size]
        links = [f'<{URL}/api/v4/{path}?{urlencode({**query, "page": 1})}>; rel="first"']
        if page * size < len(rows):
            # another host than ours: a link's address must never be followed
            links.append(
                f'<https://evil.example/api/v4/{path}?{urlencode({**query, "page": page + 1})}>; rel="next"'
            )
        body = json.dumps([{k: v for k, v in row.items() if not k.startswith("_")} for row in chosen])
        self.after_page(path)
        return 200, headers | {"Link": ", ".join(links)}, body

    def _found(self, path: str, query: dict[str, str]) -> Any:  # noqa: PLR0911
        if path == "version":
            return {"version": "19.2.0"}
        if path == "user":
            return {"id": 1, "username": "tandem-bot"}
        if path in self.lists:
            return _filtered(self.lists[path], query)
        if found := re.fullmatch(r"groups/([^/]+)/projects", path):
            return [p for p in self.projects.values() if p["path_with_namespace"].startswith(f"{found[1]}/")]
        if re.fullmatch(r"groups/[^/]+/(merge_requests|issues|milestones)", path):
            return []
        if found := re.fullmatch(
            r"projects/(.+?)(?:/(repository/.*|merge_requests|issues|pipelines|deployments|releases|milestones))?",
            path,
        ):
            return self._in_project(found[1], found[2] or "", query)
        return None

    def _in_project(self, name: str, what: str, query: dict[str, str]) -> Any:
        row = next(
            (p for p in self.projects.values() if name in {str(p["id"]), p["path_with_namespace"]}), None
        )
        if row is None or not what:
            return row
        if not what.startswith("repository/"):
            return []
        return self._in_repo(self.repos[row["id"]], what.removeprefix("repository/"), query)

    def _in_repo(self, repo: Repo, what: str, query: dict[str, str]) -> Any:  # noqa: PLR0911
        branches = [self._branch(repo, name) for name in sorted(repo.heads)]
        if what == "branches":
            return branches
        if found := re.fullmatch(r"branches/(.+)", what):
            return next((b for b in branches if b["name"] == found[1]), None)
        if found := re.fullmatch(r"commits/([^/]+)/refs", what):
            if found[1] in repo.cleaned:
                return None
            return [
                {"type": "branch", "name": n} for n, sha in repo.heads.items() if found[1] in repo.reach(sha)
            ]
        if what == "tree":
            return repo.tree(query)
        if found := re.fullmatch(r"blobs/(.+)", what):
            return repo.blob(found[1])
        assert what == "commits", what
        rows = (
            repo.newest(until=query["until"])
            if query.get("all") == "true"
            else repo.span(query.get("ref_name", repo.heads.get("main", "")))
        )
        prefix = query.get("path")
        return (
            rows
            if rows is None or not prefix
            else [r for r in rows if any(f.startswith(prefix) for f in r["_files"])]
        )

    def _branch(self, repo: Repo, name: str) -> dict[str, Any]:
        commit = repo.commits[repo.heads[name]]
        return {
            "name": name,
            "commit": {"id": commit["id"], "committed_date": commit["committed_date"]},
            "default": name == self.default,
            "merged": name != self.default
            and self.default in repo.heads
            and repo.heads[name] in repo.reach(repo.heads[self.default]),
        }


def _filtered(rows: list[dict[str, Any]], query: dict[str, str]) -> list[dict[str, Any]]:
    if query.get("source") == "parent_pipeline":
        rows = [r for r in rows if r.get("source") == "parent_pipeline"]
    elif any("source" in r for r in rows):
        rows = [r for r in rows if r.get("source") != "parent_pipeline"]
    for name in ("updated", "created"):
        if bound := query.get(f"{name}_after"):
            at = datetime.fromisoformat(bound)
            rows = [r for r in rows if datetime.fromisoformat(r[f"{name}_at"]) >= at]
    if order := query.get("order_by"):
        rows = sorted(
            rows, key=lambda r: (str(r.get(order)), r.get("id", 0)), reverse=query.get("sort") == "desc"
        )
    return rows


@contextmanager
def answering(fake: FakeGitlab) -> Iterator[None]:
    """Within, the fake host answers every request to it; no other host answers."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.add_callback(responses.GET, re.compile(rf"{URL}/api/v4/.*"), callback=fake.answer)
        yield
