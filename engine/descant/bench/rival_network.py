"""A rival that is only another network behind our loop: answers questions of `rival.py`."""

from __future__ import annotations

import json
import sys
from typing import Any

from descant.bench.runner import Runner
from descant.engine import InferenceEngine


def serve(engine: InferenceEngine) -> None:
    """Answer one JSON a line until the asker goes away."""
    runner = Runner(engine)
    for line in sys.stdin:
        print(json.dumps(_answer(runner, json.loads(line))), flush=True)


def _answer(runner: Runner, asked: dict[str, Any]) -> list[float]:
    """The measurement asked for; requests are those of the round, drawn by the rival's network."""
    number = asked["round"]
    if asked["what"] == "decode":
        return [runner.decode(number, 1)]
    if asked["what"] == "prefill":
        return [runner.prefill(number)]
    bars = runner.four_bars(number)
    return [1e3 * bars.first, 1e3 * bars.all]
