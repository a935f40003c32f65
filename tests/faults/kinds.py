"""Kinds: every kind of fault that the suite knows."""

from __future__ import annotations

from tests.faults import kinds_comments, kinds_wire, kinds_world

KINDS = (*kinds_wire.KINDS, *kinds_world.KINDS, *kinds_comments.KINDS)
