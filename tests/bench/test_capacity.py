"""The capacity table and what it is made from."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.bench.capacity import SETTINGS, among, scale_for
from tests.bench.capacity_table import BEGIN, END, placed, table_of
from tests.bench.cycles import STEPS, medians

pytestmark = pytest.mark.pure
GOLDEN = Path(__file__).parent / "golden" / "capacity_table.md"


def _step(wall_s: float, **more: Any) -> dict[str, Any]:
    return {
        "wall_s": wall_s,
        "cpu_s": wall_s / 2,
        "peak_mb": 120.4,
        "requests": 61,
        "routes": {"GET /a": 60, "GET /b/*": 1},
    } | more


def _run(command: str, database: str, **more: Any) -> dict[str, Any]:
    return {"command": command, "database": database, "scale": 1.0, "round_trip_s": 0.0} | more


def _document() -> dict[str, Any]:
    cold = _step(
        30.0,
        rows={"issue_records": 10_000, "aliases": 10_000},
        requests=1649,
        least_requests=1200,
        site_cpu_s=7.9,
        gaps=[],
    )
    whole = {
        "cold": cold,
        "floor": {"wall_s": 12.0, "cpu_s": 9.0},
        "jira alone": _step(40.0, share=1),
        "gitlab alone": _step(200.0, share=0.1),
        "quiet": _step(0.9, written={"cursors": 3, "runs": 2}),
        "plan": _step(0.5),
        "changed": _step(
            1.5,
            written={"issue_records": 2, "cursors": 9},
            gaps=[{"kind": "issue", "missing": 1, "surplus": 0, "stale": 2}],
        ),
    }
    runs = [
        _run("python -m x", "sqlite", scale=1.0, round_trip_s=0.05, rounds=3, steps=whole),
        _run("python -m y", "postgresql", scale=100.0, rounds=1, steps={"cold": cold}),
    ]
    machine = {"cores": 2, "memory_gb": 8, "python": "3.11.7", "load": 0.1}
    return {
        "date": "2026-11-30",
        "commit": "0123456789abcdef",
        "machine": machine,
        "runs": runs,
        "left": ["10x on sqlite with 0 ms"],
    }


def test_the_table_reads_as_before() -> None:
    assert table_of(_document()) + "\n" == GOLDEN.read_text(encoding="utf-8")


def test_a_run_takes_the_place_of_the_same_command_and_stands_by_its_size_and_database() -> None:
    slow, server = _run("a", "sqlite", rounds=1), _run("b", "postgresql")
    large = _run("c", "sqlite", scale=10.0)
    runs = among(among(among([slow], large), server), slow | {"rounds": 3})
    assert runs == [slow | {"rounds": 3}, server, large]


def test_the_table_takes_the_place_between_its_markers() -> None:
    text = f"# Capacity\n\nBefore.\n\n{BEGIN}\nold\n{END}\n\nAfter.\n"
    assert placed(text, "new") == f"# Capacity\n\nBefore.\n\n{BEGIN}\nnew\n{END}\n\nAfter.\n"
    assert placed(placed(text, "new"), "newer") == placed(text, "newer")


def test_a_document_without_markers_gets_them_at_its_end() -> None:
    assert placed("# Capacity\n", "new") == f"# Capacity\n\n{BEGIN}\nnew\n{END}\n"


def test_a_marker_without_its_end_is_refused() -> None:
    with pytest.raises(ValueError, match="without"):
        placed(f"# Capacity\n{BEGIN}\nold\n", "new")


def test_medians_are_of_numbers_and_the_rest_is_of_the_last_round() -> None:
    rounds = [{"cold": {"wall_s": s, "rows": {"a": s}}} for s in (3.0, 1.0, 2.0)]
    assert medians(rounds) == {"cold": {"wall_s": 2.0, "rows": {"a": 2.0}}}


@pytest.mark.parametrize(
    ("wanted", "walls", "expected"),
    [
        (100, {}, 100),
        (100, {10: 60.0}, 100),
        (100, {10: 450.0}, 20),
        (100, {10: 2000.0}, 10),
        (1, {10: 2000.0}, 1),
    ],
)
def test_a_pull_that_would_take_too_long_is_made_of_a_smaller_company(
    wanted: int, walls: dict[int, float], expected: int
) -> None:
    runs = [{"scale": scale, "steps": {"cold": {"wall_s": wall_s}}} for scale, wall_s in walls.items()]
    assert scale_for(wanted, runs, most_s=900.0) == expected


def test_every_setting_names_steps_that_there_are() -> None:
    for setting in SETTINGS:
        assert set(setting.steps.split(",")) <= STEPS.keys()
        assert json.dumps(setting.command)
