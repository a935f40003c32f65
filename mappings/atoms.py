"""Atoms: the small typed values that the models of the mapping file are made of."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field


def _day(value: object) -> object:
    """A text in the one form YYYY-MM-DD as a date; pydantic alone would also take clock times and seconds since 1970."""
    if isinstance(value, str):
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value.strip(), re.ASCII):
            raise ValueError("must be a date written YYYY-MM-DD")
        try:
            return date.fromisoformat(value.strip())
        except ValueError as error:
            raise ValueError("is not a date: there is no such day") from error
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError("must be a date written YYYY-MM-DD")  # noqa: TRY004  # pydantic collects ValueError only
    return value


def _whole(value: object) -> object:
    """Digits as a number: the loader hands over every scalar as the text that was written."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"[1-9]\d{0,17}", value, re.ASCII) else value


def _gitlab_id(value: object) -> object:
    """An id as a number, a path as text, so that the union below never reports an error of each of its sides."""
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).strip(" /"):
        raise ValueError("must be a GitLab path such as group/project, or an id")
    return _whole(value.strip(" /") if isinstance(value, str) else value)


def _tuple(value: object) -> object:
    return value if isinstance(value, list | tuple) else (value,)


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}") from error
    return value


def _prefix(value: str) -> str:
    if value.startswith("/"):
        raise ValueError('must not start with "/": paths count from the top of the repository')
    return value


def _cron(value: str) -> str:
    if not re.fullmatch(r"(?:[0-9a-z*/,#-]+\s+){4}[0-9a-z*/,#-]+", value.strip(), re.IGNORECASE):
        raise ValueError('must have five fields, such as "*/15 8-20 * * mon-fri"')
    return value.strip()


CronLine = Annotated[str, AfterValidator(_cron)]
"""A cron expression of five fields."""

Day = Annotated[date, BeforeValidator(_day)]
"""A date, YYYY-MM-DD."""

Word = Annotated[str, Field(min_length=1)]
"""A text that is not empty."""

Names = Annotated[tuple[Word, ...], BeforeValidator(_tuple, json_schema_input_type=Word | tuple[Word, ...])]
"""One text or a list of texts; any of them matches."""

GitlabId = Annotated[int | str, BeforeValidator(_gitlab_id)]
"""A GitLab project or group by path or id."""

Whole = BeforeValidator(_whole)
"""Reads digits as a number, for literals that pydantic does not convert."""

Pattern = Annotated[Word, AfterValidator(_pattern)]
"""A regular expression of Python's ``re``."""

PathPrefix = Annotated[Word, AfterValidator(_prefix)]
"""A path in a repository, from its top."""

CommitmentKey = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9][a-z0-9._-]{0,59}$",
        description="Name of a commitment in comments and commands; never change it once it is in use.",
    ),
]
"""A commitment's key."""

SourceName = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]{0,29}$", description="Short lower-case name of a site.")
]
"""Name of a site; its settings and credentials stand under the same name."""

ProjectKey = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]+$", description="Jira project key.")]
"""Key of a Jira project."""

RuleCode = Annotated[str, Field(pattern=r"^[A-Z]\d\d$", description="Code of a drift rule, such as S01.")]
"""Code of a drift rule."""

ChangeName = Annotated[
    str,
    Field(
        pattern=r"^[^\s!@]+(?:![1-9][0-9]*|@[0-9A-Fa-f]{8,64})$",
        description="A merge request as group/project!12, or a commit as group/project@sha.",
    ),
]
"""Name of a change."""

MEANINGS = {
    r"^[a-z0-9][a-z0-9._-]{0,59}$": "a key of at most 60 lower-case letters, digits, dots, hyphens and underscores, starting with a letter or digit",
    r"^[a-z][a-z0-9_]{0,29}$": "a name of at most 30 lower-case letters, digits and underscores, starting with a letter",
    r"^[A-Z][A-Z0-9_]+$": "a Jira project key such as PAY: upper-case letters, digits and underscores",
    r"^[^\s!@]+(?:![1-9][0-9]*|@[0-9A-Fa-f]{8,64})$": "a merge request such as group/project!12, or a commit such as group/project@1a2b3c4d with at least 8 digits",
    r"^[A-Z]\d\d$": "the code of a drift rule such as S01",
}
"""Every pattern above in words, for messages."""
