"""Problems: what is wrong in a mapping file, where, and how that is put into one line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct

from connectors.errors import ConfigError


class MappingError(ConfigError):
    """The mapping is invalid. It is read before anything else is done, so nothing was contacted."""


class Position(NamedTuple):
    """A place in a text; line and column count from 1, columns in characters."""

    line: int
    column: int


TOP = Position(1, 1)
"""Where a file begins."""


class Problem(Struct, frozen=True, kw_only=True):
    """One mistake: where it stands, the path of the entry it concerns (empty for the whole file), and a sentence about it."""

    at: Position
    path: str
    says: str

    def line_in(self, name: str) -> str:
        """The problem as one line: ``mapping.yaml:34:7   milestones[2].scope   unknown key ...``."""
        return f"{name}:{self.at.line}:{self.at.column}   {self.path or '(file)'}   {self.says}"


_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def below(path: str, *parts: str | int) -> str:
    """The path of what stands below ``path``: ``milestones``, 2 and ``due`` make ``milestones[2].due``."""
    for part in parts:
        path = _step(path, part)
    return path


def _step(path: str, part: str | int) -> str:
    if isinstance(part, int):
        return f"{path}[{part}]"
    if not _PLAIN_KEY.fullmatch(part):
        return f"{path}[{shown(part)}]"
    return f"{path}.{part}" if path else part


def shown(value: object) -> str:
    """What was written, in double quotes on one line, cut after 60 characters; a list or a set of keys by name."""
    if value is None:
        return "nothing"
    if isinstance(value, dict | list | tuple):
        return "a list" if isinstance(value, list | tuple) else "a set of keys"
    text = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in str(value))
    text = text.replace("\\x0a", "\\n").replace("\\x09", "\\t")
    return f'"{text if len(text) <= 60 else text[:57] + "..."}"'


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems by place, each once: what an alias repeats is said where it was written."""
    first: dict[tuple[Position, str, str], Problem] = {}
    for problem in problems:
        entry = problem.path.rpartition(".")[2]  # two missing keys share a place and a sentence
        first.setdefault((problem.at, problem.says, entry), problem)
    return tuple(sorted(first.values(), key=lambda p: (p.at, p.path, p.says)))
