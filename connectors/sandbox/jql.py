"""JQL: the part of Jira's query language that clients send, read and evaluated over issue payloads."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from connectors.sandbox.state import JiraState, Payload

_TOKEN = re.compile(
    r"""\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(>=|<=|!=|[=<>(),])|([^\s"'=<>!(),]+))"""
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}


class JqlError(ValueError):
    """The query cannot be read, or names what does not exist; the text is the vendor's kind of message."""


class Clause(Struct, frozen=True, kw_only=True):
    """One condition; ``operator`` is one of = != in "not in" >= <= > <."""

    field: str
    operator: str
    values: tuple[str, ...]


class Query(Struct, frozen=True, kw_only=True):
    """Conditions that must all hold, and the order as (field, is_descending)."""

    clauses: tuple[Clause, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()


def parse(text: str) -> Query:
    """The query that ``text`` says; raises JqlError."""
    tokens = _tokens(text)
    at = next(
        (i for i, (word, quoted) in enumerate(tokens) if not quoted and word.lower() == "order"), len(tokens)
    )
    return Query(clauses=tuple(_clauses(tokens[:at])), order=tuple(_order(tokens[at:])))


def _tokens(text: str) -> list[tuple[str, bool]]:
    found, at, text = [], 0, text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise JqlError(f"Error in the JQL Query: The character at position {at + 1} is not understood.")
        quoted = match[1] if match[1] is not None else match[2]
        found.append(
            (match[3] or match[4], False) if quoted is None else (re.sub(r"\\(.)", r"\1", quoted), True)
        )
        at = match.end()
    return found


def _clauses(tokens: list[tuple[str, bool]]) -> Iterable[Clause]:
    at = 0
    while at < len(tokens):
        clause, at = _clause(tokens, at)
        yield clause
        if at < len(tokens):
            if tokens[at][0].lower() != "and" or at + 1 == len(tokens):
                raise JqlError(f"Error in the JQL Query: Expecting 'AND' but got '{tokens[at][0]}'.")
            at += 1


def _clause(tokens: list[tuple[str, bool]], at: int) -> tuple[Clause, int]:
    words = [word for word, _ in tokens[at:]] + ["", "", ""]
    field, op, used = words[0].lower(), words[1].lower(), 2
    if (op, words[2].lower()) == ("not", "in"):
        op, used = "not in", 3
    if op in {"in", "not in"}:
        values, used = _list(words, used)
    elif op in {"=", "!=", *_COMPARE} and at + used < len(tokens) and words[used] not in {"(", ")", ","}:
        values, used = (words[used],), used + 1
    else:
        raise JqlError(f"Error in the JQL Query: Expecting operator but got '{words[1]}'.")
    return Clause(field=field, operator=op, values=values), at + used


def _list(words: list[str], used: int) -> tuple[tuple[str, ...], int]:
    if words[used] != "(" or ")" not in words[used:]:
        raise JqlError("Error in the JQL Query: Expecting a list in parentheses.")
    end = words.index(")", used)
    inside = words[used + 1 : end]
    if len(inside) % 2 == 0 or set(inside[1::2]) - {","}:
        raise JqlError("Error in the JQL Query: Expecting values with commas between them.")
    return tuple(inside[::2]), end + 1


def _order(tokens: list[tuple[str, bool]]) -> Iterable[tuple[str, bool]]:
    if not tokens:
        return
    words = [word.lower() for word, _ in tokens]
    if len(words) < 3 or words[1] != "by":
        raise JqlError("Error in the JQL Query: Expecting 'ORDER BY field'.")
    for part in " ".join(words[2:]).split(" , "):
        match = re.fullmatch(r"(\S+)(?: (asc|desc))?", part)
        if match is None or match[1] not in _FIELDS:
            raise JqlError(f"Error in the JQL Query: not able to sort by '{part}'.")
        yield match[1], match[2] == "desc"


def instant(text: str | None) -> datetime | None:
    """A payload's time, aware; None where absent."""
    return datetime.fromisoformat(text) if text else None


def _number(issue: Payload) -> int:
    return int(issue["id"])


def _key(issue: Payload) -> tuple[str, int]:
    project, _, number = str(issue["key"]).rpartition("-")
    return project, int(number)


_FIELDS: dict[str, Callable[[Payload], Any]] = {
    "id": _number,
    "key": _key,
    "issuekey": _key,
    "updated": lambda issue: instant(issue["fields"].get("updated")),
    "created": lambda issue: instant(issue["fields"].get("created")),
}


def _names(value: object) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(_names, value))
    if isinstance(value, dict):
        return {str(value[key]).lower() for key in ("id", "key", "name") if value.get(key) is not None}
    return set() if value is None else {str(value).lower()}


_NAMED = {
    "project": "project",
    "issuetype": "issuetype",
    "type": "issuetype",
    "parent": "parent",
    "status": "status",
    "labels": "labels",
    "fixversion": "fixVersions",
    "component": "components",
}


def run(query: Query, state: JiraState, issues: Iterable[Payload]) -> list[Payload]:
    """The issues that fit, in the order asked for (newest id first where none is). Raises JqlError."""
    tests = [_test(clause, state) for clause in query.clauses]
    return ordered(query, [issue for issue in issues if all(test(issue) for test in tests)])


def ordered(query: Query, rows: list[Payload]) -> list[Payload]:
    """The rows in the order asked for; ids break ties, and rows that are equal even so stay in their order."""
    found = sorted(rows, key=_number)
    for name, is_descending in reversed(query.order or (("id", True),)):
        found.sort(key=_sort_key(_FIELDS[name]), reverse=is_descending)
    return found


def row_mark(issue: Payload) -> Payload:
    """What an issue can be sorted by, and nothing else: its place in any order."""
    times = {name: issue["fields"].get(name) for name in ("updated", "created")}
    return {"id": issue["id"], "key": issue["key"], "fields": times}


def after(query: Query, rows: list[Payload], mark: Payload) -> list[Payload]:
    """The sorted ``rows`` that come after a place in that order, whether or not a row still stands there."""
    placed = ordered(query, [*rows, mark])
    return placed[next(at for at, one in enumerate(placed) if one is mark) + 1 :]


def _sort_key(value: Callable[[Payload], Any]) -> Callable[[Payload], tuple[bool, Any]]:
    return lambda issue: (value(issue) is not None, value(issue))


def _test(clause: Clause, state: JiraState) -> Callable[[Payload], bool]:
    if clause.field in _NAMED:
        return _named(clause)
    if clause.field not in _FIELDS:
        raise JqlError(f"Field '{clause.field}' does not exist or you do not have permission to view it.")
    value = _FIELDS[clause.field]
    wanted = [_literal(clause.field, text, state) for text in clause.values]
    if clause.operator in _COMPARE:
        compare = _COMPARE[clause.operator]
        return lambda issue: value(issue) is not None and compare(value(issue), wanted[0])
    is_not = clause.operator in {"!=", "not in"}
    return lambda issue: (value(issue) in wanted) != is_not


def _named(clause: Clause) -> Callable[[Payload], bool]:
    if clause.operator in _COMPARE:
        raise JqlError(f"The operator '{clause.operator}' is not supported by the '{clause.field}' field.")
    name, wanted = _NAMED[clause.field], {value.lower() for value in clause.values}
    is_not = clause.operator in {"!=", "not in"}
    return lambda issue: bool(_names(issue["fields"].get(name)) & wanted) != is_not


def _literal(field: str, text: str, state: JiraState) -> object:
    if field in {"updated", "created"}:
        return _moment(text, state)
    if field == "id":
        if not text.isdecimal():
            raise JqlError(f"The value '{text}' is not a valid issue id.")
        return int(text)
    return _key({"key": _current(text, state)})


def _current(key: str, state: JiraState) -> str:
    key = key.upper()
    if (moved := state.issues.get(state.old_keys.get(key, ""))) is not None:
        return str(moved["key"])
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*-\d+", key):
        raise JqlError(f"The issue key '{key}' for field 'key' is invalid.")
    return key


def _moment(text: str, state: JiraState) -> datetime:
    """A time literal: epoch milliseconds, relative, or a minute in the account's zone."""
    if text.isdecimal():
        return datetime.fromtimestamp(int(text) / 1000, tz=ZoneInfo("UTC"))
    if relative := re.fullmatch(r"([+-]?)(\d+)([wdhm])", text):
        span = timedelta(**{_UNITS[relative[3]]: int(relative[2])})
        return state.clock() + (-span if relative[1] == "-" else span)
    for form in ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=ZoneInfo(state.zone))
        except ValueError:
            continue
    raise JqlError(
        f"Date value '{text}' for field 'updated' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', "
        "'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
    )
