"""midigpt in a process of its own: answers questions of `rival.py`, one JSON a line.

Run by path with an interpreter that has midigpt; nothing of Descant is imported.  Bars end after as
many tokens as ours did, so that both do the same work; everything else is drawn as midigpt draws.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from typing import Any

import torch
from midigpt._types import Score
from midigpt.inference.config import GenerationRequest
from midigpt.inference.engine import InferenceEngine
from midigpt.inference.session import GenerationCancelled


class Draws:
    """Stands where midigpt draws: notes the time of every token, and ends bars where told to."""

    def __init__(self, start: int, end: int) -> None:
        self.moments: list[float] = []
        self.ends: list[int] = []
        self.enough = 0
        self.cancel = threading.Event()
        self._start, self._end = start, end
        self._plain = torch.multinomial

    def __call__(self, probabilities: Any, count: int, **options: Any) -> Any:
        if len(self.moments) + 1 in self.ends:
            drawn = torch.tensor([self._end])
        elif len(self.moments) in self.ends:  # anything else that is legal leads to a dead end
            drawn = torch.tensor([self._start])
        else:
            probabilities[self._end] = 0.0
            some = float(probabilities.sum()) > 0
            drawn = self._plain(probabilities, 1) if some else torch.tensor([self._end])
        self.moments.append(time.perf_counter())
        if len(self.moments) == self.enough:
            self.cancel.set()
        return drawn


def run(engine: Any, draws: Draws, asked: dict[str, Any]) -> list[float]:
    draws.moments, draws.ends, draws.enough = [], asked["ends"], asked["enough"]
    draws.cancel.clear()
    score = Score.from_dict(asked["score"])
    begin = time.perf_counter()
    session = engine.session(score, GenerationRequest.from_dict(asked["request"]))
    session.cancel_event = draws.cancel
    try:
        session.run()
    except GenerationCancelled:
        times = draws.moments
        return [(len(times) - 1) / (times[-1] - times[0])]
    done = time.perf_counter()
    return [1e3 * (draws.moments[draws.ends[0] - 1] - begin), 1e3 * (done - begin)]


def prefill(engine: Any, asked: dict[str, Any]) -> list[float]:
    ids = torch.tensor([asked["ids"]])
    begin = time.perf_counter()
    with torch.no_grad():
        engine._model(ids, engine._initial_kv)
    return [1e3 * (time.perf_counter() - begin)]


def only_id(vocabulary: Any, kind: str) -> int:
    ids = range(vocabulary.size())
    return next(i for i in ids if vocabulary.get_type(i).name == kind)


def main() -> None:
    answers, sys.stdout = sys.stdout, sys.stderr
    engine = InferenceEngine.from_checkpoint(sys.argv[1])
    vocabulary = engine._tokenizer._vocab
    draws = Draws(only_id(vocabulary, "FillInStart"), only_id(vocabulary, "FillInEnd"))
    torch.multinomial = draws  # type: ignore[assignment]
    for line in sys.stdin:
        asked = json.loads(line)
        told = prefill(engine, asked) if asked["what"] == "prefill" else run(engine, draws, asked)
        print(json.dumps(told), file=answers, flush=True)


if __name__ == "__main__":
    main()
