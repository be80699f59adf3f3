"""Measures an engine of ours, whichever backend runs its network."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from descant.bench.workload import (
    BARS,
    DECODE_TOKENS,
    PREFILL_TOKENS,
    WRITTEN_TRACK,
    four_tracks,
    infill,
)
from descant.engine import InferenceEngine
from descant.errors import BackendError
from descant.native import DrawRule, GenerationLoop, StepOptions, StepRules, Take
from descant.request import GenerationRequest
from descant.score import Notes
from descant.tokens import EncodeOptions

_LONG_S = 1.0
Ids = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Bars:
    """Seconds to the first bar and to the last, and the tokens drawn when each was finished."""

    first: float
    all: float
    ends: list[int]


class Runner:
    """One engine, one measurement at a time.  `window` bars are seen at once, 8 where it can."""

    def __init__(self, engine: InferenceEngine) -> None:
        self.engine = engine
        self.network = engine.model.network
        self.window = engine.abilities.auto_window(BARS)

    def decode(self, round_number: int, takes: int) -> float:
        """Tokens per second of all takes together, through the loop that sessions run.

        The prompt, of about 700 tokens, is not counted.
        """
        ids = self.prompt(round_number)
        loop = GenerationLoop(
            network=self.network,
            ids=ids,
            positions=np.arange(len(ids), dtype=np.int32),
            visible=np.ones(len(ids), dtype=np.uint8),
            next_position=len(ids),
            takes=[self._take(ids, round_number, take) for take in range(takes)],
            budget=self._room(len(ids)),
        )
        begin = time.perf_counter()
        loop.start()
        while not loop.wait(_LONG_S):
            pass
        seconds = time.perf_counter() - begin - loop.prefill_seconds
        loop.join()
        return sum(len(tokens) for tokens, _ in loop.takes) / seconds

    def _room(self, prompt: int) -> int:
        room = min(DECODE_TOKENS, self.network.positions() - prompt - 1)
        if room < 1:
            raise BackendError(
                f"this model has {self.network.positions()} positions; to be measured it needs "
                f"{prompt + 2} or more"
            )
        return room

    def prompt(self, round_number: int) -> Ids:
        """The prompt of a request for every bar of a track."""
        score = four_tracks(round_number)
        targets = [(WRITTEN_TRACK, bar) for bar in range(self.window)]
        options = EncodeOptions(window_bars=self.window, targets=targets, prompt=True)
        return self.engine.model.codec.encode(score, options).tokens

    def _take(self, ids: Ids, seed: int, take: int) -> Take:
        options = StepOptions(blocks=[(False, 4, 4)] * self.window)
        vocabulary = self.engine.model.codec.vocabulary
        rules = StepRules(vocabulary=vocabulary, options=options, prompt=ids)
        return Take(rules=rules, draw=DrawRule(seed=seed, take=take))

    def prefill(self, round_number: int) -> float:
        """Milliseconds to read 1000 tokens that nothing is known of."""
        ids = self.tokens_to_read(round_number)
        places = np.arange(len(ids), dtype=np.int32)
        begin = time.perf_counter()
        self.network.prefill(ids, places, np.ones(len(ids), dtype=np.uint8))
        return 1e3 * (time.perf_counter() - begin)

    def tokens_to_read(self, round_number: int) -> Ids:
        """As many as there are positions for, up to 1000; the first differs from round to round."""
        count = min(PREFILL_TOKENS, self.network.positions() - 1)
        rng = np.random.default_rng(round_number)
        ids = rng.integers(0, self.network.vocab_size(), count).astype(np.int32)
        ids[0] = round_number % self.network.vocab_size()
        return ids

    def four_bars(self, round_number: int) -> Bars:
        """A whole request for four bars, from score to score."""
        wish = infill(round_number, min(4, self.window), self.engine.abilities.auto_window(4))
        request = GenerationRequest.from_dict(wish.request)
        ends: list[int] = []
        moments: list[float] = []
        begin = time.perf_counter()
        session = self.engine.session(wish.score, request)

        def finished(take: int, track: int, bar: int, notes: Notes) -> None:
            moments.append(time.perf_counter())
            ends.append(session.gen_count)

        session.bar_sink = finished
        session.run()
        return Bars(moments[0] - begin, time.perf_counter() - begin, ends)
