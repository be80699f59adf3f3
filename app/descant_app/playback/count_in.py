"""The bar of clicks before a recording."""

from __future__ import annotations

from descant.score.timeline import Timeline

Lead = list[tuple[float, bool]]
"""Clicks: seconds before the start, and whether each is accented."""


def count_in(timeline: Timeline, tick: int) -> Lead:
    """One bar in the meter and tempo at a tick; [] for a piece without bars."""
    tracks = timeline.score.tracks
    if not tracks or not tracks[0].bars:
        return []
    meter = tracks[0].bars[int(timeline.bar_at(tick))]
    beat_s = 240.0 / meter.ts_denominator / timeline.tempo_at(tick)
    count = meter.ts_numerator
    return [((count - i) * beat_s, i == 0) for i in range(count)]
