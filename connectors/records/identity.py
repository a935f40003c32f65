"""Identity: what every record has, and the ref that names it."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from msgspec import Struct


class Ref(NamedTuple):
    """Identity of one record: ``source``, ``kind`` and the vendor's immutable ``id``. Sorts and hashes by value, as fast as a tuple: judging does both millions of times."""

    source: str
    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.source}:{self.kind}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> Ref:
        """The ref that ``str(ref)`` wrote; ``ValueError`` if the text has not three parts."""
        source, kind, id_ = text.split(":", 2)
        return cls(source=source, kind=kind, id=id_)


class BaseRecord(Struct, frozen=True, kw_only=True, gc=False):
    """What all records share. ``kind`` names the record in refs and in the store.

    No record can refer to itself, so none is looked through for garbage.
    """

    kind: ClassVar[str]
    source: str
    id: str

    @property
    def ref(self) -> Ref:
        """Identity of this record."""
        parts = (self.source, self.kind, self.id)
        return tuple.__new__(Ref, parts)  # asked for so often that a call less counts
