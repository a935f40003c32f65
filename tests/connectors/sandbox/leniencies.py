"""Leniencies: where the vendors' documents are known to be wrong, each with its reason. One that nothing needs fails the contract test."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.connectors.sandbox.vendor_documents import Misfit

_PLATFORM = "jira-cloud-platform-v3.json"
_AGILE = "jira-cloud-software-agile.json"
_DC = "jira-dc-10.3.json"
_GITLAB = "gitlab-rest-v4.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leniency:
    """Misfits that are the document's fault: all three patterns must match from the beginning to the end."""

    document: str
    operation: str = ".*"
    at: str
    problem: str
    reason: str

    def covers(self, misfit: Misfit) -> bool:
        """True if the misfit is of this kind."""
        pairs = ((self.operation, misfit.operation), (self.at, misfit.at), (self.problem, misfit.problem))
        return self.document == misfit.document and all(re.fullmatch(*pair) for pair in pairs)


_LOG = r"(.*\.)?items\.\*\.(from|fromString|to|toString)"
_NULL = "type string but NoneType"
LENIENCIES = (
    Leniency(
        document=_PLATFORM,
        at=_LOG,
        problem=_NULL,
        reason="a field that was empty before or is empty now is null in real changelogs; the document does not say nullable",
    ),
    Leniency(
        document=_PLATFORM,
        operation="POST /rest/api/3/changelog/bulkfetch",
        at=r"issueChangeLogs\.\*\.changeHistories\.\*\.created",
        problem="type string but int",
        reason="epoch milliseconds were met on live sites (sooperset/mcp-atlassian#346)",
    ),
    Leniency(
        document=_PLATFORM,
        operation=".* /rest/api/3/issue/{issueIdOrKey}/remotelink",
        at="",
        problem="type object but list",
        reason="the document types the list as one object; its own example is a list",
    ),
    Leniency(
        document=_PLATFORM,
        operation="PUT .*/properties/{propertyKey}",
        at="201",
        problem="no schema",
        reason="the document gives an empty schema for a new property",
    ),
    Leniency(
        document=_AGILE,
        operation="GET .*/sprint(/{sprintId})?",
        at="200",
        problem="no schema",
        reason="the document describes sprints by an example alone; a test of its own compares with that example",
    ),
    Leniency(
        document=_DC,
        at=_LOG,
        problem=_NULL,
        reason="as on Cloud: null for a field that was or is empty",
    ),
    Leniency(
        document=_DC,
        at=r"(issues\.\*\.)?fields\.\w+",
        problem="type object but .*",
        reason="specs/README.md: issue fields are typed as objects though they may be strings, numbers, arrays or null",
    ),
    Leniency(
        document=_DC,
        operation="(GET /api/2/(field|issuetype|priority|project|resolution|status|project/{projectIdOrKey}/versions|"
        "issue/{issueIdOrKey}/remotelink)|POST /api/2/worklog/list)",
        at="",
        problem="type object but list",
        reason="specs/README.md: list endpoints declare one item where Jira returns an array",
    ),
    Leniency(
        document=_DC,
        operation="GET .*/properties/{propertyKey}",
        at="value",
        problem="type string but .*",
        reason="the value of a property is any JSON; the document's generator saw a Java string",
    ),
    Leniency(
        document=_DC,
        operation="(PUT .*/properties/{propertyKey}|POST .*/remotelink)",
        at="201",
        problem="no schema",
        reason="the document describes no body for what was made anew",
    ),
    Leniency(
        document=_GITLAB,
        at=r"(.*\.)?(avatar_url|closed_at|due_date|human_time_estimate|human_total_time_spent|merge_commit_sha|merged_at|"
        "squash_commit_sha|artifacts_expire_at|erased_at|failure_reason|expires_at|marked_for_deletion_on)",
        problem=_NULL,
        reason="the document marks next to nothing as nullable; GitLab serves null for what has not happened or was not set",
    ),
    Leniency(
        document=_GITLAB,
        at=r"(.*\.)?(closed_by|discussion_locked|moved_to_id|approvals_before_merge|merge_user|merged_by|milestone|"
        "should_remove_source_branch|coverage|runner|commit)",
        problem="type (object|integer|boolean|number) but NoneType",
        reason="the same for values that are no text",
    ),
    Leniency(
        document=_GITLAB,
        at=r"(.*\.)?(group_id|parent_id)",
        problem="type string but (int|NoneType)",
        reason="GitLab's ids are numbers, as the document itself says of project_id; a group at the top has no parent",
    ),
    Leniency(
        document=_GITLAB,
        operation="GET .*/members/all/{user_id}",
        at="access_level",
        problem="type string but int",
        reason="a level is a number (20 for a reporter), as the same document says in its other places",
    ),
    Leniency(
        document=_GITLAB,
        operation="GET .*/(discussions|notes)",
        at=r"(.*\.)?type",
        problem=_NULL,
        reason="a note that begins no thread has no type; recorded payloads have null",
    ),
    Leniency(
        document=_GITLAB,
        operation="GET .*/repository/blobs/{sha}",
        at="200",
        problem="no schema",
        reason="the document describes no body of a blob; GitLab's own page on repositories names size, encoding, content and sha",
    ),
    Leniency(
        document=_GITLAB,
        operation="GET .*/approvals",
        at="approved_by",
        problem="type object but list",
        reason="approvers are a list on every server; the document types one of them",
    ),
    Leniency(
        document=_GITLAB,
        operation="GET .*/merge_requests/{merge_request_iid}/pipelines",
        at="",
        problem="type object but list",
        reason="a list that the document types as one item",
    ),
)
