"""What one press in a lane would set, until it is let go.  Pure; nothing here knows Qt."""

from __future__ import annotations

from collections.abc import Iterable

from descant_app.document.composition import BarCell, Composition, Curve, TrackId
from descant_app.piano_roll.lane_spec import LaneSpec

Wish = tuple[int | None, ...]
"""A level, or a lower and an upper limit; None where it is free."""

BOTH, LOW, HIGH = "both", "low", "high"
"""What a press took hold of: the whole, or one of two limits."""


def wish_at(composition: Composition, spec: LaneSpec, track: TrackId, bar: int | None) -> Wish:
    """What is painted for a bar (None: for the track's other bars)."""
    levels = composition.levels
    return tuple(levels.get((track, name), {}).get(bar) for name in spec.names)


def held_at(wish: Wish, level: float, reach: float) -> str:
    """Which limit lies within `reach` levels of a press; `BOTH` when none does."""
    if len(wish) < 2 or wish[0] is None or wish[1] is None:
        return BOTH
    low, high = level - wish[0], level - wish[1]
    if min(abs(low), abs(high)) > reach:
        return BOTH
    if wish[0] == wish[1]:
        return HIGH if high > 0 else LOW
    return LOW if abs(low) < abs(high) else HIGH


class LevelStroke:
    """Gathers levels by curve and bar over a composition that stays as it was at the press."""

    def __init__(self, spec: LaneSpec, track: TrackId, before: Composition, held: str) -> None:
        self.spec, self.track, self.before, self.held = spec, track, before, held
        self.levels: dict[Curve, dict[int | None, int | None]] = {}

    @property
    def result(self) -> Composition:
        """The composition with the stroke."""
        made = self.before
        for curve, wish in self.levels.items():
            made = made.with_levels(curve, wish)
        return made

    def line(self, start: tuple[int, float], end: tuple[int, float]) -> None:
        """Levels along a straight line between two (bar, level) places."""
        (a, first), (b, last) = start, end
        for bar in range(min(a, b), max(a, b) + 1):
            share = (bar - a) / (b - a) if b != a else 1.0
            self.put(self.track, bar, round(first + (last - first) * share))

    def ramp(self, start: tuple[int, float], end: tuple[int, float]) -> None:
        """The same in place of everything so far."""
        self.levels.clear()
        self.line(start, end)

    def flat(self, cells: Iterable[BarCell], level: float) -> None:
        """One level for many bars of many tracks."""
        for track, bar in cells:
            self.put(track, bar, round(level))

    def clear(self, bars: Iterable[int | None]) -> None:
        """Bars back to free."""
        for bar in bars:
            self._set(self.track, bar, (None,) * len(self.spec.names))

    def put(self, track: TrackId, bar: int | None, level: int) -> None:
        """One bar; a limit pushed beyond the other takes it along."""
        level = max(0, min(level, self.spec.size - 1))
        wish = self._now(track, bar)
        if len(wish) == 1 or self.held == BOTH:
            self._set(track, bar, (level,) * len(wish))
        elif self.held == LOW:
            self._set(track, bar, (level, _above(wish[1], level)))
        else:
            self._set(track, bar, (_below(wish[0], level), level))

    def _now(self, track: TrackId, bar: int | None) -> Wish:
        return wish_at(self.before, self.spec, track, bar)

    def _set(self, track: TrackId, bar: int | None, wish: Wish) -> None:
        for name, level in zip(self.spec.names, wish, strict=True):
            self.levels.setdefault((track, name), {})[bar] = level


def _above(limit: int | None, level: int) -> int | None:
    return None if limit is None else max(limit, level)


def _below(limit: int | None, level: int) -> int | None:
    return None if limit is None else min(limit, level)


def misses(wish: Wish, measured: Wish, by: int = 1) -> bool:
    """Whether notes are further than `by` levels from what was wished."""
    if len(wish) == 1:
        return _known(wish[0], measured[0]) and abs(measured[0] - wish[0]) > by
    too_low = _known(wish[0], measured[0]) and measured[0] < wish[0] - by
    too_high = _known(wish[1], measured[1]) and measured[1] > wish[1] + by
    return too_low or too_high


def _known(a: int | None, b: int | None) -> bool:
    return a is not None and b is not None
