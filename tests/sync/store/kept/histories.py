"""Histories: random changes of a small company's code and issues, in which everything often names everything else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from hypothesis import strategies as st
from msgspec.structs import replace

from connectors.records import Branch, Issue, KeyAlias, MergeRequest, MergeRequestCommits, Record, Ref
from mappings.schema import MappingSpec
from tests import builders
from tests.builders import NOW, branch, commit, deployment, issue, mr, project, release, sha_of

PROJECTS = {"7": "acme/pay", "8": "acme/risk"}
PARENTS = {
    "c0": (),
    "c1": ("c0",),
    "c2": ("c1",),
    "c3": ("c0",),
    "c4": ("c3",),
    "c5": ("c2", "c4"),
    "c6": ("c5",),
    "c7": ("c6",),
    "c8": ("c7", "c4"),
}
"""Usual commits: a main line, and a branch that is merged by ``c5``."""
NAMES = tuple(PARENTS)
LANDED = {
    1: {"state": "merged", "sha": "c4", "merge_commit_sha": "c5"},
    2: {"state": "opened", "sha": "c7", "merge_commit_sha": None},
    3: {"state": "merged", "sha": "c4", "merge_commit_sha": "c8"},
}
"""Usual merge requests by number; the third passes on what the first brought."""
KEYS = ("PAY-1", "PAY-2", "RISK-3")
BRANCHES = ("main", "develop", "feature/pay-2-lower", "PAY-1-exact", "revert-RISK-3")
SPECS: Sequence[MappingSpec] = (
    builders.spec(),
    builders.spec(links={"release_mr_keys": 2, "ignore_branches": ["feature/*"]}),
    builders.spec(links={"lower_case_branches": False}),
    builders.spec(
        links={
            "confirmed": [
                {"change": "acme/pay!1", "issue": "RISK-3"},
                {"change": f"acme/risk@{sha_of('c1')[:9]}", "issue": "PAY-1"},
            ]
        }
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What comes in at once: records, what is gone, projects that are deleted, and by which mapping it is read afterwards."""

    records: tuple[Record, ...] = ()
    aliases: tuple[KeyAlias, ...] = ()
    gone: tuple[Ref, ...] = ()
    deleted: tuple[str, ...] = ()
    spec: MappingSpec = SPECS[0]


names = st.sampled_from(NAMES)
maybe = st.none() | names
shas_ = names.map(sha_of)
rarely = st.integers(0, 4).map(lambda number: number == 4)
homes = st.sampled_from(tuple(PROJECTS))
texts = st.one_of(
    st.sampled_from(
        (
            "",
            "nothing named",
            "PAY-1: retry",
            "pay-2: lower",
            "see PAY-2",
            "PAY-1, PAY-2 and RISK-3",
            "Merge branch 'feature/PAY-1'",
            'Revert "PAY-1: retry"',
            "Takes back\n\nThis reverts merge request !1",
            "Takes back\n\nThis reverts merge request acme/pay!2",
            "Takes back\n\nThis reverts merge request acme/risk!1",
        )
    ),
    shas_.map("Back\n\nThis reverts commit {}.".format),
    shas_.map("Port\n\n(cherry picked from commit {})".format),
    st.tuples(shas_, shas_).map(lambda two: f"Back\n\nThis reverts commits {two[0][:9]}, {two[1][:8]}"),
)
days = st.integers(0, 6).map(lambda number: NOW - timedelta(days=number))


@st.composite
def commits(draw: st.DrawFn) -> Record:
    """A commit; its parents have lower numbers, and need not be there."""
    return draw(commits_named(draw(names), draw(homes)))


@st.composite
def commits_named(draw: st.DrawFn, name: str, home: str) -> Record:
    """A certain commit with any text, mostly with its usual parents."""
    text, parents = draw(texts), PARENTS[name]
    if draw(rarely):
        lower = NAMES[: NAMES.index(name)]
        parents = tuple(draw(st.lists(st.sampled_from(lower), max_size=2, unique=True))) if lower else ()
    return commit(
        name,
        project_id=home,
        title=text.partition("\n")[0],
        message=text,
        parent_shas=tuple(map(sha_of, parents)),
        trailers=(("Closes", "PAY-2"),) if draw(rarely) else (),
        at=draw(days),
    )


@st.composite
def requests(draw: st.DrawFn) -> MergeRequest:
    """A merge request, mostly as usual, and mostly without a text of its own."""
    return draw(requests_numbered(draw(st.integers(1, 3)), draw(homes)))


@st.composite
def requests_numbered(draw: st.DrawFn, number: int, home: str) -> MergeRequest:
    """A certain merge request."""
    landed = LANDED[number]
    if draw(rarely):
        state = draw(st.sampled_from(("opened", "closed", "merged")))
        landed = {"state": state, "sha": draw(maybe), "merge_commit_sha": draw(maybe)}
    is_merged = landed["state"] == "merged"
    shas = {name: named and sha_of(named) for name, named in landed.items() if name != "state"}
    return mr(
        number + 10 * int(home),
        reference=f"!{number}",
        project_id=home,
        state=str(landed["state"]),
        title=draw(texts).partition("\n")[0] if draw(rarely) else "silent",
        description=draw(texts) if draw(rarely) else "",
        source_branch=draw(st.sampled_from(("PAY-1", "feature/pay-2", "feature/web-2")))
        if draw(rarely)
        else "x",
        target_branch="develop" if draw(rarely) else "main",
        is_author_bot=draw(rarely),
        merged_at=draw(days) if is_merged else None,
        squash_commit_sha=draw(shas_) if draw(rarely) else None,
        **shas,
    )


@st.composite
def branches(draw: st.DrawFn) -> Branch:
    """A branch, with its tip anywhere."""
    return branch(draw(st.sampled_from(BRANCHES)), project_id=draw(homes), sha=draw(shas_))


@st.composite
def answers(draw: st.DrawFn) -> Record:
    """What GitLab says that a merge request carries."""
    request = draw(requests())
    told = draw(st.lists(st.tuples(shas_, texts), max_size=2))
    return MergeRequestCommits(source="gitlab", id=request.id, head_sha=draw(shas_), commits=tuple(told))


@st.composite
def shipped(draw: st.DrawFn) -> Record:
    """A deployment or a release."""
    sha, at, home = draw(shas_), draw(days), draw(homes)
    if draw(st.booleans()):
        return release(f"v{draw(st.integers(1, 2))}", sha=sha, at=at, project_id=home)
    return deployment(
        draw(st.integers(1, 3)) + 10 * int(home),
        sha=sha,
        project_id=home,
        status=draw(st.sampled_from(("success", "failed", "running"))),
        finished_at=at,
    )


issues = st.builds(issue, st.sampled_from(KEYS))
moved = st.sampled_from(KEYS).map(lambda key: replace(issue(key), key="PAY-9", project_key="PAY"))
renamed = st.builds(project, homes, st.sampled_from((*PROJECTS.values(), "acme/other", "acme/another")))
records = st.one_of(
    commits(), commits(), requests(), requests(), branches(), answers(), shipped(), issues, moved, renamed
)


@st.composite
def steps(draw: st.DrawFn) -> Step:
    """Some changes at once."""
    found = draw(st.lists(records, max_size=4))
    lost = draw(st.lists(records, max_size=2))
    return Step(
        records=tuple({record.ref: record for record in found}.values()),
        aliases=tuple(
            KeyAlias(source=r.source, key=key, issue_id=r.id)
            for r in found
            if r.kind == "issue"
            for key in {r.key, *(k for k in KEYS if issue(k).id == r.id)}
        ),
        gone=tuple(record.ref for record in lost if record.kind != "project"),
        deleted=tuple(draw(st.lists(homes, max_size=1))) if draw(rarely) else (),
        spec=draw(st.sampled_from((SPECS[0], *SPECS))),
    )


@st.composite
def starts(draw: st.DrawFn) -> Step:
    """Both projects as usual, with any texts; some commits of the second were never pulled."""
    found: list[Record] = [issue("PAY-1"), issue("PAY-2")]
    for home, path in PROJECTS.items():
        found += [project(home, path=path), branch("main", project_id=home, sha=sha_of("c6"))]
        pulled = [name for name in NAMES if home == "7" or not draw(rarely)]
        found += [draw(commits_named(name, home)) for name in pulled]
        found += [draw(requests_numbered(number, home)) for number in LANDED]
    return Step(records=tuple(found), aliases=tuple(map(alias_of, found[:2])))


def alias_of(record: Record) -> KeyAlias:
    """The alias that comes with an issue."""
    assert isinstance(record, Issue)
    return KeyAlias(source=record.source, key=record.key, issue_id=record.id)


histories = st.tuples(starts(), st.lists(steps(), min_size=1, max_size=5)).map(lambda two: [two[0], *two[1]])
