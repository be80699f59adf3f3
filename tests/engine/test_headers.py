"""Where a bar to write stands and what it should be, said right before its notes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
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


def instrument(program: int) -> str:
    vocabulary = engine_of("descant").model.codec.vocabulary
    return f"Instrument:{vocabulary.instrument_value(program)}"


def header(track: int, mask_mode: str = "token", **prompt: Any) -> list[str]:
    """What is said of bar 3 of a track; further settings of its prompt."""
    prompts = [TrackPrompt(n, [3] if n == track else []) for n in range(3)]
    prompts[track] = TrackPrompt(track, [3], **prompt)
    engine = engine_of("descant")
    wish = GenerationRequest(prompts, InferenceConfig(model_dim=8, mask_mode=mask_mode))
    (prompt_made,) = engine.session(piece(), wish).prompts()
    (tokens,) = prompt_made.headers
    return list(map(engine.model.codec.vocabulary.token_name, tokens))


LIKENESS = (
    "TrackLevelPitchLow",
    "TrackLevelPitchHigh",
    "NoteDensity",
    "MinPolyphony",
    "MaxPolyphony",
    "MinNoteDuration",
    "MaxNoteDuration",
)


def pitches(track: int, bars: Iterable[int]) -> list[str]:
    played = np.concatenate([piece().tracks[track].bars[bar].notes.array[:, 0] for bar in bars])
    return [f"TrackLevelPitchLow:{played.min()}", f"TrackLevelPitchHigh:{played.max()}"]


def kinds(tokens: list[str]) -> tuple[str, ...]:
    return tuple(token.split(":")[0] for token in tokens)


def test_our_encoder_is_told_instrument_likeness_and_levels_right_before_the_notes() -> None:
    ((plain, dense),) = headers("descant", bars_per_step=0, tracks_per_step=0)
    assert plain[:3] == [instrument(73), *pitches(0, (0, 1, 2, 5, 6, 7))]
    assert kinds(plain) == ("Instrument", *LIKENESS, "TimeSig")
    assert dense == [*plain[:-1], "BarLevelOnsetDensity:7", "TimeSig:0"]
    steps = headers("descant", bars_per_step=1, tracks_per_step=1)
    assert [kinds(step[0]) for step in steps] == [kinds(plain), kinds(dense)]


def test_likeness_is_what_can_be_seen_unless_it_was_wished() -> None:
    others = [0, 1, 2, 4, 5, 6, 7]
    whole = header(1)
    assert whole[:3] == [instrument(4), *pitches(1, others)]
    assert whole[4:6] == ["MinPolyphony:2", "MaxPolyphony:2"]  # chords of three notes
    for mode in ("token", "attention", "remove"):
        shown = header(1, mode, mask_bars=others[:4])
        assert shown[:3] == [instrument(4), *pitches(1, others[4:])]
        assert shown[3:] == whole[3:]
        assert header(1, mode, mask_bars=others) == [instrument(4), "TimeSig:0"]
    wished = header(1, attributes={"pitch_low": 40, "max_polyphony": 5})
    assert wished[1] == "TrackLevelPitchLow:40"
    assert wished[2:5] == whole[2:5]
    assert wished[5] == "MaxPolyphony:5"


def test_drums_are_told_what_they_are_like_too() -> None:
    drums = header(2)
    assert drums[:3] == [instrument(0), *pitches(2, [0])]
    assert kinds(drums[3:]) == ("NoteDensity", "MinPolyphony", "MaxPolyphony", "TimeSig")


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
