"""From a wish to steps: which bars each pass of the model writes, and what it may read meanwhile.

Two planners: windows that keep history (midigpt 0.4) and the grid of 0.2.4.  Thinning and shuffling
use CPython's `random.Random`, so that a seed gives the same choice as upstream.
Source: spec/generation.md 4 and 4.6.
"""

from __future__ import annotations

import math
import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from descant.native import core_errors, plan_grid, plan_windows

Cell = tuple[int, int]
"""(track, bar), both from 0."""


@dataclass(frozen=True, slots=True)
class Step:
    """One pass of the model over the bars [start_bar, end_bar).

    `targets` ascend by (track, bar); `track_indices` are the tracks of the prompt, ascending.
    """

    start_bar: int
    end_bar: int
    autoregressive: bool
    targets: tuple[Cell, ...]
    track_indices: tuple[int, ...]

    @property
    def bars(self) -> int:
        """Length of the window in bars."""
        return self.end_bar - self.start_bar

    def bar_mapping(self) -> list[tuple[int, int, int, int]]:
        """Each target as (index in `track_indices`, bar in the window, track, bar of the piece)."""
        index = {track: i for i, track in enumerate(self.track_indices)}
        return [(index[t], bar - self.start_bar, t, bar) for t, bar in self.targets]

    def context(self, tracks: int, bars: int) -> npt.NDArray[np.bool_]:
        """What the model may read, shape (tracks, bars): the window less the targets."""
        readable = np.zeros((tracks, bars), dtype=np.bool_)
        readable[list(self.track_indices), self.start_bar : self.end_bar] = True
        for cell in self.targets:
            readable[cell] = False
        return readable


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """How large the bites are; 0 for a `_per_step` value leaves the choice to the planner.

    `window` is in bars; `ar_overlap` and `min_overlap_bars` (history kept by an autoregressive step
    whose length is left open) are used by the window planner only.
    """

    window: int = 4
    bars_per_step: int = 1
    tracks_per_step: int = 1
    ar_overlap: float = 0.5
    min_overlap_bars: int = 2
    planner: Literal["window", "grid"] = "window"


def make_plan(
    selected: npt.ArrayLike,
    autoregressive: Collection[int] = (),
    ignore: Collection[int] = (),
    settings: PlanSettings | None = None,
) -> list[Step]:
    """Cut the wanted bars into steps; every wanted bar of a track not ignored is written once.

    `selected` is boolean, shape (tracks, bars); `autoregressive` and `ignore` name tracks.
    Raises GenerationError when the window is longer than the piece.
    """
    settings = settings or PlanSettings()
    wanted = np.ascontiguousarray(selected, dtype=np.bool_)
    continued = _flags(autoregressive, len(wanted))
    ignored = _flags(ignore, len(wanted))
    with core_errors():
        if settings.planner == "grid":
            rows = plan_grid(
                selected=wanted,
                autoregressive=continued,
                ignore=ignored,
                window=settings.window,
                bars_per_step=settings.bars_per_step,
                tracks_per_step=settings.tracks_per_step,
            )
        else:
            rows = plan_windows(
                selected=wanted,
                autoregressive=continued,
                ignore=ignored,
                window=settings.window,
                bars_per_step=settings.bars_per_step,
                tracks_per_step=settings.tracks_per_step,
                ar_overlap=settings.ar_overlap,
                min_overlap_bars=settings.min_overlap_bars,
            )
    return [Step(*row) for row in rows]


def thin_targets(
    targets: Mapping[int, Collection[int]], probability: float, seed: int
) -> dict[int, tuple[int, ...]]:
    """Keep a share of the infill targets {track: bars}; at least one stays (spec 4.1)."""
    pool = sorted({(track, bar) for track, bars in targets.items() for bar in bars})
    kept = pool
    if probability < 1 and pool:
        count = max(1, math.floor(probability * len(pool) + 0.5))
        kept = random.Random(seed).sample(pool, count)
    return {track: tuple(sorted(b for t, b in kept if t == track)) for track in targets}


def shuffle_steps(steps: Sequence[Step], seed: int) -> list[Step]:
    """Autoregressive steps as planned, then the infill steps in an order drawn from the seed."""
    infill = [step for step in steps if not step.autoregressive]
    random.Random(seed).shuffle(infill)
    return [step for step in steps if step.autoregressive] + infill


def _flags(tracks: Collection[int], count: int) -> npt.NDArray[np.bool_]:
    flags = np.zeros(count, dtype=np.bool_)
    flags[list(tracks)] = True
    return flags
