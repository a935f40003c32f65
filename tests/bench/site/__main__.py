"""The site as a program: ``python -m tests.bench.site [--scale 10] [--round-trip 0.05]``. Says its address on the first line and serves until its input ends."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Callable

from tests.bench.site.changes import change
from tests.bench.site.comments import CommentRoutes
from tests.bench.site.gitlab_graphql import GitlabGraphql
from tests.bench.site.gitlab_routes import GitlabRoutes
from tests.bench.site.gitlab_world import GitlabWorld
from tests.bench.site.http import MISSING, Answer, Asked, Bodies, Route, Site, json_answer, route, serve
from tests.bench.site.jira_routes import JiraRoutes
from tests.bench.site.jira_small_routes import JiraSmallRoutes
from tests.bench.site.jira_world import JiraWorld
from tests.bench.site.size import Size, scaled
from tests.bench.site.truth import truth_of


def site_of(size: Size, *, now_ms: Callable[[], int], bodies_mb: int = 512) -> Site:
    """A site with both tools."""
    jira, gitlab = JiraWorld.of(size, now_ms()), GitlabWorld.of(size, now_ms())
    site = Site(routes=[], bodies=Bodies(bodies_mb << 20))
    own = _own(site, jira, gitlab, now_ms)
    site.routes = [
        *own,
        *JiraRoutes(jira).all(),
        *JiraSmallRoutes(jira).all(),
        *GitlabRoutes(gitlab).all(),
        *GitlabGraphql(gitlab).all(),
        *CommentRoutes(now_ms).all(),
    ]
    return site


def _own(site: Site, jira: JiraWorld, gitlab: GitlabWorld, now_ms: Callable[[], int]) -> list[Route]:
    """What the benchmarks ask of the site itself."""

    def changed(asked: Asked) -> Answer:
        site.bodies.clear()
        return json_answer(change(jira, gitlab, share=float(asked.body["share"]), at_ms=now_ms()))

    def truth(_: Asked, kind: str) -> Answer:
        rows = truth_of(jira, gitlab).get(kind)
        return (
            Answer(body="\n".join(f"{id_}\t{state}" for id_, state in rows()).encode()) if rows else MISSING
        )

    def counts(_: Asked) -> Answer:
        cpu_s = time.process_time() - site.begun_at_s
        return json_answer({"requests": dict(site.counts), "bytes": site.sent_bytes, "cpu_s": cpu_s})

    def begun(asked: Asked) -> Answer:
        site.counts.clear()
        site.sent_bytes, site.begun_at_s = 0, time.process_time()
        site.round_trip_s = float(asked.body.get("round_trip_s", site.round_trip_s))
        site.recorded = [] if asked.body.get("record") else None
        return json_answer({})

    def recorded(_: Asked) -> Answer:
        return json_answer([(one.method, one.target, one.sent.decode()) for one in site.recorded or ()])

    return [
        route("POST", "/_site/changes", changed),
        route("GET", "/_site/truth/*", truth),
        route("GET", "/_site/counts", counts),
        route("POST", "/_site/begin", begun),
        route("GET", "/_site/recorded", recorded),
    ]


async def _run(site: Site, port: int) -> None:
    server = await serve(site, port=port)
    print(json.dumps({"url": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"}), flush=True)
    async with server:
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def main() -> None:
    """Serve until standard input ends, as it does with whoever began this process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--size", type=json.loads, default={}, help="Numbers of records as JSON, as in Size")
    parser.add_argument("--round-trip", type=float, default=0.0)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--bodies-mb", type=int, default=512)
    given = parser.parse_args()
    size = scaled(Size(**given.size), by=given.scale)
    site = site_of(size, now_ms=lambda: round(time.time() * 1000), bodies_mb=given.bodies_mb)
    site.round_trip_s = given.round_trip
    asyncio.run(_run(site, given.port))


if __name__ == "__main__":
    main()
