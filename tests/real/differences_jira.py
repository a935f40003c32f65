"""Where Tandem's Jira records differ from DevLake's tables by choice: record, column, both values, and why."""

from __future__ import annotations

from tests.real.compared import Difference

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

ISSUES: tuple[Difference, ...] = ()
