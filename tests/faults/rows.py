"""Rows: what the table holds beside the kinds of fault."""

from __future__ import annotations

from collections.abc import Mapping

RANDOM = "random faults in a moving world"
SIDE_BY_SIDE = "random faults, four asking and eight writing side by side"
KILL = "SIGKILL at a random moment"
TERMINATE = "SIGTERM at a random moment"
INTERRUPT = "Ctrl-C at a random moment"
TWO = "two processes started together"
QUEUE = "workers of the queue killed"
FULL = "disk full"
QUOTA = "file size limit reached"
READ_ONLY = "read-only database"
MACHINE = "stateful machine"

OTHER_ROWS: Mapping[str, str] = {
    RANDOM: "several faults of random kinds at random requests while both tools change between and during pages, three runs in a row",
    SIDE_BY_SIDE: "the same while four threads ask and eight write side by side, so that a seed gives other encounters each time",
    KILL: "a real process is killed, and one good run follows",
    TERMINATE: "a real process is asked to end, and one good run follows",
    INTERRUPT: "a real process is interrupted from the keyboard, and one good run follows",
    TWO: "two real processes begin in the same moment: one writes, the other ends with 6 or follows",
    QUEUE: "four workers share the work over PostgreSQL; some are killed while they are at it, others are started, and the tick ends by itself",
    FULL: "the store's file system is full",
    QUOTA: "the process may write files no longer than so many bytes",
    READ_ONLY: "the store may be read and not written",
}
