"""Note, and the notes of a bar as one array."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
import numpy.typing as npt

from descant.errors import ScoreError

NoteArray = npt.NDArray[np.int32]
"""Notes as rows (n, 6): pitch, velocity, onset, duration, delta, release velocity."""

NOTE_FIELDS = ("pitch", "velocity", "onset_ticks", "duration_ticks", "delta", "release_velocity")
DEFAULT_RELEASE = 64


@dataclass(frozen=True, slots=True)
class Note:
    """One note.  `delta` is microtiming in 1/resolution of a tick; only some encoders use it."""

    pitch: int
    velocity: int
    onset_ticks: int
    duration_ticks: int
    delta: int = 0
    release_velocity: int = DEFAULT_RELEASE


class Notes(Sequence[Note]):
    """The notes of a bar: a read-only sequence of `Note`, stored as one int32 array.

    `array` has shape (n, 6), columns as in `NOTE_FIELDS`, and must not be written to.
    Raises ScoreError when a pitch or velocity lies outside 0..127 or a time is negative.
    """

    __slots__ = ("array",)

    array: NoteArray

    def __init__(self, notes: Iterable[Note] | NoteArray = ()) -> None:
        if not isinstance(notes, np.ndarray):
            notes = _rows(notes)
        elif notes.ndim != 2 or notes.shape[1] != len(NOTE_FIELDS):
            raise ScoreError(f"notes need an array of shape (n, 6), not {notes.shape}")
        _check_ranges(notes)
        array = np.ascontiguousarray(notes, dtype=np.int32)
        array.flags.writeable = False
        self.array = array

    @classmethod
    def from_rows(cls, rows: Sequence[Sequence[int]]) -> Notes:
        """Notes from rows of six integers, columns as in `NOTE_FIELDS`."""
        return cls(np.array(rows, dtype=np.int32).reshape(-1, len(NOTE_FIELDS)))

    @classmethod
    def trusted(cls, array: NoteArray) -> Notes:
        """Wrap rows known to be in range (from the MIDI reader or the core) without checking."""
        self = cls.__new__(cls)
        self.array = array
        return self

    def __len__(self) -> int:
        return len(self.array)

    @overload
    def __getitem__(self, index: int) -> Note: ...
    @overload
    def __getitem__(self, index: slice) -> Notes: ...
    def __getitem__(self, index: int | slice) -> Note | Notes:
        if isinstance(index, slice):
            return Notes.trusted(self.array[index])
        return Note(*self.array[index].tolist())

    def __iter__(self) -> Iterator[Note]:
        return (Note(*row) for row in self.array.tolist())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Notes):
            return np.array_equal(self.array, other.array)
        if isinstance(other, (list, tuple)):
            return len(other) == len(self) and all(a == b for a, b in zip(self, other, strict=True))
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.array.tobytes())

    def __repr__(self) -> str:
        return f"Notes({list(self)!r})"


def _rows(notes: Iterable[Note]) -> NoteArray:
    if isinstance(notes, Notes):
        return notes.array
    rows = [
        (n.pitch, n.velocity, n.onset_ticks, n.duration_ticks, n.delta, n.release_velocity)
        for n in notes
    ]
    return np.array(rows, dtype=np.int32).reshape(-1, len(NOTE_FIELDS))


def _check_ranges(rows: NoteArray) -> None:
    if not len(rows):
        return
    low, high = rows.min(axis=0), rows.max(axis=0)
    for column in (0, 1, 5):
        if low[column] < 0 or high[column] > 127:
            bad = low[column] if low[column] < 0 else high[column]
            raise ScoreError(f"{NOTE_FIELDS[column]} {bad} is outside 0..127")
    for column in (2, 3):
        if low[column] < 0:
            raise ScoreError(f"{NOTE_FIELDS[column]} {low[column]} is negative")
