"""What lies before the first token: check, measure, plan and encode every step of a request.

    python tests/bench/bench_preparation.py [--model MODEL] [--rounds 5]

Four tracks, one of them written two bars a step; twice the bars should take twice the time.  The
goal is 0.3 s for 192 bars, 96 steps (midigpt 0.4.2: 26 s).
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

from descant.bench.workload import four_tracks
from descant.engine import InferenceEngine
from descant.model.registry import default_model
from descant.request import GenerationRequest
from descant.score import Score

WRITTEN = 1
LENGTHS = (48, 96, 192, 384)


def long_piece(bars: int) -> Score:
    score = four_tracks(0)
    times = bars // len(score.tracks[0].bars)
    return replace(score, tracks=tuple(replace(t, bars=t.bars * times) for t in score.tracks))


def request_for(bars: int) -> GenerationRequest:
    tracks = [{"id": t, "bars": list(range(bars)) if t == WRITTEN else []} for t in range(4)]
    return GenerationRequest.from_dict(
        {"tracks": tracks, "config": {"model_dim": 4, "bars_per_step": 2}}
    )


def prepared(engine: InferenceEngine, score: Score, request: GenerationRequest) -> int:
    """Number of steps, with the prompt of each made."""
    return len(engine.session(score, request).prompts())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model")
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    engine = InferenceEngine.from_checkpoint(chosen.model or default_model())
    for bars in LENGTHS:
        score, request = long_piece(bars), request_for(bars)
        times = []
        for _ in range(chosen.rounds):
            begin = time.perf_counter()
            steps = prepared(engine, score, request)
            times.append(time.perf_counter() - begin)
        print(f"{bars} bars, {steps} steps: best {min(times):.3f} s, worst {max(times):.3f} s")


if __name__ == "__main__":
    main()
