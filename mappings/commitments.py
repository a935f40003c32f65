"""Commitments: milestones and tech-debt items. The models of the file's entries, and the values they become.

An entry names one commitment; a discovery form makes one of each record that it finds.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from connectors.records import Ref
from mappings.atoms import CommitmentKey, Day, GitlabId, Names, PathPrefix, Pattern, Word
from mappings.terms import Charter, Debt

EVERY = "*"
"""The commitment key of what is about no single commitment."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, defer_build=True)


class FieldIs(_Entry):
    """A custom field (named in ``sources.jira[].fields.others``) holds one of the values."""

    name: Word = Field(description="Name of the field as Jira shows it.")
    values: Names = Field(alias="is", description="Any of these values.")


class PathIn(_Entry):
    """A repository path: commits below ``prefix`` in ``project`` (path with namespace, or id)."""

    project: GitlabId = Field(description="Path with namespace, or id.")
    prefix: PathPrefix = Field(description="Folder or file, counted from the top of the repository.")


class ScopeRule(_Entry):
    """A predicate over records. Keys given side by side must all hold; ``any``, ``all`` and ``not`` combine rules."""

    any: tuple[ScopeRule, ...] = Field((), description="At least one of these rules holds.")
    all: tuple[ScopeRule, ...] = Field((), description="All of these rules hold.")
    not_: ScopeRule | None = Field(
        None, alias="not", description="This rule does not hold; stands beside something that does."
    )
    project: Names = Field((), description="Jira project keys.")
    key: Names = Field((), description="Jira issue keys; former keys of moved issues count.")
    type: Names = Field((), description="Jira issue types.")
    label: Names = Field((), description="Jira labels.")
    component: Names = Field((), description="Jira components.")
    fix_version: Names = Field((), description="Names of Jira versions.")
    epic: Names = Field(
        (), description="Keys of epics; the epic itself, its children and their sub-tasks match."
    )
    field: FieldIs | None = Field(None, description="A custom field holds a value.")
    gitlab_milestone: Names = Field((), description="Titles of GitLab milestones.")
    gitlab_label: Names = Field((), description="Labels of merge requests and GitLab issues.")
    gitlab_project: Names = Field((), description="GitLab projects by path or id, or groups by path.")
    path: PathIn | None = Field(None, description="Work that touches a path in a repository.")


class SlotSpec(_Entry):
    """Which Jira issues carry the managed comment: a named issue, or several, each with a comment of its own."""

    issues: Names = Field((), alias="issue", description="Jira issue keys.")


class Owners(_Entry):
    """The two people who answer for a commitment, by their names under ``people``."""

    technical_owner: Word | None = Field(
        None, description="Answers for the technical truth; a name under people."
    )
    engineering_owner: Word | None = Field(None, description="Answers for the delivery; a name under people.")


class MilestoneSpec(Owners):
    """One named milestone."""

    key: CommitmentKey
    title: Word
    due: Day | None = Field(
        None, description="Due day, inclusive; default: the date of its version, epic or GitLab milestone."
    )
    scope: ScopeRule
    slot: SlotSpec | None = Field(None, description="Default: the first epic that the scope names.")
    repositories: Names = Field(
        (), description="GitLab projects in which its code lives; found by links when absent."
    )
    baseline_on: Day | None = Field(
        None, description="Day at whose end the scope was agreed; what joins later is added scope."
    )
    exit_criteria: tuple[Word, ...] = Field((), description="What must be true before it counts as reached.")
    branches: tuple[Word, ...] = Field(
        (), description="Target branches that feed it, as patterns such as release/2.*; empty: any."
    )


class DiscoveryFilter(_Entry):
    """Which records of the discovered kind become commitments; keys given side by side must all hold."""

    project: Names = Field((), description="Jira project keys, or GitLab project or group paths.")
    name: Pattern | None = Field(None, description="Regular expression searched in the name.")
    label: Names = Field((), description="Labels of epics.")
    open_only: bool = Field(default=True, description="Leave out what is released, archived, done or closed.")


class MilestoneOverride(Owners):
    """What the file says better than the record that a milestone was found in."""

    title: Word | None = None
    due: Day | None = None
    slot: SlotSpec | None = None


class MilestoneDiscovery(Owners):
    """Milestones found in a tool: one for each version, epic or GitLab milestone that the filter admits.

    Titles and dates come from the record. ``owners_from`` takes the engineering owner from an epic's assignee where the file names none.
    """

    from_: Literal["jira_versions", "jira_epics", "gitlab_milestones"] = Field(alias="from")
    where: DiscoveryFilter = DiscoveryFilter()
    owners_from: Literal["assignee"] | None = None
    overrides: dict[str, MilestoneOverride] = Field(
        default_factory=dict, description="By version name, epic key or GitLab milestone title."
    )
    slot: SlotSpec | None = Field(
        None,
        description="Default: the epic itself; for versions and GitLab milestones the lowest-numbered epic or issue inside.",
    )


class DebtSpec(Owners):
    """One named tech-debt item, which is the Jira issue ``issue``."""

    key: CommitmentKey
    title: Word | None = Field(None, description="Default: the issue's title.")
    issue: Word = Field(description="Key of the Jira issue.")
    accepted_until: Day | None = Field(None, description="Last day on which the debt is accepted, inclusive.")
    reason: Word | None = Field(None, description="Why the debt was taken on.")
    modules: tuple[PathIn, ...] = Field((), description="Code that it weighs on.")
    deferred_features: Names = Field((), description="What waits for its repayment: issue keys or words.")


class DebtFields(_Entry):
    """Names of the Jira custom fields from which a debt item's register entries are read."""

    accepted_until: Word | None = Field(None, description="Field with a date.")
    deferred_features: Word | None = Field(
        None, description="Field with issue keys or words, split at commas, semicolons and lines."
    )
    modules: Word | None = Field(None, description="Field with values such as group/project:path/prefix.")
    reason: Word | None = Field(None, description="Field with text.")


class DebtDiscovery(Owners):
    """Debt items found in the tools: one for each issue that any of the given marks (label, type, component) fits.

    ``project`` narrows the search; alone it takes every issue of the project. What an issue's fields say wins over the values given here. ``owners_from``
    takes the technical owner from the assignee where the file names none. Done items stay, so that rules can see them.
    """

    from_: Literal["jira", "gitlab"] = Field("jira", alias="from")
    label: Names = ()
    type: Names = Field((), description="Jira issue types.")
    component: Names = Field((), description="Jira components.")
    project: Names = Field((), description="Jira project keys; GitLab project or group paths.")
    owners_from: Literal["assignee"] | None = "assignee"
    accepted_until: Day | None = None
    fields: DebtFields = DebtFields()
    modules: tuple[PathIn, ...] = ()
    deferred_features: Names = ()


def _form(entry: object) -> str:
    """``found`` for a discovery form (it has ``from``), ``named`` otherwise; errors then speak of one form only."""
    return "found" if (isinstance(entry, dict) and "from" in entry) or hasattr(entry, "from_") else "named"


MilestoneEntry = Annotated[
    Annotated[MilestoneSpec, Tag("named")] | Annotated[MilestoneDiscovery, Tag("found")], Discriminator(_form)
]
"""One entry under ``milestones``."""


def _debt_form(entry: object) -> str:
    is_named = (isinstance(entry, dict) and "issue" in entry) or hasattr(entry, "issue")
    return "named" if is_named else "found"


DebtEntry = Annotated[
    Annotated[DebtSpec, Tag("named")] | Annotated[DebtDiscovery, Tag("found")], Discriminator(_debt_form)
]
"""One entry under ``debt``; a named item has ``issue``."""


class CommitmentKind(StrEnum):
    """What a commitment is."""

    MILESTONE = "milestone"
    DEBT = "debt"


class Commitment(Struct, frozen=True, kw_only=True):
    """A milestone or a debt item after discovery: everything that rules ask of it.

    Owners are names of people in the mapping, None where missing or unknown. ``origin`` is the path of the entry in the mapping
    file, such as ``milestones[2]``. ``anchors`` are the records it was made of or stands for (a version, an epic, a GitLab milestone); their dates and states
    are compared with ``due_on``. ``slot_issue_keys`` are keys as written. ``debt`` is set for debt items only, ``charter`` for milestones that the
    mapping names.
    """

    key: str
    kind: CommitmentKind
    title: str
    origin: str
    scope: ScopeRule
    due_on: date | None = None
    technical_owner: str | None = None
    engineering_owner: str | None = None
    slot_issue_keys: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()
    anchors: tuple[Ref, ...] = ()
    is_closed: bool = False
    debt: Debt | None = None
    charter: Charter | None = None


class Membership(Struct, frozen=True, kw_only=True):
    """One record belongs to one commitment. ``because`` is the rule in words (``fix_version = 2.0``), ``rule`` its path in the mapping file."""

    commitment_key: str
    record: Ref
    because: str
    rule: str
