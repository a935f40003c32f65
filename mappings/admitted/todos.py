"""Todos: marks in files as candidates. A mark is an admission by itself, so there is no probability; of which kind it is, its words tell."""

from __future__ import annotations

from msgspec import Struct

from connectors.records import Todo
from mappings.admitted.model import DebtKind, Model, packed
from mappings.admitted.signs import signs_in
from mappings.admitted.words import features_of, normalised
from mappings.todos import Todos, said_by

_MOST_WORDS = 4


class TodoCandidate(Struct, frozen=True, kw_only=True):
    """One mark. ``because`` are the mark itself and the words that say what sort of debt it is, ``issue_keys`` the Jira keys of known projects that it names."""

    todo: Todo
    kind: DebtKind
    because: tuple[str, ...]
    issue_keys: tuple[str, ...] = ()


def todo_candidates_of(todos: Todos, *, model: Model | None = None) -> tuple[TodoCandidate, ...]:
    """Every mark, by project, path and line. ``model`` is the one of the package unless given."""
    judge = model or packed()
    return tuple(
        TodoCandidate(
            todo=todo,
            kind=judge.kind_of(features_of(said_by(todo))),
            because=(todo.mark, *_words_in(todo.text)),
            issue_keys=todos.keys_of(todo),
        )
        for todo in todos.all
    )


def _words_in(text: str) -> tuple[str, ...]:
    words = (" ".join(words.split()).lower() for _, words in signs_in(normalised(text)))
    return tuple(dict.fromkeys(words))[:_MOST_WORDS]
