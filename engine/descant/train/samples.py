"""Training samples: windows of the corpus as token sequences, drawn as callers use the model.

Sample `i` of a seed is a function of (seed, i) and nothing else, so a run resumes by remembering
one number, and samples may be made anywhere in any order.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from descant.errors import DescantError
from descant.score import Score
from descant.train.augment import Augmentation, Chances
from descant.train.corpus import Corpus
from descant.train.levels import LevelDraw, changed
from descant.train.sample import Ids, Sample
from descant.train.shapes import Masks, draw_hidden, draw_targets
from descant.train.tokeniser import Tokeniser
from descant.train.windows import (
    BoolMatrix,
    Limits,
    PieceDraw,
    Random,
    Variation,
    Window,
    cut,
    draw_window,
)

MOST_DRAWS = 100
KEPT_LIKENESS = 0.9  # of the headers, those that say what the track is like


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
    min_tracks: int = 1
    max_tracks: int = 12
    least_fill: float = 0.25  # bars of a window in which a track sounds: a share from here to 1
    largest_scatter: float = 0.5  # chance of a scattered target, drawn up to this
    mask_mode: int = 2  # 0 scattered, 1 bars ahead, 2 all ways
    mask_share: float = 0.25  # mean share of cells hidden at random
    lookahead: int = 4  # most bars ahead that are hidden
    velocity_off: float = 0.1  # samples without velocity, where an encoder can leave it out
    microtiming_off: float = 0.1
    headers: float = 1.0  # samples whose targets begin with a header, where encoders have them
    vary: bool = True  # transpose, scale velocities, augment
    chances: Chances = field(default_factory=Chances)  # of augmentations

    @property
    def masks(self) -> Masks:
        return Masks(self.mask_mode, self.mask_share, self.lookahead)


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
        self._augmentation = Augmentation(corpus, tokeniser.meters, settings.chances)
        self._levels = LevelDraw(tokeniser, settings.level_dropout, settings.seen_only)
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
        fewest = settings.max_tracks if long else settings.min_tracks
        limits = Limits((fewest, settings.max_tracks), settings.least_fill)
        window = draw_window(piece, known.windows, known.meters, limits, random)
        variation = Variation.draw(random) if settings.vary else Variation()
        while window is not None:
            score = cut(piece, window, variation)
            if settings.vary:
                score = self._augmentation.change(score, random)
            sample = self._encode(score, infill, random)
            if len(sample.ids) <= limit:
                return sample
            window = _smaller(window)
        return None

    def _encode(self, score: Score, infill: bool, random: Random) -> Sample:
        settings, known = self.settings, self.tokeniser
        sounding = np.array([[len(bar.notes) > 0 for bar in t.bars] for t in score.tracks])
        targets = hidden = np.zeros_like(sounding)
        if infill:
            targets = draw_targets(sounding, settings.largest_scatter, random)
            if known.headers is not None:
                score, targets = with_written_last(score, targets)
        if known.hides and random.random() < settings.hidden:
            hidden = draw_hidden(targets, settings.masks, random)
        score = self._levels.write(score, targets, hidden, random)
        cells = [(int(track), int(bar)) for track, bar in np.argwhere(targets)]
        ids: Ids = known.encode(
            changed(score, hidden, lambda bar: replace(bar, future=True)),
            cells,
            velocity=bool(random.random() >= settings.velocity_off),
            microtiming=bool(random.random() >= settings.microtiming_off),
        )
        told = None
        if known.headers is not None and random.random() < settings.headers:
            ids, told = known.headers.said(ids, likeness=bool(random.random() < KEPT_LIKENESS))
        starts = np.flatnonzero(ids == known.fill_start)
        return Sample(ids, int(starts[0]) + 1 if len(starts) else 0, told)


def with_written_last(score: Score, targets: BoolMatrix) -> tuple[Score, BoolMatrix]:
    """The score with the tracks that have `targets` (T, B) behind the others, as in the prompts of
    encoders of our own.
    """
    order = np.argsort(targets.any(axis=1), kind="stable")
    return replace(score, tracks=tuple(score.tracks[track] for track in order)), targets[order]


def _smaller(window: Window) -> Window | None:
    """The window with one track less; None when it has only one."""
    if len(window.tracks) == 1:
        return None
    return replace(window, tracks=window.tracks[:-1])
