"""Scores to tokens and back through the engine's door to the core."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from descant import native
from descant.encoder_config import load_encoder, shipped_encoders
from descant.errors import GenerationError, ScoreError
from descant.score import Bar, Note, Score, Track
from descant.tokens import Codec, EncodeOptions

GRID = 12

notes = st.builds(
    Note,
    pitch=st.integers(0, 127),
    velocity=st.integers(1, 127),
    onset_ticks=st.integers(0, 47),
    duration_ticks=st.integers(1, 96),
)
bars = st.lists(notes, max_size=6).map(Bar)
tracks = st.builds(
    Track,
    bars=st.lists(bars, min_size=4, max_size=4).map(tuple),
    instrument=st.integers(0, 127),
    track_type=st.sampled_from(["melodic", "drum"]),
)
scores = st.builds(Score, tracks=st.lists(tracks, max_size=3).map(tuple), resolution=st.just(GRID))


def one_bar(*played: Note) -> Score:
    return Score((Track((Bar(played), Bar(), Bar(), Bar())),), GRID)


@given(scores)
@settings(max_examples=60, deadline=None)
def test_a_score_survives_the_door_to_the_core(score: Score) -> None:
    assert native.from_core(native.to_core(score)) == score


@given(scores, st.sampled_from(["yellow_encoder", "ghost_config", "descant"]))
@settings(max_examples=60, deadline=None)
def test_a_second_round_trip_changes_nothing(score: Score, encoder: str) -> None:
    codec = Codec(load_encoder(encoder))
    options = EncodeOptions(window_bars=4, attributes=False)
    once = codec.encode(score, options).tokens
    again = codec.encode(codec.decode_on_grid(once), options).tokens
    assert again.tolist() == once.tolist()


@given(scores, st.data())
@settings(max_examples=40, deadline=None)
def test_infilled_bars_decode_to_their_places(score: Score, data: st.DataObject) -> None:
    codec = Codec(load_encoder("ghost_config"))
    places = [(t, b) for t in range(len(score.tracks)) for b in range(4)]
    targets = data.draw(st.lists(st.sampled_from(places), unique=True)) if places else []
    plain = codec.encode(score, EncodeOptions(window_bars=4)).tokens
    filled = codec.encode(score, EncodeOptions(window_bars=4, targets=targets)).tokens
    assert codec.decode(filled) == codec.decode(plain)


@given(scores)
@settings(max_examples=40, deadline=None)
def test_ranges_tell_whose_tokens_are_whose(score: Score) -> None:
    codec = Codec(load_encoder("descant"))
    encoded = codec.encode(score, EncodeOptions(window_bars=4))
    names = codec.token_names(encoded.tokens)
    for begin, end in encoded.tracks.tolist():
        assert names[begin].startswith("Track:")
        assert names[end - 1] == "TrackEnd"
    for _, _, begin, end, _ in encoded.bars.tolist():
        assert (names[begin], names[end - 1]) == ("Bar", "BarEnd")


def test_blocks_read_one_at_a_time_are_the_bars_of_the_whole_decoding() -> None:
    codec = Codec(load_encoder("yellow_encoder"))
    score = Score((Track(tuple(Bar([Note(60 + b, 40 + 20 * b, b, 12)]) for b in range(4))),), GRID)
    encoded = codec.encode(score, EncodeOptions(window_bars=4, targets=[(0, 0), (0, 1), (0, 3)]))
    whole = native.from_core(codec.decode_on_grid(encoded.tokens))
    reader = codec.bar_decoder(drum=False)
    for _, bar, begin, end, level in encoded.blocks.tolist():
        if level >= 0:
            reader.velocity_level = level
        *open_bar, finished = (reader.push(token) for token in encoded.tokens[begin:end].tolist())
        assert all(part is None for part in open_bar)
        assert native.notes_from_core(finished) == whole.tracks[0].bars[bar].notes


def test_bars_can_be_replaced_in_a_core_score() -> None:
    core = native.to_core(one_bar(Note(60, 90, 0, 12)))
    core.set_bar(track=0, bar=2, notes=np.array([[64, 80, 6, 3, 0, 64]], np.int32))
    assert core.bar(track=0, bar=2).tolist() == [[64, 80, 6, 3, 0]]
    assert native.from_core(core).tracks[0].bars[2].notes == [Note(64, 80, 6, 3)]
    with native.core_errors(), pytest.raises(Exception, match="bar 5 is not one of track 1's 4"):
        core.set_bar(track=0, bar=4, notes=np.zeros((0, 5), np.int32))


def test_notes_of_another_shape_do_not_pass_the_door() -> None:
    core = native.to_core(one_bar())
    with pytest.raises(ScoreError, match="shape"), native.core_errors():
        core.set_bar(track=0, bar=0, notes=np.zeros((2, 3), np.int32))
    with pytest.raises(TypeError):
        core.set_bar(track=0, bar=0, notes=np.zeros((2, 5), np.float64))  # type: ignore[arg-type]


def test_tables_that_disagree_make_no_score() -> None:
    with pytest.raises(ScoreError, match="more notes"), native.core_errors():
        native.CoreScore(
            resolution=12,
            tempo=500000,
            tracks=np.array([[0, 0, 1]], np.int32),
            bars=np.array([[4, 4, 0, 2]], np.int32),
            notes=np.zeros((1, 5), np.int32),
        )


def test_input_is_floored_to_the_model_grid_and_output_raised_to_the_decoding_grid() -> None:
    codec = Codec(load_encoder("yellow_encoder"))
    fine = Score((Track((Bar([Note(60, 90, 79, 480)]),)),), 480)
    coarse = codec.normalize_input(fine)
    assert coarse.tracks[0].bars[0].notes == [Note(60, 90, 1, 12)]
    assert codec.normalize_input(coarse) is coarse
    assert codec.normalize_output(coarse).tracks[0].bars[0].notes == [Note(60, 90, 160, 1920)]


def test_tokens_have_readable_names() -> None:
    codec = Codec(load_encoder("yellow_encoder"))
    score = one_bar(Note(60, 90, 12, 12))
    encoded = codec.encode(score, EncodeOptions(attributes=False))
    names = codec.token_names(encoded.tokens)
    assert names[:7] == [
        "PieceStart:0",
        "NumBars:0",
        "Track:0",
        "Instrument:0",
        "Bar",
        "TimeSig:13",
        "TimeAbsolutePos:12",
    ]
    assert codec.vocab_size() == 647


@pytest.mark.parametrize("token", [647, -1, 2**40])
def test_ids_outside_the_vocabulary_are_refused(token: int) -> None:
    with pytest.raises(GenerationError, match="outside the vocabulary of 647"):
        Codec(load_encoder("yellow_encoder")).decode([0, token])


def test_a_meter_the_encoder_lacks_is_named_with_its_place() -> None:
    score = Score((Track((Bar(ts_numerator=19, ts_denominator=16),)),), GRID)
    options = EncodeOptions(window_bars=4)
    with pytest.raises(ScoreError, match=r"19/16 \(track 1, bar 1\)"):
        Codec(load_encoder("yellow_encoder")).encode(score, options)


def test_an_unknown_window_lists_the_known_ones() -> None:
    codec = Codec(load_encoder("yellow_encoder"))
    with pytest.raises(GenerationError, match="5 bars is not one this encoder knows: 4, 8"):
        codec.encode(one_bar(), EncodeOptions(window_bars=5))


@pytest.mark.parametrize("encoder", shipped_encoders())
def test_encoding_leaves_the_given_score_alone(encoder: str) -> None:
    core = native.to_core(one_bar(Note(60, 90, 12, 12)))
    before = core.copy()
    Codec(load_encoder(encoder)).encode(core, EncodeOptions(window_bars=4))
    assert core == before
