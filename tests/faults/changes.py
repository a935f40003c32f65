"""Changes: what people do in the two tools, one small thing each, chosen by a random number that the caller gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from random import Random
from types import MappingProxyType

from connectors.sandbox.state import Payload
from connectors.sandbox.world import edits
from connectors.sandbox.world import jira_payloads as vendor
from connectors.sandbox.world.commits import Written
from connectors.sandbox.world.history import changed
from connectors.sandbox.world.people import BY_LOGIN, jira_user
from connectors.sandbox.world.stamps import gitlab_time, jira_time
from connectors.sandbox.world.truth import Company
from tests.faults.journal import own_comments

Change = Callable[[Company, Random], object]
_WHO = BY_LOGIN["chen.jie"]


def issue_in(company: Company, chance: Random, *, is_open: bool = True) -> Payload:
    """Some issue that is no slot of ours, open or done."""
    jira = company.sandbox.jira
    carriers = {id_ for id_, _ in own_comments(jira)} | set(jira.properties)
    fitting = [
        issue
        for id_, issue in sorted(jira.issues.items())
        if id_ not in carriers
        and (issue["fields"]["status"]["statusCategory"]["key"] != "done") is is_open
        and issue["fields"]["issuetype"]["name"] != "Epic"
    ]
    return chance.choice(fitting or [jira.issues[min(jira.issues)]])


def project_in(company: Company, chance: Random) -> int:
    """Some project with a main branch, by id."""
    gitlab = company.sandbox.gitlab
    return chance.choice(sorted(p for p in gitlab.projects if "main" in gitlab.branches[p]))


def request_in(company: Company, chance: Random, *, state: str = "opened") -> Payload | None:
    """Some merge request in that state; None if there is none."""
    found = [
        m
        for _, held in sorted(company.sandbox.gitlab.merge_requests.items())
        for _, m in sorted(held.items())
        if m["state"] == state
    ]
    return chance.choice(found) if found else None


def close(company: Company, chance: Random) -> None:
    """An issue is done."""
    edits.close(company, issue_in(company, chance)["id"], company.clock.now())


def reopen(company: Company, chance: Random) -> None:
    """A done issue is taken up again."""
    issue = issue_in(company, chance, is_open=False)
    fields, new = issue["fields"], vendor.status("In Progress")
    old = fields["status"]
    fields |= {"status": new, "resolution": None, "resolutiondate": None}
    moved = changed("status", (old["id"], old["name"]), (new["id"], new["name"]))
    edits.note(company, issue["id"], company.clock.now(), items=[moved])


def rename(company: Company, chance: Random) -> None:
    """An issue gets another title."""
    issue = issue_in(company, chance, is_open=chance.random() < 0.7)
    old = issue["fields"]["summary"]
    new = f"{old[:60]} ({chance.randrange(1000)} 改)"
    issue["fields"]["summary"] = new
    edits.note(
        company, issue["id"], company.clock.now(), items=[changed("summary", (None, old), (None, new))]
    )


def postpone(company: Company, chance: Random) -> None:
    """An issue gets another due date."""
    issue = issue_in(company, chance)
    old = issue["fields"].get("duedate")
    new = f"{company.clock.now() + timedelta(days=chance.randrange(-5, 60)):%Y-%m-%d}"
    issue["fields"]["duedate"] = new
    edits.note(company, issue["id"], company.clock.now(), items=[changed("duedate", (old, old), (new, new))])


def say(company: Company, chance: Random) -> None:
    """A person comments on an issue, maybe on one of our slots."""
    jira, now = company.sandbox.jira, company.clock.now()
    id_ = chance.choice(sorted(jira.issues))
    add_comment(company, id_, body=f"Any news? {chance.randrange(1000)}", who="emma.larsen")
    jira.issues[id_]["fields"]["updated"] = jira_time(now)


def add_comment(company: Company, issue_id: str, *, body: str, who: str | None) -> Payload:
    """A new comment by a person, or by our own account where ``who`` is None."""
    jira, now = company.sandbox.jira, jira_time(company.clock.now())
    number = 1 + max((int(c["id"]) for held in jira.comments.values() for c in held), default=70_000)
    author = jira_user(BY_LOGIN[who], company.flavour) if who else jira.me
    comment: Payload = {
        "self": f"https://jira.sandbox.example/rest/api/2/issue/{issue_id}/comment/{number}",
        "id": str(number),
        "author": author,
        "updateAuthor": author,
        "body": body,
        "created": now,
        "updated": now,
        "properties": [],
        "_planted": True,  # never served: it tells the journal that Tandem did not write this
    }
    jira.comments[issue_id].append(comment)
    return comment


def push(company: Company, chance: Random, *, days_ago: int = 0) -> None:
    """A branch with a commit or two that name an issue."""
    key, project_id = issue_in(company, chance)["key"], project_in(company, chance)
    at = company.clock.now() - timedelta(days=days_ago)
    written = [
        Written(message=f"{key}: part {n}/{chance.randrange(10_000)}", author=_WHO, at=at)
        for n in range(chance.randint(1, 2))
    ]
    edits.push(company, project_id, f"feature/{key}-{chance.randrange(10_000)}", written=written)


def late_push(company: Company, chance: Random) -> None:
    """Work that was written weeks ago is pushed today."""
    push(company, chance, days_ago=40)


def land(company: Company, chance: Random) -> None:
    """A commit straight on main, with a pipeline that may fail."""
    key, project_id, now = issue_in(company, chance)["key"], project_in(company, chance), company.clock.now()
    tip = edits.land(
        company, project_id, Written(message=f"{key}: mend {chance.randrange(10_000)}", author=_WHO, at=now)
    )
    status = chance.choice(("success", "failed"))
    edits.run(company, project_id, tip["id"], status=status, at=now)


def propose(company: Company, chance: Random) -> None:
    """A new merge request."""
    key, project_id = issue_in(company, chance)["key"], project_in(company, chance)
    if not company.sandbox.gitlab.merge_requests[project_id]:
        return
    branch = f"feature/{key}-{chance.randrange(10_000)}"
    written = Written(
        message=f"{key}: propose {chance.randrange(10_000)}", author=_WHO, at=company.clock.now()
    )
    tip = edits.push(company, project_id, branch, written=[written])
    made = edits.open_request(company, project_id, written, branch=branch, description=f"Closes {key}")
    made["sha"] = tip["id"]


def merge(company: Company, chance: Random) -> None:
    """An open merge request is merged and its branch removed."""
    request = request_in(company, chance)
    if request is None or not request.get("sha"):
        return
    now, project_id, gitlab = company.clock.now(), request["project_id"], company.sandbox.gitlab
    message = f"Merge branch '{request['source_branch']}' into 'main'\n\n{request['title']}"
    landed = edits.land(
        company, project_id, Written(message=message, author=_WHO, at=now, parents=(request["sha"],))
    )
    edits.finish(request, now, merge_sha=landed["id"])
    gitlab.branches[project_id].pop(request["source_branch"], None)


def force_push(company: Company, chance: Random) -> None:
    """The branch of an open merge request is rewritten."""
    request = request_in(company, chance)
    if request is None:
        return
    now = company.clock.now()
    key = issue_in(company, chance)["key"]
    rewritten = Written(message=f"{key}: rewritten {chance.randrange(10_000)}", author=_WHO, at=now)
    tip = edits.push(company, request["project_id"], request["source_branch"], written=[rewritten])
    request |= {"sha": tip["id"], "updated_at": gitlab_time(now)}


def release(company: Company, chance: Random) -> None:
    """A version is released, or taken back."""
    version = chance.choice([v for _, v in sorted(company.sandbox.jira.versions.items())])
    version["released"] = not version["released"]


CHANGES: Mapping[str, Change] = MappingProxyType(
    {
        one.__name__: one
        for one in (
            close,
            reopen,
            rename,
            postpone,
            say,
            push,
            late_push,
            land,
            propose,
            merge,
            force_push,
            release,
        )
    }
)
"""Every change, by name."""


def day_of_work(company: Company, chance: Random) -> None:
    """A little of everything, so that an incremental run has something to read in every stream and something to write."""
    for change in (close, reopen, rename, push, land, propose, merge, release):
        change(company, chance)


def usual_day(company: Company) -> None:
    """A day of work that is always the same, so that a fault-free reading can be used again. It makes a comment be replaced and properties be written."""
    day_of_work(company, Random(2))
