"""Whether a session of its own would have kept a take that was drawn side by side with others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from descant.engine import InferenceEngine
from descant.generation import SamplingSession
from descant.generation.checks import Rows, is_copy, is_silent
from descant.score import Score


def would_be_tried_again(
    engine: InferenceEngine, before: Score, session: SamplingSession, result: Mapping[str, Any]
) -> bool:
    """Whether `SamplingSession.run` would not stop at this result of `run_variations`.

    It tries again what met a dead end, is silent or a copy, and writes less at once after an
    answer that was cut off.
    """
    score: Score | None = result["score"]
    if score is None or result["truncated"]:
        return True
    config, targets = session.request.config, session.generated_bars
    new = _rows(engine, score, targets)
    if config.silence_check and is_silent(new):
        return True
    old = _rows(engine, before, targets)
    return config.novelty_check and is_copy(old, new, config.novelty_threshold)


def _rows(
    engine: InferenceEngine, score: Score, targets: Mapping[int, list[int]]
) -> dict[tuple[int, int], Rows]:
    """Notes of the bars that were to be written, on the model grid."""
    grid = engine.model.codec.on_model_grid(
        replace(score, tracks=tuple(score.tracks[track] for track in targets))
    )
    return {
        (place, bar): grid.bar(track=place, bar=bar)
        for place, bars in enumerate(targets.values())
        for bar in bars
    }
