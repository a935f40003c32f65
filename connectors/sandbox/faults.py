"""Faults: which misbehaviour a request gets, and the answers that take the place of the tool's own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from connectors.sandbox.http import Response
from connectors.sandbox.state import Fault

REPEATS = frozenset({"repeat_page", "repeat_token"})
"""Faults that need the former answer of the same listing."""
GOOD = REPEATS | {"empty_list", "slow"}
"""Faults whose answer goes over the wire as it should."""


def taken(faults: list[Fault], line: str, *, is_further_page: bool = False) -> Fault | None:
    """The first fault that matches ``METHOD path`` and has turns left; one turn is used up, or one of those that ``skip`` spares."""
    for fault in faults:
        if fault.times <= 0 or not re.search(fault.pattern, line):
            continue
        if fault.kind in REPEATS and not is_further_page:
            continue
        if fault.skip <= 0:
            fault.times -= 1
            return fault
        fault.skip -= 1
    return None


def _status(fault: Fault) -> Response:
    return Response(status=fault.status, body=fault.body.encode(), headers=fault.headers)


def _log_in_page(fault: Fault) -> Response:
    page = (
        fault.body
        or "<!DOCTYPE html><html><head><title>Log in</title></head><body>Please log in.</body></html>"
    )
    return Response(body=page.encode(), headers={"Content-Type": "text/html;charset=UTF-8", **fault.headers})


def _empty(fault: Fault) -> Response:
    return Response(body=b"", headers=fault.headers)


INSTEAD: Mapping[str, Callable[[Fault], Response]] = MappingProxyType(
    {"status": _status, "html": _log_in_page, "empty": _empty}
)
"""Faults that take the place of the tool's own answer."""
