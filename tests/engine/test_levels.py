"""What training samples say of density, polyphony and note length, and the edges of the levels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tiny_corpus import beat, melody, piece, tiny_corpus

from descant.score import Bar, Score, Track
from descant.train.corpus import Corpus
from descant.train.edges import density_edges
from descant.train.levels import Dropout, LevelDraw, bar_of, family_of
from descant.train.samples import Sampler, SampleSettings
from descant.train.tokeniser import Tokeniser, find_encoder
from descant.train.windows import BoolMatrix

NOTHING = np.zeros((2, 4), bool)


@pytest.fixture(scope="module")
def own() -> Tokeniser:
    return Tokeniser(find_encoder("descant"))


@pytest.fixture(scope="module")
def prism() -> Tokeniser:
    return Tokeniser(find_encoder("prism"))


def window() -> Score:
    """Two tracks of four bars on the model grid; the second bar of the first is silent."""
    on_grid = replace(Score((melody(4, 33, 40, silent=(1,)), beat(4))), resolution=480)
    made = piece(on_grid, "window")
    tracks = []
    for track, whole in zip(made.counts, on_grid.tracks, strict=True):
        assert len(track) == 4
        bars = [Bar([_on_grid(note) for note in bar.notes]) for bar in whole.bars]
        tracks.append(Track(tuple(bars), whole.instrument, whole.track_type))
    return Score(tuple(tracks), 12)


def _on_grid(note: object) -> object:
    times = {n: max(0, getattr(note, n) // 40) for n in ("onset_ticks", "duration_ticks")}
    times["duration_ticks"] = max(1, times["duration_ticks"])
    return replace(note, **times)  # type: ignore[type-var]


def cells(*chosen: tuple[int, int]) -> BoolMatrix:
    table = NOTHING.copy()
    for cell in chosen:
        table[cell] = True
    return table


def drawn(
    tokeniser: Tokeniser, targets: BoolMatrix, hidden: BoolMatrix, seed: int = 1, dropout: float = 0
) -> list[dict[str, int]]:
    levels = LevelDraw(tokeniser, dropout, seen_only=1.0)
    score = levels.write(window(), targets, hidden, np.random.default_rng(seed))
    return [dict(track.attributes) for track in score.tracks]


def test_names_of_levels_tell_bar_and_family() -> None:
    assert bar_of("bar_BarLevelOnsetDensity_12") == 12
    assert bar_of("min_polyphony") is None
    one = {family_of(f"bar_BarLevelOnsetPolyphony{end}_3") for end in ("Min", "Max")}
    assert len(one) == 1
    assert family_of("min_polyphony") == family_of("max_polyphony") != family_of("key_signature")


def test_context_is_measured_and_nothing_is_said_of_hidden_bars(own: Tokeniser) -> None:
    first, second = drawn(own, NOTHING, cells((0, 2)))
    density = {bar_of(n): x for n, x in first.items() if "Density" in n and bar_of(n) is not None}
    assert set(density) == {0, 1, 3}
    assert density[1] == 0 < density[0]
    assert {bar_of(name) for name in second} == {None, 0, 1, 2, 3}


def test_our_encoder_says_of_targets_only_wishes(own: Tokeniser) -> None:
    targets, said, whole = cells((0, 2)), 0, 0
    truth = drawn(own, NOTHING, NOTHING)[0]
    for seed in range(200):
        first, second = drawn(own, targets, NOTHING, seed)
        wishes = {n: x for n, x in first.items() if bar_of(n) in (None, 2)}
        assert all(truth[name] == level for name, level in wishes.items())
        assert {bar_of(name) for name in first} >= {0, 1, 3}
        assert {bar_of(name) for name in second} == {None, 0, 1, 2, 3}
        said += any(bar_of(name) == 2 for name in wishes)
        whole += any(bar_of(name) is None for name in wishes)
    assert 60 < said < 140
    assert 30 < whole < 140


def test_upstream_encoders_always_say_levels_of_what_is_seen(prism: Tokeniser) -> None:
    every = cells(*[(0, bar) for bar in range(4)])
    first, _ = drawn(prism, every, NOTHING)
    assert {bar_of(name) for name in first} == {0, 1, 2, 3}
    assert drawn(prism, NOTHING, NOTHING)[0].keys() > first.keys()


def test_levels_are_dropped_by_family_by_track_and_singly() -> None:
    levels = {f"bar_{kind}_{bar}": 1 for kind in ("A", "B", "C") for bar in range(8)}
    counts = np.zeros((300, 2), int)
    families = 0
    for seed in range(300):
        dropout = Dropout(0.5, np.random.default_rng(seed))
        tracks = [dropout.keep(levels) for _ in range(2)]
        counts[seed] = [len(track) for track in tracks]
        kinds = {family_of(name) for track in tracks for name in track}
        families += 0 < len(kinds) < 3
    assert abs(counts.mean() / 24 - 0.5) < 0.06
    assert (counts == 0).any(axis=1).sum() > 50
    assert families > 50


def test_samples_of_our_encoder_differ_in_what_they_say(own: Tokeniser) -> None:
    sampler = Sampler(tiny_corpus(), own, SampleSettings(infill=1.0), 3)
    density = own_token(own, "BarLevelOnsetDensity")
    said = [np.isin(sampler.sample(n).ids, density).sum() for n in range(60)]
    assert min(said) == 0
    assert max(said) > 8


def own_token(tokeniser: Tokeniser, kind: str) -> np.ndarray:
    vocabulary = find_encoder("descant").vocabulary
    first = vocabulary.offset(kind)
    return np.arange(first, first + vocabulary.domain_size(kind))


def test_edges_rise_and_part_sounding_bars_evenly() -> None:
    thin = [piece(Score((melody(8, 73, 60 + k, silent=(1, 2)), beat(8))), str(k)) for k in range(3)]
    edges = density_edges(Corpus(thin))
    assert edges["high"][:3] == [0, 5, 6]
    assert edges["drum"][:2] == [0, 10]
    assert all(numbers == sorted(set(numbers)) for numbers in edges.values())
    assert "bass" not in edges
