"""Small: a company with one of everything, for tests."""

from tests.bench.site.size import Size

SMALL = Size(
    issues=60,
    commits=240,
    requests=40,
    pipelines=80,
    deployments=8,
    gitlab_issues=8,
    jira_projects=3,
    gitlab_projects=4,
    open_each=3,
    versions_each=4,
    issues_each_version=3,
    sprints_each=5,
    releases_each=2,
)
