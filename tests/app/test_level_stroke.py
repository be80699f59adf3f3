"""What a stroke over levels takes hold of and sets, without a window."""

from __future__ import annotations

import pytest
from fake_composer import LANES
from level_hands import (
    NAME,
)

from descant_app.document.composition import Composition, TrackId
from descant_app.piano_roll.lane_spec import lane_specs
from descant_app.piano_roll.level_stroke import (
    BOTH,
    HIGH,
    LOW,
    LevelStroke,
    held_at,
    misses,
)


@pytest.mark.parametrize(
    ("wish", "level", "held"),
    [
        ((None, None), 3.0, BOTH),
        ((2, 6), 5.8, HIGH),
        ((2, 6), 2.3, LOW),
        ((2, 6), 4.0, BOTH),
        ((4, 4), 4.3, HIGH),
        ((4, 4), 3.8, LOW),
        ((4,), 4.0, BOTH),
    ],
)
def test_what_a_press_takes_hold_of(wish, level, held):
    assert held_at(wish, level, 0.6) == held


@pytest.mark.parametrize(
    ("wish", "now", "off"),
    [
        ((5,), (5,), False),
        ((5,), (6,), False),
        ((5,), (7,), True),
        ((5,), (None,), False),
        ((2, 4), (2, 4), False),
        ((2, 4), (0, 4), True),
        ((2, 4), (3, 6), True),
        ((2, None), (2, 9), False),
    ],
)
def test_when_notes_miss_a_wish(wish, now, off):
    assert misses(wish, now) is off


def test_a_stroke_never_leaves_the_levels_there_are():
    spec = lane_specs(LANES, is_drum=False)[0]
    stroke = LevelStroke(spec, TrackId(1), Composition(), BOTH)
    stroke.line((0, -7.0), (2, 99.0))
    assert list(stroke.result.levels[(TrackId(1), NAME)].values()) == [0, 9, 9]
