"""The whole program against a sandbox company over real sockets."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from pydantic import SecretStr

from connectors.sandbox.server import SandboxServer
from connectors.sandbox.world.truth import Company, Planted
from sync.app import mapping_of
from sync.cli.main import exit_status
from sync.cli.options import Options
from sync.engine.judging import judging, judging_of
from sync.settings import Settings, SourceSettings
from sync.store import database, kept

ANCHOR = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@dataclass
class Stand:
    """A company, its servers, and the program pointed at them. ``run`` gives exit code, stdout and stderr of one command line."""

    world: Company
    server: SandboxServer
    options: Options
    capture: pytest.CaptureFixture[str]

    def run(self, *arguments: str) -> tuple[int, str, str]:
        self.capture.readouterr()
        code = exit_status(list(arguments), options=self.options)
        text = self.capture.readouterr()
        return code, text.out, text.err

    def json(self, *arguments: str) -> Any:
        code, text, errors = self.run(*arguments, "--json")
        assert text, f"exit {code}: {errors}"
        return json.loads(text)

    def requests_of(self, *arguments: str) -> list[str]:
        """The requests that one command made."""
        before = len(self.world.sandbox.requests)
        code, text, errors = self.run(*arguments)
        assert code == 0, text + errors
        return self.world.sandbox.requests[before:]

    def with_settings(self, **changed: object) -> None:
        """Change settings from now on."""
        settings = self.options.settings
        assert settings
        self.options = replace(self.options, settings=settings.model_copy(update=changed))

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of a process of its own with these settings."""
        settings = self.options.settings
        assert settings
        found = {
            "PATH": os.environ["PATH"],
            "TANDEM_MAPPING": str(settings.mapping),
            "TANDEM_DATABASE": settings.database,
        }
        for name, source in settings.sources.items():
            prefix = f"TANDEM_SOURCES__{name.upper()}__"
            found[f"{prefix}URL"] = source.url
            found[f"{prefix}TOKEN"] = source.token.get_secret_value()
            found |= {f"{prefix}BROWSE_URL": source.browse_url} if source.browse_url else {}
        return found | more

    def edit_mapping(self, change: Callable[[str], str]) -> None:
        settings = self.options.settings
        assert settings
        settings.mapping.write_text(change(settings.mapping.read_text(encoding="utf-8")), encoding="utf-8")

    def with_token(self, source: str, token: str) -> None:
        """Log in to a source with another token from now on."""
        settings = self.options.settings
        assert settings
        changed = settings.sources[source].model_copy(update={"token": SecretStr(token)})
        self.with_settings(sources={**settings.sources, source: changed})

    def drift(self) -> set[tuple[str, str, str]]:
        """What ``tandem drift`` finds, suppressed ones included: rule, commitment, subject."""
        found = self.json("drift")["findings"]
        return {(f["rule"], f["commitment"] or "*", f["subject"]) for f in found}

    def check_kept(self) -> None:
        """What is kept in the store judges as everything in it read anew."""
        settings = self.options.settings
        assert settings
        spec, now = mapping_of(settings).spec, self.world.clock.now()
        engine = database.opened(settings.database)
        with judging(engine, spec, now=now) as kept_, engine.connect() as connection:
            assert kept.is_fresh(connection, spec)
            whole = judging_of(engine, spec, now=now)
            assert (kept_.judgement, kept_.judged) == (whole.judgement, whole.judged)
        engine.dispose()

    def own_comments(self) -> dict[str, list[str]]:
        """Bodies of the comments by Tandem's account, by issue key."""
        jira = self.world.sandbox.jira
        found: dict[str, list[str]] = {}
        for issue_id, comments in jira.comments.items():
            own = [
                c["body"]
                for c in comments
                if c["author"] == jira.me or c["author"].get("accountId") == jira.me.get("accountId")
            ]
            if own:
                found[jira.issues[issue_id]["key"]] = own
        return found


def settings_for(folder: Path, server: SandboxServer, world: Company) -> Settings:
    mapping = folder / "tandem.yaml"
    mapping.write_text(world.mapping, encoding="utf-8")
    return Settings(
        mapping=mapping,
        database=f"sqlite:///{folder / 'tandem.db'}",
        attempts=1,
        sources={
            # what people open: comments read the same whatever port a server has
            "jira": SourceSettings(
                url=server.jira_url, token="sandbox-jira-token", browse_url="https://jira.nova.example"
            ),
            "gitlab": SourceSettings(url=server.gitlab_url, token="sandbox-gitlab-token"),
        },
    )


def standing(folder: Path, world: Company, capture: pytest.CaptureFixture[str]) -> Iterator[Stand]:
    """A stand over ``world`` whose store and mapping are in ``folder``, while its servers run."""
    with SandboxServer(world.sandbox) as server:
        options = Options(settings=settings_for(folder, server, world), now=world.clock.now)
        yield Stand(world=world, server=server, options=options, capture=capture)


def planted_in(truth: Iterable[Planted]) -> set[tuple[str, str, str]]:
    """What is planted, as ``Stand.drift`` tells what is found."""
    return {(p.rule, p.commitment, p.subject) for p in truth}


def writes_in(requests: Iterable[str]) -> list[str]:
    """The requests that changed something."""
    return [
        r
        for r in requests
        if r.startswith(("PUT", "DELETE"))
        or (r.startswith("POST") and r.partition("?")[0].endswith("/comment"))
    ]
