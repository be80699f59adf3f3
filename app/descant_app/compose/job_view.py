"""How far the job that runs is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class JobView:
    """Numbers count what is finished, of all takes together."""

    label: str
    step: int = 0
    steps: int = 1
    bars: int = 0
    all_bars: int = 1
    tokens: int = 0
    tokens_per_second: float = 0.0
    live: bool = False

    @property
    def share(self) -> float:
        """0..1."""
        return self.bars / max(1, self.all_bars)
