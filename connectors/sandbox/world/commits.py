"""Commit, branch and tag payloads of GitLab."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from connectors.sandbox.state import Payload
from connectors.sandbox.world.people import GITLAB, Person
from connectors.sandbox.world.stamps import commit_time, gitlab_time


class Written(Struct, frozen=True, kw_only=True):
    """What somebody committed: ``at`` is the committer's date, ``authored_at`` the author's where it differs."""

    message: str
    author: Person
    at: datetime
    authored_at: datetime | None = None
    parents: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


def commit(path: str, sha: str, written: Written) -> Payload:
    """A commit as the list shows it with ``trailers=true``; ``_files`` are the paths that it changed."""
    message, author = written.message, written.author
    trailers = dict(
        line.split(": ", 1) for line in message.splitlines()[1:] if line.startswith("Signed-off-by: ")
    )
    return {
        "id": sha,
        "short_id": sha[:8],
        "created_at": commit_time(written.at),
        "parent_ids": list(written.parents),
        "title": message.partition("\n")[0],
        "message": message,
        "author_name": author.name,
        "author_email": author.email,
        "authored_date": commit_time(written.authored_at or written.at),
        "committer_name": author.name,
        "committer_email": author.email,
        "committed_date": commit_time(written.at),
        "trailers": trailers,
        "extended_trailers": {key: [value] for key, value in trailers.items()},
        "web_url": f"{GITLAB}/{path}/-/commit/{sha}",
        "_files": list(written.files),
    }


def branch(path: str, name: str, tip: Payload, **flags: bool) -> Payload:
    """A branch at ``tip``; ``flags`` are ``merged``, ``protected`` and ``default``."""
    protected = flags.get("protected", False)
    return {
        "name": name,
        "commit": tip,
        "merged": flags.get("merged", False),
        "protected": protected,
        "developers_can_push": not protected,
        "developers_can_merge": not protected,
        "can_push": True,
        "default": flags.get("default", False),
        "web_url": f"{GITLAB}/{path}/-/tree/{name}",
    }


def tag(name: str, tip: Payload, at: datetime) -> Payload:
    """An annotated tag at ``tip``."""
    return {
        "name": name,
        "message": f"Release {name}",
        "target": tip["id"],
        "commit": tip,
        "release": {"tag_name": name, "description": f"Release {name}"},
        "protected": False,
        "created_at": gitlab_time(at),
    }


def release(path: str, tagged: Payload, author: Payload, at: datetime) -> Payload:
    """The release of a tag, without its assets and evidences, which nobody here has."""
    name = tagged["name"]
    return {
        "name": name,
        "tag_name": name,
        "description": f"Release {name}",
        "created_at": gitlab_time(at),
        "released_at": gitlab_time(at),
        "upcoming_release": False,
        "author": author,
        "commit": tagged["commit"],
        "commit_path": f"/{path}/-/commit/{tagged['target']}",
        "tag_path": f"/{path}/-/tags/{name}",
    }
