"""TODO comments in files of several languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.admitted import Todo, todos_of


def seen(path, text):
    return [(todo.line, todo.mark, todo.text) for todo in todos_of(path, text)]


@pytest.mark.pure
@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.py", "x = 1\ny = 2  # TODO: tidy this\n", [(2, "TODO", "tidy this")]),
        ("a.py", 'x = "# TODO no"\n"""\n# TODO no\n"""\n# FIXME yes\n', [(5, "FIXME", "yes")]),
        ("a.py", "x = 'it\\'s # TODO no'  # XXX yes", [(1, "XXX", "yes")]),
        ("a.ts", "let u = 'http://x'; // HACK around it\n`\n// TODO no\n`", [(1, "HACK", "around it")]),
        ("a.js", "/* one\n * TODO(li): two\n */\n", [(2, "TODO", "two")]),
        ("a.c", "char c = '\"'; /* FIXME quick */ int y;", [(1, "FIXME", "quick")]),
        ("a.rs", "fn f<'a>(x: &'a str) {} // TODO lifetimes", [(1, "TODO", "lifetimes")]),
        ("A.java", 'String s = "// TODO no"; // TODO yes', [(1, "TODO", "yes")]),
        ("a.go", "s := `// TODO no`\n// TODO: yes", [(2, "TODO", "yes")]),
        (
            "a.sql",
            "SELECT '-- TODO no'; -- TODO index\n/* FIXME\n*/",
            [(1, "TODO", "index"), (2, "FIXME", "")],
        ),
        ("a.sh", "echo $# '# TODO no'\necho x#TODO\n# TODO quote\n", [(3, "TODO", "quote")]),
        ("deploy/Dockerfile", "FROM x\n# TODO pin\n", [(2, "TODO", "pin")]),
        ("a.php", "# TODO one\n// TODO two\n", [(1, "TODO", "one"), (2, "TODO", "two")]),
        ("a.py", "# todo list of a user\n# TODOS and XXX-XXX-1234 and my-TODO\n", []),
        ("a.py", "# TODO：整理\n", [(1, "TODO", "整理")]),
        ("notes.txt", "# TODO no language", []),
        ("", "# TODO", []),
    ],
)
def test_marks_count_in_comments_only(path, text, expected):
    assert seen(path, text) == expected


@pytest.mark.pure
@pytest.mark.parametrize(
    "path",
    [
        "vendor/a.py",
        "src/third_party/a.py",
        "web/node_modules/x/a.js",
        "pkg/testdata/a.go",
        "tests/fixtures/a.py",
        "Vendor\\a.py",
        "web/app.min.js",
    ],
)
def test_foreign_folders_are_left_out(path):
    assert todos_of(path, "# TODO\n// TODO\n") == ()


@pytest.mark.pure
def test_a_file_that_is_only_called_like_such_a_folder_is_read():
    assert seen("src/vendor.py", "# TODO x") == [(1, "TODO", "x")]


@pytest.mark.pure
def test_the_issues_that_a_mark_names_are_found():
    (todo,) = todos_of("a.py", "# TODO(PAY-12): after WEB-3 and PAY-12, UTF-8\n")
    assert todo == Todo(
        path="a.py",
        line=1,
        mark="TODO",
        text="after WEB-3 and PAY-12, UTF-8",
        issue_keys=("PAY-12", "WEB-3", "UTF-8"),
    )
    (known,) = todos_of("a.py", "# TODO(PAY-12): after WEB-3, UTF-8\n", projects=frozenset({"PAY", "WEB"}))
    assert known.issue_keys == ("PAY-12", "WEB-3")


@given(
    text=st.text(alphabet="\"'`/*-#\\\n TODX(:", max_size=400),
    path=st.sampled_from(["a.py", "a.js", "a.c", "a.sql", "a.sh", "a.java", "a.go", "a.php"]),
)
def test_no_text_crashes_it_and_every_line_number_points_at_its_mark(text, path):
    lines = text.split("\n")
    for todo in todos_of(path, text):
        assert todo.mark in lines[todo.line - 1]


@pytest.mark.pure
@pytest.mark.parametrize("unit", ['"', "'", '"\\', "/*", "`", "'''", '"" ', "TODO(", "# TODO "])
@pytest.mark.parametrize("path", ["a.py", "a.js", "a.c", "a.sql", "a.sh"])
def test_a_huge_file_of_one_repeated_piece_is_read(unit, path):
    assert len(todos_of(path, unit * 300_000)) <= 1
