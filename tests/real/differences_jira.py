"""Where Tandem's Jira records differ from DevLake's tables by choice: record, column, both values, and why."""

from __future__ import annotations

from tests.real.compared import PRESENCE, Difference

NOT_KEPT = {
    "Workflow": "an administrator's move to another workflow changes no work item",
    "RemoteIssueLink": "links to the outside come from GitLab's own records",
    "Link": "links are read as they stand, not as they came about",
    "End date": "a custom field that no mapping names",
    "Start date": "a custom field that no mapping names",
    "Rank": "the order on a board is no plan",
    "timeestimate": "the remaining estimate is read as it stands",
    "timespent": "worklogs tell it, with person and day",
    "WorklogId": "worklogs tell it, with person and day",
    "issuetype": "the type is read as it stands",
    "description": "texts are read as they stand",
}
"""Changed fields that are not kept as changes, and why."""

_NOT_ESTIMATED = (
    "not estimated is not the same as nothing left: absent stays absent, where the table writes 0"
)
_THEN = (
    "a history keeps the name that the status had then; the table puts today's name of that id in its place"
)
_FIRST = "the history changes the field twice, taking one version away and adding another; the table keeps the last only"

ISSUES = (
    *(
        Difference(record=id_, column="story_point", ours=None, theirs=0.0, reason=_NOT_ESTIMATED)
        for id_ in (
            *("10066", "10068", "10070", "10072", "10076", "10078", "10082"),
            *("10086", "10088", "10090", "10092", "10094", "10096", "10098"),
        )
    ),
    *(
        Difference(record=id_, column="time_remaining_minutes", ours=None, theirs=0.0, reason=_NOT_ESTIMATED)
        for id_ in ("10064", "10066", "10068", "10070", "10072", "10086", "10088", "10092")
    ),
    Difference(
        record="10066",
        column="title",
        ours="\u200b问题分布的帕累托图\ufffd",
        theirs="\u200b问题分布的帕累托图",
        reason="a NUL character, which no database takes as text, stays visible as a replacement mark; the table drops it",
    ),
)
CHANGES = tuple(
    Difference(record=f"{history}/fix_version/0", column=PRESENCE, ours=True, theirs=False, reason=_FIRST)
    for history in (
        *("11441", "18877", "18879", "18882", "18885"),
        *("18888", "18895", "18904", "18909", "18910"),
    )
)

_RENAMED = (
    ("original_from_value", "To Do", "待办", "10716 10742 10774 10779 10886 10889 10978 10983 10985 10989"),
    (
        "original_from_value",
        "To Do",
        "待办",
        "10993 10998 10999 11000 11001 11002 11008 11010 11026 11030 11032",
    ),
    (
        "original_to_value",
        "To Do",
        "待办",
        "10918 10925 10927 10933 10936 10940 10943 10946 10951 10958 10960",
    ),
    ("original_from_value", "In Development", "In Progress", "10717 10910"),
    ("original_to_value", "In Development", "In Progress", "10716 10779"),
    ("original_from_value", "Ready for Dev", "待开发", "10933 10936 10960"),
    ("original_to_value", "Ready for Dev", "待开发", "10901 10903 10904"),
)
"""Column, the name then, the name today, and the histories."""
STATUS_CHANGES = tuple(
    Difference(record=f"{history}/status", column=column, ours=then, theirs=today, reason=_THEN)
    for column, then, today, histories in _RENAMED
    for history in histories.split()
)
