"""What was worked out of the records and is kept: links, reverts, landings, memberships and judgements; and the world as a judgement looks it up.

``refresh`` works out anew what changed; ``world_in`` is the world over a snapshot that is fresh.
"""

from sync.store.kept.freshness import is_fresh, refresh
from sync.store.kept.observed import StoredObserved
from sync.store.kept.world import (
    anew,
    commitments_about,
    commitments_in,
    for_asking,
    for_everyone,
    forget,
    world_in,
)

__all__ = [
    "StoredObserved",
    "anew",
    "commitments_about",
    "commitments_in",
    "for_asking",
    "for_everyone",
    "forget",
    "is_fresh",
    "refresh",
    "world_in",
]
