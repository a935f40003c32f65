from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mappings.problems import Position
from mappings.written import written

pytestmark = pytest.mark.pure


def only(text):
    (problem,) = written(text).problems
    return (problem.at.line, problem.at.column), problem.says


@pytest.mark.parametrize(
    "text",
    ["1.10", "2.0", "on", "no", "Yes", "010", "0x1F", "12:30", "1e3", "2026-02-28", "1_000", ".inf", "="],
)
def test_a_plain_scalar_is_read_as_the_text_that_was_written(text):
    assert written(f"a: {text}\n").value == {"a": text}


@pytest.mark.parametrize("key", ["on", "no", "1.10", "2026-02-28", "null-ish", "支付"])
def test_a_key_is_read_as_the_text_that_was_written(key):
    assert written(f"{key}: x\n").value == {key: "x"}


@pytest.mark.parametrize("text", ["", "~", "null"])
def test_an_empty_value_is_none_and_stands_where_its_key_does(text):
    seen = written(f"b: 1\na: {text}\n")
    assert seen.value == {"b": "1", "a": None}
    assert seen.values["a"] == Position(2, 1)


def test_a_quoted_null_is_a_text():
    assert written("a: 'null'\n").value == {"a": "null"}


@pytest.mark.parametrize("text", ["", "# nothing\n", "\n\n", "---\n"])
def test_an_empty_text_says_nothing(text):
    assert written(text).value is None
    assert written(text).problems == ()


def test_places_of_keys_items_and_values_are_exact():
    seen = written("one:\n  - a\n  -   {x: 1,  y:   two}\n")
    assert seen.keys["one[1]"] == Position(3, 7)
    assert seen.keys["one[1].y"] == Position(3, 15)
    assert seen.values["one[1].y"] == Position(3, 20)


def test_columns_count_characters_not_bytes():
    assert written("支付😀: {核心: x}\n").values['["支付😀"]["核心"]'] == Position(1, 11)


def test_carriage_returns_do_not_shift_lines():
    assert written("a: 1\r\nb: 2\r\n").keys["b"] == Position(2, 1)


def test_a_byte_order_mark_does_not_shift_columns():
    assert written("\ufeffa: 1\n").keys["a"] == Position(1, 1)


def test_a_key_given_twice_is_named_with_the_line_of_the_first():
    assert only("a: 1\nb: 2\n'a': 3\n") == ((3, 1), 'key "a" is given twice; the first is in line 1.')


def test_a_merge_gives_what_the_mapping_itself_does_not_say():
    text = "base: &b {x: 1, y: 2}\nhere:\n  y: 3\n  <<: *b\n"
    assert written(text).value == {"base": {"x": "1", "y": "2"}, "here": {"y": "3", "x": "1"}}


def test_of_several_merged_mappings_the_first_wins():
    text = "a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc:\n  <<: [*a, *b]\n"
    assert written(text).value["c"] == {"x": "1", "y": "2"}


def test_a_merge_of_something_else_is_a_problem():
    assert only("<<: 3\n") == ((1, 5), '"<<" takes the alias of a set of keys, or a list of such aliases.')


def test_an_alias_repeats_its_anchor():
    assert written("a: &x [1, 2]\nb: *x\n").value == {"a": ["1", "2"], "b": ["1", "2"]}


def test_an_alias_inside_itself_is_a_problem():
    assert only("a: &x [*x]\n") == ((1, 1), "an alias contains itself, or aliases nest too deeply.")


def test_a_merge_of_itself_is_a_problem():
    assert only("a: &x\n  <<: *x\n")[1] == "an alias contains itself, or aliases nest too deeply."


def test_aliases_that_explode_are_stopped():
    text = "a0: &a0 [" + "x," * 9 + "x]\n"
    text += "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 10))
    assert only(text) == ((1, 1), f"aliases unfold to more than {20_000 + len(text)} values.")


def test_nesting_that_would_exhaust_the_stack_is_refused_where_it_becomes_too_deep():
    assert only("[" * 500 + "]" * 500) == ((1, 41), "is nested more than 40 levels deep.")


def test_nesting_without_an_end_is_refused_however_far_the_parser_looks_ahead():
    (line, column), says = only("[" * 200_000)
    assert (line, column <= 1001) == (1, True)
    assert "nest" in says


@pytest.mark.parametrize("tag", ["!secret", "!!python/object:os.system", "!!binary", "!!set"])
def test_a_tag_is_a_problem_and_never_builds_an_object(tag):
    value = "{x}" if tag == "!!set" else "eA=="
    at, says = only(f"a: {tag} {value}\n")
    assert at == (1, 4)
    assert says.endswith("has no meaning here: remove it.")


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("a:\n\t- b\n", (2, 1), "a tab is used to indent: use spaces."),
        ("a: @x\n", (1, 4), 'a text cannot begin with "@": put it in quotes.'),
        ("a: `x`\n", (1, 4), 'a text cannot begin with "`": put it in quotes.'),
        ("a: %x\n", (1, 4), 'a text cannot begin with "%": put it in quotes.'),
        ("a: b: c\n", (1, 5), 'a ":" where none can stand: indent evenly, or quote the text if it holds ": ".'),
        ("a: [1, 2\nb: 3\n", (2, 2), "a bracket opened before this place is not closed, or a comma is missing."),
        ("- a\nb: c\n", (2, 1), 'a list and keys are mixed at one level: begin the line with "- " or indent it.'),
        ("a: 'x\n", (2, 1), "a quotation mark that was opened is not closed."),
        ("a: *x\n", (1, 4), "an alias that no anchor (&name) before it defines."),
        ("a: &x 1\nb: &x 2\n", (2, 4), "this anchor was defined before; give it another name."),
        ('a: "\\q"\n', (1, 5), "an unknown escape in double quotes: use single quotes, or write two backslashes."),
        ("a:\n  b: 1\n c: 2\n", (3, 2), "this line is indented unlike its neighbours, or misses its key."),
        ("a: 1\n---\nb: 2\n", (2, 1), 'a second document begins ("---"); keep one.'),
    ],
)  # fmt: skip
def test_broken_yaml_is_explained_where_it_breaks(text, at, says):
    assert only(text) == (at, f"not valid YAML: {says}")


@pytest.mark.parametrize(
    "text",
    [
        "a: &x {b: 1.10}\nc:\n  <<: *x\n",
        "- 支付: on\n",
        "a: 1\na: 2\n",
        "a:\n\t- b\n",
        "a: @x\n",
        "[" * 500,
        "a: *x\n",
    ],
)
def test_without_libyaml_the_same_is_read_and_said(text):
    assert written(text, loader=yaml.SafeLoader) == written(text, loader=yaml.CSafeLoader)


def test_a_control_character_is_named_where_it_stands():
    assert only("a: 1\nb: x\x00y\n") == ((2, 5), "holds the control character U+0000: remove it.")


def test_a_lone_surrogate_is_a_problem_and_no_crash():
    assert only("a: \ud800\n")[0] == (1, 4)


def test_a_key_that_is_no_text_is_a_problem():
    assert only("? {a: b}\n: c\n") == ((1, 3), "a key must be a text.")


@given(st.text(max_size=200))
def test_any_text_is_read_or_explained_without_an_exception(text):
    seen = written(text)
    assert all(p.says and p.at.line >= 1 and p.at.column >= 1 for p in seen.problems)


@given(st.text(alphabet="ab:-[]{}&*<>!#|?,'\"\n\t 1.", max_size=120))
def test_any_knot_of_yaml_signs_is_read_or_explained_without_an_exception(text):
    assert written(text).problems is not None


@given(
    st.dictionaries(st.text("abc", min_size=1), st.text("xyz01.:-", min_size=1).filter(str.strip), max_size=5)
)
def test_quoted_texts_come_back_unchanged(values):
    text = "".join(f'"{key}": "{value}"\n' for key, value in values.items())
    assert written(text).value == (values or None)
