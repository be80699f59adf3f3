"""What music is: Note, Bar, Track, Score, and the events a model never sees.

All are frozen values; an edit makes a new one.  Times are integer ticks of `Score.resolution` to
the quarter note.  A note belongs to the bar its onset is in, its onset counts from the start of
that bar, and its duration may run past the bar's end.  Source: spec/encoding.md section 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

from descant.errors import ScoreError
from descant.score.events import NO_EVENTS, Event, Events, FileForm, TempoChange
from descant.score.notes import DEFAULT_RELEASE, NOTE_FIELDS, Note, NoteArray, Notes

__all__ = [
    "DEFAULT_RELEASE",
    "NOTE_FIELDS",
    "Bar",
    "Event",
    "Events",
    "FileForm",
    "Note",
    "NoteArray",
    "Notes",
    "Score",
    "TempoChange",
    "Track",
]


_make = object.__new__


@dataclass(frozen=True)
class Bar:
    """A measure of one track.

    `beat_length` is the length in quarter notes; it follows from the meter unless a meter change
    cut the bar short, and only the MIDI reader sets it then.  `future` hides the bar from the
    model.
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
        elif not 0.0 <= beat_length < math.inf:
            raise ScoreError(f"a bar of {beat_length} quarter notes has no length")
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

    @property
    def nominal_beats(self) -> float:
        """Length in quarter notes that the meter alone gives."""
        return 4.0 * self.ts_numerator / self.ts_denominator

    def length_ticks(self, resolution: int) -> int:
        """Length of this bar in ticks."""
        return round(self.beat_length * resolution)

    def with_notes(self, notes: Iterable[Note] | NoteArray) -> Bar:
        """This bar holding other notes."""
        return self.with_trusted((notes if isinstance(notes, Notes) else Notes(notes)).array)

    def with_trusted(self, rows: NoteArray) -> Bar:
        """This bar holding rows known to be in range, as `Notes.trusted`; made for speed."""
        notes = _make(Notes)
        notes.array = rows
        bar = _make(Bar)
        fields = bar.__dict__
        fields.update(self.__dict__)
        fields["notes"] = notes
        return bar


@dataclass(frozen=True)
class Track:
    """One instrument's bars.

    `channel` is the MIDI channel 0..15, or None to have one chosen when a file is written; `chunk`
    is the file's track chunk the track came from, or None for a track of its own.  `events` holds
    what the chunk held for this track besides notes, meters and tempo: controllers, pitch bends,
    aftertouch, lyrics, and the program changes that select it (written with `instrument`, whatever
    program they name).  The tracks of one chunk share its `name`; the first one's is written.
    """

    bars: tuple[Bar, ...] = ()
    instrument: int = 0
    track_type: str = "melodic"
    attributes: Mapping[str, int] = field(default_factory=dict)
    name: str = ""
    channel: int | None = None
    events: Events = NO_EVENTS
    chunk: int | None = None

    def __post_init__(self) -> None:
        if self.track_type not in ("melodic", "drum"):
            raise ScoreError(f"track_type {self.track_type!r} is neither 'melodic' nor 'drum'")
        if not 0 <= self.instrument <= 127:
            raise ScoreError(f"instrument {self.instrument} is outside 0..127")
        if self.channel is not None and not 0 <= self.channel <= 15:
            raise ScoreError(f"channel {self.channel} is outside 0..15")
        _become(self, "bars", tuple)
        _become(self, "events", Events)

    @property
    def is_drum(self) -> bool:
        return self.track_type == "drum"


@dataclass(frozen=True)
class Score:
    """A piece.  Every track has the same number of bars with the same meters.

    `tempo` is the first tempo in microseconds per quarter note; `tempo_changes` are the later ones.
    `events` holds what belongs to no track: keys, markers, texts, system exclusive, and the file's
    own words for tempo and meter, which are written again as long as they say what `tempo`,
    `tempo_changes` and the bars say.  `form` is the form of the file it was read from.
    """

    tracks: tuple[Track, ...] = ()
    resolution: int = 480
    tempo: int = 500000
    tempo_changes: tuple[TempoChange, ...] = ()
    events: Events = NO_EVENTS
    form: FileForm | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.resolution <= 32767:
            raise ScoreError(f"resolution {self.resolution} is outside 1..32767 ticks a quarter")
        if not 1 <= self.tempo <= 0xFFFFFF:
            raise ScoreError(f"tempo {self.tempo} is outside 1..16777215 microseconds a quarter")
        _become(self, "tracks", tuple)
        _become(self, "tempo_changes", tuple)
        _become(self, "events", Events)

    @classmethod
    def from_midi(cls, path: str | PathLike[str], resolution: int | None = None) -> Score:
        """Read a MIDI file; see `descant.midi_file.read_midi`."""
        from descant.midi_file import read_midi

        return read_midi(path, resolution=resolution)

    @classmethod
    def from_bytes(cls, data: bytes, resolution: int | None = None) -> Score:
        """Read the bytes of a MIDI file; see `descant.midi_file.parse_midi`."""
        from descant.midi_file import parse_midi

        return parse_midi(data, resolution=resolution)

    def to_midi(self, path: str | PathLike[str]) -> None:
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


def _become(value: object, name: str, kind: type) -> None:
    items = getattr(value, name)
    if not isinstance(items, kind):
        object.__setattr__(value, name, kind(items))
