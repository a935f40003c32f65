"""Faults: which misbehaviour a request gets, and what it looks like."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from connectors.sandbox.http import Response
from connectors.sandbox.state import Fault


def taken(faults: list[Fault], line: str) -> Fault | None:
    """The first fault that matches ``METHOD path`` and has turns left; one turn is used up."""
    for fault in faults:
        if fault.times > 0 and re.search(fault.pattern, line):
            fault.times -= 1
            return fault
    return None


def cut_body(body: bytes) -> bytes:
    """The first half of a body."""
    return body[: len(body) // 2]


def _status(fault: Fault) -> Response:
    return Response(status=fault.status, body=fault.body.encode(), headers=fault.headers)


def _log_in_page(fault: Fault) -> Response:
    page = (
        fault.body
        or "<!DOCTYPE html><html><head><title>Log in</title></head><body>Please log in.</body></html>"
    )
    return Response(body=page.encode(), headers={"Content-Type": "text/html;charset=UTF-8", **fault.headers})


CUT: Mapping[str, Callable[[Fault], Response]] = MappingProxyType({"status": _status, "html": _log_in_page})
"""Faults that take the place of the tool's own answer."""
