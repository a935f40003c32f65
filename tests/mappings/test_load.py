from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import ConfigError
from mappings.load import loaded, parsed
from mappings.problems import Position

EXAMPLE = Path(__file__).parents[2] / "deploy/examples/tandem.yaml"
LINE = re.compile(r"m:\d+:\d+   \S.*   \S.*")
JARGON = re.compile(r"pydantic|Input should|type=|valid (string|integer|tuple|dictionary)|NoneType|Traceback")


def test_the_example_mapping_has_no_problem():
    assert loaded(EXAMPLE).spec.milestones[0].key == "payment-core-2"


def test_the_example_keeps_a_version_name_that_looks_like_a_number():
    assert loaded(EXAMPLE).spec.milestones[0].scope.any[0].fix_version == ("2.0",)


@pytest.mark.pure
def test_an_unquoted_version_name_keeps_its_zero(make):
    text = make.head + "milestones:\n  - {from: jira_versions, overrides: {1.10: {title: T}}}\n"
    assert list(parsed(text, name="m").spec.milestones[0].overrides) == ["1.10"]


@pytest.mark.pure
@pytest.mark.parametrize("written", ["1.10", "010", "12:30", "2026-01-02", "on", "no", "1_0"])
def test_a_fix_version_is_the_text_that_was_written(make, written):
    text = (
        f"milestones:\n  - {{key: a, title: T, slot: {{issue: PAY-1}}, scope: {{fix_version: {written}}}}}\n"
    )
    assert parsed(make.head + text, name="m").spec.milestones[0].scope.fix_version == (written,)


@pytest.mark.pure
@pytest.mark.parametrize(("written", "means"), [("on", True), ("yes", True), ("true", True), ("off", False)])
def test_a_flag_may_be_written_as_people_write_it(make, written, means):
    assert parsed(make.head + f"write: {{enabled: {written}}}\n", name="m").spec.write.enabled is means


@pytest.mark.pure
def test_numbers_where_numbers_belong_are_numbers(make):
    text = make.head + "drift: {S07: {grace_hours: 1.5, thresholds: {business_days: 8}}}\n"
    spec = parsed(text, name="m").spec
    assert (spec.drift["S07"].grace_hours, spec.drift["S07"].thresholds) == (1.5, {"business_days": 8.0})


@pytest.mark.pure
def test_a_gitlab_project_is_an_id_or_a_path():
    text = "version: 1\nsources: {jira: [{projects: [PAY]}], gitlab: [{projects: [214, a/b, /c/d/]}]}\n"
    assert parsed(text, name="m").spec.sources.gitlab[0].projects == (214, "a/b", "c/d")


@pytest.mark.pure
def test_the_digest_is_the_sha256_of_the_text(make):
    assert parsed(make.head, name="m").digest == hashlib.sha256(make.head.encode()).hexdigest()


@pytest.mark.pure
def test_positions_are_those_of_keys_and_items(make):
    text = make.head + "milestones:\n  - key: a\n    title: T\n    scope:\n      epic: PAY-1\n"
    mapping = parsed(text, name="m.yaml")
    assert mapping.positions["milestones[0].scope.epic"] == Position(10, 7)
    assert mapping.position_of("milestones[0]") == Position(7, 5)
    assert mapping.place_of("milestones[0].scope") == "m.yaml:9"


@pytest.mark.pure
@pytest.mark.parametrize("path", ["milestones[0].scope.any[3].x", "milestones[0].scope", "milestones[0].due"])
def test_an_unwritten_path_stands_at_its_nearest_ancestor(make, path):
    text = make.head + "milestones:\n  - {from: jira_versions}\n"
    assert parsed(text, name="m").position_of(path) == Position(7, 5)


@pytest.mark.pure
def test_a_path_with_no_written_part_stands_at_the_top(make):
    assert parsed(make.head, name="m").position_of("debt[3].x") == Position(1, 1)


@pytest.mark.pure
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 'm:1:1   (file)   the file is empty; it begins with "version: 1".'),
        ("# only a comment\n", 'm:1:1   (file)   the file is empty; it begins with "version: 1".'),
        ("- 1\n", 'm:1:1   (file)   the file must hold keys with values, not a list; it begins with "version: 1".'),
        ("word\n", 'm:1:1   (file)   the file must hold keys with values, not "word"; it begins with "version: 1".'),
        ("a:\n\t- b\n", "m:2:1   (file)   not valid YAML: a tab is used to indent: use spaces."),
    ],
)  # fmt: skip
def test_a_file_that_is_no_mapping_says_what_it_should_be(make, text, line):
    assert make.problems(text, head="") == [line]


@pytest.mark.pure
def test_what_must_be_given_is_asked_for_at_the_place_where_it_is_missing(make):
    assert make.problems("people: []\n", head="") == [
        "m:1:1   sources   is missing and must be given.",
        "m:1:1   version   is missing and must be given.",
    ]


MILESTONE = "milestones:\n  - key: a\n    title: T\n    slot: {issue: PAY-1}\n    scope: {epic: PAY-1}\n"


@pytest.mark.pure
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("write: {enabled: perhaps}\n", 'm:1:18   write.enabled   must be true or false, not "perhaps".'),
        ("write: {enabled: [1]}\n", "m:1:18   write.enabled   must be true or false, not a list."),
        ("write: {max_writes_per_run: -1}\n", 'm:1:29   write.max_writes_per_run   "-1" must be at least 0.'),
        ("write: {max_writes_per_run: many}\n", 'm:1:29   write.max_writes_per_run   must be a whole number, not "many".'),
        ("write: {max_writes_per_run: 1.5}\n", 'm:1:29   write.max_writes_per_run   must be a whole number, not "1.5".'),
        ("write: on\n", 'm:1:8   write   must be keys with values, not "on".'),
        ("write:\n", "m:1:1   write   is empty: write keys with values, or remove the key."),
        ("debt: x\n", 'm:1:7   debt   must be a list, not "x".'),
        ("debt:\n", "m:1:1   debt   is empty: write a list, or remove the key."),
        ("drift: [S01]\n", "m:1:8   drift   must be keys with values, not a list."),
        ("drift: {S01: {grace_hours: soon}}\n", 'm:1:28   drift.S01.grace_hours   must be a number, not "soon".'),
        ("drift: {S01: {grace_hours: .inf}}\n", 'm:1:28   drift.S01.grace_hours   must be a number, not ".inf".'),
        ("drift: {S01: {thresholds: {a: nan}}}\n", 'm:1:31   drift.S01.thresholds.a   must be a number, not "nan".'),
        ("drift: {S01: {severity: hihg}}\n", 'm:1:25   drift.S01.severity   "hihg" is not known here. Allowed: info, notice, warning, high, critical. Did you mean "high"?'),
        ("language: cn\n", 'm:1:11   language   "cn" is not known here. Allowed: en, zh.'),
        ("calendar: {zone: Asia/Shangai}\n", 'm:1:18   calendar.zone   "Asia/Shangai" is not a time zone name such as Asia/Shanghai.'),
        ("calendar: {zone: ../etc}\n", 'm:1:18   calendar.zone   "../etc" is not a time zone name such as Asia/Shanghai.'),
        ("calendar: {week: [monday]}\n", 'm:1:19   calendar.week[0]   "monday" is not known here. Allowed: mon, tue, wed, thu, fri, sat, sun. Did you mean "mon"?'),
        ("calendar: {week: []}\n", "m:1:18   calendar.week   must not be empty."),
        ("calendar: {holidays: [2026-02-30]}\n", 'm:1:23   calendar.holidays[0]   "2026-02-30" is not a date: there is no such day.'),
        ("calendar: {holidays: [20260228]}\n", 'm:1:23   calendar.holidays[0]   "20260228" must be a date written YYYY-MM-DD.'),
        ("calendar: {holidays: [2026-02-28T10:00:00]}\n", 'm:1:23   calendar.holidays[0]   "2026-02-28T10:00:00" must be a date written YYYY-MM-DD.'),
        ("vocabulary: {statuses: {Done: finished}}\n", 'm:1:31   vocabulary.statuses.Done   "finished" is not known here. Allowed: to_do, in_progress, in_review, delivered, dropped.'),
        ("suppressions: [{rule: S04, reason: ok, owner: Li Wei, until: 2027-01-01}]\n", "m:1:36   suppressions[0].reason   must have at least 3 characters or entries."),
        ("suppressions: [{rule: S4, reason: because, owner: Li Wei, until: 2027-01-01}]\n", 'm:1:23   suppressions[0].rule   "S4" is not the code of a drift rule such as S01.'),
        ("suppressions: [{rule: S04, reason: because, owner: Li Wei}]\n", "m:1:16   suppressions[0].until   is missing and must be given."),
        ("milestones: [text]\n", 'm:1:14   milestones[0]   must be keys with values, not "text".'),
        ("milestones: [{from: jira_version}]\n", 'm:1:21   milestones[0].from   "jira_version" is not known here. Allowed: jira_versions, jira_epics, gitlab_milestones. Did you mean "jira_versions"?'),
        ("milestones: [{from: jira_versions, where: {name: '('}}]\n", 'm:1:50   milestones[0].where.name   "(" is not a regular expression: missing ), unterminated subpattern at position 0.'),
        ("milestones: [{from: jira_versions, titel: x}]\n", 'm:1:36   milestones[0]   unknown key "titel". Allowed: technical_owner, engineering_owner, from, where, owners_from, overrides, slot.'),
        ("milestones: [{from: jira_versions, overrides: {title: {titel: x}}}]\n", 'm:1:56   milestones[0].overrides.title   unknown key "titel". Allowed: technical_owner, engineering_owner, title, due, slot. Did you mean "title"?'),
        ("milestones: [{from: jira_versions, overrides: {1.0: {due: soon}}}]\n", 'm:1:59   milestones[0].overrides["1.0"].due   "soon" must be a date written YYYY-MM-DD.'),
        (MILESTONE.replace("key: a", "key: A b"), 'm:2:10   milestones[0].key   "A b" is not a key of at most 60 lower-case letters, digits, dots, hyphens and underscores, starting with a letter or digit.'),
        (MILESTONE.replace("title: T", "title:"), "m:3:5   milestones[0].title   is empty: write a text, or remove the key."),
        (MILESTONE.replace("title: T", "title: ' '"), "m:3:12   milestones[0].title   must not be empty."),
        (MILESTONE.replace("title: T", "title: {a: b}"), "m:3:12   milestones[0].title   must be a text, not a set of keys."),
        (MILESTONE.replace("    title: T\n", ""), "m:2:5   milestones[0].title   is missing and must be given."),
        (MILESTONE + "    due: 2026-02-30\n", 'm:6:10   milestones[0].due   "2026-02-30" is not a date: there is no such day.'),
        (MILESTONE.replace("epic: PAY-1", "epic: [PAY-1, {a: b}]"), "m:5:27   milestones[0].scope.epic[1]   must be a text, not a set of keys."),
        (MILESTONE.replace("epic: PAY-1", "epic: PAY-1, label: ''"), "m:5:33   milestones[0].scope.label   must not be empty."),
        (MILESTONE.replace("epic: PAY-1", "path: {project: 3, prefix: /src}"), 'm:5:40   milestones[0].scope.path.prefix   "/src" must not start with "/": paths count from the top of the repository.'),
        (MILESTONE.replace("epic: PAY-1", "path: {project: [], prefix: src}"), "m:5:29   milestones[0].scope.path.project   a list must be a GitLab path such as group/project, or an id."),
        (MILESTONE.replace("epic: PAY-1", "epic: PAY-1, field: {name: Customer, is: []}, field: 1"), 'm:5:59   milestones[0].scope   key "field" is given twice; the first is in line 10.'),
        ("debt: [{issue: PAY-1, label: x, key: a}]\n", 'm:1:23   debt[0]   unknown key "label". Allowed: technical_owner, engineering_owner, key, title, issue, accepted_until, reason, modules, deferred_features.'),
    ],
)  # fmt: skip
def test_a_wrong_shape_is_one_exact_line(make, text, line):
    assert make.problems(text) == [line]


@pytest.mark.pure
def test_an_unknown_key_points_at_the_key_and_suggests_the_right_one(make):
    text = MILESTONE.replace("{epic: PAY-1}", "\n      any:\n        - epic: PAY-1\n          fixversion: 2")
    (line,) = make.problems(text)
    assert line.startswith(
        'm:8:11   milestones[0].scope.any[0]   unknown key "fixversion". Allowed: fix_version,'
    )
    assert line.endswith('Did you mean "fix_version"?')


@pytest.mark.pure
def test_an_unknown_key_of_the_whole_file_lists_the_closest_keys_first(make):
    (line,) = make.problems("calender: {}\n")
    assert line.startswith('m:1:1   (file)   unknown key "calender". Allowed: calendar, ')
    assert line.endswith('Did you mean "calendar"?')


@pytest.mark.pure
@pytest.mark.parametrize("section", ["people", "milestones", "debt", "suppressions", "sources"])
@pytest.mark.parametrize("value", ["x", "{a: b}", "{}", "[[]]", "[x, {}]", ""])
def test_a_section_of_the_wrong_kind_is_a_problem_of_that_section(make, section, value):
    head = make.head if section not in {"people", "sources"} else "version: 1\n"
    lines = make.problems(f"{section}: {value}\n", head=head)
    assert any(line.split("   ")[1].startswith(section) for line in lines)


@pytest.mark.pure
def test_all_problems_come_at_once_in_the_order_of_the_file(make):
    text = (
        "milestones:\n"
        "  - {key: a, title: T, due: soon, scope: {epic: PAY-1}}\n"
        "  - {key: b, title: T, technical_owner: Li Wie, slot: {issue: PAY-1}, scope: {project: PYA}}\n"
        "debt:\n"
        "  - {key: b, issue: PAY-2}\n"
        "language: xx\n"
    )
    places = [line.split("   ")[:2] for line in make.problems(text)]
    assert places == [
        ["m:2:29", "milestones[0].due"],
        ["m:3:41", "milestones[1].technical_owner"],
        ["m:3:88", "milestones[1].scope.project"],
        ["m:5:11", "debt[0].key"],
        ["m:6:11", "language"],
    ]


@pytest.mark.pure
@pytest.mark.parametrize(
    "entry",
    [
        "milestones: [{key: A, title: T, technical_owner: Ann, scope: {epic: PAY-1}}]",
        "milestones: [{key: a, titel: T, technical_owner: Ann, scope: {epic: PAY-1}}]",
        "milestones: [{key: a, title: T, due: soon, technical_owner: Ann, scope: {label: x}, slot: 3}]",
        "milestones: [{key: a, title: T, technical_owner: Ann, scope: {lable: x}}]",
        "milestones: [{key: a, title: T, technical_owner: Ann}]",
        "milestones: [{from: jira_versions, where: 3, technical_owner: Ann}]",
        "debt: [{key: a, issue: [], technical_owner: Ann}]",
        "debt: [{issue: PAY-1, technical_owner: Ann}]",
        "debt: [{label: [[]], technical_owner: Ann}]",
        "debt: [{label: x, modules: y, technical_owner: Ann}]",
    ],
)
def test_one_wrong_value_hides_no_other_of_its_entry_and_makes_none_up(make, entry):
    lines = make.problems(entry + "\n")
    owners = [line for line in lines if '"Ann" is not among the people' in line]
    shapes = [line for line in lines if any(word in line for word in (
        "unknown key", "is missing", "must be", "is not a key", "is a list"
    ))]  # fmt: skip
    assert len(owners) == 1
    assert len(owners) + len(shapes) == len(lines)


@pytest.mark.pure
def test_two_entries_without_a_key_are_not_called_alike(make):
    entry = "{title: T, scope: {epic: PAY-1}}"
    lines = make.problems(f"milestones: [{entry}, {entry}]\n")
    assert [line.split("   ")[1] for line in lines] == ["milestones[0].key", "milestones[1].key"]


@pytest.mark.pure
def test_a_mistake_in_an_anchor_is_told_once_where_it_was_written(make):
    text = "milestones:\n  - &a {from: jira_versions, where: {name: '('}}\n  - *a\n  - *a\n"
    assert [line.split("   ")[0] for line in make.problems(text)] == ["m:2:44"]


@pytest.mark.pure
def test_anchors_and_merges_serve_repeated_owners(make):
    text = make.head + (
        "milestones:\n"
        "  - &both {technical_owner: Li Wei, engineering_owner: Zhang Min, from: jira_versions}\n"
        "  - {<<: *both, from: jira_epics}\n"
    )
    found = parsed(text, name="m").spec.milestones[1]
    assert (found.from_, found.technical_owner, found.engineering_owner) == (
        "jira_epics",
        "Li Wei",
        "Zhang Min",
    )


@pytest.mark.pure
def test_a_value_with_line_breaks_stays_on_one_line_and_is_cut(make):
    (line,) = make.problems('language: "a\\nb\\x07' + "x" * 500 + '"\n')
    assert '"a\\nb\\x07xxx' in line
    assert len(line) < 200


@pytest.mark.pure
def test_unknown_rules_pass_where_the_known_ones_are_not_given(make):
    assert make.problems("drift: {Z99: {thresholds: {a: 1}}}\n") == []


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.yaml: there is no such file\."):
        loaded(tmp_path / "none.yaml")


def test_a_folder_is_no_mapping(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        loaded(tmp_path)


def test_a_file_in_another_encoding_is_refused_with_the_place(tmp_path):
    (tmp_path / "m.yaml").write_bytes("a: 支付".encode("gb18030"))
    with pytest.raises(ConfigError, match=r"is not UTF-8 text \(byte 6\)"):
        loaded(tmp_path / "m.yaml")


def test_a_byte_order_mark_is_dropped(tmp_path, make):
    (tmp_path / "m.yaml").write_text(make.head, encoding="utf-8-sig")
    assert loaded(tmp_path / "m.yaml").digest == parsed(make.head, name="m").digest


VALUES = st.sampled_from(
    [
        "",
        "x",
        "[]",
        "{}",
        "[x]",
        "{x: y}",
        "1",
        "-1",
        "[[x]]",
        "2026-13-01",
        "true",
        "'('",
        "{from: x}",
        "支付",
    ]
)


@pytest.mark.pure
@given(data=st.data())
@settings(max_examples=120, deadline=None)
def test_whatever_value_is_replaced_every_problem_is_one_clear_line(data):
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    candidates = [i for i, line in enumerate(lines) if re.match(r"\s*(- )?[a-z_]+: ", line)]
    number = data.draw(st.sampled_from(candidates))
    lines[number] = re.sub(r": .*", lambda _: ": " + data.draw(VALUES), lines[number], count=1)
    try:
        parsed("\n".join(lines), name="m", rule_codes={"S07": frozenset({"business_days"})})
    except ConfigError as error:
        problems = error.problems
    else:
        problems = ()
    for problem in problems:
        assert LINE.fullmatch(problem), problem
        assert not JARGON.search(problem), problem
        assert "cannot stand here" not in problem
