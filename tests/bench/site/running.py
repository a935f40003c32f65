"""Running: the site in a process of its own, as the benchmarks and tests talk to it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import requests

from tests.bench.site.size import Size, project_key


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningSite:
    """A site that answers at ``url``, both tools at one address."""

    url: str
    size: Size

    def begin(self, *, round_trip_s: float = 0.0, has_record: bool = False) -> None:
        """Count from here on, with this round trip; keep what is asked if ``has_record``."""
        self._post("begin", {"round_trip_s": round_trip_s, "record": has_record})

    def counts(self) -> dict[str, Any]:
        """``requests`` by route, ``bytes`` of bodies and the site's own ``cpu_s`` since ``begin``."""
        return self._get("counts")  # type: ignore[no-any-return]

    def recorded(self) -> list[tuple[str, str, str]]:
        """(method, target, body) of every request since ``begin``, in its order."""
        return [tuple(one) for one in self._get("recorded")]  # type: ignore[misc]

    def change(self, share: float) -> dict[str, int]:
        """Change this share of everything; returns how many records of each kind."""
        return self._post("changes", {"share": share})  # type: ignore[no-any-return]

    def truth(self, kind: str) -> dict[str, str]:
        """Id -> state of every record of a kind."""
        text = requests.get(f"{self.url}/_site/truth/{kind}", timeout=600).text
        return dict(line.split("\t") for line in text.splitlines())  # type: ignore[arg-type]

    def environment(self, *, mapping: str, database: str) -> dict[str, str]:
        """The settings of a program that reads this site."""
        named = {"TANDEM_MAPPING": mapping, "TANDEM_DATABASE": database}
        for source in ("JIRA", "GITLAB"):
            named |= {f"TANDEM_SOURCES__{source}__URL": self.url, f"TANDEM_SOURCES__{source}__TOKEN": "bench"}
        return named

    def mapping(self, *, commitments: int = 10) -> str:
        """A mapping of the whole company: a milestone for each of the newest versions in turn, its comment on an issue of its project."""
        keys = [project_key(number) for number in range(self.size.jira_projects)]
        lines = [
            "version: 1",
            "sources:",
            f"  jira: [{{name: jira, projects: [{', '.join(keys)}], fields: {{story_points: Story Points}}}}]",
            "  gitlab: [{name: gitlab, groups: [acme]}]",
            "people:",
            "  - {name: Li Wei, jira: person-1, gitlab: person-1}",
            "  - {name: Zhang Min, jira: person-2, gitlab: person-2}",
            "write: {enabled: false}",
            "milestones:",
        ]
        for number in range(commitments):
            key, turn = keys[number % len(keys)], number // len(keys)
            version = self.size.versions_each - turn % self.size.versions_each
            lines.append(
                f"  - {{key: {key.lower()}-{turn + 1}, title: {key} {version}.0, technical_owner: Li Wei, engineering_owner: Zhang Min, "
                f"due: 2027-12-15, scope: {{project: {key}, fix_version: '{version}.0'}}, slot: {{issue: {key}-{turn + 1}}}}}"
            )
        return "\n".join(lines) + "\n"

    def _get(self, name: str) -> Any:
        return requests.get(f"{self.url}/_site/{name}", timeout=60).json()

    def _post(self, name: str, body: object) -> Any:
        return requests.post(f"{self.url}/_site/{name}", json=body, timeout=60).json()


@contextmanager
def running(size: Size) -> Iterator[RunningSite]:
    """A site of that size, until the block ends or this process does."""
    command = [sys.executable, "-m", "tests.bench.site", "--size", json.dumps(asdict(size))]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield RunningSite(url=json.loads(process.stdout.readline())["url"], size=size)
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()
