"""How many requests a pull makes, by route: ``python -m tests.bench.asking``.

The sandbox's full company, asked with GraphQL and without: a first pull; one after the 40 merge requests that were merged last changed; a quiet one. Prints each route that
GraphQL changes, and all others together.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors.sandbox.server import SandboxServer
from connectors.sandbox.world import company
from connectors.sandbox.world.stamps import gitlab_time
from connectors.sandbox.world.truth import Company
from sync.app import opened
from sync.engine.run import pull_only
from sync.settings import Settings, SourceSettings

_ROUTE = re.compile(r"/(graphql|approvals|discussions|jobs)(?:\?|$)|/merge_requests/\d+/(commits)\b")
_CHANGED = 40
_ANCHOR = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def main() -> None:
    """Print the figures as JSON."""
    found = {("with" if is_on else "without"): _pulls(is_graphql_on=is_on) for is_on in (True, False)}
    print(json.dumps(found, indent=2))


def _pulls(*, is_graphql_on: bool) -> dict[str, dict[str, int]]:
    world = company(_ANCHOR)
    with tempfile.TemporaryDirectory() as made, SandboxServer(world.sandbox) as server:
        mapping = Path(made) / "tandem.yaml"
        mapping.write_text(world.mapping, encoding="utf-8")
        jira = SourceSettings(url=server.jira_url, token="sandbox-jira-token")
        gitlab = SourceSettings(url=server.gitlab_url, token="sandbox-gitlab-token", graphql=is_graphql_on)
        settings = Settings(
            mapping=mapping, database=f"sqlite:///{made}/a.db", sources={"jira": jira, "gitlab": gitlab}
        )
        first = _pulled(world, settings)
        world.clock.advance(timedelta(hours=2))
        _change(world)
        changed = _pulled(world, settings)
        world.clock.advance(timedelta(hours=2))
        return {"first": first, "changed": changed, "quiet": _pulled(world, settings)}


def _change(world: Company) -> None:
    """Touch the merge requests that were merged last."""
    rows = [row for rows in world.sandbox.gitlab.merge_requests.values() for row in rows.values()]
    merged = sorted((row for row in rows if row["merged_at"]), key=lambda row: row["merged_at"])
    for row in merged[-_CHANGED:]:
        row["updated_at"] = gitlab_time(world.clock.now())


def _pulled(world: Company, settings: Settings) -> dict[str, int]:
    before = len(world.sandbox.requests)
    with opened(settings, now=world.clock.now) as app, app.connectors() as connectors:
        outcome = pull_only(app.job("pull", connectors))
    assert outcome.word == "complete", outcome.verdicts
    return _by_route(world.sandbox.requests[before:])


def _by_route(requests: Iterable[str]) -> dict[str, int]:
    routes = (_ROUTE.search(line) for line in requests)
    counts = Counter((one[1] or one[2]) if one else "others" for one in routes)
    return {**dict(sorted(counts.items())), "all": sum(counts.values())}


if __name__ == "__main__":
    main()
