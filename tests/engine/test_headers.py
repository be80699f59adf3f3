"""Levels and meter of a bar to write, said again right before its notes."""

from __future__ import annotations

from models import engine_of, piece

from descant.request import GenerationRequest, InferenceConfig, TrackPrompt

DENSITY = "bar_note_density"


def request(**settings: int) -> GenerationRequest:
    prompts = [TrackPrompt(0, [3, 4], bar_attributes={4: {DENSITY: 7}}), TrackPrompt(1, [])]
    config = InferenceConfig(model_dim=8, seed=1, density_hard_limit=4, **settings)
    return GenerationRequest([*prompts, TrackPrompt(2, [])], config)


def headers(encoder: str, **settings: int) -> list[list[list[str]]]:
    """Of each step, by bar to write: the names of the tokens said again."""
    engine = engine_of(encoder)
    name = engine.model.codec.vocabulary.token_name
    session = engine.session(piece(), request(**settings))
    return [[list(map(name, header)) for header in p.headers] for p in session.prompts()]


def test_our_encoder_is_told_the_levels_of_each_bar_right_before_its_notes() -> None:
    plain, dense = ["TimeSig:0"], ["BarLevelOnsetDensity:7", "TimeSig:0"]
    assert headers("descant", bars_per_step=0, tracks_per_step=0) == [[plain, dense]]
    assert headers("descant", bars_per_step=1, tracks_per_step=1) == [[plain], [dense]]


def test_other_encoders_are_told_once() -> None:
    prompts = [TrackPrompt(0, [3, 4]), TrackPrompt(1, []), TrackPrompt(2, [])]
    session = engine_of("ghost_config").session(piece(), GenerationRequest(prompts))
    assert all(prompt.headers == () for prompt in session.prompts())


def test_headers_are_said_and_the_bars_are_whole() -> None:
    session = engine_of("descant").session(piece(), request(bars_per_step=0, tracks_per_step=0))
    score = session.run()
    assert all(0 < len(score.tracks[0].bars[bar].notes) <= 4 for bar in (3, 4))
    assert score.tracks[1:] == piece().tracks[1:]
    alone = request(bars_per_step=0, tracks_per_step=0)
    alone.config.num_candidates = 3
    takes = engine_of("descant").session(piece(), alone).run_variations()
    assert takes[0]["score"] == score
