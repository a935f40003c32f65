"""Holders: the processes that hold leases, told by their host and process id."""

from __future__ import annotations

import os
import socket


def name_of_holder() -> str:
    """``HOST PID`` of this process."""
    return f"{socket.gethostname()} {os.getpid()}"


def is_dead(holder: str) -> bool:
    """True if the holder was a process of this host that is no more (or had the pid that this process has now)."""
    host, _, pid = holder.rpartition(" ")
    if host != socket.gethostname():
        return False
    if int(pid) == os.getpid():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
