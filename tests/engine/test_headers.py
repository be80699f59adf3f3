"""Levels and meter of a bar to write, said again right before its notes."""

from __future__ import annotations

import numpy as np
from models import engine_of, piece

from descant.request import GenerationRequest, InferenceConfig, TrackPrompt

DENSITY = "bar_note_density"


def request(**settings: int) -> GenerationRequest:
    prompts = [TrackPrompt(0, [3, 4], bar_attributes={4: {DENSITY: 7}}), TrackPrompt(1, [])]
    config = InferenceConfig(model_dim=8, seed=1, density_hard_limit=4, **settings)
    return GenerationRequest([*prompts, TrackPrompt(2, [])], config)


def names_behind_the_fill(encoder: str, **settings: int) -> list[list[str]]:
    engine = engine_of(encoder)
    vocabulary = engine.model.codec.vocabulary
    start = vocabulary.offset("FillInStart")
    session = engine.session(piece(), request(**settings))
    return [
        [vocabulary.token_name(t) for t in p.ids[np.flatnonzero(p.ids == start)[-1] + 1 :].tolist()]
        for p in session.prompts()
    ]


def test_our_encoder_writes_bar_by_bar_each_told_its_own_levels() -> None:
    told = names_behind_the_fill("descant", bars_per_step=0, tracks_per_step=0)
    assert told == [["TimeSig:0"], ["BarLevelOnsetDensity:7", "TimeSig:0"]]


def test_steps_of_several_bars_are_told_nothing_twice() -> None:
    assert names_behind_the_fill("descant", bars_per_step=2, tracks_per_step=0) == [[]]


def test_a_bar_told_its_levels_is_written_whole() -> None:
    session = engine_of("descant").session(piece(), request(bars_per_step=0, tracks_per_step=0))
    score = session.run()
    assert all(0 < len(score.tracks[0].bars[bar].notes) <= 4 for bar in (3, 4))
    assert score.tracks[1:] == piece().tracks[1:]
