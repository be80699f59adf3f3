"""Edits make new scores and leave the rest alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descant.errors import ScoreError
from descant.score import Bar, Note, Notes, Score, Track
from descant.score.edits import quantize, transpose, with_bars, with_notes

SCORE = Score(tuple(Track((Bar([Note(60, 80, 0, 1)]), Bar((), 3, 4, 2.0))) for _ in range(2)))
NEW = [Note(72, 1, 2, 3)]


def rows(*onsets: int) -> Notes:
    return Notes([Note(60 + i, 80, onset, 100) for i, onset in enumerate(onsets)])


def onsets(notes: Notes) -> list[int]:
    return [note.onset_ticks for note in notes]


def test_with_bars_touches_only_those_bars() -> None:
    edited = with_bars(SCORE, 1, {0: Bar(NEW)})
    assert edited.tracks[1].bars == (Bar(NEW), SCORE.tracks[1].bars[1])
    assert edited.tracks[0] is SCORE.tracks[0]
    assert SCORE.tracks[1].bars[0].notes == [Note(60, 80, 0, 1)]


def test_with_notes_keeps_meter_and_length() -> None:
    assert with_notes(SCORE, 0, 1, NEW).tracks[0].bars[1] == Bar(NEW, 3, 4, 2.0)


def test_places_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ScoreError, match="track 1 has 2 bars, there is no bar 3"):
        with_notes(SCORE, 0, 2, NEW)
    with pytest.raises(ScoreError, match="there is no bar 0"):
        with_bars(SCORE, 0, {-1: Bar()})
    with pytest.raises(ScoreError, match="2 tracks, there is no 3"):
        with_bars(SCORE, 2, {})


def test_transpose_moves_the_whole_group_or_nothing() -> None:
    notes = Notes([Note(0, 80, 0, 1), Note(120, 80, 0, 1)])
    assert [n.pitch for n in transpose(notes, 7)] == [7, 127]
    assert [n.pitch for n in transpose(notes, 8, np.array([True, False]))] == [8, 120]
    with pytest.raises(ScoreError, match="pitch 128"):
        transpose(notes, 8)


def test_quantize_pulls_to_the_nearest_line() -> None:
    notes = rows(0, 55, 130, 230, 470)
    assert onsets(quantize(notes, 120, length=480)) == [0, 0, 120, 240, 360]
    assert onsets(quantize(notes, 120, length=480, strength=0.0)) == onsets(notes)
    assert onsets(quantize(notes, 120, length=480, strength=0.5)) == [0, 28, 125, 235, 415]
    chosen = np.array([False, True, False, False, False])
    assert onsets(quantize(notes, 120, length=480, chosen=chosen)) == [0, 0, 130, 230, 470]


def test_swing_delays_every_second_line() -> None:
    assert onsets(quantize(rows(0, 240, 480, 720), 240, length=960, swing=2 / 3)) == [
        0,
        320,
        480,
        800,
    ]


def test_quantize_refuses_what_has_no_meaning() -> None:
    for settings in ({"grid": 0}, {"grid": 1, "strength": 1.5}, {"grid": 1, "swing": -0.1}):
        with pytest.raises(ScoreError):
            quantize(rows(0), length=480, **settings)  # type: ignore[arg-type]


@given(
    st.lists(st.integers(0, 1919), max_size=9),
    st.integers(1, 3000),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_quantized_notes_stay_in_their_bar(
    at: list[int], grid: int, strength: float, swing: float
) -> None:
    moved = quantize(rows(*at), grid, length=1920, strength=strength, swing=swing)
    assert all(0 <= onset < 1920 for onset in onsets(moved))
    assert (moved.array[:, [0, 1, 3, 4, 5]] == rows(*at).array[:, [0, 1, 3, 4, 5]]).all()
