"""Encoder settings: what is read, what is refused, and what is written back."""

from __future__ import annotations

import json

import pytest

from descant.encoder_config import EncoderConfig, load_encoder, shipped_encoders
from descant.errors import EncoderError

SIZES = {
    "yellow_encoder": 647,
    "yellow_config": 647,
    "ghost_config": 650,
    "expressive_config": 751,
    "expressive_encoder": 964,
    "prism_encoder": 843,
}


@pytest.mark.parametrize(("name", "size"), SIZES.items())
def test_shipped_encoders_have_the_known_sizes(name: str, size: int) -> None:
    assert load_encoder(name).vocabulary.size() == size


def test_yellow_config_derives_the_layout_yellow_encoder_lists() -> None:
    derived, listed = load_encoder("yellow_config"), load_encoder("yellow_encoder")
    assert derived.token_domains is None
    assert derived.vocabulary.domains == listed.vocabulary.domains


@pytest.mark.parametrize("name", shipped_encoders())
def test_what_is_written_reads_back_as_the_same_vocabulary(name: str) -> None:
    config = load_encoder(name)
    form = json.loads(json.dumps(config.to_dict()))
    again = EncoderConfig.from_dict(form)
    assert again.vocabulary.domains == config.vocabulary.domains
    assert again.to_dict() == form
    spec = [(a.name, a.size, a.melodic, a.drum) for a in config.vocabulary.attributes]
    assert spec == [(a.name, a.size, a.melodic, a.drum) for a in again.vocabulary.attributes]


def test_old_spellings_are_written_under_canonical_names() -> None:
    names = {entry["type"] for entry in load_encoder("prism_encoder").to_dict()["token_domains"]}
    assert {"TrackLevelPitchRangeMax", "BarLevelPitchClassSet"} <= names
    assert not {"PitchRange", "PitchClassSet", "SilenceProportion"} & names


def test_unknown_keys_are_ignored_and_switchable_microtiming_brings_delta_tokens() -> None:
    config = EncoderConfig.from_dict({"model_dim": 8, "switchable_microtiming": True})
    assert config.emit_delta_tokens
    assert config.vocabulary.has("Delta")


def test_an_unknown_encoder_name_lists_the_known_ones() -> None:
    with pytest.raises(EncoderError, match="yellow_encoder"):
        load_encoder("mauve")


REFUSED = [
    ([], "JSON object"),
    ({"resolution": 12.0}, "resolution is 12.0; needed is a whole number in 1..32767"),
    ({"resolution": True}, "resolution is True"),
    ({"resolution": 0}, "resolution is 0"),
    ({"resolution": "12"}, "resolution is '12'"),
    ({"velocity_levels": 1}, "2..128"),
    ({"supports_infill": 1}, "supports_infill is 1; needed is true or false"),
    ({"pitch_range": [127, 0]}, "pitch_range"),
    ({"pitch_range": [0]}, "pitch_range"),
    ({"pitch_range": [0, 128]}, "pitch_range is 128"),
    ({"time_signatures": ["4"]}, "'4'"),
    ({"time_signatures": ["4/4x"]}, "4/4x"),
    ({"time_signatures": ["0/4"]}, "0/4"),
    ({"time_signatures": [[4, 4]]}, "meter"),
    ({"time_signatures": ["4/4", "4/4"]}, "4/4 twice"),
    ({"instrument_merge_groups": [[0, 128]]}, "128"),
    ({"instrument_merge_groups": [[]]}, "empty group"),
    ({"num_bars_map": [4, "8"]}, "num_bars_map is '8'"),
    ({"genre_groups": {"jazz": "swing"}}, "'swing'"),
    ({"genre_groups": []}, "genre_groups"),
    ({"token_domains": [{"type": "Sparkle", "domain_size": 1}]}, "Sparkle"),
    ({"token_domains": [{"type": "Bar", "domain_size": 0}]}, "domain_size of Bar is 0"),
    ({"token_domains": [{"type": t, "domain_size": 1} for t in ("Bar", "TOKEN_BAR")]}, "twice"),
    ({"token_domains": ["Bar"]}, "token_domains has 'Bar'"),
    ({"attribute_controls": {}}, "not a list"),
    ({"attribute_controls": [{"name": "sparkle"}]}, "sparkle"),
    ({"attribute_controls": [{"name": "polyphony_quantile"}]}, "mode"),
    ({"attribute_controls": [{"name": "nomml", "params": {"mode": "min"}}]}, "takes no mode"),
    ({"attribute_controls": [{"name": "nomml", "params": {"volume": "11"}}]}, "volume"),
    ({"attribute_controls": [{"name": "nomml", "params": {"track_type": "brass"}}]}, "brass"),
    (
        {"attribute_controls": [{"name": "silence_proportion", "params": {"level": "bar"}}]},
        "no token",
    ),
]


@pytest.mark.parametrize(("form", "message"), REFUSED)
def test_contradictory_settings_are_refused_with_the_value(form: object, message: str) -> None:
    with pytest.raises(EncoderError, match=message.replace("(", r"\(")):
        EncoderConfig.from_dict(form)


def test_text_that_is_not_json_is_refused() -> None:
    with pytest.raises(EncoderError, match="not JSON"):
        EncoderConfig.from_json("{")
