"""Every rule of a request, with its sentence."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_requests import ABILITIES, checked, piece, problems, wish

from descant.errors import RequestValidationError
from descant.request import (
    GenerationRequest,
    InferenceConfig,
    TrackPrompt,
    check_request,
)
from descant.score import Bar, Score, Track


@pytest.mark.parametrize(
    ("config", "code"),
    [
        ({"model_dim": 5}, "V01"),
        ({"bars_per_step": -1}, "V02"),
        ({"bars_per_step": 5}, "V03"),
        ({"tracks_per_step": -1}, "V04"),
        ({"ar_overlap": 1.0}, "V05"),
        ({"context": "some"}, "V06"),
        ({"context_drop": [7]}, "V07"),
        ({"context_keep": [7]}, "V07"),
        ({"budget_margin": 0.9}, "V08"),
        ({"min_overlap_bars": -1}, "V09"),
        ({"max_attempts": 0}, "V10"),
        ({"num_candidates": 0}, "V11"),
        ({"num_candidates": 17}, "V12"),
        ({"temperature": 0.0}, "V13"),
        ({"infill_probability": 0.0}, "V14"),
        ({"temperature_escalation": 0.5}, "V15"),
        ({"top_p": 0.0}, "V16"),
        ({"novelty_threshold": 1.5}, "V17"),
        ({"mask_p": 1.0}, "V18"),
        ({"top_k": -1}, "V19a"),
        ({"mask_k": -1}, "V19b"),
        ({"mask_p": 0.5, "top_p": 0.5}, "V20"),
        ({"mask_k": 3, "top_k": 3}, "V21"),
        ({"mask_mode": "token"}, "V26"),
        ({"mask_mode": "atention"}, "D02"),
        ({"seed": 2**64}, "D01"),
        ({"temperature": "hot"}, "type"),
        ({"temperature": float("nan")}, "type"),
        ({"temperature": float("inf")}, "type"),
        ({"temperature": True}, "type"),
        ({"top_p": None}, "type"),
        ({"top_k": 1.5}, "type"),
        ({"shuffle": "yes"}, "type"),
        ({"context_keep": 3}, "type"),
        ({"mask_mode": 1}, "type"),
    ],
)
def test_a_setting_out_of_range_is_named_with_its_value(config: dict[str, Any], code: str) -> None:
    found = problems(wish(config))
    assert list(found) == [code]
    field, value = next(iter(config.items()))
    assert field in found[code]
    assert str(value).strip("[]'\"") in found[code]


NARROW = {"type": "normal", "mean": 1e300}
CROWD = {"pos": 0, "polyphony": 10**9}


@pytest.mark.parametrize(
    ("prompt", "code", "words"),
    [
        ({"id": 7}, "V41", "track id 7: the score has 2 tracks, id 0 to 1"),
        ({"id": "a"}, "type", "id must be"),
        ({"bars": [], "ignore": True, "autoregressive": True}, "V42", "only one"),
        ({"ignore": True}, "V43", "bars must be empty"),
        (
            {"bars": [1, 8, -1]},
            "V44",
            "bar 9 (index 8), bar 0 (index -1); the score",
        ),
        ({"bars": "123"}, "type", "'123'"),
        ({"bars": [1, "x"]}, "type", "bar indexes"),
        ({"bars": [], "ignore": True, "mask_bars": [1]}, "V45", "mask_bars"),
        ({"mask_bars": [9]}, "V46", "index 9"),
        ({"mask_bars": [1]}, "V47", "bar 2 (index 1)"),
        ({"bars": [4, 5], "autoregressive": True}, "V48", "[4, 5]"),
        ({"attributes": {"polyphony": 1}}, "V51", "did you mean"),
        ({"attributes": {"bar_polyphony": 1}}, "V52", "bar_attributes"),
        ({"attributes": {"min_polyphony": 10}}, "V53", "10; it must be 0 to 9"),
        ({"attributes": {"note_density": 1}}, "V55", "melodic tracks do not have"),
        ({"attributes": {"min_polyphony": "much"}}, "type", "'much'"),
        ({"attributes": 3}, "type", "attributes is 3"),
        ({"bar_attributes": {9: {}}}, "V56", "index 9"),
        ({"bar_attributes": {2: {}}}, "V57", "bar 3 (index 2)"),
        ({"bar_attributes": {1: {"x": 1}}}, "V58", "bar_polyphony"),
        ({"bar_attributes": {1: {"min_polyphony": 1}}}, "V59", "belongs to a track"),
        ({"bar_attributes": {1: {"bar_polyphony": -1}}}, "V60", "0 to 9"),
        ({"bar_attributes": {1: {"bar_density": 1}}}, "V61", "melodic tracks do not have"),
        ({"bar_controls": {9: {}}}, "V62", "index 9"),
        ({"bar_controls": {2: {}}}, "V63", "bar 3 (index 2)"),
        ({"bar_controls": {1: {"tempo": 1}}}, "V64b", "'tempo'"),
        ({"bar_controls": {1: {"time_signature": 5}}}, "V66b", "0 to 1"),
        ({"bar_controls": {1: {"time_signature": 1}}}, "V68", "3/4; the bar is in 4/4"),
        ({"controls": {"pitchmask": {}}}, "V64", "did you mean 'pitch_mask'?"),
        ({"controls": {"time_signature": 2}}, "V66", "4/4, 3/4"),
        ({"controls": {"pitch_mask": []}}, "V71", "must be an object"),
        ({"controls": {"rhythm_mask": 3}}, "V74", "must be an object"),
        ({"controls": {"remix": 3}}, "V80", "must be an object"),
        ({"controls": {"pitch_mask": {"scale": "mayor"}}}, "V72", "pitch_mask.scale is 'mayor'"),
        ({"controls": {"rhythm_mask": {"grid": {}}}}, "V75", "rhythm_mask.grid.unit is missing"),
        ({"controls": {"remix": {"amount": 2}}}, "V81", "remix.amount is 2"),
        ({"controls": {"remix": {"amount": 10**400}}}, "V81", "remix.amount is 1"),
        ({"controls": {"pitch_mask": {"shape": NARROW}}}, "V72", "shape.mean is 1e+300"),
        ({"controls": {"rhythm_mask": {"positions": [CROWD]}}}, "V75", "from 1 to 128"),
    ],
)
def test_a_prompt_problem_names_track_and_field(
    prompt: dict[str, Any], code: str, words: str
) -> None:
    found = problems(wish(**prompt))
    assert code in found
    assert words in found[code]
    assert "track 1 (id 0)" in found[code] or "id" in prompt


@pytest.mark.parametrize(
    ("control", "code"),
    [("pitch_mask", "V70"), ("rhythm_mask", "V73"), ("remix", "V79")],
)
def test_an_ignored_track_has_no_controls(control: str, code: str) -> None:
    forms = {"pitch_mask": {}, "rhythm_mask": {"grid": {"unit": "half"}}, "remix": {"amount": 1}}
    request = wish(bars=[], ignore=True, controls={control: forms[control]})
    request.tracks[1].bars = [1]
    assert list(problems(request)) == [code]


@pytest.mark.parametrize(
    ("controls", "abilities", "code"),
    [
        ({"velocity": 1}, {}, "V27"),
        ({"velocity": True}, {"velocity_levels": 0}, "V28"),
        ({"velocity": False}, {}, "V29"),
        ({"microtiming": "on"}, {}, "V30"),
        ({"microtiming": True}, {}, "V31"),
        ({"microtiming": False}, {"emit_delta_tokens": True}, "V32"),
        ({"genre": 3}, {}, "V33"),
        ({"genre": "jazz"}, {"genres": {}}, "V34"),
        ({"genre": "jaz"}, {}, "V35"),
        ({"tempo": 3}, {}, "V36"),
    ],
)
def test_controls_of_the_piece_follow_the_model(
    controls: dict[str, Any], abilities: dict[str, Any], code: str
) -> None:
    request = replace(wish(), controls=controls)
    assert list(problems(request, abilities=replace(ABILITIES, **abilities))) == [code]


def test_a_genre_has_other_names() -> None:
    assert checked(replace(wish(), controls={"genre": "SWING"})).controls == {"genre": "SWING"}


@pytest.mark.parametrize(
    ("score", "code"),
    [
        (Score(), "V22"),
        (Score((Track(), Track((Bar(),) * 8))), "V23"),
        (Score((Track((Bar(),) * 9), Track((Bar(),) * 8))), "V24"),
        (piece(3), "V25"),
        (piece(ts_numerator=7), "V37"),
    ],
)
def test_a_score_must_fit(score: Score, code: str) -> None:
    assert code in problems(wish(), score)


def test_future_bars_cannot_be_written() -> None:
    score = piece(future=True)
    assert "V49" in problems(wish(bars=[0]), score)
    assert "V50" in problems(wish(bars=[], autoregressive=True), score)


def test_every_track_needs_exactly_one_prompt() -> None:
    one, two = TrackPrompt(0, [1]), TrackPrompt(1, [])
    assert list(problems(GenerationRequest([]))) == ["V38"]
    assert list(problems(GenerationRequest([one]))) == ["V39"]
    assert list(problems(GenerationRequest([one, two, replace(one)]))) == ["V40"]


def test_two_tracks_must_agree_on_a_meter() -> None:
    request = wish(bar_controls={1: {"time_signature": 0}})
    request.tracks[1] = TrackPrompt(1, [1], bar_controls={1: {"time_signature": 1}})
    assert "track 1 (id 0) asks for 4/4 there" in problems(request)["V67"]


def test_there_must_be_something_to_write() -> None:
    assert list(problems(wish(bars=[]))) == ["V84"]


def test_a_model_without_infill_only_continues() -> None:
    abilities = replace(ABILITIES, supports_infill=False)
    assert list(problems(wish(), abilities=abilities)) == ["V85"]
    assert checked(wish(bars=[6, 7], autoregressive=True), abilities).tracks[0].bars == [6, 7]


@pytest.mark.parametrize(
    "control", [{"rhythm_mask": {"positions": [{"pos": 0}]}}, {"remix": {"amount": 1}}]
)
def test_some_controls_follow_one_track(control: dict[str, Any]) -> None:
    assert checked(wish({"tracks_per_step": 0}, controls=control)).config.tracks_per_step == 1
    assert list(problems(wish({"tracks_per_step": 2}, controls=control))) == ["V78"]


def test_rhythm_needs_positions() -> None:
    without = replace(ABILITIES, position_count=0)
    late = wish(controls={"rhythm_mask": {"positions": [{"pos": 0}, {"pos": 48}]}})
    assert list(problems(late)) == ["V77"]
    assert list(problems(late, abilities=without)) == ["V76"]
    assert list(problems(wish(controls={"remix": {"amount": 1}}), abilities=without)) == ["V83"]


def test_remix_and_rhythm_exclude_each_other() -> None:
    request = wish(controls={"remix": {"amount": 1}, "rhythm_mask": {"grid": {"unit": "half"}}})
    assert list(problems(request)) == ["V82"]


def test_all_problems_arrive_at_once_in_upstreams_order() -> None:
    request = GenerationRequest(
        [TrackPrompt(0, [99], mask_bars=[-1], attributes={"x": 1}), TrackPrompt(5, [])],
        InferenceConfig(temperature=-1.0, top_p=2.0, mask_mode="token"),
        controls={"genre": "none"},
    )
    found = problems(request, piece(3))
    assert list(found) == ["V13", "V16", "V25", "V26", "V35", "V39", "V44", "V46", "V51", "V41"]


CONTROL_WORDS = (
    *("time_signature", "pitch_mask", "rhythm_mask", "remix"),
    *("pitches", "scale", "pitch_classes", "shape", "grid", "positions", "amount"),
)


@given(st.data())
def test_whatever_a_request_holds_is_answered_in_words(data: st.DataObject) -> None:
    keys = st.text(max_size=3) | st.integers() | st.sampled_from(CONTROL_WORDS)
    junk: st.SearchStrategy[Any] = st.none() | st.booleans() | st.floats() | keys
    junk |= st.lists(junk, max_size=2) | st.dictionaries(keys, junk, max_size=2)
    names = st.sampled_from([f.name for f in fields(InferenceConfig)])
    config = data.draw(st.dictionaries(names, junk, max_size=4))
    parts = st.sampled_from([f.name for f in fields(TrackPrompt)])
    request = wish(config, **data.draw(st.dictionaries(parts, junk, max_size=4)))
    request.tracks[1].controls = data.draw(st.dictionaries(st.sampled_from(CONTROL_WORDS), junk))
    with suppress(RequestValidationError):
        check_request(piece(), request, ABILITIES)
