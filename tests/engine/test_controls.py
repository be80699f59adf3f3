"""Pitch masks, rhythm masks and remixes: good forms become values, bad ones name what is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from descant.controls import (
    PitchMask,
    Remix,
    RhythmGrid,
    RhythmPositions,
    TrackControls,
    problems,
    rhythm_mask_from_dict,
)
from descant.errors import RequestValidationError

BAD_FORMS = [
    ({"pitch_mask": 3}, "pitch_mask is 3; it must be an object"),
    ({"pitch_mask": {"pitches": []}}, "leaves no pitch"),
    ({"pitch_mask": {"pitches": [60, 128, "a"]}}, "holds 128, 'a'"),
    ({"pitch_mask": {"scale": "bogus"}}, "'bogus'; it must be one of chromatic"),
    ({"pitch_mask": {"scale": "major", "pitch_classes": [0]}}, "exclude each other"),
    ({"pitch_mask": {"pitch_classes": []}}, "leaves no pitch"),
    ({"pitch_mask": {"root": 1.5}}, "root is 1.5"),
    ({"pitch_mask": {"key": 1}}, "pitch_mask.key is not a key"),
    ({"pitch_mask": {"shape": {"type": "uniform", "min": 9, "max": 3}}}, "must not be above max"),
    ({"pitch_mask": {"shape": {"mean": 3}}}, "type is missing"),
    ({"pitch_mask": {"shape": {"type": "normal", "std": -1}}}, "std is -1"),
    ({"pitch_mask": {"shape": {"type": "normal", "min": 1}}}, "shape.min is not a key"),
    ({"pitch_mask": {"shape": []}}, "shape is []"),
    ({"rhythm_mask": {}}, "one of grid and positions"),
    ({"rhythm_mask": 3}, "must be an object"),
    ({"rhythm_mask": {"grid": {"unit": "half"}, "positions": [{"pos": 0}]}}, "only one"),
    ({"rhythm_mask": {"grid": {}}}, "unit is missing"),
    ({"rhythm_mask": {"grid": 4}}, "grid is 4"),
    ({"rhythm_mask": {"grid": {"unit": "x"}}}, "'x'; it must be one of whole"),
    ({"rhythm_mask": {"grid": {"unit": "half", "strength": 2}}}, "strength is 2"),
    ({"rhythm_mask": {"grid": {"unit": "half", "strength": float("nan")}}}, "strength is nan"),
    ({"rhythm_mask": {"positions": []}}, "at least one entry"),
    ({"rhythm_mask": {"positions": [{"pos": 3}]}}, "lacks pos 0"),
    ({"rhythm_mask": {"positions": [{"pos": 0}, {"pos": 0}]}}, "pos 0 more than once"),
    ({"rhythm_mask": {"positions": [{"pos": 0, "polyphony": 0}]}}, "polyphony is 0"),
    ({"rhythm_mask": {"positions": [{"pos": 0}, {}]}}, "positions[1].pos is missing"),
    ({"rhythm_mask": {"positions": [0]}}, "positions[0] is 0"),
    ({"remix": {}}, "amount is missing"),
    ({"remix": 1}, "remix is 1"),
    ({"remix": {"amount": 0}}, "above 0 and at most 1"),
    ({"remix": {"amount": True}}, "amount is True"),
    ({"remix": {"amount": 0.5, "mode": "loud"}}, "'loud'; it must be one of pitch, full"),
    ({"remix": {"amount": 0.5, "y": 1}}, "remix.y is not a key"),
]


@pytest.mark.parametrize(("controls", "words"), BAD_FORMS)
def test_a_bad_form_is_named(controls: dict[str, Any], words: str) -> None:
    found = problems(controls)
    assert any(words in sentence for sentence in found), found
    with pytest.raises(RequestValidationError) as error:
        TrackControls.from_dict(controls)
    assert error.value.problems == found


def test_all_problems_are_named_together() -> None:
    controls = {"pitch_mask": {"pitches": [200], "x": 1}, "remix": {"amount": 3, "mode": "no"}}
    assert len(problems(controls)) == 5  # 200, no pitch left, x, amount, mode


PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["pitches", "scale", "root", "pitch_classes", "shape", "grid", "positions", "amount", "mode"]
)


@PATIENT
@given(st.dictionaries(st.sampled_from(["pitch_mask", "rhythm_mask", "remix"]), JUNK))
def test_junk_is_a_problem_and_never_a_crash(controls: dict[str, Any]) -> None:
    for sentence in problems(controls):
        assert sentence


@PATIENT
@given(st.dictionaries(KEYS, JUNK, max_size=4))
def test_junk_under_known_keys_never_crashes(form: dict[str, Any]) -> None:
    for name in ("pitch_mask", "rhythm_mask", "remix"):
        if not problems({name: form}):
            TrackControls.from_dict({name: form})


def test_pitches_come_before_scale_before_classes() -> None:
    assert PitchMask.from_dict({}) == PitchMask()
    minor = PitchMask.from_dict({"scale": "minor_pentatonic", "root": 9}).pitches
    assert minor is not None
    assert {pitch % 12 for pitch in minor} == {9, 0, 2, 4, 7}
    assert PitchMask.from_dict({"scale": "major", "pitches": [61]}).pitches == {61}
    assert PitchMask.from_dict({"pitch_classes": [13]}).pitches == frozenset(range(1, 128, 12))


def test_shapes_weigh_the_pitches() -> None:
    uniform = PitchMask.from_dict({"shape": {"type": "uniform", "min": 40, "max": 41}}).weights
    assert uniform is not None
    assert sum(uniform) == uniform[40] + uniform[41] == 2
    narrow = PitchMask.from_dict({"shape": {"type": "normal", "std": 0}}).weights
    assert narrow is not None
    assert narrow[60] == 1 and narrow[61] == 0  # noqa: PT018


def test_a_grid_weighs_positions_off_it() -> None:
    assert RhythmGrid("quarter", 0.9).weights(12, 14) == pytest.approx([1] + [0.1] * 11 + [1, 0.1])
    assert RhythmGrid("sixteenth_triplet").weights(12, 5) == [1] * 5
    assert RhythmGrid("sixteenth").weights(12, 5) == [1, 0, 0, 1, 0]


def test_positions_are_sorted_and_count_notes() -> None:
    mask = rhythm_mask_from_dict({"positions": [{"pos": 12, "polyphony": 2}, {"pos": 0}]})
    assert mask == RhythmPositions(((0, 1), (12, 2)))
    assert mask.schedule() == [[(0, [(-1, -1)]), (12, [(-1, -1), (-1, -1)])]]


def notes(*rows: tuple[int, int, int]) -> np.ndarray:
    """(pitch, onset, duration) rows as a bar."""
    return np.array([(p, 90, onset, d, 0, 64) for p, onset, d in rows], np.int32).reshape(-1, 6)


def test_a_remix_frees_its_share_of_the_notes() -> None:
    bars = [notes((64, 12, 6), (60, 12, 1), (72, 0, 24)), notes()]
    kept = Remix(1e-9).schedule(bars, seed=0)
    assert kept[1] == []
    assert [position for position, _ in kept[0]] == [0, 12]
    said = [note for _, group in kept[0] for note in group]
    assert [duration for _, duration in said] == [23, 0, 5]
    assert sum(pitch == -1 for pitch, _ in said) == 1  # at least one
    everything = Remix(1.0, "full").schedule(bars, seed=0)
    assert {note for _, group in everything[0] for note in group} == {(-1, -1)}
    assert Remix(0.5).schedule([notes()], seed=0) == [[]]


def test_tracks_of_a_step_share_only_what_they_have_alike() -> None:
    scale = PitchMask.from_dict({"scale": "major"})
    grid = RhythmGrid("half")
    one = TrackControls(scale, grid, Remix(0.5))
    two = TrackControls(scale, RhythmGrid("whole"))
    assert TrackControls.shared([one]) == one
    assert TrackControls.shared([one, two]) == TrackControls(scale)
    assert TrackControls.shared([]) == TrackControls()
