"""Legal sets recorded from midigpt: walks of the grammar alone, and whole generation steps."""

from __future__ import annotations

import zlib
from functools import cache
from typing import Any

import numpy as np
from vector_files import ENCODERS, Vectors

from descant.encoder_config import load_encoder
from descant.native import StepOptions, StepRules, Vocabulary

VECTORS = {
    "recorded": Vectors("encoding", "grammar.json"),
    "piece": Vectors("encoding", "file_*.json"),
}


@cache
def vocabulary(encoder: str) -> Vocabulary:
    return load_encoder(ENCODERS[encoder]).vocabulary


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
    for index, (token, mask) in enumerate(zip(case["tokens"], case["masks"], strict=False)):
        assert digest(rules, words.size()) == mask, (case["encoder"], index)
        rules.accept(token)
    for mask in case["masks"][len(case["tokens"]) :]:
        assert digest(rules, words.size()) == mask, (case["encoder"], "end")
    return rules


def test_walks_meet_the_recorded_legal_sets(recorded: dict[str, Any]) -> None:
    for case in recorded["walks"]:
        grammar = dict(case["grammar"])
        grammar["autoregressive"] = grammar.pop("autoregressive_mode", False)
        options = StepOptions(strict=False, **grammar, **limits(case))
        for extra in case["extra"]:
            wish(options, extra)
        replay(case, options, case["prefix"])


def test_steps_meet_the_recorded_legal_sets(recorded: dict[str, Any]) -> None:
    for case in recorded["steps"]:
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


def test_whatever_the_encoder_writes_is_strictly_legal(piece: dict[str, Any]) -> None:
    """But for a pitch twice at one onset: two close notes of a recording on one model tick."""
    for window in piece.get("windows", []):
        for encoder, encoded in window["encoders"].items():
            for kind in {"ar", "ar_no_attributes"} & set(encoded):
                tokens = encoded[kind]
                legal = legal_length(vocabulary(encoder), tokens)
                if legal < len(tokens):
                    assert repeats_a_pitch(vocabulary(encoder), tokens[: legal + 1])


def legal_length(words: Vocabulary, tokens: list[int]) -> int:
    """How many tokens in front are legal; bars without notes count as legal."""
    options = StepOptions(require_notes=False)
    rules = StepRules(vocabulary=words, options=options, prompt=np.array(tokens[:1], np.int32))
    for index, token in enumerate(tokens[1:], start=1):
        if token not in rules.legal():
            return index
        rules.accept(token)
    return len(tokens)


def repeats_a_pitch(words: Vocabulary, tokens: list[int]) -> bool:
    """Whether the last token is a pitch that its onset has already."""
    onset: list[int] = []
    for token in tokens[:-1]:
        if words.type(token) in ("TimeAbsolutePos", "Bar"):
            onset = []
        onset.append(token)
    return words.type(tokens[-1]) == "NoteOnset" and tokens[-1] in onset
