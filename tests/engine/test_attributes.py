"""What an encoder measures, how it names it, and what a report says."""

from __future__ import annotations

import pytest

from descant.attributes import AttributeAnalyzer
from descant.encoder_config import load_encoder, shipped_encoders
from descant.errors import ScoreError
from descant.score import Bar, Note, Score, Track
from descant.tokens import Codec, EncodeOptions

CHORD = [Note(pitch, 90, 0, 24) for pitch in (48, 52, 55)]
LINE = [Note(72 + i, 90, 6 * i, 6) for i in range(8)]


def piece(**track: object) -> Score:
    bars = (Bar(CHORD), Bar(LINE), Bar(), Bar())
    return Score((Track(bars, **track),), 12)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", shipped_encoders())
def test_every_attribute_is_described_in_full(name: str) -> None:
    analyzer = AttributeAnalyzer(load_encoder(name))
    sizes = analyzer.attribute_sizes()
    for family in ("drum", "bass", "low", "high"):
        labels = analyzer.attribute_value_labels(family)
        assert {attribute: len(texts) for attribute, texts in labels.items()} == sizes
    assert set(analyzer.attribute_levels().values()) <= {"track", "bar"}
    assert set(analyzer.attribute_track_types().values()) <= {"melodic", "drum", "both"}
    assert list(sizes) == list(analyzer.attribute_token_types()) == analyzer.names()


def test_yellow_describes_itself_as_upstream_does() -> None:
    analyzer = AttributeAnalyzer(load_encoder("yellow_encoder"))
    assert analyzer.attribute_track_types() == {
        "note_density": "drum",
        "min_polyphony": "melodic",
        "max_polyphony": "melodic",
        "min_note_duration": "melodic",
        "max_note_duration": "melodic",
    }
    labels = analyzer.attribute_value_labels()
    assert labels["note_density"][0] == "sparsest (Q0)"
    assert labels["max_polyphony"][-1] == "10+ voices"
    assert labels["min_note_duration"] == ["32nd", "16th", "8th", "quarter", "half", "whole"]


def test_descants_own_encoder_has_bar_levels_for_melodic_and_drum_tracks() -> None:
    analyzer = AttributeAnalyzer(load_encoder("descant"))
    per_bar = [name for name, level in analyzer.attribute_levels().items() if level == "bar"]
    kinds = analyzer.attribute_track_types()
    assert {name: kinds[name] for name in per_bar} == {
        "bar_note_density": "both",
        "bar_min_polyphony": "both",
        "bar_max_polyphony": "both",
        "bar_min_note_duration": "melodic",
        "bar_max_note_duration": "melodic",
    }
    score = piece()
    assert analyzer.compute_bar_tokens(score, 0, 0) == {
        "BarLevelOnsetDensity": 3,
        "BarLevelOnsetPolyphonyMin": 2,
        "BarLevelOnsetPolyphonyMax": 2,
        "BarLevelNoteDurationMin": 4,
        "BarLevelNoteDurationMax": 4,
    }
    assert analyzer.compute_bar_tokens(score, 0, 2) == {"BarLevelOnsetDensity": 0}
    assert analyzer.compute_track_tokens(score, 0)["pitch_low"] == 48
    assert set(analyzer.compute_bar_tokens(piece(track_type="drum"), 0, 1)) == {
        "BarLevelOnsetDensity",
        "BarLevelOnsetPolyphonyMin",
        "BarLevelOnsetPolyphonyMax",
    }


@pytest.mark.parametrize("track_type", ["melodic", "drum"])
def test_descants_levels_are_written_and_read_back(track_type: str) -> None:
    codec = Codec(load_encoder("descant"))
    encoded = codec.encode(piece(track_type=track_type), EncodeOptions(window_bars=4)).tokens
    options = EncodeOptions(window_bars=4, attributes=False)
    assert codec.encode(codec.decode(encoded), options).tokens.tolist() == encoded.tolist()
    assert any("BarLevelOnsetDensity" in name for name in codec.token_names(encoded))


def test_only_levels_on_the_track_are_written() -> None:
    codec = Codec(load_encoder("descant"))
    wished = piece(attributes={"bar_BarLevelOnsetDensity_1": 7})
    encoded = codec.encode(wished, EncodeOptions(window_bars=4, attributes=False)).tokens
    levels = [name for name in codec.token_names(encoded) if "Level" in name]
    assert [name for name in levels if "Velocity" not in name] == ["BarLevelOnsetDensity:7"]


def test_a_report_sets_wish_token_and_notes_side_by_side() -> None:
    analyzer = AttributeAnalyzer(load_encoder("yellow_encoder"))
    score = piece(attributes={"max_polyphony": 2})
    report = analyzer.report(score, 0, {"max_polyphony": 5})
    assert report["track"]["max_polyphony"] == {
        "sampled": 2,
        "realized": 2,
        "requested": 5,
        "consistent": True,
        "achieved": False,
    }
    assert report["track"]["min_polyphony"]["consistent"] is None
    assert report["bars"] == [{}, {}, {}, {}]


def test_annotating_writes_levels_over_old_ones_and_keeps_the_rest() -> None:
    analyzer = AttributeAnalyzer(load_encoder("yellow_encoder"))
    score = analyzer.annotate(piece(attributes={"max_polyphony": 9, "mood": 3}))
    attributes = score.tracks[0].attributes
    assert attributes["max_polyphony"] == 2
    assert attributes["mood"] == 3


def test_nomml_takes_a_value_measured_elsewhere() -> None:
    analyzer = AttributeAnalyzer(load_encoder("expressive_encoder"))
    assert analyzer.compute_track_tokens(piece(), 0)["nomml"] == 0
    given = piece(attributes={"_nomml_raw": 11})
    assert analyzer.compute_track_tokens(given, 0)["nomml"] == 11


def test_a_place_outside_the_score_is_named() -> None:
    analyzer = AttributeAnalyzer(load_encoder("yellow_encoder"))
    with pytest.raises(ScoreError, match="track 2 is not one of the score's 1"):
        analyzer.compute_track_tokens(piece(), 1)
    with pytest.raises(ScoreError, match="bar 5"):
        analyzer.compute_bar_tokens(piece(), 0, 4)
