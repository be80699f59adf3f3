"""What is drawn of more notes than there are pixels, against plain counting."""

from __future__ import annotations

import numpy as np
import pytest

from descant_app.document.flat import FlatTrack, in_order
from descant_app.piano_roll.coords import Coords
from descant_app.piano_roll.shapes import Coverage, coverage
from descant_app.piano_roll.some_notes import SomeNotes
from descant_app.piano_roll.velocity_lane import _loudest

WIDTH, HEIGHT = 50, 7


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(3)


def crowd(random: np.random.Generator, count: int, until: int) -> FlatTrack:
    rows = np.zeros((count, 6), dtype=np.int32)
    rows[:, 0] = random.integers(0, 128, count)
    rows[:, 1] = random.integers(1, 128, count)
    rows[:, 2] = random.integers(0, until, count)
    rows[:, 3] = random.integers(1, 100, count)
    return FlatTrack(in_order(rows))


def test_coverage_counts_the_notes_over_each_pixel(random):
    x0 = random.uniform(-20, 60, 300)
    x1 = x0 + random.uniform(0.01, 15, 300)
    rows = random.integers(0, HEIGHT, 300)
    plain = np.zeros((HEIGHT, WIDTH), dtype=int)
    for left, right, row in zip(x0, x1, rows, strict=True):
        first = min(max(int(left), 0), WIDTH - 1)
        last = min(max(int(np.ceil(right)), first + 1), WIDTH)
        plain[row, first:last] += 1
    assert (coverage(x0, x1, rows, WIDTH, HEIGHT) == plain).all()
    counted = Coverage(WIDTH, HEIGHT)
    for part in np.array_split(np.arange(300), 7):
        counted.add(x0[part], x1[part], rows[part])
    assert (counted.counts() == plain).all()


@pytest.mark.parametrize("ordered", [True, False])
def test_one_stem_a_pixel_column_is_as_high_as_its_loudest_note(random, ordered):
    flat = crowd(random, 500, 6000)
    if not ordered:
        flat = FlatTrack(flat.rows[random.permutation(500)])
    coords = Coords(left=0.0, px_per_tick=0.0131, width=80)
    plain: dict[int, int] = {}
    for onset, velocity in zip(flat.onsets.tolist(), flat.velocities.tolist(), strict=True):
        column = int(np.floor(onset * coords.px_per_tick + 0.5))
        plain[column] = max(velocity, plain.get(column, 0))
    x, velocity = _loudest(coords, SomeNotes(flat, slice(0, 500)))
    assert dict(zip(x.tolist(), velocity.tolist(), strict=True)) == plain


def test_parts_of_some_notes_are_all_of_them(random):
    flat = crowd(random, 100, 1000)
    mask = random.random(70) < 0.5
    some = SomeNotes(flat, slice(20, 90), mask)
    parts = list(some.parts(16))
    assert [part.part for part in parts][-1] == slice(84, 90)
    assert some.count == sum(part.count for part in parts) == int(mask.sum())
    for name in ("rows", "onsets", "ends", "pitches", "velocities"):
        whole = np.concatenate([getattr(part, name) for part in parts])
        assert (whole == getattr(some, name)).all(), name
    assert (some.rows == flat.rows[20:90][mask]).all()


def test_a_span_holds_every_note_that_touches_it_however_far_away_it_is(random):
    flat = crowd(random, 200, 3000)
    for left, right in [(0, 1), (500, 700), (2900, 10**12), (-(10**12), 5), (10**10, 10**11)]:
        part = flat.span(left, right)
        touching = np.flatnonzero((flat.onsets < right) & (flat.ends > left))
        assert set(touching.tolist()) <= set(range(part.start, part.stop)), (left, right)
