"""The command that shows Tandem at work: the real commands against a sandbox company, three times."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import typer
from msgspec import Struct

from connectors.errors import TandemError
from connectors.sandbox.server import SandboxServer
from connectors.sandbox.world import Company, company
from connectors.sandbox.world.scenes import SCENES
from sync.cli.options import Options
from sync.cli.output import out, plain, say
from sync.core.drift.catalogue import documentation_of, rules
from sync.reports.wiki_view import lines_of, view_of
from sync.settings import Settings, SourceSettings

_SHOWN_IN_FULL = 2
_EXPLAINED = ("S09", "S03", "D02")
_COMPANY = (
    "Nova Industries (新星工业) builds machines and lends to those who buy them. Two programmes run at once:",
    "intelligent manufacturing (Jira project IMP) and a risk-control platform (RISK). Engineering managers plan in Jira,",
    "technical leads live in GitLab, and nobody sees both.",
)


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(demo)


def demo(context: typer.Context) -> None:
    """Watch drift being found, explained and written back, against a Jira and a GitLab on this machine. Needs no account and no network."""
    began = time.monotonic()
    _title("Tandem: one truth for teams that run Jira and GitLab")
    say("Starting a Jira and a GitLab on 127.0.0.1 with a company inside. Nothing leaves this machine.")
    world = company(datetime.now(UTC).replace(microsecond=0))
    world.clock.run(time.monotonic)
    with tempfile.TemporaryDirectory(prefix="tandem-demo-") as folder, SandboxServer(world.sandbox) as server:
        options = _options(Path(folder), server, world)
        tour = _Tour(world=world, server=server, options=options, runner=context.obj.run)
        for chapter in (tour.company, tour.look, tour.first, tour.overnight, tour.second, tour.third):
            chapter()
    _ending(time.monotonic() - began)


def _options(folder: Path, server: SandboxServer, world: Company) -> Options:
    mapping = folder / "tandem.yaml"
    mapping.write_text(world.mapping, encoding="utf-8")
    settings = Settings(
        mapping=mapping,
        database=f"sqlite:///{folder / 'tandem.db'}",
        sources={
            "jira": SourceSettings(url=server.jira_url, token="sandbox-jira-token"),  # noqa: S106  # the sandbox's own
            "gitlab": SourceSettings(url=server.gitlab_url, token="sandbox-gitlab-token"),  # noqa: S106
        },
    )
    return Options(settings=settings, now=world.clock.now)


class _Tour(Struct, frozen=True, kw_only=True):
    """The chapters of the story; each runs real commands and tells what they show."""

    world: Company
    server: SandboxServer
    options: Options
    runner: Callable[[list[str], Options], int]

    def run(self, *arguments: str, may_end_with: tuple[int, ...] = (0,)) -> None:
        """Run one command as a person would; an unexpected exit code ends the demo."""
        say(f"\n[bold]$ tandem {' '.join(arguments)}[/]")
        code = self.runner(list(arguments), self.options)
        if code not in may_end_with:
            raise TandemError(f"tandem {' '.join(arguments)} ended with {code}; the demo stops here")

    def company(self) -> None:
        """Who they are."""
        jira, gitlab = self.world.sandbox.jira, self.world.sandbox.gitlab
        _title("The company")
        for line in _COMPANY:
            say(line)
        commits = sum(len(found) for found in gitlab.commits.values())
        requests = sum(len(found) for found in gitlab.merge_requests.values())
        pipelines = sum(len(found) for found in gitlab.pipelines.values())
        say(
            f"{len(jira.issues):,} issues in {len(jira.projects)} Jira projects; {commits:,} commits, {requests:,} merge requests and "
            f"{pipelines:,} pipelines in {len(gitlab.projects)} repositories."
        )

    def look(self) -> None:
        """Before anything runs."""
        _title("1  Look before anything runs")
        self.run("check")
        self.run("doctor")

    def first(self) -> None:
        """The first sync, what it found and what it wrote."""
        _title("2  The first sync: pull, link, judge, plan, apply")
        self.run("sync")
        _title("3  The drift that was found")
        self.run("drift", "--select", "S0,R04,T02,D02")
        self._explain()
        _title("4  What landed in Jira")
        self._show_comments()

    def _explain(self) -> None:
        """Three of the rules in a line each, and one finding with its evidence."""
        known = rules()
        say("\nThree of them in a line each:")
        for code in _EXPLAINED:
            say(f"  [bold]{code}[/]  {plain(documentation_of(known[code]).splitlines()[0])}")
        planted = next(p for p in self.world.truth if p.rule == _EXPLAINED[0])
        issue = self.world.sandbox.jira.issues[planted.subject.rpartition(":")[2]]
        self.run("explain", issue["key"])

    def _show_comments(self) -> None:
        written = self._comments()
        for key, body in written[:_SHOWN_IN_FULL]:
            say(f"\n[bold]{plain(key)}[/]")
            out().print(view_of(body))
        key, body = written[0]
        say(f"\nThe first of them, {plain(key)}, exactly as Jira holds it (wiki markup):\n")
        out().print(body, markup=False, soft_wrap=True, style="bright_black")
        if len(written) > _SHOWN_IN_FULL:
            say(
                f"\nand {len(written) - _SHOWN_IN_FULL} more, each on the issue that stands for its commitment:"
            )
        for key, body in written[_SHOWN_IN_FULL:]:
            say(f"  {plain(key):<10} {plain(lines_of(body)[0])}")

    def _comments(self) -> list[tuple[str, str]]:
        """(issue key, body) of the comments by Tandem's own account, in key order."""
        jira = self.world.sandbox.jira
        own = {name: jira.me.get(name) for name in ("accountId", "name") if jira.me.get(name)}
        found = [
            (jira.issues[issue_id]["key"], comment["body"])
            for issue_id, comments in jira.comments.items()
            for comment in comments
            if any(comment["author"].get(name) == value for name, value in own.items())
        ]
        return sorted(found, key=lambda pair: (pair[0].partition("-")[0], int(pair[0].rpartition("-")[2])))

    def overnight(self) -> None:
        """The world changes."""
        _title("5  Overnight the world moves on")
        for sentence in SCENES["overnight"].play(self.world):
            say(f"  · {plain(sentence)}")

    def second(self) -> None:
        """The second sync writes what changed."""
        before = dict(self._comments())
        mails = len(self.world.sandbox.jira.notifications)
        _title("6  The second sync: only what changed is read, only what changed is said")
        self.run("sync")
        changed = [(key, body) for key, body in self._comments() if before.get(key) != body]
        say(
            f"\n{len(changed)} comments changed, {len(self.world.sandbox.jira.notifications) - mails} of them notify people:"
        )
        for key, body in changed:
            say(f"\n[bold]{plain(key)}[/]")
            out().print(view_of(body))

    def third(self) -> None:
        """The third sync writes nothing."""
        _title("7  The third sync: nothing changed, so nothing is written")
        asked, mails = len(self.world.sandbox.requests), self._writes()
        self.run("sync", "--quiet")
        say(
            f"\n[green]{self._writes() - mails} writes[/], {len(self.world.sandbox.requests) - asked} requests."
        )

    def _writes(self) -> int:
        """Requests that changed something in Jira, as the sandbox saw them."""
        return sum(
            line.startswith(("PUT ", "DELETE ")) or _is_new_comment(line)
            for line in self.world.sandbox.requests
        )


def _is_new_comment(line: str) -> bool:
    return line.startswith("POST ") and line.partition("?")[0].endswith("/comment")


def _title(text: str) -> None:
    say("")
    out().rule(f"[bold]{plain(text)}[/]", align="left")


def _ending(seconds: float) -> None:
    _title("Where to go next")
    for command, why in (
        ("tandem sandbox", "the same company, left running, with a mapping and a .env to try commands on"),
        (
            "tandem explain KEY",
            "which records, linked by which rule, led to a status, and what would change it",
        ),
        ("tandem plan -v", "every comment before and after, without writing"),
        ("tandem drift", "all of it"),
        ("tandem drift --fail-on high", "for a pipeline that shall fail on drift"),
        ("tandem schema", "the mapping's JSON Schema, for your editor"),
    ):
        say(f"  .venv/bin/{command:<30} [bright_black]{why}[/]")
    say("Your own Jira and GitLab: README.md, “Point it at your own tools”.")
    say(f"[bright_black]The demo took {seconds:.0f} s.[/]")
