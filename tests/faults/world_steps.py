"""World steps: what people and administrators do to projects, issues and branches, as faulty runs of a trial."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from connectors.sandbox.state import Event, Payload
from connectors.sandbox.world.stamps import gitlab_time, jira_time
from connectors.sandbox.world.truth import Company
from tests.faults import changes
from tests.faults.bench import Bench
from tests.faults.changes import usual_day
from tests.faults.deletions import take_issue
from tests.faults.kind import Spot
from tests.faults.trial import Step

DAY = timedelta(hours=25)
Play = Callable[[Company, Random], object]
Steps = Callable[[Spot, Random], tuple[Step, ...]]


def between_runs(play: Play) -> Steps:
    """Steps with one run after ``play`` and a day of work."""

    def steps(_: Spot, chance: Random) -> tuple[Step, ...]:
        def arm(bench: Bench) -> None:
            usual_day(bench.company)
            play(bench.company, chance)

        return (Step(arm=arm),)

    return steps


def in_mid_run(play: Play) -> Steps:
    """Steps with one run after a day of work, in the middle of which ``play`` comes to pass."""

    def steps(_: Spot, chance: Random) -> tuple[Step, ...]:
        def arm(bench: Bench) -> None:
            usual_day(bench.company)
            at = chance.randrange(2, 45)
            bench.company.sandbox.events.append(
                Event(at_request=at, play=lambda: play(bench.company, chance))
            )

        return (Step(arm=arm),)

    return steps


def both(play: Play) -> Steps:
    """Either, as chance will have it."""

    def steps(spot: Spot, chance: Random) -> tuple[Step, ...]:
        return (between_runs if chance.random() < 0.5 else in_mid_run)(play)(spot, chance)

    return steps


def move_issue(company: Company, chance: Random) -> None:
    """An issue moves to another project of the mapping."""
    jira = company.sandbox.jira
    issue = changes.issue_in(company, chance, is_open=chance.random() < 0.7)
    old_project = issue["fields"]["project"]["key"]
    others = sorted({i["fields"]["project"]["key"] for i in jira.issues.values()} - {old_project})
    if not others:
        return
    target, old = jira.projects[chance.choice(others)], issue["key"]
    number = 1 + max(int(i["key"].partition("-")[2]) for i in jira.issues.values())
    issue["key"] = f"{target['key']}-{number}"
    jira.old_keys[old] = issue["id"]
    issue["fields"]["project"] = {k: target[k] for k in issue["fields"]["project"]}
    changes.edits.note(
        company,
        issue["id"],
        company.clock.now(),
        items=[changes.changed("Key", (None, old), (None, issue["key"]))],
    )


def restored(spot: Spot, chance: Random) -> tuple[Step, ...]:
    """An issue vanishes and is restored under the same id."""
    held: list[list[Payload]] = []

    def vanish(bench: Bench) -> None:
        usual_day(bench.company)
        held.append(take_issue(bench.company, changes.issue_in(bench.company, chance)["id"]))
        bench.company.clock.advance(DAY)

    def come_back(bench: Bench) -> None:
        jira = bench.company.sandbox.jira
        issue, *parts = held[0]
        issue["fields"]["updated"] = jira_time(bench.company.clock.now())
        jira.issues[issue["id"]] = issue
        for part, content in zip(
            (jira.histories, jira.worklogs, jira.comments, jira.properties), parts, strict=True
        ):
            if content is not None:
                part[issue["id"]] = content  # type: ignore[index]

    return (Step(arm=vanish), Step(arm=come_back))


def key_reused(spot: Spot, chance: Random) -> tuple[Step, ...]:
    """An issue is deleted and its key given to another one."""

    def arm(bench: Bench) -> None:
        company, jira = bench.company, bench.company.sandbox.jira
        usual_day(company)
        gone = changes.issue_in(company, chance)
        key, prefix = gone["key"], gone["key"].partition("-")[0]
        take_issue(company, gone["id"])
        heir = next(
            i
            for i in sorted(jira.issues.values(), key=lambda i: int(i["id"]), reverse=True)
            if i["key"].startswith(f"{prefix}-") and i["id"] not in jira.properties
        )
        old, heir["key"] = heir["key"], key
        jira.old_keys[old] = heir["id"]
        changes.edits.note(
            company, heir["id"], company.clock.now(), items=[changes.changed("Key", (None, old), (None, key))]
        )

    return (Step(arm=arm),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A project that is closed for one run and open again afterwards. Which one, chance tells."""

    close: Callable[[Company, Random], Callable[[], object]]

    def steps(self, spot: Spot, chance: Random) -> tuple[Step, ...]:
        ways_back: list[Callable[[], object]] = []

        def arm(bench: Bench) -> None:
            usual_day(bench.company)
            if chance.random() < 0.3:
                ways_back.append(self.close(bench.company, chance))
                return
            event = Event(
                at_request=chance.randrange(1, 40),
                play=lambda: ways_back.append(self.close(bench.company, chance)),
            )
            bench.company.sandbox.events.append(event)

        def mend(bench: Bench) -> None:
            for back in ways_back:
                back()

        return (Step(arm=arm, mend=mend),)


def close_jira(company: Company, chance: Random) -> Callable[[], object]:
    jira = company.sandbox.jira
    key = chance.choice(sorted(jira.projects))
    held = set(jira.permissions[key])
    jira.permissions[key].clear()
    return lambda: jira.permissions[key].update(held)


def mark_gitlab(mark: str) -> Callable[[Company, Random], Callable[[], object]]:
    def close(company: Company, chance: Random) -> Callable[[], object]:
        project = company.sandbox.gitlab.projects[changes.project_in(company, chance)]
        project |= {mark: True, "last_activity_at": gitlab_time(company.clock.now())}
        return lambda: project.pop(mark)

    return close


def drop_jira(company: Company, chance: Random) -> Callable[[], object]:
    jira = company.sandbox.jira
    key = chance.choice(sorted(jira.projects))
    project, held = jira.projects.pop(key), set(jira.permissions[key])
    jira.permissions[key].clear()

    def back() -> None:
        jira.projects[key] = project
        jira.permissions[key].update(held)

    return back


def block(company: Company, chance: Random) -> Callable[[], object]:
    tool = chance.choice((company.sandbox.jira, company.sandbox.gitlab))
    tool.blocked = True

    def back() -> None:
        tool.blocked = False

    return back


def late_index(spot: Spot, chance: Random) -> tuple[Step, ...]:
    def arm(bench: Bench) -> None:
        usual_day(bench.company)
        bench.company.sandbox.jira.index_lag = timedelta(minutes=25)

    def mend(bench: Bench) -> None:
        bench.company.clock.advance(timedelta(minutes=20))

    def end(bench: Bench) -> None:
        bench.company.clock.advance(timedelta(minutes=20))
        bench.company.sandbox.jira.index_lag = timedelta(0)

    return (Step(arm=arm, mend=mend), Step(mend=end))


def skew(tool: timedelta, host: timedelta) -> Steps:
    def steps(spot: Spot, chance: Random) -> tuple[Step, ...]:
        def arm(bench: Bench) -> None:
            usual_day(bench.company)
            bench.company.sandbox.date_shift, bench.host_ahead = tool, host
            for at in (5, 25):
                name = chance.choice(sorted(changes.CHANGES))
                event = Event(
                    at_request=at, play=lambda name=name: changes.CHANGES[name](bench.company, chance)
                )
                bench.company.sandbox.events.append(event)

        def mend(bench: Bench) -> None:
            changes.rename(bench.company, chance)
            changes.push(bench.company, chance)

        return (Step(arm=arm, mend=mend), Step(arm=arm, mend=mend))

    return steps


def calendar(spot: Spot, chance: Random) -> tuple[Step, ...]:
    """Runs on both sides of midnight and of the hour that is missing or doubled."""

    def hours(number: int) -> Callable[[Bench], None]:
        def arm(bench: Bench) -> None:
            bench.company.clock.advance(timedelta(hours=number))
            for change in (changes.rename, changes.push, changes.close):
                change(bench.company, chance)

        return arm

    return (Step(arm=hours(0)), Step(arm=hours(1)), Step(arm=hours(1)), Step(arm=hours(23)))


def rename_project(company: Company, chance: Random) -> None:
    """A GitLab project gets another path; the former one is redirected."""
    _to_path(company, changes.project_in(company, chance), group=None)


def transfer_project(company: Company, chance: Random) -> None:
    """A GitLab project goes to another group."""
    gitlab = company.sandbox.gitlab
    project_id = changes.project_in(company, chance)
    own = gitlab.projects[project_id]["namespace"]["id"]
    others = [g for id_, g in sorted(gitlab.groups.items()) if id_ != own]
    if others:
        _to_path(company, project_id, group=chance.choice(others))


def _to_path(company: Company, project_id: int, *, group: Payload | None) -> None:
    gitlab = company.sandbox.gitlab
    project = gitlab.projects[project_id]
    old, base = project["path_with_namespace"], project["web_url"]
    home = group["full_path"] if group else old.rpartition("/")[0]
    new = f"{home}/{project['path']}" if group else f"{old}-renamed"
    gitlab.old_paths[old] = project_id
    url = base[: -len(old)] + new
    project |= {"path": new.rpartition("/")[2], "path_with_namespace": new, "web_url": url}
    project |= {"name_with_namespace": new.replace("/", " / "), "http_url_to_repo": f"{url}.git"}
    if group:
        project["namespace"] = {
            **project["namespace"],
            **{k: group[k] for k in ("id", "name", "path", "full_path", "parent_id", "web_url")},
        }
