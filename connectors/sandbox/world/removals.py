"""Removals: scenes in which an issue or a project moves away, is deleted, or comes back."""

from __future__ import annotations

from datetime import timedelta

from connectors.sandbox.world import edits, issue_edits, project_edits
from connectors.sandbox.world import jira_payloads as vendor
from connectors.sandbox.world.actors import BUSY, DELETED, MOVED
from connectors.sandbox.world.commits import Written
from connectors.sandbox.world.drift_debt import ENDING, LEGACY
from connectors.sandbox.world.drift_scope import AUDIT, RAMP_UP
from connectors.sandbox.world.overnight import planted
from connectors.sandbox.world.people import BY_LOGIN, jira_user
from connectors.sandbox.world.programmes import MES, PLATFORM, RISK
from connectors.sandbox.world.repositories import PROJECT_IDS
from connectors.sandbox.world.scene import Scene
from connectors.sandbox.world.stamps import gitlab_time
from connectors.sandbox.world.truth import Company, Planted

_COMMON = PROJECT_IDS["common"]
_REUSED = "10991"
"""Id of the new issue that gets the key of a deleted one."""
_OUTSIDE = "attic"
"""A GitLab group that the mapping does not name."""
_LEGACY = str(10_000 + LEGACY)
_PROJECT_STREAMS = (
    "commits",
    "deployments",
    "gitlab_issues",
    "merge_requests",
    "milestones",
    "pipelines",
    "releases",
)


def _issue_moved(company: Company) -> tuple[str, ...]:
    old, new = issue_edits.move(company, company.issues["moved"], "RISK")
    return (f"{old} moved to the project RISK and is {new} now.",)


def _issue_moved_out(company: Company) -> tuple[str, ...]:
    lead = jira_user(BY_LOGIN["zhang.min"], company.flavour)
    company.sandbox.jira.projects["OPS"] = vendor.project("OPS", "10030", "Operations 运维", lead=lead)
    old, new = issue_edits.move(company, company.issues["secret"], "OPS")
    return (f"{old} moved to OPS, a project that the mapping does not name, and is {new} now.",)


def _issue_deleted(company: Company) -> tuple[str, ...]:
    return (f"{issue_edits.delete(company, company.issues['deleted'])} was deleted.",)


def _plan_deleted(company: Company) -> tuple[str, ...]:
    ids = (company.issues["busy"], _LEGACY, company.issues["ending debt"], company.issues["deleted"])
    return tuple(f"{issue_edits.delete(company, id_)} was deleted." for id_ in ids)


def _work_left_over(company: Company) -> tuple[Planted, ...]:
    request = edits.request(company, "busy")
    subject = f"gitlab:merge_request:{request['id']}"
    return (planted("L03", "*", subject, "it names an issue that was deleted"),)


def _secret_deleted(company: Company) -> tuple[str, ...]:
    return (f"{issue_edits.delete(company, company.issues['secret'])} was deleted.",)


def _issue_restored(company: Company) -> tuple[str, ...]:
    return (f"{issue_edits.restore(company, company.issues['secret'])} came back as it was before.",)


def _key_reused(company: Company) -> tuple[str, ...]:
    jira, id_ = company.sandbox.jira, company.issues["deleted"]
    key = issue_edits.delete(company, id_)
    like = jira.trash.pop(id_)["issue"]
    made = issue_edits.create(company, _REUSED, key, like=like, title="Andon request with a photo")
    version = next(v for v in jira.versions.values() if v["name"] == MES.version)
    made["fields"]["fixVersions"] = [{k: v for k, v in version.items() if not k.startswith("_")}]
    by, now = BY_LOGIN["chen.jie"], company.clock.now()
    written = [Written(message=f"{key}: first sketch", author=by, at=now)]
    edits.push(company, PROJECT_IDS["line-gateway"], f"feature/{key}-photo", written=written)
    company.clock.advance(timedelta(minutes=30))
    return (
        f"{key} was deleted for good, and a new issue got its key.",
        f"A branch for the new {key} was pushed.",
    )


def _project_renamed(company: Company) -> tuple[str, ...]:
    old, new = project_edits.rename(company, _COMMON, "foundation")
    return (f"{old} was renamed to {new}.",)


def _project_transferred(company: Company) -> tuple[str, ...]:
    old, new = project_edits.transfer(company, _COMMON, _OUTSIDE)
    return (f"{old} was moved to another group and is {new} now.",)


def _project_returned(company: Company) -> tuple[str, ...]:
    old, new = project_edits.transfer(company, _COMMON, "nova/platform")
    return (f"{old} came back to its group and is {new} again.",)


def _project_forbidden(company: Company) -> tuple[str, ...]:
    project = company.sandbox.gitlab.projects[_COMMON]
    project |= {"_forbidden": True, "last_activity_at": gitlab_time(company.clock.now())}
    return (f"{project['path_with_namespace']} answers 403 from now on.",)


def _project_deleted(company: Company) -> tuple[str, ...]:
    return (f"{project_edits.delete(company, _COMMON)} was deleted.",)


_BLIND = tuple(
    planted("X01", "*", f"gitlab:scope:{stream}/{_COMMON}", "the project cannot be read any more")
    for stream in _PROJECT_STREAMS
)
_ABOUT_COMMITMENTS = frozenset(f"{family}{n:02}" for family in "CDGLRST" for n in range(1, 18)) - {
    *("G10", "L01", "L02", "L03", "L04", "L07"),
}
"""Rules about commitments: every one that drifts has work in the lost project or none that is known, so none of them can be judged."""
_KNOWN = frozenset(small.key for small in (RAMP_UP, AUDIT)) | {"debt-imp-866", "debt-risk-866"}
"""Commitments whose work is known to lie elsewhere."""
_REUSE = (planted("S08", MES.commitment, f"jira:issue:{_REUSED}", "a branch exists, Jira says To Do"),)
_NO_CODE_LEFT = tuple(
    planted("S04", commitment, f"jira:issue:{issue}", "all its code lay in the deleted project")
    for commitment, issue in (
        ("imp-line-portal-3.2", 10046),
        (RISK.commitment, 30016),
        (RISK.commitment, 30158),
    )
)
"""Our account is a member of the project's group, so its deletion is certain and what it held is evidence no more (of the company with the usual seed)."""
_NOTHING_LEFT = (
    planted("R10", PLATFORM, f"tandem:commitment:{PLATFORM}", "all its work lay in that project"),
)
_UNPLANNED = f"jira:issue:{10_000 + DELETED}"
_MISSED = (
    planted("L06", MES.commitment, f"jira:issue:{10_000 + BUSY}", "an item of the milestone"),
    planted("L06", "legacy-fieldbus", f"jira:issue:{_LEGACY}", "the mapping names it as debt"),
    planted("L06", "*", f"jira:issue:{30_000 + ENDING}", "a debt of the register, and so a commitment"),
    planted("X04", "*", f"tandem:mapping:issue/IMP-{LEGACY}", "the mapping names it"),
)
REMOVALS = (
    Scene(
        name="issue_moved",
        title="An issue moves to another project",
        play=_issue_moved,
        decoys=(planted("L06", "*", f"jira:issue:{10_000 + MOVED}", "it has another key"),),
    ),
    Scene(
        name="issue_moved_out",
        title="An issue moves out of the mapping",
        play=_issue_moved_out,
        ends=frozenset({"secret"}),
        needs_census=True,
    ),
    Scene(
        name="issue_deleted",
        title="An issue is deleted",
        play=_issue_deleted,
        decoys=(planted("L06", "*", _UNPLANNED, "it belonged to no commitment"),),
        needs_census=True,
    ),
    Scene(
        name="plan_deleted",
        title="Somebody tidies up and deletes issues of the plan",
        play=_plan_deleted,
        adds=_MISSED,
        brings=_work_left_over,
        removes=(planted("D05", "legacy-fieldbus", f"jira:issue:{_LEGACY}", "it is gone"),),
        decoys=(planted("L06", "*", _UNPLANNED, "it belonged to no commitment"),),
        needs_census=True,
    ),
    Scene(
        name="issue_restored",
        title="A deleted issue comes back with its old times",
        prologue=_secret_deleted,
        play=_issue_restored,
        needs_census=True,
    ),
    Scene(
        name="key_reused",
        title="A new issue gets the key of a deleted one",
        play=_key_reused,
        adds=_REUSE,
        needs_census=True,
    ),
    Scene(name="project_renamed", title="A GitLab project is renamed", play=_project_renamed),
    Scene(
        name="project_transferred",
        title="A GitLab project moves to another group",
        play=_project_transferred,
        adds=_NOTHING_LEFT,
    ),
    Scene(
        name="project_returned",
        title="A GitLab project comes back to its group",
        prologue=_project_transferred,
        play=_project_returned,
    ),
    Scene(
        name="project_forbidden",
        title="A GitLab project is closed to the token",
        play=_project_forbidden,
        adds=_BLIND,
        silences=_ABOUT_COMMITMENTS,
        spares=_KNOWN,
        blinds=frozenset({"C04"}),
    ),
    Scene(
        name="project_deleted",
        title="A GitLab project is deleted",
        play=_project_deleted,
        adds=(*_NO_CODE_LEFT, *_NOTHING_LEFT),
    ),
)
"""Scenes about what is somewhere else now, or nowhere."""
