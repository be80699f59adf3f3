"""The numbers a benchmark gives, and how they compare."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

FIGURES = {
    "decode_1": ("one take", "tokens/s"),
    "decode_8": ("eight takes", "tokens/s"),
    "prefill_1000": ("reading 1000 tokens", "ms"),
    "first_bar": ("the first of four bars", "ms"),
    "four_bars": ("four bars", "ms"),
}
"""What is measured: name -> (what a person reads, unit)."""


@dataclass(frozen=True)
class Figure:
    """Medians over all rounds.

    `ours` and `rival` are in the unit of FIGURES; `limit` is what reading the weights and the cache
    once a token would allow at the measured memory bandwidth, None where that bounds nothing.
    """

    name: str
    ours: float
    rival: float | None = None
    limit: float | None = None

    @property
    def is_rate(self) -> bool:
        """Whether more is better."""
        return FIGURES[self.name][1].endswith("/s")

    @property
    def ratio(self) -> float | None:
        """How many times faster than the rival."""
        if self.rival is None:
            return None
        return self.ours / self.rival if self.is_rate else self.rival / self.ours

    @property
    def limit_ratio(self) -> float | None:
        """What part of the limit is reached: 1 is as fast as memory allows."""
        if self.limit is None:
            return None
        return self.ours / self.limit if self.is_rate else self.limit / self.ours

    def to_dict(self) -> dict[str, float | None]:
        """The JSON form, rounded to what can be told apart."""
        entries = {
            "ours": self.ours,
            "rival": self.rival,
            "ratio": self.ratio,
            "limit_ratio": self.limit_ratio,
        }
        return {name: None if v is None else float(f"{v:.4g}") for name, v in entries.items()}


def figure(name: str, ours: list[float], rival: list[float], limits: list[float]) -> Figure:
    """The figure of some rounds."""
    return Figure(
        name,
        median(ours),
        median(rival) if rival else None,
        median(limits) if limits else None,
    )
