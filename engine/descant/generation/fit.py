"""Making prompts fit the model: leave out context tracks, else write less at once.

Source: spec/generation.md 4.5.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from descant.generation.estimate import expected_tokens
from descant.generation.piece import Piece
from descant.generation.prompt import Prompt
from descant.generation.roles import relevance
from descant.plan import PlanSettings, Step
from descant.request import InferenceConfig

_ROUNDS = 16

Planner = Callable[[PlanSettings], list[Step]]
Attention = Callable[[Prompt], npt.NDArray[np.float32] | None]
"""How much the last token of a prompt attends to each token, shape (T,); None when unknown."""


@dataclass(frozen=True)
class Fit:
    """Session tracks to leave out, and the step sizes to plan with."""

    dropped: tuple[int, ...]
    settings: PlanSettings


@dataclass(frozen=True)
class _Need:
    prompt: Prompt
    tokens: float


class ContextFit:
    """Fits the prompts of one session into `positions` tokens."""

    def __init__(
        self,
        piece: Piece,
        config: InferenceConfig,
        positions: int,
        build: Callable[[Step], Prompt],
        attention: Attention,
    ) -> None:
        self._piece = piece
        self._config = config
        self._positions = positions
        self._build = build
        self._attention = attention

    def run(self, plan: Planner, settings: PlanSettings) -> Fit:
        """What to leave out or how to cut smaller; gives up quietly when nothing helps."""
        cut_bars = 0
        dropped: tuple[int, ...] = ()
        for _ in range(_ROUNDS):
            steps = plan(settings)
            needs = [self._need(step) for step in steps]
            if not any(self._is_over(need, ()) for need in needs):
                return Fit((), settings)
            dropped, fits = self._drop(steps, needs)
            if fits:
                return Fit(dropped, settings)
            smaller, cut_bars = self._split(steps, settings, cut_bars)
            if smaller is None:
                break
            settings = smaller
        return Fit(dropped, settings)

    def _need(self, step: Step) -> _Need:
        prompt = self._build(step)
        estimate = expected_tokens(self._piece, prompt)
        return _Need(prompt, len(prompt) + self._config.budget_margin * estimate)

    def _is_over(self, need: _Need, dropped: Sequence[int]) -> bool:
        saved = sum(_length(need.prompt, track) for track in dropped)
        return need.tokens - saved >= self._positions

    def _drop(self, steps: list[Step], needs: list[_Need]) -> tuple[tuple[int, ...], bool]:
        """Tracks dropped one at a time, and whether that made everything fit."""
        dropped: list[int] = []
        if self._config.context != "all":
            for track in self._drop_order(steps, needs):
                dropped.append(track)
                if not any(self._is_over(need, dropped) for need in needs):
                    return tuple(dropped), True
        return tuple(dropped), False

    def _drop_order(self, steps: list[Step], needs: list[_Need]) -> list[int]:
        targets = sorted({track for step in steps for track, _ in step.targets})
        known = {original: track for track, original in enumerate(self._piece.tracks)}
        kept = {known[track] for track in self._config.context_keep if track in known}
        free = [t for t in range(len(known)) if t not in targets and t not in kept]
        listed = [known[t] for t in self._config.context_drop if known.get(t) in free]
        if self._config.context == "listed":
            return listed
        largest = max(needs, key=lambda need: need.tokens)
        rest = [track for track in free if track not in listed]
        return listed + sorted(rest, key=self._importance(largest.prompt, targets))

    def _importance(
        self, prompt: Prompt, targets: Sequence[int]
    ) -> Callable[[int], tuple[float, int]]:
        """Per token, so that dropping costs the model the least."""
        mass = self._attention(prompt) if len(prompt) < self._positions else None

        def importance(track: int) -> tuple[float, int]:
            begin, end = prompt.track_tokens().get(track, (0, 0))
            if mass is not None:
                weight = float(mass[begin:end].sum())
            else:
                weight = relevance(
                    self._piece.score, self._piece.tracks[track], self._originals(targets)
                )
            return weight / max(1, end - begin), track

        return importance

    def _originals(self, tracks: Sequence[int]) -> list[int]:
        return [self._piece.tracks[track] for track in tracks]

    def _split(
        self, steps: list[Step], settings: PlanSettings, cut_bars: int
    ) -> tuple[PlanSettings | None, int]:
        """Half the tracks of a step where their number was left open, else half its bars."""
        widest = max(
            (len({t for t, _ in step.targets}) for step in steps if not step.autoregressive),
            default=0,
        )
        if self._config.tracks_per_step == 0 and widest > 1:
            return replace(settings, tracks_per_step=max(1, widest // 2)), cut_bars
        current = cut_bars or max(len({b for _, b in step.targets}) for step in steps)
        if self._config.bars_per_step == 0 and current > 1:
            return replace(settings, bars_per_step=current // 2), current // 2
        return None, cut_bars


def _length(prompt: Prompt, track: int) -> int:
    begin, end = prompt.track_tokens().get(track, (0, 0))
    return end - begin
