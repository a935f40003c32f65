"""The program against the site: it stores exactly the site's truth, whatever is changed, and a user's own loops see the same."""

import sqlite3
from pathlib import Path

import pytest

from sync.cli.main import exit_status
from sync.cli.options import Options
from sync.settings import Settings, SourceSettings
from sync.store import database
from sync.store.tables import TABLE_BY_KIND, aliases
from tests.bench.bare import put, taken
from tests.bench.floor import fetch_all
from tests.bench.loops import gitlab_alone, jira_alone
from tests.bench.minimum import SHOWN, least_of_details, least_of_listings
from tests.bench.site.running import RunningSite
from tests.bench.site.size import project_key
from tests.bench.site.small import SMALL
from tests.bench.stores import counts_of, gaps, watching_writes, worklogs_of_issues

pytestmark = pytest.mark.process


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'tandem.db'}"
    return str(request.getfixturevalue("postgres_url"))


def _options(site: RunningSite, url: str, folder: Path, **more: object) -> Options:
    mapping = folder / "tandem.yaml"
    mapping.write_text(site.mapping(commitments=4), encoding="utf-8")
    sources = {name: SourceSettings(url=site.url, token="bench") for name in ("jira", "gitlab")}
    return Options(settings=Settings(mapping=mapping, database=url, sources=sources, **more))  # type: ignore[arg-type]


def _run(options: Options, *arguments: str) -> None:
    assert exit_status(list(arguments), options=options) == 0


def test_a_pull_stores_exactly_the_truth(site: RunningSite, url: str, tmp_path: Path) -> None:
    _run(_options(site, url, tmp_path), "pull")
    assert gaps(url, site.truth) == ()
    rows = counts_of(url)
    assert (rows["issue_records"], rows["commit_records"]) == (SMALL.issues, SMALL.commits)
    assert (rows["merge_request_records"], rows["pipeline_records"]) == (SMALL.requests, SMALL.pipelines)


def test_a_quiet_cycle_writes_no_record(site: RunningSite, url: str, tmp_path: Path) -> None:
    options = _options(site, url, tmp_path)
    _run(options, "sync")
    with watching_writes(url) as written:
        _run(options, "sync")
    assert not [name for name in written if name.endswith("_records")]
    assert written["runs"]


def test_what_changed_is_found(own_site: RunningSite, url: str, tmp_path: Path) -> None:
    options = _options(own_site, url, tmp_path)
    _run(options, "sync")
    changed = own_site.change(0.05)
    assert all(changed.values())
    before = gaps(url, own_site.truth)
    assert {gap.kind for gap in before} >= {
        "issue",
        "worklog",
        "commit",
        "branch",
        "merge_request",
        "pipeline",
    }
    with watching_writes(url) as written:
        _run(options, "sync")
    assert written["issue_records"]
    _run(_options(own_site, url, tmp_path, census_hours=1e-6), "pull")  # finds what was deleted
    assert gaps(url, own_site.truth) == ()


def test_a_gap_tells_what_is_missing_surplus_and_stale(site: RunningSite, url: str, tmp_path: Path) -> None:
    _run(_options(site, url, tmp_path), "pull")

    def truth(kind: str) -> dict[str, str]:
        rows = site.truth(kind)
        if kind != "branch":
            return rows
        names = sorted(rows)
        return {name: rows[name] for name in names[2:]} | {names[2]: "moved", "1000/new": "0"}

    (gap,) = gaps(url, truth)
    assert (gap.kind, gap.missing, gap.surplus, gap.stale) == ("branch", 1, 2, 1)


def test_comments_are_written_once(own_site: RunningSite, tmp_path: Path) -> None:
    options = _options(own_site, f"sqlite:///{tmp_path / 'tandem.db'}", tmp_path)
    assert options.settings
    mapping = options.settings.mapping
    mapping.write_text(mapping.read_text().replace("{enabled: false}", "{enabled: true}"), encoding="utf-8")
    _run(options, "sync")
    asked = own_site.counts()["requests"]
    assert asked["POST /rest/api/2/issue/*/comment"] == 4
    own_site.begin()
    _run(options, "sync")
    assert not [
        route
        for route in own_site.counts()["requests"]
        if route.startswith(("PUT", "DELETE")) or route.endswith("/comment")
    ]


def test_the_users_loops_read_what_a_pull_reads(site: RunningSite, tmp_path: Path) -> None:
    keys = [project_key(number) for number in range(SMALL.jira_projects)]
    jira_alone.main(site.url, str(tmp_path / "jira.db"), *keys)
    gitlab_alone.main(site.url, str(tmp_path / "gitlab.db"), "acme", "100")
    expected = {
        "jira.db": {"issues": "issue", "worklogs": "worklog"},
        "gitlab.db": {"commits": "commit", "requests": "merge_request", "pipelines": "pipeline"},
    }
    for file, tables in expected.items():
        store = sqlite3.connect(tmp_path / file)
        for table, kind in tables.items():
            ids = {str(id_) for (id_,) in store.execute(f"SELECT id FROM {table}")}
            assert ids == {id_.rpartition("/")[2] for id_ in site.truth(kind)}, table
        store.close()


def test_a_pull_makes_no_fewer_requests_than_the_least(site: RunningSite, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tandem.db'}"
    site.begin(has_record=True)
    _run(_options(site, url, tmp_path), "pull")
    asked, rows = site.recorded(), counts_of(url)
    long = worklogs_of_issues(url, above=SHOWN)
    assert set(long) == {25}
    least = least_of_listings(SMALL, worklogs=rows["worklog_records"], long=long) + least_of_details(asked)
    assert least <= len(asked) <= 1.5 * least


def test_the_floor_asks_the_same_and_puts_the_same_rows(site: RunningSite, tmp_path: Path) -> None:
    old, new = (f"sqlite:///{tmp_path / name}.db" for name in ("tandem", "bare"))
    site.begin(has_record=True)
    _run(_options(site, old, tmp_path), "pull")
    asked, counts = site.recorded(), site.counts()["requests"]
    site.begin()
    fetch_all(site.url, asked, workers=2)
    assert site.counts()["requests"] == counts
    former, bare = database.opened(old), database.opened(new)
    database.upgrade(bare)
    tables = (*TABLE_BY_KIND.values(), aliases)
    rows = taken(former, tables, page=50)
    put(bare, rows)
    put(bare, rows)
    assert taken(bare, tables, page=50) == rows
    former.dispose()
    bare.dispose()
