"""Few choices that together hold every pair of option values."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

Choice = dict[str, Any]
Pair = tuple[str, int, str, int]


def all_pairs(options: Mapping[str, Sequence[Any]], seed: int) -> list[Choice]:
    """One value for each option a choice; any two values of two options meet in some choice."""
    rng = random.Random(seed)
    names = sorted(options)
    open_pairs: set[Pair] = {
        (a, i, b, j)
        for a, b in combinations(names, 2)
        for i in range(len(options[a]))
        for j in range(len(options[b]))
    }
    choices = []
    while open_pairs:
        picked = _next_choice(options, open_pairs, rng)
        open_pairs -= {_pair(a, picked[a], b, picked[b]) for a, b in combinations(names, 2)}
        choices.append({name: options[name][index] for name, index in picked.items()})
    return choices


def _pair(a: str, i: int, b: str, j: int) -> Pair:
    return (a, i, b, j) if a < b else (b, j, a, i)


def _next_choice(
    options: Mapping[str, Sequence[Any]], open_pairs: set[Pair], rng: random.Random
) -> dict[str, int]:
    """Starts from a pair not met yet, and adds of each option the value that meets the most."""
    a, i, b, j = rng.choice(sorted(open_pairs))
    picked = {a: i, b: j}
    rest = [name for name in options if name not in picked]
    rng.shuffle(rest)
    for name in rest:

        def gain(index: int, name: str = name) -> tuple[int, float]:
            met = sum(_pair(name, index, other, at) in open_pairs for other, at in picked.items())
            return met, rng.random()

        picked[name] = max(range(len(options[name])), key=gain)
    return picked
