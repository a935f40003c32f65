"""Points: how complex a query is by GitLab's own count, which bounds it at 250 for accounts (docs.gitlab.com/api/graphql, gitlabhq app/graphql/types/base_field.rb).

A field is one point, two where it asks the repositories. Listings that GitLab looks up itself add 1 % for each row of their page, unless rows are named by their
iids; the other listings count as plain fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    value_from_ast_untyped,
)
from msgspec import Struct

from connectors.sandbox.gitlab_graphql.schema import SCHEMA

LARGEST_PAGE = 100
_LOOKED_UP = frozenset({("Project", "mergeRequests"), ("MergeRequest", "notes")})
_OF_REPOSITORIES = frozenset({("MergeRequest", "commits")})


class Asked(Struct, frozen=True, kw_only=True):
    """A validated document and the values of its variables."""

    document: DocumentNode
    variables: Mapping[str, Any]

    @property
    def points(self) -> int:
        """The points of all its operations."""
        operations = (one for one in self.document.definitions if isinstance(one, OperationDefinitionNode))
        return sum(self._of_set(one.selection_set, SCHEMA.query_type) for one in operations)

    def _of_set(self, selected: SelectionSetNode | None, parent: Any) -> int:  # noqa: ANN401  # a type of the schema
        if selected is None or not isinstance(parent, GraphQLObjectType):
            return 0
        return sum(self._of(one, parent) for one in selected.selections)

    def _of(self, selection: SelectionNode, parent: GraphQLObjectType) -> int:
        if isinstance(selection, FieldNode):
            return self._of_field(selection, parent)
        if isinstance(selection, InlineFragmentNode):
            return self._of_set(selection.selection_set, parent)
        assert isinstance(selection, FragmentSpreadNode)  # noqa: S101  # there is no fourth kind
        fragments = (one for one in self.document.definitions if isinstance(one, FragmentDefinitionNode))
        named = next(one for one in fragments if one.name.value == selection.name.value)
        return self._of_set(named.selection_set, parent)

    def _of_field(self, node: FieldNode, parent: GraphQLObjectType) -> int:
        name = node.name.value
        if name.startswith("__"):
            return 0
        inner = self._of_set(node.selection_set, get_named_type(parent.fields[name].type))
        own = 2 if (parent.name, name) in _OF_REPOSITORIES else 1
        given = {
            one.name.value: value_from_ast_untyped(one.value, dict(self.variables))
            for one in node.arguments or ()
        }
        rows = min(
            LARGEST_PAGE, *(given[size] for size in ("first", "last") if given.get(size)), LARGEST_PAGE
        )
        is_longer = (parent.name, name) in _LOOKED_UP and not given.get("iids")
        return int((own + inner) * (1 + 0.01 * rows)) if is_longer else own + inner
