"""What a model writes in the places of the cases, through the real engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from descant.engine import InferenceEngine
from descant.errors import GenerationError
from descant.request import GenerationRequest, InferenceConfig, TrackPrompt
from descant.score import Bar, Score
from descant.train.judge.cases import Case

Bars = tuple[Bar, ...]


class Writer:
    """Runs sessions with seeds by case, and no check that would hide a fault.

    `sampling` are fields of `InferenceConfig`, such as a temperature, that are not the default.
    """

    def __init__(self, engine: InferenceEngine, sampling: Mapping[str, Any] | None = None) -> None:
        self.engine = engine
        self._sampling = dict(sampling or {})

    def write(
        self,
        case: Case,
        seed: int,
        levels: Mapping[int, Mapping[str, int]] | None = None,
        track_levels: Mapping[str, int] | None = None,
        hidden: Sequence[int] = (),
        mask_mode: str = "auto",
    ) -> Score | None:
        """The finished score; None when the prompt does not fit into the model.

        `levels` are wishes by bar, `hidden` the bars of the other tracks that are hidden.
        """
        prompts = [
            TrackPrompt(number, [], mask_bars=list(hidden))
            for number in range(len(case.score.tracks))
        ]
        prompts[case.track] = TrackPrompt(
            case.track,
            list(case.bars),
            attributes=dict(track_levels or {}),
            bar_attributes={bar: dict(wishes) for bar, wishes in (levels or {}).items()},
        )
        request = GenerationRequest(prompts, self._config(case, seed, mask_mode))
        try:
            return self.engine.session(case.emptied, request).run()
        except GenerationError:
            return None

    def bars(self, case: Case, seed: int) -> Bars | None:
        """The bars written when nothing is asked for."""
        score = self.write(case, seed)
        return None if score is None else bars_of(case, score)

    def _config(self, case: Case, seed: int, mask_mode: str) -> InferenceConfig:
        settings = {"novelty_check": False, "silence_check": False, **self._sampling}
        bars = len(case.score.tracks[0].bars)
        settings |= {"model_dim": bars, "max_attempts": 1}
        settings |= {"bars_per_step": 0, "tracks_per_step": 0}  # as the window asks
        return InferenceConfig(seed=seed, mask_mode=mask_mode, **settings)


def bars_of(case: Case, score: Score) -> Bars:
    """The bars of a score in the places of a case."""
    return tuple(score.tracks[case.track].bars[bar] for bar in case.bars)
