"""Schema of the mapping file: frozen pydantic models, unknown keys refused. JSON Schema comes from ``MappingSpec``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from mappings.atoms import ChangeName, CronLine, Day, GitlabId, ProjectKey, SourceName, Whole, Word
from mappings.comment_options import CommentOptions
from mappings.commitments import DebtEntry, MilestoneEntry, PathIn
from mappings.drift_options import FlappingOptions, RuleOptions, SuppressionSpec
from mappings.todo_paths import TodoPathSpec
from mappings.workflow import Progress


class Model(BaseModel):
    """Base of every part of the file: frozen, no unknown keys, surrounding blanks dropped."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, defer_build=True)


class JiraFields(Model):
    """Names of the custom fields that Tandem reads; each is resolved to the site's id. Absent ones are not read."""

    story_points: Word | None = None
    sprint: Word | None = "Sprint"
    epic_link: Word | None = Field(None, description="Data Center only; Cloud keeps epics in the parent.")
    others: tuple[Word, ...] = Field((), description="Fields that scope rules and the debt register ask for.")


class JiraSource(Model):
    """One Jira site and the projects that are read. Address and credentials stand in the settings under the same name."""

    name: SourceName = "jira"
    projects: tuple[ProjectKey, ...] = Field(min_length=1)
    fields: JiraFields = JiraFields()


class GitlabSource(Model):
    """One GitLab host with the groups (sub-groups included) and single projects that are read, each by id or path."""

    name: SourceName = "gitlab"
    groups: tuple[GitlabId, ...] = Field((), description="With all their sub-groups and projects.")
    projects: tuple[GitlabId, ...] = ()
    todos: tuple[TodoPathSpec, ...] = Field((), description="Files to read for TODO comments; else none.")


class Sources(Model):
    """The sites that are read."""

    jira: tuple[JiraSource, ...] = Field(min_length=1)
    gitlab: tuple[GitlabSource, ...] = ()


class Person(Model):
    """One person in both tools. ``jira`` is the accountId (Cloud) or the user name (Data Center), ``gitlab`` the username."""

    name: Word = Field(description="As owners are named in this file and shown to people.")
    jira: Word | None = Field(None, description="Cloud: account id; Data Center: user name.")
    gitlab: Word | None = Field(None, description="GitLab user name.")
    active: bool = Field(default=True, description="False once the person has left.")


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
        raise ValueError("is not a time zone name such as Asia/Shanghai") from error
    return name


class CalendarSpec(Model):
    """When people work: zone, week, days off and days worked although they fall on a weekend."""

    zone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    week: tuple[Weekday, ...] = Field(
        (Weekday.MON, Weekday.TUE, Weekday.WED, Weekday.THU, Weekday.FRI), min_length=1
    )
    holidays: frozenset[Day] = Field(frozenset(), description="Days off.")
    workdays: frozenset[Day] = Field(frozenset(), description="Days worked although the week says otherwise.")


class Vocabulary(Model):
    """How the tools' words are read. Statuses fall back to their category, resolutions to delivered, pipelines to the vendor's meaning."""

    statuses: dict[str, Progress] = Field(
        default_factory=dict, description="Jira status name to what it means here."
    )
    dropped_resolutions: frozenset[str] = Field(
        frozenset(
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
        ),
        description="Resolutions that mean done but not delivered.",
    )
    epic_types: frozenset[str] = Field(
        frozenset({"Epic", "史诗"}), description="Jira issue types that are epics."
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
    production: tuple[str, ...] = Field(
        ("production", "production/*", "prod", "prod/*", "prod-*", "生产", "生产环境"),
        description="Patterns of GitLab environments in which users meet the software; case does not matter.",
    )
    hidden_labels: frozenset[str] = Field(
        frozenset({"feature-flag", "dark-launch"}),
        description="Labels of work that is switched off for users on purpose.",
    )
    hotfix_labels: frozenset[str] = Field(
        frozenset({"hotfix", "hot-fix", "紧急修复"}),
        description="Labels of merge requests that may be merged before their review is over.",
    )
    shared_labels: frozenset[str] = Field(
        frozenset({"shared", "platform"}),
        description="Labels of work that several milestones share on purpose.",
    )
    parked_labels: frozenset[str] = Field(
        frozenset({"on-hold", "blocked", "waiting", "搁置", "暂停"}),
        description="Labels of work that waits by decision.",
    )
    descoped_labels: frozenset[str] = Field(
        frozenset({"descoped", "de-scoped", "移出范围"}),
        description="Labels of work that was taken out of a scope by a recorded decision.",
    )
    bots: frozenset[str] = Field(
        frozenset(), description="GitLab usernames whose merge requests need no issue."
    )


class ConfirmedLink(Model):
    """A change that names no issue, and the issue that it works on, as a person has confirmed it."""

    change: ChangeName
    issue: Word = Field(description="Issue key.")


class LinkOptions(Model):
    """How keys in text become links."""

    lower_case_branches: bool = True
    release_mr_keys: int = Field(
        10, ge=2, description="A merge request with more keys than this is a release MR."
    )
    ignore_branches: tuple[str, ...] = ("renovate/*", "dependabot/*", "dependabot-*")
    confirmed: tuple[ConfirmedLink, ...] = Field(
        (), description="Changes that name no issue, with the issue that each works on."
    )


class CommentVisibility(Model):
    """Who may read the managed comments: members of a project role or of a group."""

    role: Word | None = None
    group: Word | None = None


class BreakerOptions(Model):
    """When a plan is so large that it looks like a mistake in the mapping: then nothing is written until a person has read it."""

    max_slots: int = Field(100, ge=0, description="More comments than this in one plan stop it.")
    max_withdrawn_percent: int = Field(
        50,
        ge=0,
        le=100,
        description="A plan that withdraws more of the findings told so far stops (from ten findings on).",
    )


class WriteOptions(Model):
    """Whether and how much Tandem writes. Nothing is written until ``enabled`` is true."""

    enabled: bool = False
    visibility: CommentVisibility | None = None
    max_writes_per_run: int = Field(100, ge=0)
    max_writes_per_day: int = Field(500, ge=0)
    new_comments_per_day: int = Field(
        3,
        ge=0,
        description="New comments on one issue in one day; what comes after them is edited in silently.",
    )
    breaker: BreakerOptions = BreakerOptions()


class ScheduleSpec(Model):
    """When ``tandem worker`` runs: every so many minutes, or by a cron expression read in the calendar's zone, which wins."""

    every_minutes: int = Field(15, ge=1, le=1440)
    cron: CronLine | None = Field(None, description='Five fields, such as "*/15 8-20 * * mon-fri".')
    jitter_s: int = Field(30, ge=0, le=3600, description="Each tick is moved by up to so many seconds.")


class MappingSpec(Model):
    """The whole mapping file."""

    version: Annotated[Literal[1], Whole]
    language: Literal["en", "zh"] = "en"
    sources: Sources
    people: tuple[Person, ...] = ()
    planners: tuple[Word, ...] = Field(
        (),
        description="Who, beside the owners, may change dates and versions; names under people. Empty: everybody.",
    )
    calendar: CalendarSpec = CalendarSpec()
    vocabulary: Vocabulary = Vocabulary()
    links: LinkOptions = LinkOptions()
    milestones: tuple[MilestoneEntry, ...] = ()
    debt: tuple[DebtEntry, ...] = ()
    core: tuple[PathIn, ...] = Field((), description="Modules in which new debt is a matter for everybody.")
    drift: dict[str, RuleOptions] = Field(default_factory=dict)
    suppressions: tuple[SuppressionSpec, ...] = ()
    glossary: dict[Word, Word] = Field(
        default_factory=dict,
        description="Technical term to what it means for the business; used in what engineering managers read.",
    )
    flapping: FlappingOptions = FlappingOptions()
    schedule: ScheduleSpec = ScheduleSpec()
    comment: CommentOptions = CommentOptions()
    write: WriteOptions = WriteOptions()
