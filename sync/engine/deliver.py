"""Deliver: sends what is in the outbox, several slots side by side, each at most once. What is stored of it is in ``outcomes``, in which order things happen in ``desk``."""

from __future__ import annotations

from sync.engine.desk import Desk
from sync.engine.outcomes import GRAIN, Delivered, Post
from sync.store import outbox

__all__ = ["GRAIN", "Delivered", "Post", "deliver"]


def deliver(post: Post) -> tuple[Delivered, ...]:
    """Try every pending delivery once, the oldest begun first; one that fails does not hold up the others. Returned in the order of the outbox.

    What goes to one issue is sent one after the other. A delivery whose site did not answer waits. A site that refuses the log-in or blocks our address in mid-delivery is
    asked no more; what is left for it waits. A stop lets what has begun to write come to its end, and begins nothing more.
    """
    with post.engine.connect() as connection:
        waiting = tuple(
            one
            for one in outbox.deliveries(connection)
            if post.is_wanted(one.place) and one.command.slot.source in post.sinks
        )
        receipts = outbox.all_receipts(connection) if waiting else {}
    return Desk(post, waiting, receipts).all_ended()
