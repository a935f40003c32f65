"""Ranges: commits by revision range, and which commits no branch holds any more.

Ranges are asked by shas, which never change what they mean, so a walk can be resumed by the number of rows that it has had. (The number of its pages would
not do: how many rows a page holds is the tool's to say.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from connectors.errors import NotFoundError
from connectors.gitlab.catalogue import Catalogue
from connectors.gitlab.client import PER_PAGE, Payload, Rows, path_of
from connectors.gitlab.parse import text_of_instant
from connectors.gitlab.parse_code import parse_commit, parse_touch
from connectors.parsing import MALFORMED, parsed
from connectors.port import Skipped
from connectors.records import Record


class Ranges(Struct, frozen=True, kw_only=True):
    """The commits of one project."""

    catalogue: Catalogue
    project_id: str

    def pages(self, span: str, *, prefix: str = "", after: int = 0) -> Iterator[tuple[int, Rows]]:
        """(rows so far, rows) of the commits in ``span`` (a sha, or OLD..NEW) that touch ``prefix``, newest first, page by page behind the first ``after`` ones.

        Some of the first ``after`` rows come again where they do not fill pages.
        """
        start = after // PER_PAGE + 1
        so_far = (start - 1) * PER_PAGE
        query: dict[str, str | int] = {"ref_name": span, "trailers": "true", "page": start}
        if prefix:
            query["path"] = prefix
        for rows, _ in self.catalogue.client.pages(self._path, **query):
            so_far += len(rows)
            yield so_far, rows

    def newest(self, *, until: datetime) -> Iterator[Rows]:
        """All commits that the tool holds and that were committed by then, newest first, page by page; also such as no branch holds."""
        bound = text_of_instant(until + timedelta(seconds=1))  # the tool knows whole seconds
        for rows, _ in self.catalogue.client.pages(self._path, all="true", until=bound, trailers="true"):
            yield rows

    @property
    def _path(self) -> str:
        return path_of("projects", self.project_id, "repository", "commits")

    def records(
        self, rows: Iterable[object], *, prefix: str = ""
    ) -> tuple[tuple[Record, ...], tuple[Skipped, ...]]:
        """Commits of the rows, or where they were listed for a prefix, that they touch it."""
        place, id_ = self.catalogue.place, self.project_id
        if prefix:
            return parsed(
                rows,
                lambda row: parse_touch(row, place, project_id=id_, prefix=prefix),
                what="touch by commit",
            )
        return parsed(rows, lambda row: parse_commit(row, place, project_id=id_), what="commit")

    def unreachable(self, rows: Iterable[object]) -> tuple[tuple[Record, ...], tuple[Skipped, ...]]:
        """The rows' commits, marked as reachable from no branch."""
        place, id_ = self.catalogue.place, self.project_id
        return parsed(
            rows, lambda row: parse_commit(row, place, project_id=id_, is_reachable=False), what="commit"
        )

    def beyond(self, tip: str | None, old: str) -> dict[str, Payload]:
        """Rows by sha of the commits reachable from ``old`` and not from ``tip``; none where the tool no longer holds ``old``."""
        try:
            found = [row for _, rows in self.pages(f"{tip}..{old}" if tip else old) for row in rows]
        except NotFoundError:
            return {}
        return {str(row["id"]): row for row in found if isinstance(row, dict) and "id" in row}

    def unheld(self, rows: dict[str, Payload], old: str, tips: Iterable[str]) -> tuple[Payload, ...]:
        """Those of ``rows`` (commits reachable from ``old``) that are reachable from none of ``tips``, the branches' heads.

        For each commit the tool is asked which branches hold it, or where that takes fewer requests, each tip is compared with ``old``.
        """
        heads = tuple(dict.fromkeys(tips))
        if len(rows) < len(heads):
            return tuple(rows[sha] for sha in self._unheld_by_ref(rows, old))
        for tip in heads:
            if not rows:
                break
            beyond = self.beyond(tip, old)
            rows = {sha: row for sha, row in rows.items() if sha in beyond}
        return tuple(rows.values())

    def _unheld_by_ref(self, rows: dict[str, Payload], old: str) -> Iterator[str]:
        """Shas that no branch holds, from ``old`` on through the parents; what lies behind a held commit is held too."""
        waiting, seen = [old], set()
        while waiting:
            sha = waiting.pop()
            if sha in seen or sha not in rows:
                continue
            seen.add(sha)
            if not self._is_held(sha):
                yield sha
                waiting += [str(parent) for parent in rows[sha].get("parent_ids") or ()]

    def _is_held(self, sha: str) -> bool:
        path = path_of("projects", self.project_id, "repository", "commits", sha, "refs")
        try:
            rows, _ = self.catalogue.client.page(path, {"type": "branch", "per_page": 1})
        except NotFoundError:
            return False
        return bool(rows)


def parents_in(rows: Iterable[object]) -> frozenset[str]:
    """Shas of all parents that the rows name."""
    found: set[str] = set()
    for row in rows:
        try:
            found.update(row["parent_ids"])  # type: ignore[index]  # malformed rows are the parser's to report
        except MALFORMED:
            continue
    return frozenset(found)
