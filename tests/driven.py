"""A sink's delivery driven alone, by one thread, from its first step to its receipt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from connectors.commands import Command, Receipt
from connectors.errors import TandemError
from connectors.port import Look, Sink, Steps, Write


def delivered(
    sink: Sink,
    command: Command,
    receipt: Receipt | None,
    *,
    now: datetime,
    is_unsure: bool = False,
    before_write: Callable[[], None] = lambda: None,
) -> Receipt:
    """The receipt. Each look is answered at once; ``before_write`` is called where a write is to be granted, and what it raises ends it there."""
    steps = sink.deliver(command, receipt, now=now, is_unsure=is_unsure)
    try:
        step = next(steps)
        while True:
            if isinstance(step, Write):
                before_write()
                step = next(steps)
            else:
                step = _answered(sink, steps, step)
    except StopIteration as over:
        made: Receipt = over.value
        return made


def _answered(sink: Sink, steps: Steps, look: Look) -> Write | Look:
    try:
        told = sink.look_up([look])
    except TandemError as error:
        return steps.throw(error)
    return steps.send(told.get(look))
