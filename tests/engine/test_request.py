"""Requests: their JSON form and the clean copy."""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_requests import ABILITIES, BARS, checked, piece, wish

from descant.encoder_config import load_encoder
from descant.errors import RequestValidationError
from descant.inference import validate_request
from descant.request import (
    Abilities,
    GenerationRequest,
    InferenceConfig,
    TrackPrompt,
    check_request,
)
from descant.score import Note

# The form


def test_auto_is_stored_as_zero() -> None:
    config = InferenceConfig(model_dim="auto", bars_per_step="auto", tracks_per_step="auto")  # type: ignore[arg-type]
    assert (config.model_dim, config.bars_per_step, config.tracks_per_step) == (0, 0, 0)


_LEVELS = st.dictionaries(st.text(max_size=5), st.integers(-5, 200), max_size=3)
_PROMPTS = st.builds(
    TrackPrompt,
    id=st.integers(),
    bars=st.lists(st.integers(), max_size=5),
    autoregressive=st.booleans(),
    ignore=st.booleans(),
    mask_bars=st.lists(st.integers(), max_size=3),
    attributes=_LEVELS,
    controls=st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
    bar_attributes=st.dictionaries(st.integers(), _LEVELS, max_size=3),
    bar_controls=st.dictionaries(st.integers(), _LEVELS, max_size=3),
)
_CONFIGS = st.builds(
    InferenceConfig,
    temperature=st.floats(allow_nan=False),
    seed=st.integers(),
    model_dim=st.integers() | st.just("auto"),
    context_drop=st.lists(st.integers(), max_size=3),
    mask_mode=st.text(max_size=9),
    plan_only=st.booleans(),
)


@given(
    st.builds(
        GenerationRequest,
        tracks=st.lists(_PROMPTS, max_size=3),
        config=_CONFIGS,
        controls=st.dictionaries(st.text(max_size=5), st.booleans(), max_size=2),
    )
)
def test_a_request_survives_json(request: GenerationRequest) -> None:
    form = json.loads(json.dumps(request.to_dict()))
    assert GenerationRequest.from_dict(form) == request


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)
    )
)
def test_any_json_is_read_or_refused_in_words(form: Any) -> None:
    for body in (form, {"tracks": form}, {"tracks": [form]}, {"tracks": [], "config": form}):
        with suppress(RequestValidationError):
            GenerationRequest.from_dict(body)


def test_everything_unreadable_is_reported_together() -> None:
    with pytest.raises(RequestValidationError) as caught:
        GenerationRequest.from_dict(
            {"tracks": [{"id": 0}, {"bars": []}, 5], "config": [], "controls": 1}
        )
    assert len(caught.value.problems) == 5
    assert "tracks[0]" in caught.value.problems[0]
    assert "'bars'" in caught.value.problems[0]


def test_an_unknown_field_is_ignored_with_a_hint(caplog: pytest.LogCaptureFixture) -> None:
    config = InferenceConfig.from_dict({"modle_dim": 8})
    assert config == InferenceConfig()
    assert "did you mean 'model_dim'?" in caplog.text


# The clean copy


def test_the_caller_keeps_its_own_objects() -> None:
    request = wish(id=0, bars=[], autoregressive=True, controls={"time_signature": 0})
    before = deepcopy(request)
    clean = checked(request)
    assert request == before
    assert clean.tracks[0].bars == list(range(BARS))
    clean.tracks[0].controls["time_signature"] = 9
    clean.tracks[1].bars.append(3)
    clean.config.context_keep.append(1)
    assert request == before


def test_checking_twice_changes_nothing() -> None:
    once = checked(
        wish({"model_dim": "auto", "mask_mode": "auto"}, attributes={"min_polyphony": 2})
    )
    assert checked(once) == once


@pytest.mark.parametrize(("has_mask_bar", "mode"), [(True, "token"), (False, "attention")])
def test_the_mask_mode_follows_the_vocabulary(has_mask_bar: bool, mode: str) -> None:
    abilities = replace(ABILITIES, has_mask_bar=has_mask_bar)
    assert checked(wish(), abilities).config.mask_mode == mode


@pytest.mark.parametrize(("bars", "window"), [(4, 4), (7, 4), (8, 8), (100, 8)])
def test_an_automatic_window_is_the_largest_the_piece_fills(bars: int, window: int) -> None:
    clean = check_request(piece(bars), wish({"model_dim": "auto"}), ABILITIES)
    assert clean.config.model_dim == window


def test_numbers_of_other_programs_are_understood() -> None:
    clean = checked(
        wish(
            {"model_dim": 4.0, "seed": np.int64(3), "shuffle": 1, "temperature": 1},
            bars=np.array([1, 2]),
            mask_bars=(3.0,),
        )
    )
    assert (clean.config.model_dim, clean.config.seed, clean.config.shuffle) == (4, 3, True)
    assert (clean.tracks[0].bars, clean.tracks[0].mask_bars) == ([1, 2], [3])
    assert type(clean.config.model_dim) is int
    assert type(clean.config.temperature) is float


def test_a_large_escalation_counts_as_three(caplog: pytest.LogCaptureFixture) -> None:
    assert checked(wish({"temperature_escalation": 9})).config.temperature_escalation == 3.0
    assert "counts as 3" in caplog.text


def test_upstreams_call_gives_the_same_answer() -> None:
    encoder = load_encoder("yellow_encoder")
    clean = validate_request(wish(), piece(), encoder.to_dict())
    assert clean == check_request(piece(), wish(), Abilities.from_encoder(encoder))


def test_odd_notes_only_make_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    notes = [Note(60, 64, 0, 0), Note(62, 64, 5000, 10), Note(64, 64, 0, 10)]
    with caplog.at_level(logging.WARNING):
        check_request(piece(notes=notes), wish(), ABILITIES)
    assert "track 1 (id 0): 1 notes have no duration" in caplog.text
    assert "track 1 (id 0): 1 notes start after the end of their bar" in caplog.text
