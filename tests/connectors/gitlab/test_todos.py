"""Marks in files: only what the mapping allows is read, nothing twice, and what is gone is gone."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import islice

import pytest

from connectors.cursor import Cursor
from connectors.errors import ForbiddenError, NotFoundError, RetryableError
from tests.connectors.gitlab.fake_gitlab import NOW

LATER = NOW + timedelta(hours=1)
SRC = {"project": "team/pay", "path": "src"}


@pytest.fixture
def repo(gitlab):
    """A repository with two files below ``src``, one of them with two marks, and one outside."""
    repo = gitlab.project(7, "team/pay")
    repo.write("src/pay.py", "# TODO(PAY-1): one\nx = 1\n# FIXME two\n", tip="m0")
    repo.write("src/book.py", "x = 1\n", tip="m1")
    repo.write("docs/guide.py", "# TODO three\n", tip="m2")
    return repo


@pytest.fixture
def reading(connector):
    """A function that opens a connector which may read below ``src``, or at the given places."""
    return lambda *places: connector(todos=places or (SRC,))


@pytest.fixture
def breaking(reading, store, stream_of):
    """A function that lands so many pages of a walk and then breaks off."""

    def broken(landed, **request):
        opened = reading()
        opened.connect()
        for page in islice(store.pages(stream_of(opened, "todos"), "7", **request), landed):
            store.land("todos", "7", page)

    return broken


def marks(store):
    return sorted((t.path, t.line, t.mark, t.addressee, t.text) for t in store.of("todo").values())


def texts(store):
    return sorted(t.text for t in store.of("todo").values())


def scan(store, id_="7/src"):
    return store.of("todo_scan")[id_]


def files_asked(gitlab):
    return [*gitlab.asked("/tree"), *gitlab.asked("/blobs/")]


def test_the_marks_of_allowed_files_are_read_and_nothing_else(gitlab, repo, reading, store):
    assert store.pull(reading()) == {}
    assert marks(store) == [
        ("src/pay.py", 1, "TODO", "PAY-1", "one"),
        ("src/pay.py", 3, "FIXME", "", "two"),
    ]
    assert (scan(store).files, scan(store).left_out, scan(store).is_there) == (2, (), True)
    assert len(gitlab.asked("/blobs/")) == 2


def test_a_mark_says_where_it_is_and_in_which_content_it_was_read(repo, reading, store):
    store.pull(reading())
    found = next(t for t in store.of("todo").values() if t.line == 3)
    assert found.url == "https://git.example.com/team/pay/-/blob/HEAD/src/pay.py#L3"
    assert found.id.startswith("7/src/pay.py/")
    assert found.blob_sha == repo.tree({"ref": "m2", "path": "src"})[1]["id"]


def test_without_a_place_in_the_mapping_no_file_is_asked_for(gitlab, repo, connector, store):
    store.pull(connector())
    assert files_asked(gitlab) == []
    assert store.of("todo") == {}


def test_a_quiet_run_asks_for_nothing(gitlab, repo, reading, store):
    store.pull(reading())
    gitlab.log.clear()
    before = store.cursors["todos", "7"].tips
    assert store.pull(reading(), now=LATER) == {}
    assert files_asked(gitlab) == []
    assert store.cursors["todos", "7"].tips == before
    assert texts(store) == ["one", "two"]


def test_the_tip_is_asked_once_where_the_commits_did_not_tell(gitlab, repo, reading, store):
    store.pull(reading(), only=("todos",))
    assert texts(store) == ["one", "two"]
    assert len(gitlab.asked("/branches")) == 1


def test_a_commit_elsewhere_costs_one_look_at_the_folder(gitlab, repo, reading, store):
    store.pull(reading())
    gitlab.log.clear()
    repo.write("docs/guide.py", "# TODO four\n", tip="m3")
    store.pull(reading(), now=LATER)
    assert len(files_asked(gitlab)) == 1


def test_only_the_file_whose_content_changed_is_read_again(gitlab, repo, reading, store):
    store.pull(reading())
    gitlab.log.clear()
    repo.write("src/book.py", "# HACK five\n", tip="m3")
    store.pull(reading(), now=LATER)
    assert len(gitlab.asked("/blobs/")) == 1
    assert texts(store) == ["five", "one", "two"]


def test_a_mark_that_moved_is_the_same_record_with_another_line(repo, reading, store):
    store.pull(reading())
    before = set(store.of("todo"))
    repo.write("src/pay.py", "\n\n# FIXME two\n# TODO(PAY-1): one\n", tip="m3")
    store.pull(reading(), now=LATER)
    assert set(store.of("todo")) == before
    assert [line for _, line, *_ in marks(store)] == [3, 4]


def test_a_mark_that_vanished_from_its_file_is_gone(repo, reading, store):
    store.pull(reading())
    repo.write("src/pay.py", "# TODO(PAY-1): one\n", tip="m3")
    store.pull(reading(), now=LATER)
    assert texts(store) == ["one"]


def test_the_marks_of_a_deleted_and_of_a_renamed_file_are_gone_and_those_of_the_new_one_are_there(
    repo, reading, store
):
    store.pull(reading())
    repo.files["src/cash.py"] = repo.files.pop("src/pay.py")
    repo.write("src/book.py", "x = 2\n", tip="m3")
    store.pull(reading(), now=LATER)
    assert {path for path, *_ in marks(store)} == {"src/cash.py"}


@pytest.mark.usefixtures("repo")
def test_a_place_that_left_the_mapping_is_forgotten_without_asking(gitlab, connector, store):
    store.pull(connector(todos=(SRC,)))
    gitlab.log.clear()
    assert store.pull(connector(), now=LATER) == {}
    assert (store.of("todo"), store.of("todo_scan"), files_asked(gitlab)) == ({}, {}, [])
    gitlab.log.clear()
    assert store.pull(connector(), now=LATER) == {}
    assert files_asked(gitlab) == []


def test_a_place_that_joins_the_mapping_is_read_and_the_others_are_not_read_again(
    gitlab, repo, reading, store
):
    store.pull(reading())
    gitlab.log.clear()
    store.pull(reading(SRC, {"project": 7, "path": "docs/"}), now=LATER)
    assert texts(store) == ["one", "three", "two"]
    assert len(gitlab.asked("/blobs/")) == 1


@pytest.mark.parametrize("name", ["team/pay", "Team/Pay", 7, "7"])
def test_a_project_goes_by_path_or_id(repo, reading, store, name):
    store.pull(reading({"project": name, "path": "src"}))
    assert len(marks(store)) == 2


def test_a_single_file_and_a_whole_repository_can_be_allowed(repo, connector, store):
    store.pull(connector(todos=({"project": 7, "path": "src/pay.py"},)))
    assert texts(store) == ["one", "two"]
    store.pull(connector(todos=({"project": 7},)), now=LATER)
    assert texts(store) == ["one", "three", "two"]
    assert (scan(store, "7/").files, "7/src/pay.py" in store.of("todo_scan")) == (3, False)


def test_a_path_that_is_not_there_is_said(repo, reading, store):
    assert store.pull(reading({"project": 7, "path": "src/deep/er"})) == {}
    assert not scan(store, "7/src/deep/er").is_there
    assert store.of("todo") == {}


def test_a_folder_that_was_deleted_takes_its_marks_along(repo, reading, store):
    store.pull(reading())
    del repo.files["src/pay.py"], repo.files["src/book.py"]
    repo.write("docs/guide.py", "", tip="m3")
    assert store.pull(reading(), now=LATER) == {}
    assert store.of("todo") == {}
    assert not scan(store).is_there


@pytest.mark.parametrize(
    "odd",
    [
        (b"# TODO large\n" + b"x" * 1000, "too large"),
        (b"# TODO binary\n\0\1", "binary"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n", "in LFS"),
    ],
)
def test_what_is_left_out_is_counted_and_not_asked_again(repo, reading, store, odd):
    (content, why), place = odd, {**SRC, "largest_kb": 1}
    repo.write("src/odd.py", content, tip="m3")
    store.pull(reading(place))
    assert (scan(store).files, scan(store).left_out) == (2, ((why, 1),))
    assert texts(store) == ["one", "two"]
    repo.write("src/new.py", "x = 1\n", tip="m4")
    repo.blobs_asked = 0
    store.pull(reading(place), now=LATER)
    assert repo.blobs_asked == 1
    assert scan(store).left_out == ((why, 1),)


def test_an_answer_beyond_all_bounds_is_given_up_and_counted(gitlab, repo, reading, store):
    sha = repo.write("src/huge.sql", "-- TODO huge\n", tip="m3")
    gitlab.answers[f"projects/7/repository/blobs/{sha}"] = (200, json.dumps({"content": "A" * (3 << 20)}))
    assert store.pull(reading()) == {}
    assert scan(store).left_out == (("too large", 1),)


def test_files_beyond_the_allowed_number_are_left_out_and_counted(gitlab, repo, reading, store):
    for number in range(4):
        repo.write(f"src/z{number}.py", f"# TODO z{number}\n", tip=f"z{number}")
    store.pull(reading({**SRC, "most_files": 3}))
    assert scan(store).files == 3
    assert scan(store).left_out == (("too many", 3),)
    assert len(gitlab.asked("/blobs/")) == 3


def test_a_folder_of_endless_entries_is_listed_only_so_far(gitlab, repo, reading, store):
    for number in range(30):
        repo.files[f"src/{number:02}.png"] = b"x"
    repo.write("src/a.py", "# TODO a\n", tip="z")
    store.pull(reading({**SRC, "most_files": 1}))
    assert scan(store).left_out == (("too many (at least)", 1),)
    repo.write("src/zz.py", "x = 1\n", tip="z1")
    assert store.pull(reading({**SRC, "most_files": 1}), now=LATER) == {}


def test_other_limits_have_the_files_of_their_place_read_again(gitlab, repo, reading, store):
    repo.write("src/odd.py", "# TODO large\n" + "x" * 2000, tip="m3")
    store.pull(reading({**SRC, "largest_kb": 1}))
    assert texts(store) == ["one", "two"]
    store.pull(reading({**SRC, "largest_kb": 3}), now=LATER)
    assert texts(store) == ["large", "one", "two"]
    store.pull(reading({**SRC, "largest_kb": 1}), now=LATER + timedelta(hours=1))
    assert texts(store) == ["one", "two"]


def test_links_submodules_vendored_files_and_unknown_kinds_are_not_asked_for(gitlab, repo, reading, store):
    repo.modes |= {"src/link.py": "120000", "src/module.py": "160000"}
    for path in ("src/link.py", "src/module.py", "src/vendor/a.py", "src/fixtures/a.py", "src/a.txt"):
        repo.write(path, f"# TODO in {path}\n", tip=path)
    store.pull(reading())
    assert texts(store) == ["one", "two"]
    assert len(gitlab.asked("/blobs/")) == 2


def test_a_file_that_became_a_link_has_no_marks_any_more(repo, reading, store):
    store.pull(reading())
    repo.modes["src/pay.py"] = "120000"
    repo.write("src/pay.py", "book.py", tip="m3")
    assert store.pull(reading(), now=LATER) == {}
    assert store.of("todo") == {}


def test_a_file_without_utf8_and_one_with_a_byte_order_mark_are_read(repo, reading, store):
    repo.write("src/pay.py", b"\xef\xbb\xbf# TODO one\n# \xff TODO \xe9\n", tip="m3")
    store.pull(reading())
    assert texts(store) == ["one", "\ufffd"]


@pytest.fixture
def large(repo):
    """The repository with 121 more files below ``src``, a mark in each."""
    for number in range(120):
        repo.files[f"src/f{number:03}.py"] = f"# TODO f{number}\n".encode()
    repo.write("src/last.py", "# TODO last\n", tip="z")
    return repo


def test_a_walk_that_breaks_off_goes_on_where_it_was_and_loses_nothing(large, breaking, reading, store):
    breaking(2)
    assert store.cursors["todos", "7"].walk_started_at
    assert large.blobs_asked == 100
    assert store.pull(reading(), now=LATER) == {}
    assert large.blobs_asked == 123
    assert len(store.of("todo")) == 123


@pytest.mark.parametrize("landed", range(5))
def test_a_full_walk_that_breaks_off_anywhere_has_everything_read_again(large, breaking, store, landed):
    breaking(9)
    store.records.clear()
    breaking(landed, now=LATER, is_full=True)
    breaking(9, now=LATER, is_full=landed == 0)
    assert len(store.of("todo")) == 123


@pytest.mark.parametrize("landed", range(4))
def test_what_vanished_while_a_walk_broke_off_is_gone_in_the_end(repo, breaking, store, landed):
    breaking(9)
    del repo.files["src/pay.py"]
    repo.write("src/new.py", "# TODO new\n", tip="m3")
    breaking(landed, now=LATER)
    breaking(9, now=LATER)
    assert texts(store) == ["new"]


def test_a_full_run_reads_every_file_again(gitlab, repo, reading, store):
    store.pull(reading())
    gitlab.log.clear()
    store.pull(reading(), now=LATER, is_full=True)
    assert len(gitlab.asked("/blobs/")) == 2


def test_a_reset_cursor_has_every_file_read_again_and_still_knows_what_is_gone(gitlab, repo, reading, store):
    store.pull(reading())
    store.cursors["todos", "7"] = Cursor(tips=store.cursors["todos", "7"].tips)
    gitlab.log.clear()
    repo.write("src/pay.py", "# TODO(PAY-1): one\n", tip="m3")
    store.pull(reading(), now=LATER)
    assert len(gitlab.asked("/blobs/")) == 2
    assert texts(store) == ["one"]


def test_what_a_short_list_left_out_is_found_within_a_day_and_no_unchanged_file_is_read_again(
    gitlab, repo, breaking, store
):
    below = repo.tree({"ref": "m2", "path": "src", "recursive": "true"})
    gitlab.answers_once["projects/7/repository/tree"] = iter([repo.tree({"ref": "m2"}), below[:1]])
    breaking(9)
    assert texts(store) == []
    breaking(9, now=LATER)
    assert texts(store) == []
    breaking(9, now=LATER, reach=timedelta(hours=48))
    assert texts(store) == ["one", "two"]
    assert repo.blobs_asked == 2


def test_a_force_pushed_default_branch_is_walked_at_its_new_tip(repo, reading, store):
    store.pull(reading())
    repo.heads["main"] = repo.commit("forced")
    repo.cleaned |= {"m0", "m1", "m2"}
    repo.files["src/pay.py"] = b"# TODO new\n"
    assert store.pull(reading(), now=LATER) == {}
    assert texts(store) == ["new"]


def test_a_renamed_default_branch_costs_nothing_where_its_tip_is_the_same(gitlab, repo, reading, store):
    store.pull(reading())
    gitlab.projects[7]["default_branch"] = "trunk"
    gitlab.default = "trunk"
    repo.heads["trunk"] = repo.heads.pop("main")
    gitlab.log.clear()
    assert store.pull(reading(), now=LATER) == {}
    assert files_asked(gitlab) == []
    assert texts(store) == ["one", "two"]


def test_an_empty_repository_has_no_marks(gitlab, reading, store):
    gitlab.project(7, "team/pay")
    gitlab.projects[7] |= {"default_branch": None, "empty_repo": True}
    assert store.pull(reading()) == {}
    assert not scan(store).is_there


def test_a_project_without_a_repository_is_not_asked(gitlab, repo, reading, store):
    store.pull(reading())
    gitlab.projects[7]["repository_access_level"] = "disabled"
    gitlab.log.clear()
    assert store.pull(reading(), now=LATER, is_full=True) == {}
    assert files_asked(gitlab) == []
    assert texts(store) == ["one", "two"]


def test_a_deleted_project_is_told_like_in_every_other_stream(gitlab, repo, reading, store):
    store.pull(reading())
    del gitlab.projects[7]
    assert isinstance(store.pull(reading(), now=LATER)["todos", "7"], NotFoundError)
    assert texts(store) == ["one", "two"]


def test_a_mapped_project_that_is_not_among_those_read_is_left_alone(gitlab, repo, reading, store):
    store.pull(reading(SRC, {"project": "other/secret", "path": "src"}))
    assert gitlab.asked("secret") == []


def test_files_that_are_closed_to_the_account_make_the_scope_forbidden(gitlab, repo, reading, store):
    gitlab.answers["projects/7/repository/tree"] = (403, {"message": "403 Forbidden"})
    assert isinstance(store.pull(reading())["todos", "7"], ForbiddenError)


def test_a_blob_that_is_gone_between_tree_and_blob_is_asked_for_again_and_the_others_land(
    gitlab, repo, reading, store
):
    store.pull(reading())
    sha = repo.write("src/pay.py", "# TODO other\n", tip="m3")
    repo.write("src/new.py", "# TODO new\n", tip="m4")
    gitlab.answers[f"projects/7/repository/blobs/{sha}"] = (404, {"message": "404 Blob Not Found"})
    error = store.pull(reading(), now=LATER)["todos", "7"]
    assert isinstance(error, RetryableError)
    assert "src/pay.py" in str(error)
    assert texts(store) == ["new", "one", "two"]
    del gitlab.answers[f"projects/7/repository/blobs/{sha}"]
    gitlab.log.clear()
    assert store.pull(reading(), now=LATER) == {}
    assert texts(store) == ["new", "other"]
    assert len(gitlab.asked("/blobs/")) == 1


def test_a_blob_of_another_shape_is_no_empty_file(gitlab, repo, reading, store):
    store.pull(reading())
    sha = repo.write("src/pay.py", "# TODO other\n", tip="m3")
    for payload in ({}, {"size": 1, "content": "é"}, {"size": "x", "content": ""}):
        gitlab.answers[f"projects/7/repository/blobs/{sha}"] = (200, payload)
        assert isinstance(store.pull(reading(), now=LATER)["todos", "7"], RetryableError)
        assert texts(store) == ["one", "two"]


def test_where_blob_after_blob_is_gone_the_rest_is_not_asked(gitlab, repo, reading, store):
    for number in range(30):
        sha = repo.write(f"src/f{number}.py", f"# TODO f{number}\n", tip=f"f{number}")
        gitlab.answers[f"projects/7/repository/blobs/{sha}"] = (404, {"message": "404 Blob Not Found"})
    assert isinstance(store.pull(reading())["todos", "7"], RetryableError)
    assert len(gitlab.asked("/blobs/")) < 10


def test_a_commit_that_is_gone_while_it_is_walked_is_no_empty_repository(gitlab, repo, reading, store):
    store.pull(reading())
    repo.write("src/new.py", "", tip="m3")
    repo.cleaned.add("m3")
    assert isinstance(store.pull(reading(), now=LATER, only=("todos",))["todos", "7"], RetryableError)
    assert texts(store) == ["one", "two"]


def test_a_list_of_files_that_was_cut_short_takes_no_mark_away(gitlab, repo, reading, store):
    store.pull(reading(SRC))
    repo.write("src/new.py", "x = 1\n", tip="m3")
    folder = repo.tree({"ref": "m3"})
    below = repo.tree({"ref": "m3", "path": "src", "recursive": "true"})
    answers = iter([folder, below[:2], below])
    gitlab.answers_once["projects/7/repository/tree"] = answers
    error = store.pull(reading(SRC), now=LATER)["todos", "7"]
    assert "list was not trusted" in str(error)
    assert texts(store) == ["one", "two"]
    assert store.pull(reading(SRC), now=LATER) == {}
    assert texts(store) == ["one", "two"]


def test_a_folder_in_which_nothing_is_listed_is_not_believed(gitlab, repo, reading, store):
    gitlab.answers_once["projects/7/repository/tree"] = iter([repo.tree({"ref": "m2"}), [], []])
    assert "list was not trusted" in str(store.pull(reading())["todos", "7"])


def test_a_row_of_another_shape_is_not_passed_over(gitlab, repo, reading, store):
    gitlab.answers["projects/7/repository/tree"] = (200, [{"name": "src"}])
    assert isinstance(store.pull(reading())["todos", "7"], RetryableError)


def test_places_that_overlap_under_two_names_of_a_project_are_read_once(gitlab, repo, reading, store):
    twice = (SRC, {"project": 7, "path": "src/pay.py"})
    store.pull(reading(*twice))
    assert texts(store) == ["one", "two"]
    gitlab.log.clear()
    repo.write("docs/guide.py", "", tip="m3")
    assert store.pull(reading(*twice), now=LATER) == {}
    assert gitlab.asked("/blobs/") == []
    assert texts(store) == ["one", "two"]
