"""Score -> Standard MIDI file."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from descant.errors import MidiFileError, ScoreError
from descant.files import replace_file
from descant.midi_file.conductor import (
    METER,
    TEMPO,
    meter_events,
    meter_map,
    meters_fit,
    tempo_events,
    tempo_map,
)
from descant.midi_file.names import named
from descant.native import core_errors, write_smf
from descant.score import Event, Events, Score, Track
from descant.score.notes import DEFAULT_RELEASE
from descant.score.timeline import bar_starts

DRUM_CHANNEL = 9
MELODIC_CHANNELS = (*range(9), *range(10, 16))
TickArray = npt.NDArray[np.int64]
Part = tuple[int, int, TickArray, TickArray, TickArray, bytes]
NO_NOTES = np.zeros((0, 5), dtype=np.int64)


def write_midi(score: Score, path: str | os.PathLike[str]) -> None:
    """Write a MIDI file whole or not at all: an existing file is replaced only by a finished one.

    Raises MidiFileError with one sentence when the score or the disk does not allow it.
    """
    try:
        data = midi_bytes(score)
    except ScoreError as error:
        raise MidiFileError(f"cannot write {os.fspath(path)}: {error}") from None
    try:
        replace_file(path, data)
    except OSError as error:
        raise MidiFileError(f"cannot write {os.fspath(path)}: {error.strerror or error}") from None


def midi_bytes(score: Score) -> bytes:
    """The bytes of a MIDI file with this music.

    A score made from scratch is written byte for byte as upstream does (spec/encoding.md 2.6).  One
    read from a file keeps the file's format, track chunks, channels and events; tempo and meter
    events are the file's own unless the score says otherwise by now.
    Raises ScoreError naming the track chunk and the value that no MIDI file can hold.
    """
    layout = _layout(score)
    channels = _channels(score.tracks)
    conductor = _conductor(score, len(layout))
    ends = score.form.ends if score.form else ()
    chunks = []
    for index, members in enumerate(layout):
        parts = [_chunk_part(conductor[index])]
        parts += [
            _track_part(score, number, channels[number], number == members[0]) for number in members
        ]
        chunks.append((ends[index] if index < len(ends) else -1, parts))
    with core_errors():
        return write_smf(
            format=score.form.format if score.form else 1,
            division=score.resolution,
            chunks=chunks,
        )


def _layout(score: Score) -> list[list[int]]:
    """The tracks of each chunk."""
    if score.form is None:
        return [[number] for number in range(len(score.tracks))] or [[]]
    chunks: list[list[int]] = [[] for _ in score.form.ends] or [[]]
    known = len(chunks)
    for number, track in enumerate(score.tracks):
        if score.form.format == 0:
            chunks[0].append(number)
        elif track.chunk is not None and track.chunk < known:
            chunks[track.chunk].append(number)
        else:
            chunks.append([number])
    return chunks


def _channels(tracks: Sequence[Track]) -> list[int]:
    """The file's channels where they still fit, upstream's choice or a free one elsewhere."""
    kept = [_own_channel(track) for track in tracks]
    taken = {channel for channel in kept if channel is not None}
    chosen = []
    for index, (track, own) in enumerate(zip(tracks, kept, strict=True)):
        if own is not None:
            chosen.append(own)
            continue
        channel = DRUM_CHANNEL if track.is_drum else MELODIC_CHANNELS[index % 15]
        if taken and not track.is_drum:
            channel = next((c for c in MELODIC_CHANNELS if c not in taken), channel)
            taken.add(channel)
        chosen.append(channel)
    return chosen


def _own_channel(track: Track) -> int | None:
    fits = track.channel is not None and (track.channel == DRUM_CHANNEL) == track.is_drum
    return track.channel if fits else None


def _conductor(score: Score, count: int) -> list[Events]:
    """For each chunk, the events that belong to no track."""
    events, made = score.events, list[Event]()
    longest = max(score.tracks, key=lambda track: len(track.bars)).bars if score.tracks else ()
    has_meters = score.form is not None or bool(events.are_meta(METER).any())
    meters = meter_map(events, score.resolution)
    if not (has_meters and meters_fit(meters, longest, score.resolution)):
        events = events.where(~events.are_meta(METER))
        made += meter_events(longest, score.resolution)
    has_tempo = score.form is not None or bool(events.are_meta(TEMPO).any())
    if not has_tempo or tempo_map(events) != (score.tempo, score.tempo_changes):
        events = events.where(~events.are_meta(TEMPO))
        made += tempo_events(score)
    chunk_of = np.clip(events.chunks, 0, count - 1)
    chunks = [events.where(chunk_of == index) for index in range(count)]
    if made:
        chunks[0] = Events([*made, *chunks[0]])
    return chunks


def _chunk_part(events: Events) -> Part:
    return (-1, 0, NO_NOTES, events.ticks, events.starts, events.data)


def _track_part(score: Score, number: int, channel: int, is_first: bool) -> Part:
    track = score.tracks[number]
    events = track.events
    if score.form is None or track.chunk is None:
        events = _with_program(events, track.instrument)
    if is_first:
        events = named(events, track.name)
    return (
        channel,
        track.instrument,
        _note_rows(track, score),
        events.ticks,
        events.starts,
        events.data,
    )


def _with_program(events: Events, program: int) -> Events:
    if any(event.tick == 0 and event.data[:1] and event.data[0] >> 4 == 0xC for event in events):
        return events
    return Events([Event(0, bytes([0xC0, program])), *events])


def _note_rows(track: Track, score: Score) -> TickArray:
    """On and off tick, pitch, velocity, release velocity of each note."""
    bars = [(index, bar.notes.array) for index, bar in enumerate(track.bars) if len(bar.notes)]
    if not bars:
        return NO_NOTES
    starts = bar_starts(track.bars, score.resolution)
    notes = np.concatenate([rows for _, rows in bars]).astype(np.int64)
    at = np.repeat(starts[[index for index, _ in bars]], [len(rows) for _, rows in bars])
    on = at + notes[:, 2]
    release = notes[:, 5]
    if score.form is None:
        release = np.where(release == DEFAULT_RELEASE, notes[:, 1], release)
    return np.column_stack([on, on + notes[:, 3], notes[:, 0], notes[:, 1], release])
