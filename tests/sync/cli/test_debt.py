"""``tandem debt candidates``: from the store, contacting nothing, in four formats."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from record_builders import NOW, commit, issue, mr, scan, todos
from store_builders import land

from sync.cli.errors import Exit
from sync.cli.main import exit_status
from sync.cli.options import Options
from sync.settings import Settings
from sync.store import database

MAPPING = """\
version: 1
language: {language}
sources:
  jira: [{{projects: [PAY]}}]
  gitlab: [{{groups: [acme]}}]
people: []
"""
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """A function that runs ``tandem debt candidates`` over a store with one merge request and one commit that admit debt, and one that does not."""
    url = f"sqlite:///{tmp_path / 'tandem.db'}"
    engine = database.opened(url)
    database.upgrade(engine)
    land(
        engine,
        issue("PAY-1"),
        mr(12, title="PAY-1 Remove dead code", state="merged", merged_at=NOW),
        commit("c1", title="Clean up unused imports"),
        commit("c2", title="Add login page"),
    )
    mapping = tmp_path / "tandem.yaml"

    def run_(*arguments: str, language: str = "en") -> tuple[int, str, str]:
        mapping.write_text(MAPPING.format(language=language), encoding="utf-8")
        options = Options(settings=Settings(mapping=mapping, database=url), now=lambda: NOW)
        capsys.readouterr()
        code = exit_status(["debt", "candidates", *arguments], options=options)
        text = capsys.readouterr()
        return code, text.out, text.err

    yield run_
    engine.dispose()


def test_the_table_lists_what_admits_debt_and_nothing_else(run: Run) -> None:
    code, text, errors = run()
    assert (code, errors) == (0, "")
    assert "dead code" in text
    assert "Add login" not in text
    assert "2 changes that admit debt" in text


def test_it_speaks_chinese_where_the_mapping_does(run: Run) -> None:
    assert "2 项变更" in run(language="zh")[1]


@pytest.mark.parametrize("arguments", [("--json",), ("--format", "json")])
def test_as_json_each_candidate_has_its_issues_and_its_words(run: Run, arguments: tuple[str, ...]) -> None:
    found = json.loads(run(*arguments)[1])
    assert found["schema_version"] == 1
    by_title = {one["title"]: one for one in found["candidates"]}
    assert set(by_title) == {"PAY-1 Remove dead code", "Clean up unused imports"}
    assert by_title["PAY-1 Remove dead code"]["issues"] == ["PAY-1"]


def test_markdown_and_csv_have_a_head_and_a_row_for_each(run: Run) -> None:
    assert len(run("--format", "markdown")[1].splitlines()) == 4
    assert len(run("--format", "csv")[1].splitlines()) == 3


@pytest.fixture
def noted(tmp_path: Path, run: Run) -> Run:
    """``run`` over the same store with two marks in files beside the rest."""
    engine = database.opened(f"sqlite:///{tmp_path / 'tandem.db'}")
    land(engine, scan("src"), *todos("src/pay.py", "# TODO(PAY-1): add unit tests\n# HACK\n"))
    engine.dispose()
    return run


def test_comments_in_files_are_listed_behind_the_changes(noted: Run) -> None:
    code, text, errors = noted()
    assert (code, errors) == (0, "")
    assert "2 changes and 2 comments that admit debt" in text
    assert "Read for comments: 3 files in 1 place." in text
    found = json.loads(noted("--json")[1])
    assert [(t["kind"], t["mark"], t["issues"]) for t in found["todos"]] == [
        ("test", "TODO", ["PAY-1"]),
        ("code", "HACK", []),
    ]
    assert len(noted("--format", "csv")[1].splitlines()) == 5


def test_comments_in_files_have_no_day_so_since_leaves_them_out(noted: Run) -> None:
    assert len(noted("--format", "csv", "--since", "2026-11-01")[1].splitlines()) == 3


def test_since_leaves_out_what_is_older(run: Run) -> None:
    assert len(run("--format", "csv", "--since", "2026-11-20")[1].splitlines()) == 2
    assert len(run("--format", "csv", "--since", "2026-11-22")[1].splitlines()) == 1


def test_a_higher_bar_leaves_out_what_is_less_likely(run: Run) -> None:
    assert len(run("--format", "csv", "--min-probability", "1")[1].splitlines()) == 1


def test_a_day_that_is_none_is_refused_with_an_example(run: Run) -> None:
    code, _, errors = run("--since", "yesterday")
    assert code == Exit.CONFIG
    assert "2026-10-01" in errors
