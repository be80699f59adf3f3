"""Rows in which every two values of any two options meet at least once."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

Pair = tuple[str, int, str, int]
TRIES = 30


def pairwise(options: Mapping[str, Sequence[Any]], seed: int = 1) -> Iterator[dict[str, Any]]:
    """Greedy: of some random rows that meet an open pair, the one that meets the most."""
    numbers = random.Random(seed)
    names = list(options)
    open_pairs: set[Pair] = {
        (a, i, b, j)
        for a, b in combinations(names, 2)
        for i in range(len(options[a]))
        for j in range(len(options[b]))
    }
    while open_pairs:
        rows = [_row(options, numbers, min(open_pairs)) for _ in range(TRIES)]
        best = max(rows, key=lambda row: len(_pairs(row, names) & open_pairs))
        open_pairs -= _pairs(best, names)
        yield {name: options[name][best[name]] for name in names}


def _row(
    options: Mapping[str, Sequence[Any]], numbers: random.Random, must: Pair
) -> dict[str, int]:
    row = {name: numbers.randrange(len(values)) for name, values in options.items()}
    a, i, b, j = must
    return {**row, a: i, b: j}


def _pairs(row: Mapping[str, int], names: Sequence[str]) -> set[Pair]:
    return {(a, row[a], b, row[b]) for a, b in combinations(names, 2)}
