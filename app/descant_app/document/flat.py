"""Notes of a track on one line of time, and the way back into bars.

Rows are `NoteArray`s as in `descant.score`, except that the onset counts from the start of the
piece.  Everything here is a pure function of arrays; nothing knows Qt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from descant.score import timeline
from descant.score.notes import DEFAULT_RELEASE, NoteArray
from descant.score.types import Bar, Score, Track
from descant_app.document.piece import Piece

PITCH, VELOCITY, ONSET, DURATION, DELTA, RELEASE = range(6)
LAST_TICK = 2**31 - 1

Starts = npt.NDArray[np.int64]
"""Tick where each bar starts, and one more entry: where the last bar ends."""


def bar_starts(score: Score) -> Starts:
    """Starts of all bars, shape (bars + 1,); a score without tracks has one entry, 0."""
    return timeline.bar_starts(score.tracks[0].bars if score.tracks else (), score.resolution)


def bar_at(starts: Starts, tick: int) -> int:
    """Index of the bar that holds `tick`, clipped to the bars there are."""
    index = int(np.searchsorted(starts, tick, side="right")) - 1
    return max(0, min(index, len(starts) - 2))


def make_rows(
    pitch: int, velocity: int, onset: int, duration: int, release: int = DEFAULT_RELEASE
) -> NoteArray:
    """One note as rows of shape (1, 6)."""
    return np.array([[pitch, velocity, onset, duration, 0, release]], dtype=np.int32)


def empty_rows() -> NoteArray:
    """No notes, shape (0, 6)."""
    return np.zeros((0, 6), dtype=np.int32)


def in_order(rows: NoteArray) -> NoteArray:
    """Rows sorted by onset, then pitch; the rows themselves when they are."""
    keys = rows[:, ONSET].astype(np.int64) << 8 | rows[:, PITCH]
    if (keys[1:] >= keys[:-1]).all():
        return rows
    return rows[np.argsort(keys, kind="stable")]


@dataclass(frozen=True, eq=False)
class FlatTrack:
    """All notes of one track in order of onset, with what drawing and hit tests ask for."""

    rows: NoteArray

    # Columns of their own: reading one of six through the rows costs several times as much.

    @cached_property
    def onsets(self) -> NoteArray:
        """Tick where each note begins, shape (n,)."""
        return np.ascontiguousarray(self.rows[:, ONSET])

    @cached_property
    def pitches(self) -> NoteArray:
        """Shape (n,)."""
        return np.ascontiguousarray(self.rows[:, PITCH])

    @cached_property
    def velocities(self) -> NoteArray:
        """Shape (n,)."""
        return np.ascontiguousarray(self.rows[:, VELOCITY])

    @cached_property
    def ends(self) -> NoteArray:
        """Tick where each note ends, shape (n,)."""
        return self.rows[:, ONSET] + self.rows[:, DURATION]

    @cached_property
    def latest_end(self) -> NoteArray:
        """Running maximum of `ends`: the notes before i end by latest_end[i]; monotone."""
        return np.maximum.accumulate(self.ends) if len(self.rows) else self.ends

    def span(self, left: int, right: int) -> slice:
        """The slice of rows that can touch ticks left..right (a few in it may not)."""
        first = int(self.latest_end.searchsorted(_tick(left), side="right"))
        last = int(self.onsets.searchsorted(_tick(right), side="left"))
        return slice(first, max(first, last))

    def at(self, tick: int, pitch: int) -> int | None:
        """Index of the note under a point; the one drawn last when several overlap."""
        part = self.span(tick, tick + 1)
        rows, ends = self.rows[part], self.ends[part]
        hits = (rows[:, PITCH] == pitch) & (rows[:, ONSET] <= tick) & (ends > tick)
        found = np.flatnonzero(hits)
        return part.start + int(found[-1]) if len(found) else None

    def inside(self, left: int, right: int, low: int, high: int) -> npt.NDArray[np.intp]:
        """Indices of notes that touch ticks [left, right) and pitches low..high."""
        part = self.span(left, right)
        rows, ends = self.rows[part], self.ends[part]
        hits = (rows[:, PITCH] >= low) & (rows[:, PITCH] <= high)
        hits &= (rows[:, ONSET] < right) & (ends > left)
        return np.flatnonzero(hits) + part.start

    def mask_of(self, rows: NoteArray) -> npt.NDArray[np.bool_]:
        """Which of this track's notes are equal to one of `rows`, shape (n,)."""
        if not len(rows) or not len(self.rows):
            return np.zeros(len(self.rows), dtype=bool)
        if rows is self.rows or np.array_equal(rows, self.rows):
            return np.ones(len(rows), dtype=bool)
        wanted = np.sort(_as_keys(rows))
        at = np.searchsorted(wanted[:-1], self.keys)  # what lies behind all points at the last
        return wanted[at] == self.keys

    @cached_property
    def keys(self) -> npt.NDArray[np.int64]:
        """One number for each note, the same for equal notes only, shape (n,)."""
        return _as_keys(self.rows)


def _tick(value: int) -> np.int32:
    """A number of the columns' type: for any other `searchsorted` copies the column first."""
    return np.int32(max(-LAST_TICK, min(value, LAST_TICK)))


def _as_keys(rows: NoteArray) -> npt.NDArray[np.int64]:
    # One 64-bit number a note turns equality of rows into equality of integers.  The odd factor
    # spreads time over all bits; two different notes of a track meet once in 2**64.
    wide = rows.astype(np.int64)
    when = wide[:, ONSET] << 32 | wide[:, DURATION]
    rest = wide[:, PITCH] | wide[:, VELOCITY] << 8 | wide[:, RELEASE] << 16 | wide[:, DELTA] << 24
    keys: npt.NDArray[np.int64] = when * np.int64(0x1E3779B97F4A7C15) + rest
    return keys


def flatten(track: Track, starts: Starts) -> FlatTrack:
    """All notes of a track with onsets from the start of the piece."""
    arrays = [bar.notes.array for bar in track.bars]
    counts = np.fromiter((len(a) for a in arrays), dtype=np.int64, count=len(arrays))
    if not counts.sum():
        return FlatTrack(empty_rows())
    rows = np.concatenate([a for a in arrays if len(a)]).astype(np.int32, copy=True)
    rows[:, ONSET] += np.repeat(starts[:-1], counts).astype(np.int32)
    return FlatTrack(in_order(rows))


def extended(piece: Piece, until: int) -> Piece:
    """The piece with bars in its last meter added until tick `until` lies inside or at the end."""
    score = piece.score
    if not score.tracks:
        return piece
    end = int(bar_starts(score)[-1])
    if until <= end:
        return piece
    last = score.tracks[0].bars[-1] if score.tracks[0].bars else Bar()
    fresh = Bar((), last.ts_numerator, last.ts_denominator)
    count = -(-(until - end) // fresh.length_ticks(score.resolution))
    tracks = tuple(replace(t, bars=t.bars + (fresh,) * count) for t in score.tracks)
    return piece.with_score(replace(score, tracks=tracks))


def with_rows(
    piece: Piece, index: int, removed: npt.NDArray[np.bool_] | None, added: NoteArray
) -> Piece:
    """The piece with notes of one track taken out and put in.

    `removed` is a mask over `flatten(track, starts).rows` (None: take out nothing); `added` has
    onsets from the start of the piece, and bars are appended when it runs past the last one.  Only
    the bars that lose or gain a note become new objects.
    """
    if len(added):
        piece = extended(piece, int(added[:, ONSET].max()) + 1)
    track, starts = piece.score.tracks[index], bar_starts(piece.score)
    flat = flatten(track, starts).rows
    if removed is None:
        removed = np.zeros(len(flat), dtype=bool)
    touched = np.union1d(_bars_of(starts, flat[removed]), _bars_of(starts, added))
    if not len(touched):
        return piece
    rows = in_order(np.concatenate((flat[~removed], added)))
    bars = list(track.bars)
    edges = np.searchsorted(rows[:, ONSET], starts)
    edges[-1] = len(rows)
    for bar in touched.tolist():
        inside = rows[edges[bar] : edges[bar + 1]].copy()
        inside[:, ONSET] -= starts[bar]
        bars[bar] = bars[bar].with_notes(inside)
    return piece.with_track(index, replace(track, bars=tuple(bars)))


def _bars_of(starts: Starts, rows: NoteArray) -> npt.NDArray[np.intp]:
    bars = np.searchsorted(starts, rows[:, ONSET], side="right") - 1
    return np.unique(np.clip(bars, 0, len(starts) - 2))
