"""How fast the model writes on this machine, from what it wrote last."""

from __future__ import annotations

from collections.abc import Sequence

from descant_app.compose.outlook import StepOutlook

_WEIGHT = 0.5
"""Of the newest measurement; the older ones share the rest."""


class Speed:
    """Tokens a second of all takes together, by how many are drawn side by side."""

    def __init__(self) -> None:
        self._seen: dict[int, float] = {}

    def learn(self, takes: int, tokens: int, seconds: float) -> None:
        """A job wrote so many tokens in so much time, reading the prompt included."""
        if tokens < 8 or seconds <= 0:
            return
        now = tokens / seconds
        self._seen[takes] = now * _WEIGHT + self._seen.get(takes, now) * (1 - _WEIGHT)

    def seconds(self, steps: Sequence[StepOutlook], takes: int) -> float:
        """Expected time of all takes; 0 while nothing was measured."""
        if not self._seen:
            return 0.0
        rows = takes if len(steps) == 1 else 1
        nearest = min(self._seen, key=lambda seen: abs(seen - rows))
        return takes * sum(step.expected_tokens for step in steps) / self._seen[nearest]
