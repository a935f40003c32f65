"""Overnight: the scene of the demo. A merge turns main red, another merge is taken back, a milestone grows, and a debt's time is up."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.sandbox.world import edits
from connectors.sandbox.world.actors import ENDING, REVERTED, REVIEWED
from connectors.sandbox.world.commits import Written
from connectors.sandbox.world.history import changed
from connectors.sandbox.world.people import BY_LOGIN
from connectors.sandbox.world.programmes import MES, RISK
from connectors.sandbox.world.repository import merge_message
from connectors.sandbox.world.scene import Scene
from connectors.sandbox.world.truth import Company, Planted


def _play(company: Company) -> tuple[str, ...]:
    start = company.clock.now()
    told = (
        *_merge_and_redden(company, start + timedelta(hours=2)),
        *_take_back(company, start + timedelta(hours=6)),
        *_grow(company, start + timedelta(hours=9)),
    )
    company.clock.advance(timedelta(hours=26))
    return (*told, f"The acceptance of the debt RISK-{ENDING} ended with the day.")


def _merge_and_redden(company: Company, at: datetime) -> tuple[str, ...]:
    request = edits.request(company, "reviewed")
    issue = company.sandbox.jira.issues[company.issues["reviewed"]]
    path, project_id = edits.path_of(company, request), request["project_id"]
    message = merge_message(request["source_branch"], request["title"], request["references"]["full"])
    by = BY_LOGIN[request["author"]["username"]]
    merged = Written(message=message, author=by, at=at, parents=(request["sha"],))
    landed = edits.land(company, project_id, merged)
    edits.finish(request, at, merge_sha=landed["id"])
    company.sandbox.gitlab.branches[project_id].pop(request["source_branch"])
    for hours in (0.01, 3.0, 12.0):
        edits.run(company, project_id, landed["id"], status="failed", at=at + timedelta(hours=hours))
    edits.close(company, issue["id"], at + timedelta(minutes=25))
    return (
        f"{path}{request['reference']} was merged and {issue['key']} closed.",
        f"The pipeline on main of {path} failed after that merge and stayed red.",
    )


def _take_back(company: Company, at: datetime) -> tuple[str, ...]:
    taken = edits.request(company, "reverted")
    path = edits.path_of(company, taken)
    title = f'Revert "{taken["title"]}"'
    message = f"{title}\n\nThis reverts commit {taken['merge_commit_sha']}."
    by = BY_LOGIN["li.wei"]
    made = edits.open_request(
        company,
        taken["project_id"],
        Written(message=title, author=by, at=at),
        branch=f"revert-{taken['merge_commit_sha'][:8]}",
        description=f"This reverts merge request {taken['reference']}",
    )
    squashed = Written(message=message, author=by, at=at + timedelta(minutes=40))
    landed = edits.land(company, taken["project_id"], squashed)
    edits.finish(made, at + timedelta(minutes=40), squash_sha=landed["id"])
    edits.run(company, taken["project_id"], landed["id"], status="success", at=at + timedelta(minutes=41))
    return (f"{path}{taken['reference']} was reverted by {made['reference']}; IMP-{REVERTED} is still Done.",)


def _grow(company: Company, at: datetime) -> tuple[str, ...]:
    jira = company.sandbox.jira
    version = next(v for v in jira.versions.values() if v["name"] == RISK.version)
    issue = jira.issues[company.issues["added"]]
    issue["fields"]["fixVersions"] = [{k: v for k, v in version.items() if not k.startswith("_")}]
    new = (version["id"], version["name"])
    item = changed("Fix Version", (None, None), new, field_id="fixVersions")
    edits.note(company, issue["id"], at, items=[item])
    return (f"{issue['key']} was added to {version['name']}.",)


def planted(rule: str, commitment: str, subject: str, why: str) -> Planted:
    """A finding that a scene brings."""
    return Planted(rule=rule, commitment=commitment, subject=subject, why=why)


OVERNIGHT = Scene(
    name="overnight",
    title="A night at Nova Industries",
    play=_play,
    adds=(
        planted("S03", RISK.commitment, f"jira:issue:{30000 + REVIEWED}", "main turned red after its merge"),
        planted("S09", MES.commitment, f"jira:issue:{10000 + REVERTED}", "its merge was reverted overnight"),
        planted(
            "D01", f"debt-risk-{ENDING}", f"jira:issue:{30000 + ENDING}", "its acceptance ended with the day"
        ),
    ),
)
