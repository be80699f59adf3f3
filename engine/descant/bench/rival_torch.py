"""The torch backend in a process of its own: answers questions of `rival.py`, one JSON a line."""

from __future__ import annotations

import json
import sys
from typing import Any

from descant.bench.runner import Runner
from descant.engine import InferenceEngine


def answer(runner: Runner, asked: dict[str, Any]) -> list[float]:
    """The measurement asked for; requests are those of the round, drawn by torch."""
    number = asked["round"]
    if asked["what"] == "decode":
        return [runner.decode(number, 1)]
    if asked["what"] == "prefill":
        return [runner.prefill(number)]
    bars = runner.four_bars(number)
    return [1e3 * bars.first, 1e3 * bars.all]


def main() -> None:
    runner = Runner(InferenceEngine.from_checkpoint(sys.argv[1], backend="torch"))
    for line in sys.stdin:
        print(json.dumps(answer(runner, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
