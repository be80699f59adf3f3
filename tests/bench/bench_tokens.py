"""Writing music as tokens, and the rules and draw of a token: Descant and midigpt side by side.

usage: python tests/bench/bench_tokens.py FILE_OR_FOLDER ... [--peer-python PYTHON] [--rounds 5]

The rival runs in its own interpreter (`--peer-python` or DESCANT_PEER_PYTHON).  The two take turns;
medians are compared.  Encoding counts the first eight bars of a file, attributes included, from a
score at its own resolution.  A draw is all that lies between the logits of one token and those of
the next: legal set, softmax, draw, and moving the rules on, for an infill of eight bars.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from descant.bench.workload import infill
from descant.encoder_config import load_encoder
from descant.midi_file import read_midi
from descant.native import StepOptions, StepRules
from descant.sampling import TokenSampler
from descant.score import Score
from descant.tokens import Codec, EncodeOptions

ENCODER = "yellow_encoder"
BARS = 8
DRAWS = 256

RIVAL = """
import json, sys, time
import torch
from midigpt import _core
from midigpt._types import Bar, Note, Score, Track
from midigpt.inference.config import GenerationRequest
from midigpt.inference.session import SamplingSession
from midigpt.tokenizer.tokenizer import Tokenizer
from midigpt.attributes.base import AttributeAnalyzer

torch.set_num_threads(1)
config = json.loads(sys.stdin.readline())
encoder = _core.EncoderConfig.from_json(json.dumps(config))
analyzer = AttributeAnalyzer.from_config(encoder)
tokenizer = Tokenizer(encoder, analyzer)

def score_of(form):
    tracks = [
        Track([Bar([Note(*n) for n in notes], *meter, beat_length=beats)
               for meter, beats, notes in bars], program, kind)
        for program, kind, bars in form["tracks"]
    ]
    return Score(tracks, form["resolution"])

def encode(form):
    score = score_of(form)
    options = _core.EncodeOptions()
    options.window_bars = len(score.tracks[0].bars)
    start = time.perf_counter()
    tokens = tokenizer.encode(score, options)
    return len(tokens), time.perf_counter() - start

class Model:
    def max_context(self):
        return 2048

class Engine:
    _model, _tokenizer, _analyzer, _initial_kv = Model(), tokenizer, analyzer, None

def draws(asked):
    request = GenerationRequest.from_dict(asked["request"])
    from midigpt.inference.validation import validate_request
    score = Score.from_dict(asked["score"])
    request = validate_request(request, score, tokenizer._vocab.config(), analyzer)
    session = SamplingSession(Engine(), score, request)
    mask = session._build_selection_mask()
    step = session._plan(mask, request.config)[0]
    state = session._prepare_state(session._score, step)[1]
    rows = torch.randn(64, tokenizer.vocab_size())
    legal = torch.zeros(tokenizer.vocab_size(), dtype=torch.bool)
    drawn, start = 0, time.perf_counter()
    with torch.no_grad():
        while drawn < asked["draws"] and not state.complete():
            legal.copy_(torch.as_tensor(state.logit_mask(), dtype=torch.bool))
            masked = rows[drawn % 64].masked_fill(~legal, float("-inf"))
            try:
                state.advance(torch.multinomial((masked / 1.0).softmax(-1), 1).item())
            except RuntimeError:  # no legal token is left
                break
            drawn += 1
    return drawn, time.perf_counter() - start

for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps(draws(asked) if "draws" in asked else encode(asked)), flush=True)
"""


class Rival:
    def __init__(self, python: str, config: dict[str, Any]) -> None:
        self.process = subprocess.Popen(
            [python, "-c", RIVAL],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._send(config)

    def _send(self, value: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(value) + "\n")
        self.process.stdin.flush()

    def rate(self, asked: dict[str, Any]) -> float:
        assert self.process.stdout is not None
        self._send(asked)
        line = self.process.stdout.readline()
        if not line:
            sys.exit("midigpt ended while it was measured; does this interpreter have it?")
        count, seconds = json.loads(line)
        return float(count) / float(seconds)


def form_of(score: Score) -> dict[str, Any]:
    tracks = [
        (
            track.instrument,
            track.track_type,
            [(bar.meter, bar.beat_length, bar.notes.array[:, :5].tolist()) for bar in track.bars],
        )
        for track in score.tracks
    ]
    return {"tracks": tracks, "resolution": score.resolution}


def encoding_rate(codec: Codec, score: Score) -> float:
    options = EncodeOptions(window_bars=len(score.tracks[0].bars))
    start = time.perf_counter()
    tokens = codec.encode(score, options).tokens
    return len(tokens) / (time.perf_counter() - start)


def draw_rate(codec: Codec, seed: int) -> float:
    wish = infill(seed, BARS, BARS)
    options = EncodeOptions(window_bars=BARS, targets=[(1, b) for b in range(BARS)], prompt=True)
    ids = codec.encode(wish.score, options).tokens
    step = StepOptions(blocks=[(False, 4, 4)] * BARS)
    rules = StepRules(vocabulary=codec.vocabulary, options=step, prompt=ids)
    sampler = TokenSampler(codec.vocabulary, rules, seed=seed)
    rows = np.random.default_rng(seed).standard_normal((64, codec.vocab_size()), dtype=np.float32)
    drawn, start = 0, time.perf_counter()
    while drawn < DRAWS and not rules.complete:
        sampler.draw(rows[drawn % 64])
        drawn += 1
    return drawn / (time.perf_counter() - start)


def first_bars(path: Path) -> Score | None:
    score = read_midi(path)
    if not score.tracks or len(score.tracks[0].bars) < BARS:
        return None
    return replace(score, tracks=tuple(replace(t, bars=t.bars[:BARS]) for t in score.tracks))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("places", type=Path, nargs="+")
    parser.add_argument("--peer-python", default=os.environ.get("DESCANT_PEER_PYTHON"))
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    if not chosen.peer_python:
        sys.exit("name the interpreter that has midigpt: --peer-python or DESCANT_PEER_PYTHON")
    encoder = load_encoder(ENCODER)
    codec, rival = Codec(encoder), Rival(chosen.peer_python, encoder.to_dict())
    print("{:32} {:>14} {:>14} {:>7}".format("encoding, tokens/s", "midigpt", "Descant", "ratio"))
    ratios = []
    files = [
        p
        for place in chosen.places
        for p in ([place] if place.is_file() else sorted(place.rglob("*.mid")))
    ]
    for path in files:
        score = first_bars(path)
        if score is None:
            continue
        form = form_of(score)
        turns = [(rival.rate(form), encoding_rate(codec, score)) for _ in range(chosen.rounds)]
        ratios.append(row(path.name, turns))
    print(f"median ratio: {statistics.median(ratios):.1f}x over {len(ratios)} files")
    turns = []
    for number in range(chosen.rounds):
        asked = {"draws": DRAWS, **infill(number, BARS, BARS).to_dict()}
        turns.append((rival.rate(asked), draw_rate(codec, number)))
    row("rules and draw, tokens/s", turns)


def row(name: str, turns: list[tuple[float, float]]) -> float:
    theirs, ours = (statistics.median(column) for column in zip(*turns, strict=True))
    print(f"{name[:32]:32} {theirs:14.0f} {ours:14.0f} {ours / theirs:6.1f}x")
    return ours / theirs


if __name__ == "__main__":
    main()
