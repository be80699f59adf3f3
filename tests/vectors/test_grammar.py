"""Legal sets recorded from midigpt: walks of the grammar alone, and whole generation steps."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from descant.encoder_config import load_encoder
from descant.native import StepOptions, StepRules, Vocabulary

DATA = Path(__file__).parents[1] / "data" / "vectors"
ENCODERS = {
    "yellow": "yellow_encoder",
    "ghost": "ghost_config",
    "prism": "prism_encoder",
    "expressive": "expressive_encoder",
}
VOCABULARIES: dict[str, Vocabulary] = {}


def vocabulary(encoder: str) -> Vocabulary:
    if encoder not in VOCABULARIES:
        VOCABULARIES[encoder] = load_encoder(ENCODERS[encoder]).vocabulary
    return VOCABULARIES[encoder]


def read(config: pytest.Config) -> dict[str, Any]:
    folder = Path(config.getoption("--vectors", None) or DATA)
    form: dict[str, Any] = json.loads((folder / "encoding" / "grammar.json").read_text())
    return form


def digest(rules: StepRules, size: int) -> list[int]:
    legal = np.zeros(size, np.uint8)
    legal[rules.legal()] = 1
    return [int(legal.sum()), zlib.crc32(legal.tobytes())]


def limits(case: dict[str, Any]) -> dict[str, int]:
    names = {"polyphony": "polyphony_limit", "density": "density_limit"}
    return {names[kind]: value for kind, value, *_ in case["extra"] if kind in names}


def wish(options: StepOptions, extra: list[Any]) -> None:
    if extra[0] == "attribute":
        options.wish_track(type=extra[1], value=extra[2])
    if extra[0] == "bar_attribute":
        options.wish_bar(type=extra[1], track=extra[2], bar=extra[3], value=extra[4])


def replay(case: dict[str, Any], options: StepOptions, prompt: list[int]) -> StepRules:
    words = vocabulary(case["encoder"])
    rules = StepRules(vocabulary=words, options=options, prompt=np.array(prompt, np.int32))
    for index, (token, recorded) in enumerate(zip(case["tokens"], case["masks"], strict=False)):
        assert digest(rules, words.size()) == recorded, (case["encoder"], index)
        rules.accept(token)
    for recorded in case["masks"][len(case["tokens"]) :]:
        assert digest(rules, words.size()) == recorded, (case["encoder"], "end")
    return rules


def test_walks_meet_the_recorded_legal_sets(pytestconfig: pytest.Config) -> None:
    for case in read(pytestconfig)["walks"]:
        grammar = dict(case["grammar"])
        grammar["autoregressive"] = grammar.pop("autoregressive_mode", False)
        options = StepOptions(strict=False, **grammar, **limits(case))
        for extra in case["extra"]:
            wish(options, extra)
        replay(case, options, case["prefix"])


def test_steps_meet_the_recorded_legal_sets(pytestconfig: pytest.Config) -> None:
    for case in read(pytestconfig)["steps"]:
        tracks = case["score"]["tracks"]
        continued = case["autoregressive"]
        drums = [tracks[track]["track_type"] == "drum" for track, _ in case["targets"]]
        options = StepOptions(
            strict=False,
            autoregressive=continued,
            exact_bars=case["end_bar"] - case["start_bar"] if continued else -1,
            max_tracks=len(tracks),
            blocks=[] if continued else [(drum, 4, 4) for drum in drums],
            **limits(case),
        )
        assert replay(case, options, case["prompt"]).complete == case["complete"]
