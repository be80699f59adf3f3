"""Windows, target shapes, hidden bars, levels and the sequences they make."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from tiny_corpus import beat, melody, piece, tiny_corpus

from descant.encoder_config import load_encoder
from descant.errors import DescantError, EncoderError
from descant.score import Bar, Note, Score, Track
from descant.train.augment import (
    BASSES,
    SUSTAINED,
    Augmentation,
    Chances,
    doubled,
    halved,
    with_other_instruments,
)
from descant.train.corpus import Corpus
from descant.train.samples import Sampler, SampleSettings
from descant.train.shapes import Masks, draw_hidden, draw_targets
from descant.train.tokeniser import Tokeniser, find_encoder
from descant.train.windows import (
    SHARES,
    Limits,
    PieceDraw,
    Variation,
    Window,
    cut,
    draw_window,
    texture,
)

FOUR_FOUR = {(4, 4)}


@pytest.fixture(scope="module")
def ghost() -> Tokeniser:
    return Tokeniser(find_encoder("ghost"))


def names(tokeniser: Tokeniser, ids: np.ndarray) -> list[str]:
    vocabulary = find_encoder("ghost").vocabulary
    return [vocabulary.type(int(token)) for token in ids]


def test_textures_are_told_apart() -> None:
    def kind(*tracks: object) -> str:
        return texture(piece(Score(tracks), "x"))  # type: ignore[arg-type]

    assert kind(beat(8)) == "drums"
    assert kind(beat(8), melody(8, 33, 40)) == "band"
    assert kind(melody(8, 52, 60), melody(8, 0, 40)) == "song"
    assert kind(melody(8, 40, 60), melody(8, 42, 40)) == "other"
    assert kind(melody(8, 73, 70)) == "other"  # has chords


def test_pieces_are_drawn_by_texture_not_by_number() -> None:
    band = [piece(Score((melody(8, 33, 30), beat(8))), "band")]
    others = [piece(Score((melody(8, 40, low), melody(8, 42, 40))), "x") for low in range(41, 61)]
    draw, random = PieceDraw(Corpus(band + others)), np.random.default_rng(0)
    drawn = Counter(texture(draw.draw(random)) for _ in range(4000))
    expected = SHARES["band"] / (SHARES["band"] + SHARES["other"])
    assert abs(drawn["band"] / 4000 - expected) < 0.03


def test_windows_lie_inside_reach_both_ends_and_hold_distinct_sounding_tracks() -> None:
    one = piece(Score((melody(20, 33, 40, tuple(range(12))), melody(20, 0, 60), beat(20))), "w")
    random = np.random.default_rng(1)
    starts, sizes = Counter(), Counter()
    for _ in range(1500):
        window = draw_window(one, (4, 8, 32), FOUR_FOUR, Limits(), random)
        assert window is not None
        assert 0 <= window.first <= 20 - window.bars
        assert len(set(window.tracks)) == len(window.tracks)
        part = one.counts[list(window.tracks), window.first : window.first + window.bars]
        assert (part.sum(axis=1) > 0).all()
        starts[window.first / (20 - window.bars)] += 1
        sizes[len(window.tracks)] += 1
    assert min(starts[0.0], starts[1.0]) > 150
    assert set(sizes) == {1, 2, 3}


def test_windows_with_unknown_meters_or_too_few_bars_are_not_drawn() -> None:
    one = piece(Score((melody(6, 0, 60),)), "w")
    random = np.random.default_rng(1)
    assert draw_window(one, (4,), {(3, 4)}, Limits(), random) is None
    assert draw_window(one, (8,), FOUR_FOUR, Limits(), random) is None


def test_a_cut_window_holds_the_notes_transposed_but_for_drums() -> None:
    one = piece(Score((melody(8, 33, 40), beat(8))), "cut")
    score = cut(one, Window(3, 4, (1, 0)), Variation(shift=2, loudness=0.5))
    assert [track.track_type for track in score.tracks] == ["drum", "melodic"]
    assert score.resolution == 12
    assert _values(score.tracks[0].bars[0].notes[0]) == (36, 50, 0, 1)
    first = score.tracks[1].bars[0].notes[0]
    assert _values(first) == (40 + 3 + 2, 30, 0, 12)
    assert len(score.tracks[1].bars) == 4


def _values(note: object) -> tuple[int, int, int, int]:
    return note.pitch, note.velocity, note.onset_ticks, note.duration_ticks  # type: ignore[attr-defined]


def test_targets_are_never_none_and_come_in_all_shapes() -> None:
    random = np.random.default_rng(2)
    full = np.ones((4, 8), bool)
    seen = [draw_targets(full, 0.5, random) for _ in range(600)]
    assert all(targets.any() for targets in seen)
    assert any(targets.all(axis=0).any() and not targets.all() for targets in seen)  # columns
    assert any(targets.all(axis=1).sum() == 1 for targets in seen)  # one whole track
    assert any(targets.sum() == 1 for targets in seen)
    assert 0.1 < np.mean([targets.mean() for targets in seen]) < 0.5


def test_silent_cells_are_targets_less_often() -> None:
    random = np.random.default_rng(3)
    half = np.zeros((4, 8), bool)
    half[:, ::2] = True
    total = sum(draw_targets(half, 0.5, random).astype(int) for _ in range(800))
    assert total[:, 1::2].sum() < 0.5 * total[:, ::2].sum()


def test_hidden_cells_are_never_targets_and_never_the_written_track() -> None:
    random = np.random.default_rng(4)
    some = 0
    for _ in range(300):
        targets = draw_targets(np.ones((3, 8), bool), 0.5, random)
        hidden = draw_hidden(targets, Masks(), random)
        assert not (hidden & targets).any()
        some += hidden.any()
        assert not draw_hidden(np.zeros((3, 8), bool), Masks(), random)[-1].any()
    assert some > 200


def test_other_instruments_play_the_same_lines_and_equal_tracks_stay_equal() -> None:
    strings = (melody(2, 40, 70), melody(2, 40, 70), melody(2, 42, 40))
    score = Score((*strings, melody(2, 33, 36), melody(2, 120, 60), beat(2)))
    random, seen = np.random.default_rng(8), set()
    for _ in range(40):
        other = with_other_instruments(score, random)
        one, two, low, bass, effect, drums = (track.instrument for track in other.tracks)
        assert one == two
        assert one in SUSTAINED["high"]
        assert low in SUSTAINED["low"]
        assert bass in BASSES
        assert (effect, drums) == (120, 0)
        assert [t.bars for t in other.tracks] == [t.bars for t in score.tracks]
        seen.add(one)
    assert len(seen) > 4


def test_note_values_double_and_halve_back() -> None:
    score = cut(piece(Score((melody(4, 0, 60), beat(4))), "x"), Window(0, 4, (0, 1)), Variation())
    twice = doubled(halved(score) or score)
    assert twice.tracks[0] == score.tracks[0]
    short = halved(score)
    assert short is not None
    assert short.tracks[0].bars[0].meter == (2, 4)
    first, second = (short.tracks[0].bars[0].notes[k] for k in (0, 2))
    assert (second.onset_ticks - first.onset_ticks, second.duration_ticks) == (6, 6)
    fine = Bar([Note(60, 80, 3, 2)])
    assert halved(Score((Track((fine,)),), 12)) is None


def test_drums_are_laid_under_music_of_their_meter_that_has_none() -> None:
    short = Score((Track(beat(3).bars, 0, "drum"),))
    corpus = Corpus([piece(short, "drums")])
    always = Augmentation(corpus, {(4, 4)}, Chances(0, 0, 1))
    random = np.random.default_rng(9)
    plain = Score((melody(8, 0, 60),), 12)
    made = always.change(plain, random)
    (drums,) = (track for track in made.tracks if track.is_drum)
    assert len(made.tracks) == 2
    assert [len(bar.notes) for bar in drums.bars] == [10] * 8
    assert always.change(made, random) == made
    waltz = Score((Track((Bar([], 3, 4),)),), 12)
    assert always.change(waltz, random) == waltz


def test_note_values_change_only_into_meters_the_encoder_knows() -> None:
    score = Score((melody(4, 0, 60),), 12)
    random = np.random.default_rng(10)
    for meters, expected in (({(4, 4)}, {(4, 4)}), ({(4, 4), (2, 4)}, {(4, 4), (2, 4)})):
        changing = Augmentation(Corpus([]), meters, Chances(0, 1, 0))
        found = {changing.change(score, random).tracks[0].bars[0].meter for _ in range(30)}
        assert found == expected


def test_a_sample_depends_on_seed_and_index_alone(ghost: Tokeniser) -> None:
    corpus, settings = tiny_corpus(), SampleSettings()
    one, two = Sampler(corpus, ghost, settings, 1), Sampler(corpus, ghost, settings, 1)
    forwards = [one.sample(index) for index in range(20)]
    backwards = [two.sample(index) for index in reversed(range(20))]
    for a, b in zip(forwards, reversed(backwards), strict=True):
        np.testing.assert_array_equal(a.ids, b.ids)
        assert a.scored_from == b.scored_from
    other = Sampler(corpus, ghost, settings, 2).sample(0)
    assert not np.array_equal(other.ids, forwards[0].ids)


def test_sequences_are_whole_legal_and_within_the_limit(ghost: Tokeniser) -> None:
    sampler = Sampler(tiny_corpus(), ghost, SampleSettings(usual_tokens=500, most_tokens=700), 5)
    kinds = Counter()
    for index in range(150):
        sample = sampler.sample(index)
        written = names(ghost, sample.ids)
        assert written[:2] == ["PieceStart", "NumBars"]
        assert len(written) <= 700
        assert written.count("FillInPlaceholder") == written.count("FillInEnd")
        infill = written[-1] == "FillInEnd"
        assert (sample.scored_from > 0) == infill == bool(sample.ids[0])
        if infill:
            assert written[sample.scored_from - 1] == "FillInStart"
        kinds[infill, "MaskBar" in written] += 1
    assert len(kinds) == 4


def test_levels_are_left_out_at_the_rate_asked_for(ghost: Tokeniser) -> None:
    def levels(rate: float) -> int:
        settings = SampleSettings(level_dropout=rate, hidden=0.0, infill=0.0, seen_only=0.0)
        sampler = Sampler(tiny_corpus(), ghost, settings, 6)
        return sum(
            names(ghost, sampler.sample(index).ids).count("MaxPolyphony") for index in range(300)
        )

    all_of_them, most, none = levels(0.0), levels(0.3), levels(1.0)
    assert none == 0
    assert abs(most / all_of_them - 0.7) < 0.08


def test_a_track_that_is_only_targets_says_nothing_of_itself(ghost: Tokeniser) -> None:
    alone = Corpus([piece(Score((melody(4, 33, 40),)), "alone")])
    settings = SampleSettings(infill=1.0, hidden=0.0, seen_only=1.0, level_dropout=0.0)
    sampler = Sampler(alone, ghost, settings, 7)
    whole, part = set(), set()
    for index in range(80):
        written = names(ghost, sampler.sample(index).ids)
        every = written.count("FillInPlaceholder") == 4
        (whole if every else part).add("MaxPolyphony" in written)
    assert (whole, part) == ({False}, {True})


def test_targets_of_our_encoder_say_where_they_stand_and_what_was_wished() -> None:
    own = Tokeniser(find_encoder("descant"))
    name = find_encoder("descant").vocabulary.type
    settings = SampleSettings(infill=1.0, hidden=0.0)
    sampler = Sampler(tiny_corpus(), own, settings, 11)
    levels = ranges = 0
    for index in range(20):
        sample = sampler.sample(index)
        assert sample.told is not None
        written = [name(int(token)) for token in sample.ids]
        fills = [k for k, kind in enumerate(written) if kind == "FillInStart"]
        places = [k for k, kind in enumerate(written) if kind == "FillInPlaceholder"]
        told = np.zeros(len(written), bool)
        for fill, place in zip(fills, places, strict=True):
            bar = max(k for k in range(place) if written[k] == "Bar")
            track = max(k for k in range(place) if written[k] == "Track")
            wished = written[bar + 1 : place]
            end = next(k for k in range(fill, len(written)) if written[k] == wished[-1]) + 1
            header = written[fill + 1 : end]
            assert header[0] == "Instrument"
            assert sample.ids[fill + 1] == sample.ids[track + 1]
            assert header[-len(wished) :] == wished
            assert wished[-1] == "TimeSig"
            told[fill + 1 : end] = True
            levels += len(wished) - 1
            ranges += "TrackLevelPitchLow" in header
        assert (told == sample.told).all()
    assert levels > 0
    assert ranges > 0


def test_a_corpus_without_pieces_or_windows_is_refused(ghost: Tokeniser) -> None:
    with pytest.raises(DescantError, match="no pieces"):
        Sampler(Corpus([]), ghost, SampleSettings(), 1)
    short = SampleSettings(usual_tokens=8, most_tokens=8)
    with pytest.raises(DescantError, match="fits into 8 tokens"):
        Sampler(tiny_corpus(), ghost, short, 1).sample(0)


def test_encoders_are_found_by_short_name_and_must_know_infill() -> None:
    assert find_encoder("ghost") == load_encoder("ghost_config")
    assert find_encoder("yellow_encoder") == load_encoder("yellow_encoder")
    with pytest.raises(EncoderError, match="does not ship"):
        find_encoder("blue")
    form = load_encoder("ghost_config").to_dict()
    del form["num_bars_map"]
    form["token_domains"] = [d for d in form["token_domains"] if d["type"] != "NumBars"]
    with pytest.raises(EncoderError, match="num_bars_map"):
        Tokeniser(load_encoder("ghost_config").from_dict(form))
