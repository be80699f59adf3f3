"""Training samples: windows of the corpus as token sequences, drawn as callers use the model.

Sample `i` of a seed is a function of (seed, i) and nothing else, so a run resumes by remembering
one number, and samples may be made anywhere in any order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from descant.errors import DescantError
from descant.score import Bar, Score, Track
from descant.train.corpus import Corpus
from descant.train.shapes import draw_hidden, draw_targets
from descant.train.tokeniser import Ids, Tokeniser
from descant.train.windows import BoolMatrix, PieceDraw, Random, Variation, Window, cut, draw_window

Levels = Mapping[str, int]

MOST_DRAWS = 100

_NO_FAMILY = re.compile(r"^(min|max)_|_\d+$")  # what two levels of one family differ in


@dataclass(frozen=True)
class SampleSettings:
    """How samples are drawn; shares are between 0 and 1."""

    infill: float = 0.7  # samples with targets; the others are plain sequences
    hidden: float = 0.35  # samples with hidden bars
    seen_only: float = 0.5  # samples whose levels are measured without targets and hidden bars
    level_dropout: float = 0.3  # levels that are not written
    long: float = 0.15  # samples of as many tracks as there are, as long as the model reads
    usual_tokens: int = 1024
    most_tokens: int = 2048
    max_tracks: int = 12
    vary: bool = True  # transpose and scale velocities


@dataclass(frozen=True)
class Sample:
    """One sequence.  `scored_from` is where the written targets begin (0: the whole sequence)."""

    ids: Ids
    scored_from: int


class Sampler:
    """Draws samples from a corpus.  Immutable; raises DescantError when the corpus yields none."""

    def __init__(
        self, corpus: Corpus, tokeniser: Tokeniser, settings: SampleSettings, seed: int
    ) -> None:
        if not corpus.pieces:
            raise DescantError("the corpus has no pieces of the split asked for")
        self.settings = settings
        self.tokeniser = tokeniser
        self._pieces = PieceDraw(corpus)
        self._seed = seed

    def sample(self, index: int) -> Sample:
        """Sample `index`."""
        random = np.random.default_rng((self._seed, index))
        long = bool(random.random() < self.settings.long)
        infill = bool(random.random() < self.settings.infill)
        for _ in range(MOST_DRAWS):
            sample = self._attempt(infill, long, random)
            if sample is not None:
                return sample
        raise DescantError(f"no window of the corpus fits into {self._limit(long)} tokens")

    def _limit(self, long: bool) -> int:
        return self.settings.most_tokens if long else self.settings.usual_tokens

    def _attempt(self, infill: bool, long: bool, random: Random) -> Sample | None:
        """Draw a window and take tracks away until its sequence fits; None when nothing does."""
        piece = self._pieces.draw(random)
        known, settings, limit = self.tokeniser, self.settings, self._limit(long)
        fewest = settings.max_tracks if long else 1
        counts = (fewest, settings.max_tracks)
        window = draw_window(piece, known.windows, known.meters, counts, random)
        variation = Variation.draw(random) if settings.vary else Variation()
        while window is not None:
            sample = self._encode(cut(piece, window, variation), infill, random)
            if len(sample.ids) <= limit:
                return sample
            window = _smaller(window)
        return None

    def _encode(self, score: Score, infill: bool, random: Random) -> Sample:
        sounding = np.array([[len(bar.notes) > 0 for bar in t.bars] for t in score.tracks])
        targets = draw_targets(sounding, random) if infill else np.zeros_like(sounding)
        hidden = np.zeros_like(sounding)
        if self.tokeniser.hides and random.random() < self.settings.hidden:
            hidden = draw_hidden(targets, random)
        seen = random.random() < self.settings.seen_only
        score = self._with_levels(score, targets | hidden if seen else None, random)
        cells = [(int(track), int(bar)) for track, bar in np.argwhere(targets)]
        ids = self.tokeniser.encode(_hide(score, hidden), cells)
        starts = np.flatnonzero(ids == self.tokeniser.fill_start)
        return Sample(ids, int(starts[0]) + 1 if len(starts) else 0)

    def _with_levels(self, score: Score, unseen: BoolMatrix | None, random: Random) -> Score:
        """The score with the levels that are to be written, measured without `unseen` cells."""
        measured = score if unseen is None else _emptied(score, unseen)
        levels = self.tokeniser.measure(measured)
        dropped = _Dropout(self.settings.level_dropout, random)
        tracks = [
            replace(track, attributes=dropped.keep(names) if _sounds(heard) else {})
            for track, names, heard in zip(score.tracks, levels, measured.tracks, strict=True)
        ]
        return replace(score, tracks=tuple(tracks))


class _Dropout:
    """Leaves out levels: whole families in all tracks, whole tracks, single ones, a third each."""

    def __init__(self, rate: float, random: Random) -> None:
        self._random = random
        self._rate = 1 - (1 - rate) ** (1 / 3)
        self._families: dict[str, bool] = {}

    def keep(self, levels: Levels) -> dict[str, int]:
        if self._drop():
            return {}
        return {name: levels[name] for name in sorted(levels) if self._stays(name)}

    def _stays(self, name: str) -> bool:
        family = _NO_FAMILY.sub("", name)
        if family not in self._families:
            self._families[family] = self._drop()
        return not (self._families[family] or self._drop())

    def _drop(self) -> bool:
        return bool(self._random.random() < self._rate)


def _smaller(window: Window) -> Window | None:
    """The window with one track less; None when it has only one."""
    if len(window.tracks) == 1:
        return None
    return replace(window, tracks=window.tracks[:-1])


def _sounds(track: Track) -> bool:
    return any(len(bar.notes) for bar in track.bars)


def _emptied(score: Score, cells: BoolMatrix) -> Score:
    return _changed(score, cells, lambda bar: bar.with_notes(()))


def _hide(score: Score, cells: BoolMatrix) -> Score:
    return _changed(score, cells, lambda bar: replace(bar, future=True))


def _changed(score: Score, cells: BoolMatrix, change: Callable[[Bar], Bar]) -> Score:
    tracks = [
        replace(
            track, bars=tuple(change(b) if c else b for b, c in zip(track.bars, row, strict=True))
        )
        for track, row in zip(score.tracks, cells.tolist(), strict=True)
    ]
    return replace(score, tracks=tuple(tracks))
