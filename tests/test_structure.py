"""The house style, as far as a program can hold us to it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCES = sorted(
    path
    for folder in ("connectors", "mappings", "sync")
    for path in (ROOT / folder).rglob("*.py")
    if "versions" not in path.parts
)
VAGUE = re.compile(r"(Manager|Helper|Util|Handler|Processor|Service|Data|Info)s?$")


def functions_in(path: Path) -> Iterator[tuple[str, int]]:
    """(name, body lines without docstring) of every function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            yield node.name, (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_no_function_body_is_longer_than_fifty_lines() -> None:
    long = [(str(p.relative_to(ROOT)), name, n) for p in SOURCES for name, n in functions_in(p) if n > 50]
    assert long == []


def test_no_file_is_longer_than_250_lines() -> None:
    long = [
        (str(p.relative_to(ROOT)), n)
        for p in SOURCES
        if (n := len(p.read_text(encoding="utf-8").splitlines())) > 250
    ]
    assert long == []


def test_no_class_has_a_name_that_says_nothing() -> None:
    named = [
        (str(p.relative_to(ROOT)), node.name)
        for p in SOURCES
        for node in ast.walk(ast.parse(p.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and VAGUE.search(node.name)
    ]
    assert named == []


def test_no_drift_rule_imports_another() -> None:
    rules = [p for p in SOURCES if re.fullmatch(r"[a-z]\d\d_\w+\.py", p.name)]
    assert len(rules) >= 17
    among = [
        p.name
        for p in rules
        if re.search(r"import .*\b[a-z]\d\d_\w+|drift\.[a-z]\d\d_\w+", p.read_text(encoding="utf-8"))
    ]
    assert among == []


def test_every_module_begins_with_a_sentence_about_itself() -> None:
    silent = [
        str(p.relative_to(ROOT))
        for p in SOURCES
        if not ast.get_docstring(ast.parse(p.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_nothing_of_ours_is_patched_in_tests() -> None:
    tests = [p for p in (ROOT / "tests").rglob("*.py") if p != Path(__file__)]
    patched = [
        str(p.relative_to(ROOT))
        for p in tests
        if re.search(r"mock\.patch|mocker\.|monkeypatch\.setattr|MagicMock", p.read_text(encoding="utf-8"))
    ]
    assert patched == []
