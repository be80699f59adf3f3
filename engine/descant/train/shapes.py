"""Which cells of a window are to be written and which are hidden: (T, B) tables of booleans.

The shapes are those that callers ask for: whole bars over all tracks, a run of bars in one or some
tracks, a whole track, the last bars, scattered cells.  spec/training.md 3.1 and 8.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from descant.train.windows import BoolMatrix, Random

Shape = tuple[int, int]

EMPTY_TARGETS_KEPT = 0.3
"""How many silent targets stay targets; with all of them a model falls silent too readily."""

SKIPPED_TRACKS = 0.25  # tracks that stay visible in a look-ahead mask


@dataclass(frozen=True)
class Masks:
    """How bars are hidden: `mode` 0 scattered, 1 the bars ahead, 2 these two and everything from
    some bar on; the mean `share` of scattered cells; the most bars ahead, `lookahead`.
    """

    mode: int = 2
    share: float = 0.25
    lookahead: int = 4


def draw_targets(notes: BoolMatrix, largest_scatter: float, random: Random) -> BoolMatrix:
    """Cells to write, at least one; `notes` says which cells sound, and scattered cells are
    drawn with a chance up to `largest_scatter`.
    """
    shape = _TARGET_SHAPES[random.choice(len(_TARGET_SHAPES), p=_SHAPE_WEIGHTS)]
    targets = shape(notes.shape, random, largest_scatter)
    kept: BoolMatrix = targets & (notes | (random.random(notes.shape) < EMPTY_TARGETS_KEPT))
    if not kept.any():
        kept.flat[random.integers(kept.size)] = True
    return kept


def draw_hidden(targets: BoolMatrix, masks: Masks, random: Random) -> BoolMatrix:
    """Cells to hide, never a target; without targets the last track is written and stays."""
    free = ~targets
    if not targets.any():
        free[-1] = False
    modes = _MASK_MODES if masks.mode == 2 else _MASK_MODES[masks.mode : masks.mode + 1]
    return free & modes[random.integers(len(modes))](targets, masks, random)


def _columns(shape: Shape, random: Random, scatter: float) -> BoolMatrix:
    targets = np.zeros(shape, bool)
    targets[:, _run(shape[1], random)] = True
    return targets


def _run_in_one(shape: Shape, random: Random, scatter: float) -> BoolMatrix:
    targets = np.zeros(shape, bool)
    targets[random.integers(shape[0]), _run(shape[1], random)] = True
    return targets


def _run_in_some(shape: Shape, random: Random, scatter: float) -> BoolMatrix:
    targets = np.zeros(shape, bool)
    count = int(random.integers(1, shape[0] + 1))
    chosen = random.permutation(shape[0])[:count]
    targets[chosen, _run(shape[1], random)] = True
    return targets


def _whole_track(shape: Shape, random: Random, scatter: float) -> BoolMatrix:
    targets = np.zeros(shape, bool)
    targets[random.integers(shape[0])] = True
    return targets


def _last_bars(shape: Shape, random: Random, scatter: float) -> BoolMatrix:
    targets = np.zeros(shape, bool)
    chosen = random.random(shape[0]) < random.uniform(0.3, 1.0)
    targets[chosen, -int(random.integers(1, max(2, shape[1] // 2 + 1))) :] = True
    return targets


def _scattered(shape: Shape, random: Random, scatter: float) -> BoolMatrix:
    return random.random(shape) < random.uniform(scatter / 10, scatter)


_TARGET_SHAPES: tuple[Callable[[Shape, Random, float], BoolMatrix], ...] = (
    _columns,
    _run_in_one,
    _run_in_some,
    _whole_track,
    _last_bars,
    _scattered,
)
_SHAPE_WEIGHTS = (0.20, 0.25, 0.15, 0.15, 0.10, 0.15)


def _run(bars: int, random: Random) -> slice:
    """Neighbouring bars, short runs as likely as long ones up to half the window."""
    length = int(random.integers(1, max(2, bars // 2 + 1)))
    start = int(random.integers(0, bars - length + 1))
    return slice(start, start + length)


def _hide_scattered(targets: BoolMatrix, masks: Masks, random: Random) -> BoolMatrix:
    return random.random(targets.shape) < random.uniform(0.0, 2 * masks.share)


def _hide_lookahead(targets: BoolMatrix, masks: Masks, random: Random) -> BoolMatrix:
    """As in live use: some bars after the present one, most tracks (spec/training.md 3.1, mode
    1).
    """
    hidden = np.zeros(targets.shape, bool)
    now = int(random.integers(0, max(1, targets.shape[1] - 1)))
    ahead = int(random.integers(1, masks.lookahead + 1))
    hidden[random.random(len(targets)) >= SKIPPED_TRACKS, now + 1 : now + 1 + ahead] = True
    return hidden


def _hide_rest(targets: BoolMatrix, masks: Masks, random: Random) -> BoolMatrix:
    """Everything from the first target on, or from any bar when there is none."""
    hidden = np.zeros(targets.shape, bool)
    columns = np.flatnonzero(targets.any(axis=0))
    start = int(columns[0]) if len(columns) else int(random.integers(0, targets.shape[1]))
    hidden[:, start:] = True
    return hidden


_MASK_MODES = (_hide_scattered, _hide_lookahead, _hide_rest)
