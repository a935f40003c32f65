"""Parse changelogs: histories become FieldChanges of the fields that are kept, and former keys become aliases."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from connectors.jira.fields import Fields, SiteField
from connectors.jira.parse import maybe_text, user_id, user_name
from connectors.parsing import instant, parsed
from connectors.port import Skipped
from connectors.records import FieldChange, KeyAlias

_BY_ID = {
    "status": "status",
    "resolution": "resolution",
    "fixVersions": "fix_version",
    "duedate": "due",
    "timeoriginalestimate": "estimate",
    "assignee": "assignee",
    "parent": "parent",
    "issuekey": "key",
}
_BY_NAME = {
    "status": "status",
    "resolution": "resolution",
    "fix version": "fix_version",
    "fixversions": "fix_version",
    "duedate": "due",
    "timeoriginalestimate": "estimate",
    "assignee": "assignee",
    "parent": "parent",
    "issueparentassociation": "parent",
    "key": "key",
}
_CUSTOM_BY_NAME = {"sprint": "sprint", "epic link": "parent"}
"""Custom fields whose name in a history is fixed by the vendor, whatever the site calls them."""


def normal_field(item: Any, fields: Fields) -> str | None:  # noqa: ANN401
    """The normal name of the changed field, None for a field that is not kept.

    By ``fieldId`` where that is known, else by name: Data Center gives names only, and Cloud leaves the id out for moves to another key and
    for changes of the parent. A custom field that is merely called ``Status`` is not the status.
    """
    id_, name = str(item.get("fieldId") or ""), str(item["field"]).casefold()
    by_id = _BY_ID.get(id_) or _mapped(fields).get(id_)
    if by_id:
        return by_id
    if item.get("fieldtype") == "custom" or id_.startswith("customfield_"):
        return _CUSTOM_BY_NAME.get(name) or (None if id_ else _mapped_by_name(fields).get(name))
    return _BY_NAME.get(name) or _CUSTOM_BY_NAME.get(name)


def _pairs(fields: Fields) -> tuple[tuple[SiteField, str], ...]:
    named = (
        (fields.sprint, "sprint"),
        (fields.story_points, "story_points"),
        (fields.epic_link, "parent"),
    )
    return tuple((field, normal) for field, normal in named if field)


@cache
def _mapped(fields: Fields) -> dict[str, str]:
    return {field.id: normal for field, normal in _pairs(fields)}


@cache
def _mapped_by_name(fields: Fields) -> dict[str, str]:
    return {field.name.casefold(): normal for field, normal in _pairs(fields)}


def changes_in(
    payloads: Iterable[Any], *, source: str, issue_id: str, fields: Fields
) -> tuple[tuple[FieldChange, ...], tuple[Skipped, ...]]:
    """The changes in an issue's histories, and which histories were skipped."""
    groups, bad = parsed(
        payloads,
        lambda payload: parse_history(payload, source=source, issue_id=issue_id, fields=fields),
        what=f"issue {issue_id}, history",
    )
    return tuple(change for group in groups for change in group), bad


def parse_history(payload: Any, *, source: str, issue_id: str, fields: Fields) -> tuple[FieldChange, ...]:  # noqa: ANN401
    """The kept changes of one history, in its order. Empty values become None. Raises as ``parse`` says."""
    author = payload.get("author")
    return tuple(
        FieldChange(
            source=source,
            id=f"{payload['id']}.{place}",
            issue_id=issue_id,
            at=instant(payload["created"]),
            field=normal,
            author_id=user_id(author),
            author_name=user_name(author),
            from_value=maybe_text(item.get("from")),
            from_text=maybe_text(item.get("fromString")),
            to_value=maybe_text(item.get("to")),
            to_text=maybe_text(item.get("toString")),
        )
        for place, item in enumerate(payload["items"])
        if (normal := normal_field(item, fields))
    )


def aliases_of(changes: Iterable[FieldChange]) -> tuple[KeyAlias, ...]:
    """Every key that the changes name, sorted by key: commit messages hold former keys for ever."""
    found = {
        KeyAlias(source=change.source, key=key, issue_id=change.issue_id)
        for change in changes
        if change.field == "key"
        for key in (change.from_text, change.to_text)
        if key
    }
    return tuple(sorted(found, key=lambda alias: (alias.key, alias.issue_id)))


def cut_changelog(payload: Any) -> Skipped | None:  # noqa: ANN401
    """Data Center gives whole changelogs; should one be cut, it is said rather than taken for complete."""
    log = payload.get("changelog") or {}
    given, total = len(log.get("histories") or ()), log.get("total") or 0
    if given >= total:
        return None
    return Skipped(
        what=f"changelog of issue {payload.get('id')}", reason=f"the tool gave {given} of {total} histories"
    )
