"""Portions: what of a source is read in one piece where several workers read it, and what each piece waits for. Pure.

A portion is one partition in all streams that have it, in their order; but streams that learn nothing of the others, and need not wait for what these wait for, are one of their own. It waits for streams that it comes after as a whole, but not for those of which only the same
partition is needed (``Order.alike``). What must be read in rounds has a portion for all rounds but the last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from connectors.port import PATHS, Order, Page, Request, Stream


class Portion(Struct, frozen=True, kw_only=True):
    """``chosen`` are (stream, its partitions) to be read, in the order of streams. ``labels`` tell others what it is, ``needs`` what it waits for."""

    source: str
    name: str
    chosen: tuple[tuple[str, tuple[str, ...]], ...]
    labels: tuple[str, ...]
    needs: tuple[str, ...]


class Listed(Struct, frozen=True, kw_only=True):
    """A stream with its partitions as they are to be read: in rounds, one after the other."""

    name: str
    order: Order
    rounds: tuple[tuple[str, ...], ...]


def opened(source: str) -> str:
    """The label of a source's opening: log-in, and what tells which portions there are."""
    return f"{source}: opened"


def is_read(source: str) -> str:
    """The label of every portion of a source."""
    return f"{source}: read"


def may_name_paths(source: str) -> str:
    """The label of portions that may name watched paths."""
    return f"{source}: paths"


def of_stream(source: str, stream: str) -> str:
    """The label of portions in which a stream is read."""
    return f"{source}: {stream}"


def of_rounds(source: str, stream: str) -> str:
    """The label of a stream's rounds but the last."""
    return f"{source}: rounds of {stream}"


def opening_of(streams: Iterable[Stream]) -> tuple[Stream, ...]:
    """The streams that are read when a source is opened: those with nothing before them that others come after as a whole, and that are of one partition for the whole site.

    Only these may tell which partitions the others have.
    """
    every = tuple(streams)
    awaited = frozenset(name for stream in every for name in stream.order.after - stream.order.alike)
    return tuple(
        stream
        for stream in every
        if stream.name in awaited
        and not stream.order.after
        and tuple(stream.partitions(frozenset())) == ("*",)
    )


class Place(Struct, frozen=True, kw_only=True):
    """A source among others: ``before`` are the sources before it, ``done`` the streams that were read at its opening."""

    source: str
    before: tuple[str, ...] = ()
    done: frozenset[str] = frozenset()


def portions_of(place: Place, listed: Iterable[Listed]) -> tuple[Portion, ...]:
    """The portions of a source. Raises RuntimeError where one would have to wait for itself, which is a defect of what the streams declare."""
    streams = tuple(listed)
    early = tuple(_early(place, stream) for stream in streams if len(stream.rounds) > 1)
    by_partition: dict[str, list[Listed]] = {}
    for stream in streams:
        for partition in stream.rounds[-1] if stream.rounds else ():
            by_partition.setdefault(partition, []).append(stream)
    late = (
        portion for partition, found in by_partition.items() for portion in _late(place, partition, found)
    )
    found = (*early, *late)
    if stuck := [portion.name for portion in found if not set(portion.needs).isdisjoint(portion.labels)]:
        raise RuntimeError(f"streams wait for what is read together with them: {', '.join(stuck)}")
    return found


def _early(place: Place, stream: Listed) -> Portion:
    source = place.source
    partitions = tuple(partition for one in stream.rounds[:-1] for partition in one)
    return Portion(
        source=source,
        name=of_rounds(source, stream.name),
        chosen=((stream.name, partitions),),
        labels=(of_rounds(source, stream.name), *_labels(source, (stream,))),
        needs=tuple(sorted(_needs(place, stream))),
    )


def _late(place: Place, partition: str, streams: list[Listed]) -> Iterator[Portion]:
    """A partition's last rounds. What waits for the most bears the partition's name, what can be read before that the name of its first stream too."""
    pieces = sorted(_apart(place, streams), key=lambda piece: len(_needs_of(place, piece)))
    for piece in pieces:
        name = f"{place.source}/{partition}"
        yield Portion(
            source=place.source,
            name=name if piece is pieces[-1] else f"{name} {piece[0].name}",
            chosen=tuple((stream.name, (partition,)) for stream in piece),
            labels=_labels(place.source, piece),
            needs=tuple(sorted(_needs_of(place, piece))),
        )


def _apart(place: Place, streams: list[Listed]) -> list[list[Listed]]:
    """The streams of a partition in pieces: together are those that learn of each other, or wait for the same."""
    pieces: list[list[Listed]] = []
    for stream in streams:
        needs = _needs_of(place, [stream])
        near = [
            piece
            for piece in pieces
            if needs == _needs_of(place, piece) or any(_is_kin(stream, other) for other in piece)
        ]
        joined = [*(other for piece in near for other in piece), stream]
        pieces = [*(piece for piece in pieces if piece not in near), joined]
    return pieces


def _is_kin(one: Listed, other: Listed) -> bool:
    """True if one comes after the other, or both learn of the same."""
    is_after = one.name in other.order.after or other.name in one.order.after
    return is_after or not ({one.name} | one.order.alike).isdisjoint({other.name} | other.order.alike)


def _needs_of(place: Place, streams: Iterable[Listed]) -> frozenset[str]:
    every = tuple(streams)
    rounds = {of_rounds(place.source, stream.name) for stream in every if len(stream.rounds) > 1}
    return frozenset(need for stream in every for need in _needs(place, stream)) | rounds


def _labels(source: str, streams: Iterable[Listed]) -> tuple[str, ...]:
    every = tuple(streams)
    names = tuple(of_stream(source, stream.name) for stream in every)
    paths = (may_name_paths(source),) if any(stream.order.may_name_paths for stream in every) else ()
    return (is_read(source), *names, *paths)


def _needs(place: Place, stream: Listed) -> Iterator[str]:
    for name in stream.order.after - stream.order.alike - place.done - {PATHS}:
        yield of_stream(place.source, name)
    if PATHS in stream.order.after:
        for other in place.before:
            yield opened(other)
            yield may_name_paths(other)


class Only(Struct, frozen=True):
    """A stream of which only the chosen partitions are read."""

    stream: Stream
    chosen: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name of the stream."""
        return self.stream.name

    @property
    def order(self) -> Order:
        """As the stream's own."""
        return self.stream.order

    def partitions(self, known: frozenset[str]) -> Iterable[str]:  # noqa: ARG002  # they were chosen
        """The chosen ones."""
        return self.chosen

    def pages(self, request: Request) -> Iterator[Page]:
        """As the stream's own."""
        return self.stream.pages(request)


def chosen_of(streams: Iterable[Stream], chosen: Iterable[tuple[str, Iterable[str]]]) -> tuple[Only, ...]:
    """The streams of a portion, in their order."""
    wanted = {name: tuple(partitions) for name, partitions in chosen}
    return tuple(Only(stream, wanted[stream.name]) for stream in streams if stream.name in wanted)
