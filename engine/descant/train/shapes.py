"""Which cells of a window are to be written and which are hidden: (T, B) tables of booleans.

The shapes are those that callers ask for: whole bars over all tracks, a run of bars in one or some
tracks, a whole track, the last bars, scattered cells.  spec/training.md 3.1 and 8.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from descant.train.windows import BoolMatrix, Random

EMPTY_TARGETS_KEPT = 0.3
"""How many silent targets stay targets; with all of them a model falls silent too readily."""

LARGEST_SCATTER = 0.5  # chance of a scattered cell, drawn up to this
LARGEST_RANDOM_MASK = 0.25  # share of cells hidden at random
LONGEST_LOOKAHEAD = 4  # bars
SKIPPED_TRACKS = 0.25  # tracks that stay visible in a look-ahead mask


def draw_targets(notes: BoolMatrix, random: Random) -> BoolMatrix:
    """Cells to write, at least one; `notes` says which cells sound."""
    names, weights = zip(*((shape, weight) for shape, weight in _TARGET_SHAPES), strict=True)
    shape = names[random.choice(len(names), p=weights)]
    targets = shape(notes.shape, random)
    kept: BoolMatrix = targets & (notes | (random.random(notes.shape) < EMPTY_TARGETS_KEPT))
    if not kept.any():
        kept.flat[random.integers(kept.size)] = True
    return kept


def draw_hidden(targets: BoolMatrix, random: Random) -> BoolMatrix:
    """Cells to hide, never a target; without targets the last track is written and stays."""
    free = ~targets
    if not targets.any():
        free[-1] = False
    modes: tuple[Callable[[BoolMatrix, Random], BoolMatrix], ...] = (
        _hide_scattered,
        _hide_lookahead,
        _hide_rest,
    )
    return free & modes[random.integers(len(modes))](targets, random)


def _columns(shape: tuple[int, int], random: Random) -> BoolMatrix:
    targets = np.zeros(shape, bool)
    targets[:, _run(shape[1], random)] = True
    return targets


def _run_in_one(shape: tuple[int, int], random: Random) -> BoolMatrix:
    targets = np.zeros(shape, bool)
    targets[random.integers(shape[0]), _run(shape[1], random)] = True
    return targets


def _run_in_some(shape: tuple[int, int], random: Random) -> BoolMatrix:
    targets = np.zeros(shape, bool)
    count = int(random.integers(1, shape[0] + 1))
    chosen = random.permutation(shape[0])[:count]
    targets[chosen, _run(shape[1], random)] = True
    return targets


def _whole_track(shape: tuple[int, int], random: Random) -> BoolMatrix:
    targets = np.zeros(shape, bool)
    targets[random.integers(shape[0])] = True
    return targets


def _last_bars(shape: tuple[int, int], random: Random) -> BoolMatrix:
    targets = np.zeros(shape, bool)
    chosen = random.random(shape[0]) < random.uniform(0.3, 1.0)
    targets[chosen, -int(random.integers(1, max(2, shape[1] // 2 + 1))) :] = True
    return targets


def _scattered(shape: tuple[int, int], random: Random) -> BoolMatrix:
    return random.random(shape) < random.uniform(0.05, LARGEST_SCATTER)


_TARGET_SHAPES: tuple[tuple[Callable[[tuple[int, int], Random], BoolMatrix], float], ...] = (
    (_columns, 0.20),
    (_run_in_one, 0.25),
    (_run_in_some, 0.15),
    (_whole_track, 0.15),
    (_last_bars, 0.10),
    (_scattered, 0.15),
)


def _run(bars: int, random: Random) -> slice:
    """Neighbouring bars, short runs as likely as long ones up to half the window."""
    length = int(random.integers(1, max(2, bars // 2 + 1)))
    start = int(random.integers(0, bars - length + 1))
    return slice(start, start + length)


def _hide_scattered(targets: BoolMatrix, random: Random) -> BoolMatrix:
    return random.random(targets.shape) < random.uniform(0.0, 2 * LARGEST_RANDOM_MASK)


def _hide_lookahead(targets: BoolMatrix, random: Random) -> BoolMatrix:
    """As in live use: some bars after the present one, most tracks (spec/training.md 3.1, mode
    1).
    """
    hidden = np.zeros(targets.shape, bool)
    now = int(random.integers(0, max(1, targets.shape[1] - 1)))
    ahead = int(random.integers(1, LONGEST_LOOKAHEAD + 1))
    hidden[random.random(len(targets)) >= SKIPPED_TRACKS, now + 1 : now + 1 + ahead] = True
    return hidden


def _hide_rest(targets: BoolMatrix, random: Random) -> BoolMatrix:
    """Everything from the first target on, or from any bar when there is none."""
    hidden = np.zeros(targets.shape, bool)
    columns = np.flatnonzero(targets.any(axis=0))
    start = int(columns[0]) if len(columns) else int(random.integers(0, targets.shape[1]))
    hidden[:, start:] = True
    return hidden
