"""Edits: Score or notes in, new ones out.  What an edit does not name stays as it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from descant.errors import ScoreError
from descant.score.notes import Note, NoteArray, Notes
from descant.score.types import Bar, Score, Track

Chosen = npt.NDArray[np.bool_] | None
PITCH, ONSET, DURATION = 0, 2, 3


def with_bars(score: Score, track: int, bars: Mapping[int, Bar]) -> Score:
    """The score with bars of one track replaced, by index."""
    old = _track(score, track)
    new = list(old.bars)
    for index, bar in bars.items():
        if not 0 <= index < len(new):
            raise ScoreError(f"track {track + 1} has {len(new)} bars, there is no bar {index + 1}")
        new[index] = bar
    tracks = list(score.tracks)
    tracks[track] = replace(old, bars=tuple(new))
    return replace(score, tracks=tuple(tracks))


def with_notes(score: Score, track: int, bar: int, notes: Iterable[Note] | NoteArray) -> Score:
    """The score with the notes of one bar replaced; meter and length of the bar stay."""
    bars = _track(score, track).bars
    if not 0 <= bar < len(bars):
        raise ScoreError(f"track {track + 1} has {len(bars)} bars, there is no bar {bar + 1}")
    return with_bars(score, track, {bar: bars[bar].with_notes(notes)})


def transpose(notes: Notes, semitones: int, chosen: Chosen = None) -> Notes:
    """The chosen notes (all of them by default) moved by semitones.

    Raises ScoreError when one would leave 0..127: a group moves whole or not at all, so that
    its intervals stay.
    """
    rows = notes.array.copy()
    rows[_mask(notes, chosen), PITCH] += semitones
    return Notes(rows)


def quantize(
    notes: Notes,
    grid: int,
    *,
    length: int,
    strength: float = 1.0,
    swing: float = 0.0,
    chosen: Chosen = None,
) -> Notes:
    """Onsets of the chosen notes drawn towards a grid of `grid` ticks; durations stay.

    `length` is the bar's length in ticks: a note of the bar stays in it.  `strength` 0 leaves the
    notes, 1 puts them on the grid.  `swing` 0..1 moves every second grid line late, at 1 by half a
    step (2/3 makes triplets of pairs).
    """
    if grid < 1:
        raise ScoreError(f"a grid of {grid} ticks has no lines; it needs 1 or more")
    for name, value in (("strength", strength), ("swing", swing)):
        if not 0.0 <= value <= 1.0:
            raise ScoreError(f"{name} {value} is outside 0..1")
    rows = notes.array.copy()
    mask = _mask(notes, chosen)
    onsets = rows[mask, ONSET].astype(np.float64)
    moved = onsets + strength * (_nearest_line(onsets, grid, swing, length) - onsets)
    rows[mask, ONSET] = np.clip(np.floor(moved + 0.5), 0, max(0, length - 1)).astype(np.int32)
    return Notes(rows)


def _nearest_line(
    onsets: npt.NDArray[np.float64], grid: int, swing: float, length: int
) -> npt.NDArray[np.float64]:
    count = max(1, -(-length // grid))
    lines = np.arange(count) * float(grid)
    lines[1::2] += swing * grid / 2
    lines = lines[lines < max(1, length)]
    after = np.clip(np.searchsorted(lines, onsets), 0, len(lines) - 1)
    before = np.maximum(after - 1, 0)
    nearer = np.abs(onsets - lines[before]) < np.abs(lines[after] - onsets)
    return np.asarray(np.where(nearer, lines[before], lines[after]))


def _mask(notes: Notes, chosen: Chosen) -> npt.NDArray[np.bool_]:
    return np.ones(len(notes), dtype=bool) if chosen is None else np.asarray(chosen, dtype=bool)


def _track(score: Score, track: int) -> Track:
    if not 0 <= track < len(score.tracks):
        raise ScoreError(f"the score has {len(score.tracks)} tracks, there is no {track + 1}")
    return score.tracks[track]
