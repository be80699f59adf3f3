"""Where the numbers of a session's draws come from."""

from __future__ import annotations

from collections.abc import Callable

from descant.native import DrawRule

Draws = Callable[[int, int, int], DrawRule]
"""(seed of the attempt, attempt, step) -> the rule for its draws; attempts and steps from 0."""


def seeded(seed: int, attempt: int, step: int) -> DrawRule:
    """The same take for the same seed, whatever is drawn beside it; every step draws afresh."""
    return DrawRule(seed=seed, take=attempt, step=step)


def greedy(seed: int, attempt: int, step: int) -> DrawRule:
    """Always the most probable token."""
    return DrawRule(greedy=True)
