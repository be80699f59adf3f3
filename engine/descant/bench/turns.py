"""Rounds in which Descant and a rival take turns."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator

from descant.bench.figures import FIGURES, Figure, figure
from descant.bench.memory_limit import cache_bytes, read_seconds, weight_bytes
from descant.bench.rival import Rival
from descant.bench.runner import Bars, Runner
from descant.bench.workload import DECODE_TOKENS, infill
from descant.model.architecture import Architecture

TAKES = 8
_REST_S = 0.05  # lets the other's threads fall asleep
Rounds = dict[str, list[float]]


def run_bench(
    runner: Runner,
    sizes: Architecture,
    precision: str,
    threads: int,
    rival: Rival | None,
    rounds: int,
) -> list[Figure]:
    """Every figure of FIGURES, medians of so many rounds after one that is not counted."""
    ours: Rounds = defaultdict(list)
    theirs: Rounds = defaultdict(list)
    limits: Rounds = defaultdict(list)
    limit = Limit(sizes, precision, threads, len(runner.prompt(0)))
    for number in range(rounds + 1):
        own, bars = _own_turn(runner, number)
        other = _rival_turn(rival, runner, number, bars) if rival else {}
        for found, kept in ((own, ours), (other, theirs), (limit.figures(bars), limits)):
            for name, value in found.items():
                if number > 0:
                    kept[name].append(value)
    return [figure(name, ours[name], theirs[name], limits[name]) for name in FIGURES]


def _own_turn(runner: Runner, number: int) -> tuple[dict[str, float], Bars]:
    bars = runner.four_bars(number)
    found = {
        "decode_1": runner.decode(number, 1),
        "decode_8": runner.decode(number, TAKES),
        "prefill_1000": runner.prefill(number),
        "first_bar": 1e3 * bars.first,
        "four_bars": 1e3 * bars.all,
    }
    return found, bars


def _rival_turn(rival: Rival, runner: Runner, number: int, bars: Bars) -> dict[str, float]:
    """The rival's one take stands beside all of our eight: it has no more."""
    time.sleep(_REST_S)
    answers = list(_answers(rival, runner, number, bars))
    time.sleep(_REST_S)
    return dict(zip(FIGURES, answers, strict=True))


def _answers(rival: Rival, runner: Runner, number: int, bars: Bars) -> Iterator[float]:
    long = infill(number, runner.window, runner.window).to_dict()
    (rate,) = rival.ask("decode", round=number, ends=[], enough=DECODE_TOKENS, **long)
    yield from (rate, rate)
    yield from rival.ask("prefill", round=number, ids=runner.tokens_to_read(number).tolist())
    window = runner.engine.abilities.auto_window(4)
    short = infill(number, min(4, window), window).to_dict()
    yield from rival.ask("bars", round=number, ends=bars.ends, enough=0, **short)


class Limit:
    """What memory allows: every token reads the weights and the cache of its context once."""

    def __init__(self, sizes: Architecture, precision: str, threads: int, prompt: int) -> None:
        weights = weight_bytes(sizes, precision)
        half = DECODE_TOKENS / 2
        self._threads = threads
        self._one = weights + cache_bytes(sizes, precision, prompt + half)
        self._eight = weights + cache_bytes(sizes, precision, prompt + TAKES * half)

    def figures(self, bars: Bars) -> dict[str, float]:
        """Reading a prompt is bound by arithmetic, and is left out of the bars' times."""
        one = read_seconds(self._one, self._threads)
        eight = read_seconds(self._eight, self._threads)
        return {
            "decode_1": 1 / one,
            "decode_8": TAKES / eight,
            "first_bar": 1e3 * one * bars.ends[0],
            "four_bars": 1e3 * one * bars.ends[-1],
        }
