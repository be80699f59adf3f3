"""Levels followed further than the network does by itself."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from models import engine_of, piece

from descant.engine import InferenceEngine
from descant.errors import RequestValidationError
from descant.generation.prompt import Prompt
from descant.native import DrawRule, GenerationLoop, StepOptions, StepRules, Take
from descant.request import GenerationRequest, InferenceConfig, TrackPrompt

DENSITY = "bar_note_density"
BARS = (3, 4)
BUDGET = 120


def request(level: int | None, guidance: float = 2.0) -> GenerationRequest:
    levels = {} if level is None else {BARS[1]: {DENSITY: level}}
    prompts = [TrackPrompt(0, list(BARS), bar_attributes=levels)]
    config = InferenceConfig(
        model_dim=8, seed=1, bars_per_step=0, tracks_per_step=0, level_guidance=guidance
    )
    return GenerationRequest([*prompts, TrackPrompt(1, []), TrackPrompt(2, [])], config)


def only_prompt(engine: InferenceEngine, level: int | None) -> Prompt:
    (prompt,) = engine.session(piece(), request(level)).prompts()
    return prompt


def rules_of(engine: InferenceEngine, prompt: Prompt) -> StepRules:
    options = StepOptions(
        max_tracks=3, blocks=[(False, 4, 4)] * len(BARS), block_headers=prompt.headers
    )
    vocabulary = engine.model.codec.vocabulary
    return StepRules(vocabulary=vocabulary, options=options, prompt=prompt.ids)


def drawn(engine: InferenceEngine, prompt: Prompt, guidances: list[float]) -> list[list[int]]:
    """The most probable tokens of takes side by side."""
    rules, places = rules_of(engine, prompt), np.arange(len(prompt.ids), dtype=np.int32)
    loop = GenerationLoop(
        network=engine.model.network,
        ids=prompt.ids,
        positions=places,
        visible=np.ones(len(prompt.ids), np.uint8),
        next_position=len(prompt.ids),
        takes=[Take(rules=rules, draw=DrawRule(greedy=True), guidance=g) for g in guidances],
        budget=BUDGET,
    )
    loop.start()
    while not loop.wait(1.0):
        pass
    loop.join()
    return [list(tokens) for tokens, _ in loop.takes]


def logits_behind(engine: InferenceEngine, ids: list[int]) -> npt.NDArray[np.float32]:
    places = np.arange(len(ids), dtype=np.int32)
    return engine.model.network.prefill(
        np.array(ids, np.int32), places, np.ones(len(ids), np.uint8)
    )


def test_a_guided_take_draws_what_the_formula_says() -> None:
    engine, guidance = engine_of("descant"), 3.0
    prompt = only_prompt(engine, 7)
    (tokens,) = drawn(engine, prompt, [guidance])
    rules, vocabulary = rules_of(engine, prompt), engine.model.codec.vocabulary
    asked, free = prompt.ids.tolist(), prompt.ids.tolist()
    chosen = 0
    for token in tokens:
        legal = rules.legal()
        if len(legal) > 1:
            mine, other = logits_behind(engine, asked), logits_behind(engine, free)
            guided = other + guidance * (mine - other)
            assert guided[token] == pytest.approx(guided[legal].max(), abs=1e-3)
            chosen += 1
        asked.append(token)
        if not vocabulary.token_name(token).startswith("BarLevelOnsetDensity"):
            free.append(token)
        rules.accept(token)
    assert chosen > 10
    assert len(asked) == len(free) + 1


def test_guidance_changes_what_is_drawn_and_only_where_levels_are_asked_for() -> None:
    engine = engine_of("descant")
    plain, guided, alone = drawn(engine, only_prompt(engine, 7), [1.0, 8.0, 1.0])
    assert plain == alone
    assert guided != plain
    free = only_prompt(engine, None)
    assert drawn(engine, free, [1.0]) == drawn(engine, free, [8.0])


def test_a_request_sets_it_and_nonsense_is_refused() -> None:
    engine = engine_of("descant")
    scores = [engine.session(piece(), request(7, g)).run() for g in (1.0, 10.0, 1.0)]
    assert scores[0] == scores[2] != scores[1]
    with pytest.raises(RequestValidationError, match="level_guidance is 11"):
        engine.session(piece(), request(7, 11))
