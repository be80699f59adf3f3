"""What music is: Note, Bar, Track, Score, and the events a model never sees.

All are frozen values; an edit makes a new one.  Times are integer ticks of `Score.resolution` to the
quarter note.  A note belongs to the bar its onset is in, its onset counts from the start of that bar,
and its duration may run past the bar's end.  Source: spec/encoding.md section 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, overload

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


@dataclass(frozen=True)
class Bar:
    """A measure of one track.

    `beat_length` is the length in quarter notes; it follows from the meter unless a meter change
    cut the bar short, and only the MIDI reader sets it then.  `future` hides the bar from the model.
    """

    notes: Notes = field(default_factory=Notes)
    ts_numerator: int = 4
    ts_denominator: int = 4
    beat_length: float = 0.0
    future: bool = False

    def __init__(
        self,
        notes: Iterable[Note] | NoteArray = (),
        ts_numerator: int = 4,
        ts_denominator: int = 4,
        beat_length: float | None = None,
        future: bool = False,
    ) -> None:
        if ts_numerator < 1 or ts_denominator < 1:
            raise ScoreError(f"a meter of {ts_numerator}/{ts_denominator} has no length")
        if beat_length is None:
            beat_length = 4.0 * ts_numerator / ts_denominator
        fields = self.__dict__
        fields["notes"] = notes if isinstance(notes, Notes) else Notes(notes)
        fields["ts_numerator"] = ts_numerator
        fields["ts_denominator"] = ts_denominator
        fields["beat_length"] = beat_length
        fields["future"] = future

    @property
    def meter(self) -> tuple[int, int]:
        """Numerator and denominator."""
        return self.ts_numerator, self.ts_denominator

    def length_ticks(self, resolution: int) -> int:
        """Length of this bar in ticks."""
        return round(self.beat_length * resolution)

    def with_notes(self, notes: Iterable[Note] | NoteArray) -> Bar:
        """This bar holding other notes."""
        return replace(self, notes=notes if isinstance(notes, Notes) else Notes(notes))


@dataclass(frozen=True, slots=True)
class Event:
    """A MIDI event that is not a note, by absolute tick.

    `data` is the message as a file holds it without its delta time: status byte and data bytes for a
    channel message, `F0`/`F7` and payload for system exclusive, `FF`, type and payload (no length)
    for a meta event.
    """

    tick: int
    data: bytes


@dataclass(frozen=True)
class Track:
    """One instrument's bars.

    `events` holds what the track's chunk held besides notes, meters and tempo: controllers, pitch
    bends, program changes after the first note, aftertouch, system exclusive, lyrics.  `channel` is
    the MIDI channel 0..15, or None to have one chosen when a file is written.
    """

    bars: tuple[Bar, ...] = ()
    instrument: int = 0
    track_type: str = "melodic"
    attributes: Mapping[str, int] = field(default_factory=dict)
    name: str = ""
    channel: int | None = None
    events: tuple[Event, ...] = ()

    def __post_init__(self) -> None:
        if self.track_type not in ("melodic", "drum"):
            raise ScoreError(f"track_type {self.track_type!r} is neither 'melodic' nor 'drum'")
        if not 0 <= self.instrument <= 127:
            raise ScoreError(f"instrument {self.instrument} is outside 0..127")
        if self.channel is not None and not 0 <= self.channel <= 15:
            raise ScoreError(f"channel {self.channel} is outside 0..15")
        _as_tuple(self, "bars")
        _as_tuple(self, "events")

    @property
    def is_drum(self) -> bool:
        return self.track_type == "drum"


@dataclass(frozen=True, slots=True)
class TempoChange:
    """From `tick` on, a quarter note lasts `tempo` microseconds."""

    tick: int
    tempo: int


@dataclass(frozen=True)
class Score:
    """A piece.  Every track has the same number of bars with the same meters.

    `tempo` is the first tempo in microseconds per quarter note; `tempo_changes` are the later ones.
    `events` holds the rest of the conductor's chunk: keys, markers, texts, sequence names.
    """

    tracks: tuple[Track, ...] = ()
    resolution: int = 480
    tempo: int = 500000
    tempo_changes: tuple[TempoChange, ...] = ()
    events: tuple[Event, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.resolution <= 32767:
            raise ScoreError(f"resolution {self.resolution} is outside 1..32767 ticks a quarter")
        if not 1 <= self.tempo <= 0xFFFFFF:
            raise ScoreError(f"tempo {self.tempo} is outside 1..16777215 microseconds a quarter")
        for name in ("tracks", "tempo_changes", "events"):
            _as_tuple(self, name)

    @classmethod
    def from_midi(cls, path: str) -> Score:
        """Read a MIDI file; see `descant.midi_file.read_midi`."""
        from descant.midi_file import read_midi

        return read_midi(path)

    @classmethod
    def from_bytes(cls, data: bytes) -> Score:
        """Read the bytes of a MIDI file."""
        from descant.midi_file import parse_midi

        return parse_midi(data)

    def to_midi(self, path: str) -> None:
        """Write a MIDI file; see `descant.midi_file.write_midi`."""
        from descant.midi_file import write_midi

        write_midi(self, path)

    @classmethod
    def from_dict(cls, form: Mapping[str, Any]) -> Score:
        """Read the JSON form; see `descant.score.json_form`."""
        from descant.score.json_form import score_from_dict

        return score_from_dict(form)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form; only what is not default is written."""
        from descant.score.json_form import score_to_dict

        return score_to_dict(self)


def _as_tuple(value: object, name: str) -> None:
    items = getattr(value, name)
    if not isinstance(items, tuple):
        object.__setattr__(value, name, tuple(items))
