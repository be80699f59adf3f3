"""What a musician owns and a model never sees: events by absolute tick, tempo, the file's form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import overload

import numpy as np
import numpy.typing as npt

from descant.errors import ScoreError

TickArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Event:
    """A MIDI event that is not a note, by absolute tick.

    `data` is the message as a file holds it without its delta time: status byte and data bytes
    for a channel message, `F0`/`F7` and payload for system exclusive, `FF`, type and payload (no
    length) for a meta event.  `chunk` is the file's track chunk of an event that belongs to no
    track.  Note-ons and note-offs occur only as a file's left-overs: notes never closed, strays.
    They are kept so that saving loses nothing; a player passes over them.
    """

    tick: int
    data: bytes
    chunk: int = 0


@dataclass(frozen=True, slots=True)
class TempoChange:
    """From `tick` on, a quarter note lasts `tempo` microseconds."""

    tick: int
    tempo: int


@dataclass(frozen=True, slots=True)
class FileForm:
    """How the file a score came from was built, so that saving builds it the same way.

    `format` is 0, 1 or 2; `ends` has the end-of-track tick of each track chunk.
    """

    format: int = 1
    ends: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.format not in (0, 1, 2):
            raise ScoreError(f"MIDI file format {self.format} is not 0, 1 or 2")


class Events(Sequence[Event]):
    """A read-only sequence of `Event`, stored as arrays because pedals and bends come in thousands.

    Event i has tick `ticks[i]`, chunk `chunks[i]` and message `data[starts[i]:starts[i + 1]]`.
    """

    __slots__ = ("chunks", "data", "starts", "ticks")

    ticks: TickArray
    starts: TickArray
    data: bytes
    chunks: npt.NDArray[np.int32]

    def __init__(self, events: Iterable[Event] = ()) -> None:
        events = list(events)
        self.ticks = np.array([event.tick for event in events], dtype=np.int64)
        self.starts = np.zeros(len(events) + 1, dtype=np.int64)
        np.cumsum([len(event.data) for event in events], out=self.starts[1:])
        self.data = b"".join(event.data for event in events)
        self.chunks = np.array([event.chunk for event in events], dtype=np.int32)

    @classmethod
    def trusted(
        cls, ticks: TickArray, chunks: npt.NDArray[np.int32], starts: TickArray, data: bytes
    ) -> Events:
        """Wrap arrays from the MIDI reader without checking them."""
        self = cls.__new__(cls)
        self.ticks, self.chunks, self.starts, self.data = ticks, chunks, starts, data
        return self

    def are_meta(self, kind: int) -> npt.NDArray[np.bool_]:
        """For each event, whether it is a meta event of this type."""
        if not self.data:
            return np.zeros(0, dtype=bool)
        bytes_ = np.frombuffer(self.data, dtype=np.uint8)
        second = np.minimum(self.starts[:-1] + 1, len(bytes_) - 1)
        found = (bytes_[self.starts[:-1]] == 0xFF) & (bytes_[second] == kind)
        return np.asarray(found, dtype=bool)

    def where(self, wanted: npt.NDArray[np.bool_]) -> Events:
        """The events at which `wanted` holds."""
        if wanted.all():
            return self
        return Events(self[int(index)] for index in np.flatnonzero(wanted))

    def __len__(self) -> int:
        return len(self.ticks)

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> Events: ...
    def __getitem__(self, index: int | slice) -> Event | Events:
        if isinstance(index, slice):
            return Events(self[i] for i in range(*index.indices(len(self))))
        index = range(len(self))[index]
        data = self.data[self.starts[index] : self.starts[index + 1]]
        return Event(int(self.ticks[index]), data, int(self.chunks[index]))

    def __iter__(self) -> Iterator[Event]:
        spans = pairwise(self.starts.tolist())
        rows = zip(self.ticks.tolist(), spans, self.chunks.tolist(), strict=True)
        return (Event(tick, self.data[a:b], chunk) for tick, (a, b), chunk in rows)

    def __add__(self, other: Iterable[Event]) -> Events:
        return Events([*self, *other])

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Events):
            return self.data == other.data and all(
                np.array_equal(getattr(self, name), getattr(other, name))
                for name in ("ticks", "starts", "chunks")
            )
        if isinstance(other, (list, tuple)):
            return list(self) == list(other)
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self.data, self.ticks.tobytes()))

    def __repr__(self) -> str:
        return f"Events({list(self)!r})"


NO_EVENTS = Events()
