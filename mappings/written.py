"""Written: what a YAML text says, as plain values, with the place at which each was written.

Every scalar is kept as the text that stands there, so that ``1.10``, ``on``, ``010`` and ``12:30`` mean what a reader sees and not what YAML 1.1
makes of them; the models give each its type. Only an empty or ``null`` value is None.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import yaml
from msgspec import Struct

from mappings.problems import TOP, Position, Problem, below, shown

_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STANDARD = "tag:yaml.org,2002:"
_TAGS = frozenset(
    _STANDARD + t
    for t in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value", "map", "seq")
)
_DEEPEST = 40
_SPARE_NODES = 20_000
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Written(Struct, frozen=True, kw_only=True):
    """The value of a text, and by path where keys (or list items) and values stand. ``value`` is None where nothing could be read."""

    value: object
    keys: Mapping[str, Position]
    values: Mapping[str, Position]
    problems: tuple[Problem, ...] = ()


class _TooMuchError(Exception):
    """Aliases unfold to more than any mapping needs."""


def written(text: str, *, loader: type = _LOADER) -> Written:
    """What ``text`` says. Broken YAML, duplicate keys, tags, endless or exploding aliases become problems, never exceptions.

    ``loader`` is one of PyYAML's safe loaders; by default libyaml's where it is there.
    """
    reader = _Reader(most_nodes=_SPARE_NODES + len(text))
    value: object = None
    try:
        _refuse_unreadable(text, loader)
        node = yaml.compose(text, Loader=loader)
        value = None if node is None else reader.value(node, "", depth=0)
    except yaml.MarkedYAMLError as error:
        reader.problems.append(_syntax_problem(text, error))
    except _TooMuchError as error:
        value = None
        reader.problems.append(Problem(at=TOP, path="", says=str(error)))
    except _Unreadable as error:
        reader.problems.append(error.problem)
    return Written(value=value, keys=reader.keys, values=reader.values, problems=tuple(reader.problems))


class _Unreadable(Exception):  # noqa: N818  # carries a problem, is none
    def __init__(self, at: Position, says: str) -> None:
        super().__init__(says)
        self.problem = Problem(at=at, path="", says=says)


def _refuse_unreadable(text: str, loader: type) -> None:
    """Stop at control characters and at nesting so deep that composing it would exhaust the C stack."""
    if found := _UNPRINTABLE.search(text):
        line = text.count("\n", 0, found.start()) + 1
        column = found.start() - text.rfind("\n", 0, found.start())
        raise _Unreadable(
            Position(line, column), f"holds the control character U+{ord(found[0]):04X}: remove it."
        )
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise _Unreadable(_position(event), f"is nested more than {_DEEPEST} levels deep.")


def _position(marked: yaml.Node | yaml.Event) -> Position:
    mark = marked.start_mark
    return TOP if mark is None else Position(mark.line + 1, mark.column + 1)


class _Reader:
    """Turns nodes into values and remembers where they stood."""

    def __init__(self, *, most_nodes: int) -> None:
        self.keys: dict[str, Position] = {}
        self.values: dict[str, Position] = {}
        self.problems: list[Problem] = []
        self._nodes = 0
        self._most_nodes = most_nodes  # without aliases there are never more nodes than characters

    def value(self, node: yaml.Node, path: str, *, depth: int) -> object:
        """The plain value of ``node``; an unknown tag is a problem and reads as if it were not there."""
        self._count(depth)
        self.values.setdefault(path, _position(node))
        if node.tag not in _TAGS:
            self._problem(node, path, f"the tag {shown(node.tag)} has no meaning here: remove it.")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, depth=depth)
        if isinstance(node, yaml.SequenceNode):
            return self._sequence(node, path, depth=depth)
        return None if node.tag == _STANDARD + "null" else str(node.value)

    def _count(self, depth: int) -> None:
        self._nodes += 1
        if depth > _DEEPEST:
            raise _TooMuchError("an alias contains itself, or aliases nest too deeply.")
        if self._nodes > self._most_nodes:
            raise _TooMuchError(f"aliases unfold to more than {self._most_nodes} values.")

    def _problem(self, node: yaml.Node, path: str, says: str) -> None:
        self.problems.append(Problem(at=_position(node), path=path, says=says))

    def _sequence(self, node: yaml.SequenceNode, path: str, *, depth: int) -> list[object]:
        items = []
        for index, item in enumerate(node.value):
            place = below(path, index)
            self.keys.setdefault(place, _position(item))
            items.append(self.value(item, place, depth=depth + 1))
        return items

    def _mapping(self, node: yaml.MappingNode, path: str, *, depth: int) -> dict[str, object]:
        result: dict[str, object] = {}
        for key, (key_node, value_node) in self._entries(node, path, depth=depth).items():
            place = below(path, key)
            self.keys.setdefault(place, _position(key_node))
            result[key] = self.value(value_node, place, depth=depth + 1)
            if result[key] is None:
                self.values[place] = self.keys[place]
        return result

    def _entries(
        self, node: yaml.MappingNode, path: str, *, depth: int
    ) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        """Entries by key: the mapping's own, then what ``<<`` merges in where it has none of its own."""
        self._count(depth)
        own: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        merged: list[yaml.Node] = []
        for key_node, value_node in node.value:
            if key_node.tag == _STANDARD + "merge":
                merged.append(value_node)
            elif (key := self._key(key_node, path, own)) is not None:
                own[key] = (key_node, value_node)
        for source in (m for value in merged for m in self._merge_sources(value, path)):
            for key, entry in self._entries(source, path, depth=depth + 1).items():
                own.setdefault(key, entry)
        return own

    def _key(self, node: yaml.Node, path: str, own: Mapping[str, tuple[yaml.Node, yaml.Node]]) -> str | None:
        if not isinstance(node, yaml.ScalarNode) or not node.value:
            self._problem(node, path, "a key must be a text.")
            return None
        key = str(node.value)
        if key in own:
            first = _position(own[key][0]).line
            self._problem(node, path, f"key {shown(key)} is given twice; the first is in line {first}.")
            return None
        return key

    def _merge_sources(self, node: yaml.Node, path: str) -> list[yaml.MappingNode]:
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        bad = [s for s in sources if not isinstance(s, yaml.MappingNode)]
        for source in bad:
            self._problem(source, path, '"<<" takes the alias of a set of keys, or a list of such aliases.')
        return [s for s in sources if isinstance(s, yaml.MappingNode)]


_SAYS = (
    ("undefined alias", "an alias that no anchor (&name) before it defines."),
    ("second occurrence", "this anchor was defined before; give it another name."),
    ("mapping values are not allowed", 'a ":" where none can stand: indent evenly, or quote the text if it holds ": ".'),
    ("another document", 'a second document begins ("---"); keep one.'),
    ("expected key", "this line is indented unlike its neighbours, or misses its key."),
    ("expected '-' indicator", 'a list and keys are mixed at one level: begin the line with "- " or indent it.'),
    ("expected ',' or", "a bracket opened before this place is not closed, or a comma is missing."),
    ("end of stream", "a quotation mark that was opened is not closed."),
    ("unknown escape", "an unknown escape in double quotes: use single quotes, or write two backslashes."),
    ("could not find expected ':'", 'a ":" is missing after a key.'),
)  # fmt: skip


def _syntax_problem(text: str, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    at = Position(mark.line + 1, mark.column + 1) if mark else TOP
    reason = error.problem or error.context or "it cannot be read"
    return Problem(at=at, path="", says=f"not valid YAML: {_said(text, at, reason)}")


def _said(text: str, at: Position, reason: str) -> str:
    lines = text.splitlines()
    rest = lines[at.line - 1][at.column - 1 :] if at.line <= len(lines) else ""
    if "cannot start any token" in reason:
        if rest.startswith("\t"):
            return "a tab is used to indent: use spaces."
        return f"a text cannot begin with {shown(rest[:1])}: put it in quotes."
    return next((says for part, says in _SAYS if part in reason), f"{reason}.")
