"""Levels of the notes as they are, bar by bar, to draw behind the painted ones."""

from __future__ import annotations

from dataclasses import replace

from descant.attributes import AttributeAnalyzer
from descant.engine import InferenceEngine
from descant.score.types import Score

Levels = dict[str, list[int | None]]
"""Attribute -> level of each bar, None where a bar has none."""


def measure(engine: InferenceEngine, score: Score, track: int) -> Levels:
    """All levels of one track, measured on the model grid."""
    alone = replace(score, tracks=(replace(score.tracks[track], attributes={}),))
    analyzer = AttributeAnalyzer(engine.model.encoder)
    found = analyzer.annotate(engine.model.codec.normalize_input(alone)).tracks[0].attributes
    count = len(score.tracks[track].bars)
    levels: Levels = {}
    for spec in engine.model.encoder.vocabulary.attributes:
        if spec.per_bar:
            levels[spec.name] = [found.get(f"bar_{spec.token_type}_{i}") for i in range(count)]
        elif spec.name in found:
            levels[spec.name] = [found[spec.name]] * count
    return levels
