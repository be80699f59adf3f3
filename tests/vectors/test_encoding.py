"""Tokens, attributes and resampling against recorded runs of upstream 0.4.2."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from deviations import ENCODING as DEVIATIONS
from vector_files import ENCODERS, Vectors, canonical, digest, score_of

from descant import native
from descant.attributes import AttributeAnalyzer
from descant.encoder_config import load_encoder
from descant.errors import DescantError
from descant.score import Bar, Score
from descant.tokens import Codec, EncodeOptions


@dataclass(frozen=True)
class Window:
    """One recorded window of a score under one encoder."""

    score: Score
    bars: int
    encoder: str
    expected: dict[str, Any]


def _windows(score: dict[str, Any], name: str, window: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    cut = score_of(score, window.get("bars"))
    for encoder, expected in window["encoders"].items():
        yield f"{name}-{encoder}", Window(cut, window["window_bars"], encoder, expected)


def windows_of_file(content: Any) -> Iterator[tuple[str, Any]]:
    for index, window in enumerate(content["windows"]):
        yield from _windows(content["score"], str(index), window)


def windows_of_synthetic(content: Any) -> Iterator[tuple[str, Any]]:
    for index, window in enumerate(content):
        yield from _windows(window["score"], str(index), window)


def layouts(content: Any) -> Iterator[tuple[str, Any]]:
    yield from ((name, (name, layout)) for name, layout in content.items())


def numbered(content: Any) -> Iterator[tuple[str, Any]]:
    yield from ((f"{index}-{case['name']}", case) for index, case in enumerate(content))


VECTORS = {
    "window": Vectors("encoding", "file_*.json", windows_of_file),
    "synthetic": Vectors("encoding", "synthetic_scores.json", windows_of_synthetic),
    "layout": Vectors("encoding", "vocab_layouts.json", layouts),
    "attributes": Vectors("encoding", "attributes.json"),
    "resample": Vectors("encoding", "resample.json"),
    "broken": Vectors("encoding", "decode.json", numbered),
}


def codec(encoder: str) -> Codec:
    return Codec(load_encoder(ENCODERS[encoder]))


def test_layouts_are_upstreams(layout: tuple[str, dict[str, Any]]) -> None:
    name, expected = layout
    vocabulary = load_encoder(ENCODERS[name]).vocabulary
    assert vocabulary.size() == expected["size"]
    assert expected["domains"] == [
        [type_name, vocabulary.offset(type_name), size] for type_name, size in vocabulary.domains
    ]


def _options(window: Window, field: str) -> EncodeOptions:
    recorded = window.expected[field]
    options = EncodeOptions(window_bars=window.bars)
    match field:
        case "ar_no_attributes":
            return replace(options, attributes=False)
        case "infill" | "infill_one":
            return replace(options, targets=[tuple(target) for target in recorded["targets"]])
        case "future_span":
            return replace(options, span_future=True)
        case "future_remove":
            return replace(options, remove_future=True)
        case "partial":
            return replace(options, partial=(recorded["track"], recorded["bars"]))
        case "no_velocity":
            return replace(options, velocity=False)
        case "no_microtiming_genre5":
            return replace(options, microtiming=False, genre=5)
        case "genre2":
            return replace(options, genre=2)
    return options


def _with_future(score: Score, hidden: list[list[int]]) -> Score:
    tracks = list(score.tracks)
    for track, bar in hidden:
        bars = list(tracks[track].bars)
        old = bars[bar]
        bars[bar] = Bar(old.notes, *old.meter, old.beat_length, future=True)
        tracks[track] = replace(tracks[track], bars=tuple(bars))
    return replace(score, tracks=tuple(tracks))


def check_tokens(window: Window) -> None:
    reader = codec(window.encoder)
    for field, recorded in window.expected.items():
        if field in ("attributes", "decoded"):
            continue
        is_list = isinstance(recorded, list)
        hidden = [] if is_list or "future" not in field else recorded["bars"]
        encoded = reader.encode(_with_future(window.score, hidden), _options(window, field))
        assert encoded.tokens.tolist() == (recorded if is_list else recorded["tokens"]), field
        spans = [] if is_list else recorded.get("hidden_spans", [])
        assert encoded.hidden.tolist() == spans, field


def check_attributes(window: Window) -> None:
    config = load_encoder(ENCODERS[window.encoder])
    score = Codec(config).normalize_input(window.score)
    analyzer = AttributeAnalyzer(config)
    for track in range(len(score.tracks)):
        tokens = analyzer.compute_track_tokens(score, track)
        assert tokens == window.expected["attributes"]["track"][track]
        for bar, recorded in enumerate(window.expected["attributes"]["bar"][track]):
            assert analyzer.compute_bar_tokens(score, track, bar) == recorded


def check_decoding(window: Window) -> None:
    reader = codec(window.encoder)
    expected = window.expected["decoded"]
    grid = native.from_core(reader.decode_on_grid(window.expected["ar"]))
    score = reader.decode(window.expected["ar"])
    if "tracks" in expected:
        assert canonical(score) == expected["tracks"]
    assert score.resolution == expected["resolution"]
    assert digest(grid) == expected["sha256_model_grid"]
    assert digest(score) == expected["sha256"]
    again = reader.encode(score, EncodeOptions(window_bars=window.bars))
    assert (again.tokens.tolist() == window.expected["ar"]) == expected["reencode_same"]


def check_kept_attributes(window: Window) -> None:
    """Decoded attributes are enough to write the same tokens again, without measuring."""
    reader = codec(window.encoder)
    options = EncodeOptions(window_bars=window.bars, attributes=False)
    again = reader.encode(reader.decode(window.expected["ar"]), options)
    same = again.tokens.tolist() == window.expected["ar"]
    assert same or not window.expected["decoded"]["reencode_same"]


CHECKS = [check_tokens, check_attributes, check_decoding, check_kept_attributes]


@pytest.mark.parametrize("check", CHECKS)
def test_windows_of_files(window: Window, check: Any) -> None:
    check(window)


@pytest.mark.parametrize("check", CHECKS)
def test_synthetic_scores(synthetic: Window, check: Any) -> None:
    check(synthetic)


def test_every_attribute_of_random_scores(attributes: dict[str, Any]) -> None:
    analyzer = native.AttributeAnalyzer(load_encoder("yellow_encoder").vocabulary.config)
    for case in attributes["cases"]:
        score = native.to_core(score_of(case["score"]))
        for name, recorded in case["values"].items():
            control = _control(name)
            spec = native.attribute_from(control)
            assert spec.size == attributes["sizes"][name]
            for track, values in enumerate(recorded):
                rows = enumerate(values) if spec.per_bar else [(-1, values)]
                for bar, pair in rows:
                    raw = analyzer.measure(control=control, score=score, track=track, bar=bar)
                    assert raw is not None
                    level = analyzer.level(control=control, raw=raw)
                    assert [raw, level] == pytest.approx(pair, abs=1e-12), (name, track, bar)


def _control(name: str) -> native.AttributeControl:
    attribute, *words = name.split(".")
    params = {"level" if word in ("track", "bar") else "mode": word for word in words}
    return native.AttributeControl(name=attribute, params=params, edges={})


def test_resampling(resample: dict[str, Any]) -> None:
    for source, target, use_delta, onset, duration, delta, *expected in resample["rows"]:
        core = native.CoreScore(
            resolution=source,
            tempo=500000,
            tracks=np.array([[0, 0, 1]], np.int32),
            bars=np.array([[4, 4, 0, 1]], np.int32),
            notes=np.array([[60, 64, onset, duration, delta]], np.int32),
        )
        moved = core.resampled(resolution=target, use_delta=bool(use_delta))
        assert moved.notes[0, 2:].tolist() == expected


def test_odd_and_broken_tokens(broken: dict[str, Any]) -> None:
    reader = codec(broken["encoder"])
    if "upstream_crashes" in broken:
        assert canonical(reader.decode(broken["tokens"]))[0][2][0][2][0][0] == 60
        return
    expected = broken["expect"]
    if "error" in expected:
        with pytest.raises(DescantError, match="outside the vocabulary"):
            reader.decode(broken["tokens"])
        return
    grid = native.from_core(reader.decode_on_grid(broken["tokens"]))
    assert canonical(grid) == expected["model_grid"]["tracks"]
    assert grid.resolution == reader.config.resolution, DEVIATIONS["model grid"]
    assert canonical(reader.decode(broken["tokens"])) == expected["resampled"]["tracks"]
    assert [dict(track.attributes) for track in grid.tracks] == expected["attributes"]
    for track, lengths in zip(grid.tracks, expected["beat_lengths"], strict=True):
        for bar, length in zip(track.bars, lengths, strict=True):
            assert bar.beat_length == (length or 4.0), DEVIATIONS["unclosed bar"]
