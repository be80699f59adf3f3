"""Fixed places in the validation pieces where a model is asked to write."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from descant.score import Bar, Score
from descant.train.corpus import Corpus
from descant.train.tokeniser import Tokeniser
from descant.train.windows import Limits, PieceDraw, Variation, cut, draw_window

SEED = 20_000_033
WINDOW = 8
RUN = 4  # bars written
LIMITS = Limits((1, 4), 0.75)
MOST_DRAWS = 1000


@dataclass(frozen=True)
class Case:
    """A window of real music on the model grid, and the bars of one track to write anew."""

    score: Score
    track: int
    bars: tuple[int, ...]

    @property
    def real(self) -> tuple[Bar, ...]:
        """The bars that stand there."""
        return tuple(self.score.tracks[self.track].bars[bar] for bar in self.bars)

    @property
    def around(self) -> tuple[Bar, ...]:
        """The other bars of the track."""
        bars = enumerate(self.score.tracks[self.track].bars)
        return tuple(bar for number, bar in bars if number not in self.bars)

    @property
    def copied(self) -> tuple[Bar, ...]:
        """What copying the bar before would write."""
        before = self.score.tracks[self.track].bars[self.bars[0] - 1]
        return (before,) * len(self.bars)

    @property
    def emptied(self) -> Score:
        """The score without the bars to write: what a composer would hand over."""
        return with_bars(self, tuple(bar.with_notes(()) for bar in self.real))

    @property
    def is_drum(self) -> bool:
        return self.score.tracks[self.track].is_drum


def with_bars(case: Case, bars: tuple[Bar, ...]) -> Score:
    """The score with other bars in the places to write."""
    track = case.score.tracks[case.track]
    new = list(track.bars)
    for place, bar in zip(case.bars, bars, strict=True):
        new[place] = bar
    tracks = list(case.score.tracks)
    tracks[case.track] = replace(track, bars=tuple(new))
    return replace(case.score, tracks=tuple(tracks))


def draw_cases(
    valid: Corpus,
    tokeniser: Tokeniser,
    count: int,
    seed: int = SEED,
    limits: Limits = LIMITS,
) -> list[Case]:
    """The same places every time for the same pieces, encoder and seed; perhaps fewer than
    `count`.
    """
    random = np.random.default_rng(seed)
    pieces, found = PieceDraw(valid), list[Case]()
    length = min(tokeniser.windows, key=lambda bars: abs(bars - WINDOW))
    for _ in range(MOST_DRAWS):
        if len(found) == count:
            break
        piece = pieces.draw(random)
        window = draw_window(piece, [length], tokeniser.meters, limits, random)
        if window is not None:
            first = (length - min(RUN, length - 1)) // 2 or 1
            bars = tuple(range(first, min(first + RUN, length)))
            track = int(random.integers(len(window.tracks)))
            found.append(Case(cut(piece, window, Variation()), track, bars))
    return found
