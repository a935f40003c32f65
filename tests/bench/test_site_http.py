"""The site's server: which bodies are kept, and how requests are counted."""

import pytest

from tests.bench.site.http import Answer, Asked, Bodies, route, shape_of

pytestmark = pytest.mark.pure


def _asked(target: str, sent: bytes = b"") -> Asked:
    return Asked.of("GET", target, sent, host="127.0.0.1")


def test_the_bodies_that_were_asked_for_last_are_kept() -> None:
    bodies = Bodies(10)
    for target in ("/a", "/b"):
        bodies.keep(_asked(target), Answer(body=b"12345"))
    assert bodies.get(_asked("/a"))
    bodies.keep(_asked("/c"), Answer(body=b"12345"))
    assert [bool(bodies.get(_asked(target))) for target in ("/a", "/b", "/c")] == [True, False, True]
    bodies.clear()
    assert bodies.get(_asked("/a")) is None


def test_a_body_belongs_to_what_was_sent_too() -> None:
    bodies = Bodies(100)
    bodies.keep(_asked("/a", b"1"), Answer(body=b"one"))
    assert bodies.get(_asked("/a", b"2")) is None


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        (
            "/api/v4/projects/1003/repository/commits/0a1b/refs",
            "/api/v4/projects/*/repository/commits/*/refs",
        ),
        ("/api/v4/groups/acme/merge_requests", "/api/v4/groups/acme/merge_requests"),
        ("/rest/api/2/project/PAA/versions", "/rest/api/2/project/*/versions"),
        ("/rest/agile/1.0/board/3/sprint", "/rest/agile/1.0/board/*/sprint"),
        ("/rest/api/2/issue/100000/properties/tandem.status", "/rest/api/2/issue/*/properties/tandem.status"),
    ],
)
def test_requests_are_counted_by_what_they_ask(path: str, shape: str) -> None:
    assert shape_of(path) == shape


def test_a_route_gives_the_parts_of_the_path_and_takes_no_longer_one() -> None:
    _, pattern, _ = route("GET", "/api/v4/projects/*/releases/*", lambda: Answer(body=b""))
    found = pattern.match("/api/v4/projects/acme%2Fone/releases/v1.0")
    assert found
    assert found.groups() == ("acme%2Fone", "v1.0")
    assert pattern.match("/api/v4/projects/1/releases/v1.0/evidence") is None


def test_repeated_values_of_a_query_are_one_list() -> None:
    assert _asked("/a?fields=id&fields=key&q=x%20y").query == {"fields": "id,key", "q": "x y"}
