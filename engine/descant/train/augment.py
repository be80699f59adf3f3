"""More music out of little: other instruments, doubled and halved note values, drums beneath.

Free corpora hold much music for strings, voices and piano and little for bands; these changes are
exact on the grid and keep every bar line.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from descant.score import Bar, Notes, Score, Track
from descant.train.corpus import Corpus
from descant.train.piece import Piece
from descant.train.windows import Random, Variation, Window, cut, texture

Meter = tuple[int, int]

HIGH, LOW = 67, 55  # median pitches from which on a line is high, and below which it is low
KEYS = (0, 2, 4, 5, 6, 7, 11, 12, 16, 18, 19, 24, 25, 26, 27)
PLUCKED = (0, 4, 6, 12, 24, 25, 26, 27, 45, 46)
BASSES = (32, 33, 34, 35, 36, 38)
SUSTAINED = {
    "high": (40, 48, 56, 64, 65, 68, 71, 72, 73, 74, 80, 81),
    "middle": (41, 48, 49, 52, 53, 57, 60, 65, 66, 69, 71, 81, 88, 89),
    "low": (42, 43, 48, 57, 58, 66, 67, 70),
}
"""General MIDI programs that can play the same line, by how its notes sound and how high it is."""

HALVED: dict[Meter, Meter] = {
    (4, 4): (2, 4),
    (2, 2): (2, 4),
    (3, 4): (3, 8),
    (3, 2): (3, 4),
    (4, 2): (4, 4),
    (6, 4): (6, 8),
    (9, 4): (9, 8),
    (12, 4): (12, 8),
    (5, 4): (5, 8),
    (7, 4): (7, 8),
}
DOUBLED: dict[Meter, Meter] = {short: long for long, short in reversed(HALVED.items())}


@dataclass(frozen=True)
class Chances:
    """How often a window gets other instruments, other note values, and drums where it has none."""

    instruments: float = 0.2
    values: float = 0.1
    drums: float = 0.05


class Augmentation:
    """Changes windows; `meters` are those the encoder knows, drums come from the corpus."""

    def __init__(self, corpus: Corpus, meters: Collection[Meter], chances: Chances) -> None:
        self._meters = meters
        self._chances = chances
        self._drums: dict[Meter, list[Piece]] = {}
        for piece in corpus.pieces:
            meter = _meter(piece)
            if meter is not None and texture(piece) == "drums":
                self._drums.setdefault(meter, []).append(piece)

    def change(self, score: Score, random: Random) -> Score:
        """The window (on the grid) with what the chances give it."""
        other, scale, drums = random.random(3) < (
            self._chances.instruments,
            self._chances.values,
            self._chances.drums,
        )
        if other:
            score = with_other_instruments(score, random)
        if drums:
            score = self._with_drums(score, random)
        return self._rescaled(score, random) if scale else score

    def _rescaled(self, score: Score, random: Random) -> Score:
        longer = bool(random.random() < 0.5)
        table = DOUBLED if longer else HALVED
        meters = {table.get(bar.meter) for bar in score.tracks[0].bars}
        if not meters <= set(self._meters):
            return score
        return doubled(score) if longer else halved(score) or score

    def _with_drums(self, score: Score, random: Random) -> Score:
        """The window over a drum part of its meter; as it is where it has drums or changes."""
        bars = score.tracks[0].bars
        fitting = self._drums.get(bars[0].meter, [])
        has_drums = any(track.is_drum for track in score.tracks)
        if has_drums or not fitting or any(bar.meter != bars[0].meter for bar in bars):
            return score
        piece = fitting[int(random.integers(len(fitting)))]
        first = int(random.integers(max(1, piece.bars - len(bars) + 1)))
        window = Window(first, min(len(bars), piece.bars), (0,))
        loop = cut(piece, window, Variation.draw(random)).tracks[0]
        drums = replace(loop, bars=tuple(loop.bars[n % len(loop.bars)] for n in range(len(bars))))
        place = int(random.integers(len(score.tracks) + 1))
        return replace(score, tracks=(*score.tracks[:place], drums, *score.tracks[place:]))


def _meter(piece: Piece) -> Meter | None:
    """The meter of a piece that has one throughout."""
    top, bottom = piece.meters[0].tolist()
    return (top, bottom) if (piece.meters == piece.meters[0]).all() else None


def with_other_instruments(score: Score, random: Random) -> Score:
    """The score on programs that can play the same lines; equal tracks stay equal."""
    chosen: dict[tuple[int, tuple[int, ...]], int] = {}
    tracks = []
    for track in score.tracks:
        choices = () if track.is_drum else _choices(track)
        if choices:
            new = int(random.choice(choices))
            track = replace(track, instrument=chosen.setdefault((track.instrument, choices), new))
        tracks.append(track)
    return replace(score, tracks=tuple(tracks))


def _choices(track: Track) -> tuple[int, ...]:
    """Programs that can play a melodic track; none for sound effects and the like."""
    program, pitches = track.instrument, [bar.notes.array[:, 0] for bar in track.bars]
    middle = float(np.median(np.concatenate(pitches))) if any(map(len, pitches)) else HIGH
    if program in BASSES:
        return BASSES
    if program < 24:
        return KEYS
    if program < 32 or program in (45, 46):
        return PLUCKED
    if program < 96:
        return SUSTAINED["high" if middle >= HIGH else "low" if middle < LOW else "middle"]
    return ()


def doubled(score: Score) -> Score:
    """The same music in twice as long notes and bars."""
    return _scaled(score, DOUBLED, 2, 1)


def halved(score: Score) -> Score | None:
    """The same music in notes and bars half as long; None where the grid is too coarse for it."""
    if any((bar.notes.array[:, 2] % 2).any() for track in score.tracks for bar in track.bars):
        return None
    return _scaled(score, HALVED, 1, 2)


def _scaled(score: Score, meters: dict[Meter, Meter], up: int, down: int) -> Score:
    tracks = [
        replace(track, bars=tuple(_scaled_bar(bar, meters, up, down) for bar in track.bars))
        for track in score.tracks
    ]
    return replace(score, tracks=tuple(tracks))


def _scaled_bar(bar: Bar, meters: dict[Meter, Meter], up: int, down: int) -> Bar:
    rows = bar.notes.array.copy()
    rows[:, 2] = rows[:, 2] * up // down
    rows[:, 3] = np.maximum(1, rows[:, 3] * up // down)
    return Bar(Notes.trusted(rows), *meters[bar.meter])
