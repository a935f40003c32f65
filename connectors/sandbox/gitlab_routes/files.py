"""Files: the tree of a project's default branch, and the content of a blob. Any commit of the project shows the files as they are now."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping

from connectors.sandbox.gitlab_routes.common import link, paged, project_of
from connectors.sandbox.gitlab_routes.graph import sha_of
from connectors.sandbox.http import ReplyError, Request, Response, Route
from connectors.sandbox.state import GitlabState, Payload

_NOWHERE = ReplyError(404, {"message": "404 invalid revision or path Not Found"})


def blob_sha(content: bytes) -> str:
    """The sha by which git knows a content."""
    return hashlib.sha1(b"blob %d\0%s" % (len(content), content), usedforsecurity=False).hexdigest()


def tree(state: GitlabState, request: Request) -> Response:
    """What lies in a folder, with ``recursive`` also below it; folders first. By number of page, or with ``pagination=keyset`` behind ``page_token``."""
    project = project_of(state, request)
    files = state.files[project["id"]]
    sha_of(state, project["id"], request.text("ref") or project.get("default_branch") or "main")
    folder = request.text("path").strip("/")
    rows = list(_rows(files, folder, is_deep=request.flag("recursive")))
    if folder and not rows:
        raise _NOWHERE
    return _behind_token(rows, request) if request.text("pagination") == "keyset" else paged(rows, request)


def _rows(files: Mapping[str, bytes], folder: str, *, is_deep: bool) -> Iterator[Payload]:
    inside = f"{folder}/" if folder else ""
    names = sorted({path.removeprefix(inside).partition("/")[0] for path in files if path.startswith(inside)})
    folders = [name for name in names if f"{inside}{name}" not in files]
    for name in folders:
        path = f"{inside}{name}"
        yield _row(path, _tree_sha(files, path), kind="tree", mode="040000")
        if is_deep:
            yield from _rows(files, path, is_deep=True)
    for name in (name for name in names if name not in folders):
        yield _row(f"{inside}{name}", blob_sha(files[f"{inside}{name}"]), kind="blob", mode="100644")


def _row(path: str, sha: str, *, kind: str, mode: str) -> Payload:
    return {"id": sha, "name": path.rpartition("/")[2], "type": kind, "path": path, "mode": mode}


def _tree_sha(files: Mapping[str, bytes], folder: str) -> str:
    """A sha that changes with every change below the folder."""
    held = (f"{path} {blob_sha(files[path])}" for path in sorted(files) if path.startswith(f"{folder}/"))
    return hashlib.sha1("\n".join(held).encode(), usedforsecurity=False).hexdigest()


def _behind_token(rows: list[Payload], request: Request) -> Response:
    token, size = request.text("page_token"), max(1, min(request.number("per_page", 20), 100))
    tokens = [str(row["path"]).encode().hex() for row in rows]
    start = tokens.index(token) + 1 if token in tokens else 0
    page = rows[start : start + size]
    more = len(rows) > start + size
    headers = {"Link": link(request, "next", page_token=tokens[start + size - 1])} if more else {}
    return Response(body=page, headers=headers)


def blob(state: GitlabState, request: Request) -> Response:
    """The content of a blob, in base64."""
    files = state.files[project_of(state, request)["id"]]
    sha = request.args["sha"]
    content = next((one for one in files.values() if blob_sha(one) == sha), None)
    if content is None:
        raise ReplyError(404, {"message": "404 Blob Not Found"})
    coded = base64.b64encode(content).decode()
    return Response(body={"size": len(content), "encoding": "base64", "content": coded, "sha": sha})


ROUTES: tuple[Route[GitlabState], ...] = (
    Route("GET", "projects/{project}/repository/tree", tree),
    Route("GET", "projects/{project}/repository/blobs/{sha}", blob),
)
