"""Marks in the comments of files in several languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.marks import is_readable, marks_in, masked

PATHS = ["a.py", "a.js", "a.c", "a.sql", "a.sh", "a.java", "a.go", "a.php"]


def seen(path, text):
    return [(mark.line, mark.word, mark.text) for mark in marks_in(path, text)]


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
    assert marks_in(path, "# TODO\n// TODO\n") == ()
    assert not is_readable(path)


@pytest.mark.pure
def test_a_file_that_is_only_called_like_such_a_folder_is_read():
    assert seen("src/vendor.py", "# TODO x") == [(1, "TODO", "x")]


@pytest.mark.pure
def test_what_stands_in_the_parentheses_is_kept_apart():
    (mark,) = marks_in("a.py", "# TODO( PAY-12 ): after WEB-3\n")
    assert (mark.addressee, mark.text) == ("PAY-12", "after WEB-3")


@pytest.mark.pure
def test_a_mark_that_moves_within_its_file_is_the_same_one_and_one_that_says_something_else_is_not():
    before = marks_in("a.py", "# TODO: one\n# FIXME two\n")
    after = marks_in("a.py", "import os\n\n\n#   FIXME   two\n\n# TODO:  one \n")
    assert {m.digest for m in before} == {m.digest for m in after}
    assert before[0].digest != marks_in("a.py", "# TODO: one more\n")[0].digest
    assert before[0].digest != marks_in("a.py", "# TODO(li): one\n")[0].digest


@pytest.mark.pure
def test_marks_of_one_file_that_say_the_same_are_told_apart_by_their_number():
    three = marks_in("a.py", "# TODO\n# TODO\n# TODO\n")
    two = marks_in("a.py", "# TODO\n# TODO\n")
    assert len({m.digest for m in three}) == 3
    assert [m.digest for m in two] == [m.digest for m in three[:2]]


@pytest.mark.pure
def test_only_the_beginning_of_a_long_line_is_kept_but_all_of_it_tells_marks_apart():
    one, other = marks_in("a.py", f"# TODO {'x' * 900}a\n# TODO {'x' * 900}b\n")
    assert one.text == other.text == "x" * 300
    assert one.digest != other.digest


@given(text=st.text(alphabet="\"'`/*-#\\\n TODX(:", max_size=400), path=st.sampled_from(PATHS))
def test_no_text_crashes_it_and_every_line_number_points_at_its_mark(text, path):
    lines = text.split("\n")
    for mark in marks_in(path, text):
        assert mark.word in lines[mark.line - 1]


@given(text=st.text(alphabet="\"'`/*-#\\\n TODXabé7(:", max_size=400), path=st.sampled_from(PATHS))
def test_a_masked_file_has_the_same_marks_and_masking_it_again_changes_nothing(text, path):
    assert marks_in(path, masked(text)) == marks_in(path, text)
    assert masked(masked(text)) == masked(text)


@pytest.mark.pure
def test_masking_leaves_nothing_of_the_code_but_what_follows_a_mark():
    text = 'password = "hunter2"\nsend(key)  # TODO rotate it\n# fine so far\n'
    assert masked(text) == 'xxxxxxxx = "xxxxxxx"\nxxxx(xxx)  # TODO rotate it\n# xxxx xx xxx\n'


@pytest.mark.pure
@pytest.mark.parametrize("unit", ['"', "'", '"\\', "/*", "`", "'''", '"" ', "TODO(", "# TODO "])
@pytest.mark.parametrize("path", ["a.py", "a.js", "a.c", "a.sql", "a.sh"])
def test_a_huge_file_of_one_repeated_piece_is_read(unit, path):
    assert len(marks_in(path, unit * 300_000)) <= 1
    assert len(masked(unit * 300_000)) == 300_000 * len(unit)
