"""Which bars of which tracks of which piece: the first three draws of a training sample.

spec/training.md 3 says how upstream draws them and 8 what to change: pieces by texture, windows
from anywhere in the piece, any number of tracks, and tracks that are silent for part of the window.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from descant.score import Bar, Notes, Score, Track
from descant.score.types import DEFAULT_RELEASE
from descant.train.corpus import Corpus
from descant.train.piece import GRID, Piece

BoolMatrix = npt.NDArray[np.bool_]
Random = np.random.Generator

# What share of the samples each texture gets.  Band music is rare in free corpora and songs with
# piano are not, so neither is drawn in proportion to its size.
SHARES = {"band": 0.27, "drums": 0.10, "song": 0.14, "line": 0.02, "other": 0.47}

PIANOS = range(8)
VOICES = range(52, 55)
START_SHARE, END_SHARE = 0.12, 0.12  # windows on the first and on the last bar of the piece
LONGEST_SHIFT_DOWN, LONGEST_SHIFT_UP = 5, 6  # semitones
QUIETEST, LOUDEST = 0.8, 1.2  # velocity factors


@dataclass(frozen=True)
class Window:
    """`bars` bars from `first` on, of `tracks` in this order."""

    first: int
    bars: int
    tracks: tuple[int, ...]


@dataclass(frozen=True)
class Limits:
    """`tracks`: the fewest and the most to take; pieces may have fewer.  A track is good when it
    sounds in a share of the bars that is drawn between `least_fill` and 1.
    """

    tracks: tuple[int, int] = (1, 12)
    least_fill: float = 0.25


def texture(piece: Piece) -> str:
    """The key of `SHARES` that the piece belongs to."""
    drums = piece.tracks[:, 1] > 0
    if drums.any():
        return "drums" if drums.all() else "band"
    programs = piece.tracks[:, 0].tolist()
    if len(programs) <= 3 and any(p in VOICES for p in programs):
        return "song" if any(p in PIANOS for p in programs) else "other"
    return "line" if len(programs) == 1 and _single_line(piece) else "other"


def _single_line(piece: Piece) -> bool:
    onsets = np.repeat(np.arange(piece.counts.size), piece.counts.ravel()), piece.notes[:, 2]
    return len(np.unique(np.stack(onsets), axis=1).T) == len(piece.notes)


class PieceDraw:
    """Draws pieces: textures by `SHARES`, inside a texture by the square root of the length."""

    def __init__(self, corpus: Corpus) -> None:
        self.pieces = corpus.pieces
        kinds = np.array([texture(piece) for piece in corpus.pieces])
        weights = np.sqrt([piece.bars for piece in corpus.pieces])
        for kind in set(kinds):
            of_kind = kinds == kind
            weights[of_kind] *= SHARES[kind] / weights[of_kind].sum()
        self.weights = weights / weights.sum()
        self._edges = np.cumsum(self.weights)

    def draw(self, random: Random) -> Piece:
        index = int(np.searchsorted(self._edges, random.random(), side="right"))
        return self.pieces[min(index, len(self.pieces) - 1)]


def draw_window(
    piece: Piece,
    lengths: Sequence[int],
    meters: Collection[tuple[int, int]],
    limits: Limits,
    random: Random,
) -> Window | None:
    """A window whose meters are all known and that has notes; None when this draw found none."""
    fitting = [bars for bars in lengths if bars <= piece.bars]
    if not fitting:
        return None
    bars = int(random.choice(fitting))
    first = _first_bar(piece.bars - bars, random)
    if any(tuple(meter) not in meters for meter in piece.meters[first : first + bars].tolist()):
        return None
    filled = (piece.counts[:, first : first + bars] > 0).sum(axis=1)  # (T,) bars with notes
    needed = max(1, int(np.ceil(random.uniform(limits.least_fill, 1.0) * bars)))
    good = np.flatnonzero(filled >= needed)
    if not len(good):
        good = np.flatnonzero(filled)
    if not len(good):
        return None
    fewest, most = (min(len(good), bound) for bound in limits.tracks)
    count = int(random.integers(fewest, most + 1))
    return Window(first, bars, tuple(random.permutation(good)[:count].tolist()))


def _first_bar(last_start: int, random: Random) -> int:
    place = random.random()
    if place < START_SHARE:
        return 0
    if place < START_SHARE + END_SHARE:
        return last_start
    return int(random.integers(0, last_start + 1))


@dataclass(frozen=True)
class Variation:
    """How a window is changed: semitones (drums stay) and a factor on all velocities."""

    shift: int = 0
    loudness: float = 1.0

    @classmethod
    def draw(cls, random: Random) -> Variation:
        shift = int(random.integers(-LONGEST_SHIFT_DOWN, LONGEST_SHIFT_UP + 1))
        return cls(shift, float(random.uniform(QUIETEST, LOUDEST)))


def cut(piece: Piece, window: Window, variation: Variation) -> Score:
    """The window as a score on the grid."""
    meters = piece.meters[window.first : window.first + window.bars].tolist()
    tracks = []
    for track in window.tracks:
        program, drum = piece.tracks[track].tolist()
        bars = zip(_notes(piece, track, window, variation), meters, strict=True)
        tracks.append(
            Track(
                tuple(Bar(Notes.trusted(rows), *meter) for rows, meter in bars),
                program,
                "drum" if drum else "melodic",
            )
        )
    return Score(tuple(tracks), GRID)


def _notes(
    piece: Piece, track: int, window: Window, variation: Variation
) -> list[npt.NDArray[np.int32]]:
    """Note rows (n, 6) of each bar."""
    cell = track * piece.bars + window.first
    starts = piece.starts[cell : cell + window.bars + 1]
    rows = np.zeros((int(starts[-1] - starts[0]), 6), np.int32)
    rows[:, :4] = piece.notes[starts[0] : starts[-1]]
    if not piece.tracks[track, 1]:
        rows[:, 0] = np.clip(rows[:, 0] + variation.shift, 0, 127)
    rows[:, 1] = np.clip(rows[:, 1] * variation.loudness, 1, 127)
    rows[:, 5] = DEFAULT_RELEASE
    return np.split(rows, (starts[1:-1] - starts[0]).tolist())
