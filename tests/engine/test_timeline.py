"""Bars, beats and seconds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descant.score import Bar, Score, TempoChange, Track
from descant.score.timeline import Timeline, bar_starts

BARS = (Bar((), 4, 4), Bar((), 7, 8), Bar((), 3, 4, 2.0), Bar((), 3, 4))


def line(**fields: object) -> Timeline:
    return Timeline(Score((Track(BARS),), **fields))  # type: ignore[arg-type]


def test_bar_starts_follow_meters_and_cut_bars() -> None:
    assert bar_starts(BARS, 480).tolist() == [0, 1920, 3600, 4560, 6000]
    assert bar_starts((), 480).tolist() == [0]


def test_bar_at_each_tick() -> None:
    assert line().bar_at([0, 1919, 1920, 4559, 4560, 99999]).tolist() == [0, 0, 1, 2, 3, 3]
    assert line().bar_at(-5) == 0
    assert Timeline(Score()).bar_at(7) == 0


def test_seconds_go_through_the_tempo_map() -> None:
    timed = line(tempo=500000, tempo_changes=(TempoChange(960, 1000000), TempoChange(1920, 250000)))
    assert timed.seconds([0, 480, 960, 1440, 1920, 2400]).tolist() == pytest.approx(
        [0.0, 0.5, 1.0, 2.0, 3.0, 3.25]
    )
    assert [timed.tempo_at(tick) for tick in (0, 960, 5000)] == pytest.approx([120, 60, 240])


@given(
    st.lists(st.tuples(st.integers(0, 9999), st.integers(1000, 0xFFFFFF)), max_size=6),
    st.lists(st.integers(0, 20000), min_size=1, max_size=9),
)
def test_seconds_and_ticks_are_each_others_inverse(
    changes: list[tuple[int, int]], ticks: list[int]
) -> None:
    timed = line(tempo_changes=tuple(TempoChange(*change) for change in changes))
    seconds = timed.seconds(ticks)
    np.testing.assert_allclose(timed.ticks_of_seconds(seconds), ticks, atol=1e-6)
    assert (np.diff(timed.seconds(sorted(ticks))) >= 0).all()


def test_beats_and_back() -> None:
    assert line().beats([0, 240]).tolist() == [0.0, 0.5]
    assert line().ticks_of_beats([0.5, 1.0011]).tolist() == [240, 481]
    assert line().end == 6000
