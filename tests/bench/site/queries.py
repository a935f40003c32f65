"""Queries: a GraphQL document checked against a schema, what it wants, what that costs by GitLab's count, and the values that answer it.

The library that checks documents could execute them too; the few that a pull sends are checked once, and answered without it in a small part of the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    Undefined,
    ValueNode,
    VariableDefinitionNode,
    parse,
    validate,
    value_from_ast_untyped,
)
from graphql.execution import get_variable_values

LARGEST_PAGE = 100
"""Rows of a connection (docs.gitlab.com/api/graphql)."""
MOST_POINTS = 250
"""How complex a query of an account may be (docs.gitlab.com/api/graphql)."""
_LOOKED_UP = frozenset({"mergeRequests", "notes"})
"""Listings that GitLab looks up itself: each row of their page adds 1 %, unless rows are named by their iids."""
_OF_REPOSITORIES = frozenset({"commits"})
"""Fields that cost a point more, because they ask the repositories."""
Errors: TypeAlias = tuple[Any, ...]
"""Errors as the answer shows them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A field that is asked for: by which name it is answered, with which arguments, and what of its value."""

    name: str
    answered_as: str
    arguments: Mapping[str, ValueNode]
    inner: tuple[Wanted, ...]

    def given(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The values of those of its arguments that have one."""
        found = (
            (name, value_from_ast_untyped(node, dict(variables))) for name, node in self.arguments.items()
        )
        return {name: value for name, value in found if value is not Undefined}


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A document that the schema has all of."""

    schema: GraphQLSchema
    variables: tuple[VariableDefinitionNode, ...]
    wanted: tuple[Wanted, ...]

    def values_of(self, given: Mapping[str, Any]) -> dict[str, Any] | Errors:
        """The variables' values in their types; what is wrong with them."""
        found = get_variable_values(self.schema, self.variables, dict(given))
        if isinstance(found, list):
            return tuple(error.formatted for error in found)
        return dict(found.coerced)


@lru_cache(maxsize=64)
def query_of(schema: GraphQLSchema, document: str) -> Query | Errors:
    """The query of a document; what is wrong with it. Fragments are not served."""
    try:
        parsed = parse(document)
    except GraphQLError as error:
        return (error.formatted,)
    if errors := validate(schema, parsed):
        return tuple(error.formatted for error in errors)
    operation = parsed.definitions[0]
    if "..." in document or not isinstance(operation, OperationDefinitionNode):
        return ({"message": "No fragments are served here"},)
    return Query(
        schema=schema,
        variables=tuple(operation.variable_definitions or ()),
        wanted=tuple(_wanted(operation.selection_set)),
    )


def _wanted(selected: SelectionSetNode | None) -> Iterable[Wanted]:
    for node in selected.selections if selected else ():
        if isinstance(node, FieldNode):
            yield Wanted(
                name=node.name.value,
                answered_as=(node.alias or node.name).value,
                arguments={one.name.value: one.value for one in node.arguments or ()},
                inner=tuple(_wanted(node.selection_set)),
            )


def points_of(wanted: Iterable[Wanted], variables: Mapping[str, Any]) -> int:
    """The points of some fields by GitLab's count (gitlabhq app/graphql/types/base_field.rb, app/graphql/resolvers/base_resolver.rb): one for each, and what its own fields cost."""
    return sum(_points(one, variables) for one in wanted)


def _points(one: Wanted, variables: Mapping[str, Any]) -> int:
    own = (2 if one.name in _OF_REPOSITORIES else 1) + points_of(one.inner, variables)
    given = one.given(variables)
    if one.name not in _LOOKED_UP or given.get("iids"):
        return own
    return int(own * (1 + 0.01 * size_of_page(given)))


def size_of_page(given: Mapping[str, Any]) -> int:
    """How many rows a page has at most, by the arguments of its connection."""
    return min(given.get("first") or LARGEST_PAGE, LARGEST_PAGE)


def told(source: Mapping[str, Any], wanted: Iterable[Wanted], variables: Mapping[str, Any]) -> dict[str, Any]:
    """What is wanted of an object. Its values are JSON, objects of this kind, or functions of the field's arguments that give one."""
    return {one.answered_as: _value(source[one.name], one, variables) for one in wanted}


def _value(value: Any, one: Wanted, variables: Mapping[str, Any]) -> Any:  # JSON of any shape
    if callable(value):
        value = value(one.given(variables))
    if isinstance(value, list):
        return [told(row, one.inner, variables) for row in value]
    return told(value, one.inner, variables) if isinstance(value, dict) else value
