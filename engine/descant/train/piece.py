"""One piece of music as flat arrays on the model grid.

A *cell* is one bar of one track.  Cells of a piece lie track by track, bars in order, so the notes
of a track's window are one slice.  Times are ticks of a grid of 12 to the quarter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from descant.score import Score

GRID = 12
RULES = 1  # raise when the same file would become other arrays
VALID_SHARE = 0.03  # of the pieces that no manifest gives a split

Int16 = npt.NDArray[np.int16]
Int32 = npt.NDArray[np.int32]


@dataclass(frozen=True)
class PieceInfo:
    """Where a piece comes from and what may be done with it.

    `digest` names its notes; an empty `split` is decided by them.
    """

    part: str
    path: str
    licence: str
    split: str = ""
    digest: str = ""


@dataclass(frozen=True)
class Piece:
    """One piece on the grid.

    `notes` (n, 4): pitch, velocity, onset in its bar, duration; sorted by cell, onset, pitch.
    `counts` (T, B): notes per cell.  `tracks` (T, 2): program, 1 for drums.  `meters` (B, 2).
    """

    info: PieceInfo
    notes: Int16
    counts: Int32
    tracks: Int16
    meters: Int16

    @property
    def bars(self) -> int:
        return len(self.meters)

    @cached_property
    def starts(self) -> Int32:
        """(T * B + 1): where each cell's notes begin."""
        return np.concatenate([[0], np.cumsum(self.counts)]).astype(np.int32)


@dataclass(frozen=True)
class Filters:
    """What is too poor or too odd to learn from."""

    min_bars: int = 4
    min_tracks: int = 1
    min_notes: int = 24
    min_pitches: int = 2
    max_notes_per_bar: int = 200  # in one track

    def objection(self, piece: Piece) -> str:
        """In a few words why the piece is left out; empty when it stays."""
        if piece.bars < self.min_bars:
            return f"shorter than {self.min_bars} bars"
        if len(piece.tracks) < self.min_tracks:
            return f"of fewer than {self.min_tracks} tracks"
        if len(piece.notes) < self.min_notes:
            return f"of fewer than {self.min_notes} notes"
        if len(np.unique(piece.notes[:, 0])) < self.min_pitches:
            return f"of fewer than {self.min_pitches} pitches"
        if int(piece.counts.max()) > self.max_notes_per_bar:
            return f"with over {self.max_notes_per_bar} notes in a bar"
        return ""


def on_grid(score: Score, info: PieceInfo) -> Piece | None:
    """A score as arrays on the grid; None when it has no notes.

    Onsets and durations are floored to the grid as the encoder does (spec/encoding.md 1.1); of
    notes that fall together the longest stays; tracks without notes go.
    """
    tracks = [track for track in score.tracks if any(len(bar.notes) for bar in track.bars)]
    if not tracks:
        return None
    bars = len(tracks[0].bars)
    rows = [bar.notes.array for track in tracks for bar in track.bars]
    cells = np.repeat(np.arange(len(rows), dtype=np.int32), [len(row) for row in rows])
    notes, cells = _snap(np.concatenate(rows), cells, score.resolution)
    counts = np.bincount(cells, minlength=len(rows)).reshape(len(tracks), bars).astype(np.int32)
    info = _completed(info, _content_digest(notes, counts))
    kinds = np.array([(track.instrument, track.is_drum) for track in tracks], np.int16)
    meters = np.array([bar.meter for bar in tracks[0].bars], np.int16)
    return Piece(info, notes, counts, kinds, meters)


def _completed(info: PieceInfo, digest: str) -> PieceInfo:
    by_content = "valid" if int(digest[:8], 16) < VALID_SHARE * 16**8 else "train"
    return replace(info, digest=digest, split=info.split or by_content)


def _snap(notes: Int32, cells: Int32, resolution: int) -> tuple[Int16, Int32]:
    pitch, velocity = notes[:, 0], notes[:, 1]
    onset = notes[:, 2].astype(np.int64) * GRID // resolution
    duration = np.maximum(1, notes[:, 3].astype(np.int64) * GRID // resolution)
    order = np.lexsort((-duration, pitch, onset, cells))
    table = np.stack([pitch, velocity, onset, duration], axis=1)[order]
    cells = cells[order]
    place = np.stack([cells, table[:, 2], table[:, 0]], axis=1)
    first = np.ones(len(place), bool)
    first[1:] = (place[1:] != place[:-1]).any(axis=1)
    return np.minimum(table[first], 32767).astype(np.int16), cells[first]


def _content_digest(notes: Int16, counts: Int32) -> str:
    """Names the notes of a piece, whatever the order, programs and velocities of its tracks."""
    ends = np.cumsum(counts.sum(axis=1))
    tracks = np.split(notes[:, [0, 2, 3]], ends[:-1])
    digests = [
        blake2b(rows.tobytes() + row.tobytes()).digest()
        for rows, row in zip(tracks, counts, strict=True)
    ]
    return blake2b(b"".join(sorted(digests)), digest_size=16).hexdigest()
