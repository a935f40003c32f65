"""Capacity for programs: the estimate and simulated days as a JSON document."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import asdict

from sync.capacity.constants import Constants
from sync.capacity.estimate import Estimate, SiteEstimate, Use
from sync.capacity.room import Family, total
from sync.capacity.simulation import Simulated
from sync.reports.capacity import ADVICE


def document_of(
    estimate: Estimate, *, guessed: Iterable[str], days: Iterable[Simulated] | None = None
) -> dict[str, object]:
    """The estimate; times in the units that the names say, None for an interval that no limit allows. ``simulation`` is there where it was asked for."""
    families = (*estimate.families, total(estimate.families, "all"))
    found: dict[str, object] = {
        "company": asdict(estimate.model.company),
        "guessed": sorted(guessed),
        "setup": asdict(estimate.model.setup),
        "is_feasible": estimate.is_feasible,
        "shortest_interval_min": estimate.shortest_min,
        "binds_first": {
            "code": estimate.binding.limit.code,
            "name": estimate.binding.limit.name,
            "advice": ADVICE[estimate.binding.limit.code],
        },
        "workers_needed": estimate.workers_needed,
        "first_pull_h": estimate.first_pull_h,
        "memory_mb": estimate.memory_mb,
        "sites": [_site(one) for one in estimate.sites],
        "limits": [_limit(one) for one in estimate.uses],
        "store": [_family(one) for one in families],
        "constants": _basis(estimate.model.c),
    }
    return found if days is None else {**found, "simulation": [_day(day) for day in days]}


def _site(one: SiteEstimate) -> dict[str, object]:
    return {
        "name": one.name,
        "sites": one.sites,
        "requests_per_quiet_cycle": one.quiet.requests,
        "requests_per_busy_cycle": one.busy.requests,
        "requests_per_hourly_round": one.round_requests,
        "requests_per_census": one.census_requests,
        "requests_per_day": one.requests_per_day,
        "busy_cycle_s": one.busy_takes_s,
        "busy_cycle_parts_s": dict(one.busy.parts_s),
    }


def _limit(one: Use) -> dict[str, object]:
    return {
        "code": one.limit.code,
        "name": one.limit.name,
        "unit": one.limit.unit,
        "used": one.used,
        "allowed": one.limit.allowed,
        "share": one.share,
        "shortest_interval_min": one.shortest_min,
    }


def _family(one: Family) -> dict[str, object]:
    return {
        "family": one.name,
        "rows": one.rows,
        "rows_per_year": one.rows_per_year,
        "bytes": dict(one.bytes_now),
        "bytes_per_year": dict(one.bytes_per_year),
    }


def _basis(c: Constants) -> dict[str, object]:
    return {
        "measured_on": c.measured_on,
        "machine": c.machine,
        "command": c.command,
        "requests": c.profile,
    }


def _day(day: Simulated) -> dict[str, object]:
    return {**asdict(day), "is_feasible": day.is_feasible, "binds": day.binds}
