"""Standard MIDI file -> Score."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from descant.errors import MidiFileError
from descant.midi_file.conductor import DEFAULT_TEMPO, tempo_map
from descant.midi_file.names import text_of
from descant.native import core_errors, read_smf
from descant.score import Bar, Events, FileForm, Score, Track
from descant.score.events import NO_EVENTS
from descant.score.notes import NoteArray

DRUM_CHANNEL = 9


def read_midi(path: str | os.PathLike[str], resolution: int | None = None) -> Score:
    """Read a MIDI file (formats 0, 1, 2, or wrapped in RIFF).

    With no `resolution` the score has the file's own division and keeps every event, so that saving
    it gives the same music event for event.  With one (480 is upstream's) the score is exactly what
    midigpt reads: notes alone, rounded to that grid.
    Raises MidiFileError with one sentence that names the file and what is wrong with it.
    Source: spec/encoding.md 2.1 to 2.5.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise MidiFileError(f"cannot read {os.fspath(path)}: {error.strerror or error}") from None
    try:
        return parse_midi(data, resolution)
    except MidiFileError as error:
        raise MidiFileError(f"cannot read {os.fspath(path)}: {error}") from None


def parse_midi(data: bytes, resolution: int | None = None) -> Score:
    """The score in the bytes of a MIDI file; see `read_midi`."""
    if resolution is not None and not 1 <= resolution <= 32767:
        raise MidiFileError(f"resolution {resolution} is outside 1..32767 ticks a quarter")
    with core_errors():
        parts = read_smf(data=bytes(data), resolution=resolution or 0)
    return _upstream_score(parts) if resolution else _whole_score(parts)


def _whole_score(parts: dict[str, Any]) -> Score:
    events = _events(parts["events"])
    tempo, changes = tempo_map(events)
    empty, notes = _empty_bars(parts), parts["notes"]
    return Score(
        tracks=tuple(_whole_track(track, notes, empty) for track in parts["tracks"]),
        resolution=parts["resolution"],
        tempo=tempo,
        tempo_changes=changes,
        events=events,
        form=FileForm(parts["format"], tuple(parts["ends"])),
    )


def _whole_track(track: tuple[Any, ...], notes: NoteArray, empty: list[Bar]) -> Track:
    chunk, channel, program, cuts, name, events = track
    return Track(
        bars=_bars(notes, cuts, empty),
        instrument=program,
        track_type="drum" if channel == DRUM_CHANNEL else "melodic",
        name=text_of(name),
        channel=channel,
        events=_events(events),
        chunk=chunk,
    )


def _upstream_score(parts: dict[str, Any]) -> Score:
    empty, notes = _empty_bars(parts), parts["notes"]
    tracks = (
        Track(_bars(notes, cuts, empty), program, "drum" if channel == DRUM_CHANNEL else "melodic")
        for _, channel, program, cuts, _, _ in parts["tracks"]
    )
    return Score(tuple(tracks), parts["resolution"], parts["tempo"] or DEFAULT_TEMPO)


def _events(arrays: tuple[Any, ...] | None) -> Events:
    return NO_EVENTS if arrays is None else Events.trusted(*arrays)


def _empty_bars(parts: dict[str, Any]) -> list[Bar]:
    """One bar of silence for each bar; those of a kind are one object."""
    division = parts["division"]
    kinds: dict[tuple[int, int, int], Bar] = {}
    for kind in set(parts["bars"]):
        length, numerator, denominator = kind
        kinds[kind] = Bar((), numerator, denominator, length / division)
    return [kinds[kind] for kind in parts["bars"]]


def _bars(notes: NoteArray, cuts: list[tuple[int, int, int]], empty: list[Bar]) -> tuple[Bar, ...]:
    bars = empty.copy()
    for bar, begin, end in cuts:
        bars[bar] = empty[bar].with_trusted(notes[begin:end])
    return tuple(bars)
