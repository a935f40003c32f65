"""Schema of the mapping file: frozen pydantic models, unknown keys refused. JSON Schema comes from ``MappingSpec``."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from mappings.commitments import DebtEntry, MilestoneEntry
from mappings.drift_options import RuleOptions, SuppressionSpec
from mappings.statuses import Progress

SourceName = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]{0,29}$", description="Short lower-case name of a site.")
]
ProjectKey = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]+$", description="Jira project key.")]


class Model(BaseModel):
    """Base of every part of the file: frozen, no unknown keys, no coercion of unlike types."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class JiraFields(Model):
    """Names of the custom fields that Tandem reads; each is resolved to the site's id. Absent ones are not read."""

    story_points: str | None = None
    sprint: str | None = "Sprint"
    epic_link: str | None = None
    others: tuple[str, ...] = ()


class JiraSource(Model):
    """One Jira site and the projects that are read. Address and credentials stand in the settings under the same name."""

    name: SourceName = "jira"
    projects: tuple[ProjectKey, ...] = Field(min_length=1)
    fields: JiraFields = JiraFields()


class GitlabSource(Model):
    """One GitLab host with the groups (sub-groups included) and single projects that are read, each by id or path."""

    name: SourceName = "gitlab"
    groups: tuple[int | str, ...] = ()
    projects: tuple[int | str, ...] = ()


class Sources(Model):
    """The sites that are read."""

    jira: tuple[JiraSource, ...] = Field(min_length=1)
    gitlab: tuple[GitlabSource, ...] = ()


class Person(Model):
    """One person in both tools. ``jira`` is the accountId (Cloud) or the user name (Data Center), ``gitlab`` the username."""

    name: str = Field(min_length=1)
    jira: str | None = None
    gitlab: str | None = None
    active: bool = True


class Weekday(StrEnum):
    """Days of the working week."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


def _known_zone(name: str) -> str:
    from zoneinfo import ZoneInfo  # noqa: PLC0415  # reads the zone database only when a mapping names a zone

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f'"{name}" is not a time zone name such as Asia/Shanghai') from error
    return name


class CalendarSpec(Model):
    """When people work: zone, week, days off and days worked although they fall on a weekend."""

    zone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    week: tuple[Weekday, ...] = (Weekday.MON, Weekday.TUE, Weekday.WED, Weekday.THU, Weekday.FRI)
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()


class Vocabulary(Model):
    """How the tools' words are read. Statuses fall back to their category, resolutions to delivered, pipelines to the vendor's meaning."""

    statuses: dict[str, Progress] = Field(default_factory=dict)
    dropped_resolutions: frozenset[str] = frozenset(
        {
            "Won't Do",
            "Won't Fix",
            "Duplicate",
            "Cannot Reproduce",
            "Declined",
            "Invalid",
            "Incomplete",
            "Not a Bug",
        }
    )
    failed_pipelines: frozenset[str] = frozenset({"failed"})
    passed_pipelines: frozenset[str] = frozenset({"success"})
    required_jobs: tuple[str, ...] = Field(
        (),
        description="Patterns of job names; when given, a pipeline counts as red only if such a job failed.",
    )
    code_types: frozenset[str] = Field(
        frozenset({"Story", "Bug", "Task", "Improvement", "New Feature"}),
        description="Issue types that need code.",
    )
    bots: frozenset[str] = Field(
        frozenset(), description="GitLab usernames whose merge requests need no issue."
    )


class LinkOptions(Model):
    """How keys in text become links."""

    lower_case_branches: bool = True
    release_mr_keys: int = Field(
        10, ge=2, description="A merge request with more keys than this is a release MR."
    )
    ignore_branches: tuple[str, ...] = ("renovate/*", "dependabot/*", "dependabot-*")


class CommentVisibility(Model):
    """Who may read the managed comments: members of a project role or of a group."""

    role: str | None = None
    group: str | None = None


class WriteOptions(Model):
    """Whether and how much Tandem writes. Nothing is written until ``enabled`` is true."""

    enabled: bool = False
    visibility: CommentVisibility | None = None
    max_writes_per_run: int = Field(100, ge=0)
    max_writes_per_day: int = Field(500, ge=0)


class MappingSpec(Model):
    """The whole mapping file."""

    version: Literal[1]
    language: Literal["en", "zh"] = "en"
    sources: Sources
    people: tuple[Person, ...] = ()
    calendar: CalendarSpec = CalendarSpec()
    vocabulary: Vocabulary = Vocabulary()
    links: LinkOptions = LinkOptions()
    milestones: tuple[MilestoneEntry, ...] = ()
    debt: tuple[DebtEntry, ...] = ()
    drift: dict[str, RuleOptions] = Field(default_factory=dict)
    suppressions: tuple[SuppressionSpec, ...] = ()
    write: WriteOptions = WriteOptions()
