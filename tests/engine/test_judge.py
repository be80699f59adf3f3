"""Judging models: places, likelihood, measures, copies, control, and the whole command."""

from __future__ import annotations

import json
import math
import re
import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from models import saved_model  # noqa: E402
from tiny_corpus import beat, melody, piece, tiny_corpus  # noqa: E402

from descant.cli.app import app  # noqa: E402
from descant.engine import InferenceEngine  # noqa: E402
from descant.errors import DescantError  # noqa: E402
from descant.score import Bar, Note, Score, Track  # noqa: E402
from descant.train.corpus import Corpus, save_pieces  # noqa: E402
from descant.train.judge.cases import draw_cases, with_bars  # noqa: E402
from descant.train.judge.control import Control, measure_control  # noqa: E402
from descant.train.judge.copies import CopyIndex  # noqa: E402
from descant.train.judge.likelihood import Likelihood, legal_mass  # noqa: E402
from descant.train.judge.measures import (  # noqa: E402
    groove_consistency,
    histograms,
    js_distance,
    pitch_class_entropy,
    rank_correlation,
    scale_consistency,
)
from descant.train.judge.sound import find_font, render_wav  # noqa: E402
from descant.train.judge.voices import voice_leading  # noqa: E402
from descant.train.judge.writing import Writer  # noqa: E402
from descant.train.sample import Sample  # noqa: E402
from descant.train.tokeniser import Tokeniser, find_encoder  # noqa: E402
from descant.train.windows import Variation, Window, cut  # noqa: E402


@pytest.fixture(scope="module")
def own() -> Tokeniser:
    return Tokeniser(find_encoder("descant"))


def bar(*pitches: int) -> Bar:
    return Bar([Note(pitch, 80, 12 * place, 12) for place, pitch in enumerate(pitches)])


def test_cases_are_the_same_every_time_and_inside_their_windows(own: Tokeniser) -> None:
    valid = tiny_corpus().only("valid")
    cases = draw_cases(valid, own, 12)
    assert len(cases) == 12
    for one, two in zip(cases, draw_cases(valid, own, 12), strict=True):
        assert one == two
        assert len(one.real) == len(one.copied) == 4
        assert one.copied[0] == one.score.tracks[one.track].bars[one.bars[0] - 1]
        assert not any(len(b.notes) for b in (one.emptied.tracks[one.track].bars[2:6]))
        assert with_bars(one, one.real) == one.score


def test_bits_are_counted_by_token_and_by_note() -> None:
    samples = {"infill": [Sample(np.array([1, 2, 3, 0]), 2)]}
    scored = Likelihood(samples, notes=range(3, 5))
    flat = scored.bits(lambda ids: torch.zeros(*ids.shape, 8))
    assert flat.per_token == {"infill": pytest.approx(3.0)}
    assert flat.per_note == {"infill": pytest.approx(6.0)}


def test_an_even_model_trusts_legal_tokens_by_their_number(own: Tokeniser) -> None:
    codec = own._codec
    cases = draw_cases(tiny_corpus().only("valid"), own, 3)
    size = codec.vocab_size()
    even = legal_mass(codec, cases, lambda ids: torch.zeros(*ids.shape, size))
    assert 0 < even < 0.5


def test_measures_of_a_scale_a_cluster_and_silence() -> None:
    scale, cluster = [bar(60, 62, 64, 65)], [bar(60, 61, 62, 63)]
    assert pitch_class_entropy(scale) == pytest.approx(2.0)
    assert scale_consistency(scale) == 1.0
    assert scale_consistency(cluster) < 1.0
    assert groove_consistency([*scale, *cluster]) == 1.0
    assert groove_consistency([*scale, bar()]) == pytest.approx(1 - 4 / 48)
    same = histograms(scale, False)
    assert all(js_distance(x, x) == pytest.approx(0) for x in same.values())
    other = histograms([bar(61, 61)], False)
    assert js_distance(same["pitch_class"], other["pitch_class"]) > 0.95
    assert set(histograms(scale, drum=True)) == {"onset_distance"}
    assert histograms([bar(60), bar(60)], False)["onset_distance"][48] == 1


def test_ranks_correlate_whatever_the_scale() -> None:
    assert rank_correlation([1, 2, 3, 4], [10, 100, 1000, 1001]) == pytest.approx(1)
    assert rank_correlation([1, 2, 3, 4], [4, 3, 2, 1]) == pytest.approx(-1)
    assert rank_correlation([1, 1, 2, 2], [5, 5, 6, 6]) == pytest.approx(1)
    assert rank_correlation([1, 2], [3, 3]) == 0


def test_copies_are_found_transposed_and_measured_in_notes() -> None:
    random = np.random.default_rng(3)
    bars = tuple(bar(*random.integers(60, 84, 4).tolist()) for _ in range(16))
    line = piece(Score((Track(bars, 73), beat(16)), 12), "line")
    index = CopyIndex(Corpus([line]))
    window = Window(3, 4, (0,))
    copied = cut(line, window, Variation(shift=5)).tracks[0].bars
    assert index.longest([copied]) == 16
    changed = (*copied[:2], bar(90, 20, 90, 20), *copied[3:])
    assert index.longest([changed]) == 8
    assert index.longest([(bar(1, 120, 2),)]) == 0
    assert index.longest([]) == 0


def test_a_figure_that_goes_round_is_no_copy() -> None:
    chord = Track((bar(60, 64, 67, 64),) * 8)
    index = CopyIndex(Corpus([piece(Score((chord,), 12), "figure")]))
    assert index.longest([chord.bars]) == 0


def test_voices_that_move_in_parallel_cost(own: Tokeniser) -> None:
    def led(*pairs: tuple[int, int]) -> float | None:
        top, bottom = (Track([bar(*line)]) for line in zip(*pairs, strict=True))
        return voice_leading(Score([bottom, top, beat(1)]), [0])

    assert led((72, 60), (71, 62), (72, 64)) == 1.0
    assert led((67, 60), (69, 62)) == 0.0  # fifths
    assert led((72, 60), (71, 62), (73, 64), (74, 62)) == 1.0
    assert led((72, 60), (74, 62), (73, 64), (74, 62)) == pytest.approx(1 - 2.5 / 3)  # octaves
    assert led((72, 60), (72, 62)) is None
    assert voice_leading(Score([beat(1)]), [0]) is None


def test_control_counts_exact_and_neighbouring_levels_and_keeps_the_table() -> None:
    control = Control.of([0, 1, 2, 2], [0, 2, 2, 0], 3)
    assert (control.exact_rate, control.adjacent_rate, control.bars) == (0.5, 0.75, 4)
    assert control.table == [[1, 0, 0], [0, 0, 1], [1, 0, 1]]
    assert Control.of([], [], 2).adjacent_rate == 0


class Obedient(Writer):
    """Writes as many notes as the density asked for, or copies the real bars."""

    def write(self, case, seed, levels=None, track_levels=None, hidden=(), mask_mode="auto"):  # type: ignore[no-untyped-def]
        made = []
        for place, old in zip(case.bars, case.real, strict=True):
            count = (levels or {}).get(place, {}).get("bar_note_density", len(old.notes))
            notes = [Note(60, 80, place, 1) for place in range(count)]
            made.append(replace(old, notes=Bar(notes).notes))
        return with_bars(case, tuple(made))


def test_control_is_one_when_obeyed(own: Tokeniser, tmp_path: Path) -> None:
    engine = InferenceEngine.from_checkpoint(saved_model(tmp_path, "descant"), threads=1)
    scores = [Score((melody(8, 73, 60, silent=(k,)), melody(8, 0, 40))) for k in range(2)]
    varied = [_thinned(piece(score, str(k))) for k, score in enumerate(scores)]
    cases = draw_cases(Corpus(varied), own, 6)
    found = measure_control(Obedient(engine), cases)
    assert found["bar_note_density"].adjacent_rate == 1.0
    assert found["bar_note_density"].rank_correlation > 0.9
    assert found["bar_note_density"].bars == 24


def _thinned(made):  # type: ignore[no-untyped-def]
    """Bars of one to four notes."""
    keep = np.concatenate([np.arange(n) < 1 + i % 4 for i, n in enumerate(made.counts.ravel())])
    counts = np.minimum(made.counts.ravel(), 1 + np.arange(made.counts.size) % 4)
    return replace(
        made, notes=made.notes[keep], counts=counts.reshape(made.counts.shape).astype(np.int32)
    )


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    save_pieces(folder / "made.npz", tiny_corpus().pieces)
    return folder


@pytest.mark.parametrize("encoder", ["descant", "ghost_config", "yellow_encoder"])
def test_the_command_judges_any_model(
    encoder: str, corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = saved_model(tmp_path, encoder)
    options = ["--data", str(corpus), "--samples", "2", "--cases", "3", "--threads", "1"]
    app(["evaluate", str(model), *options, "--json"], standalone_mode=False)
    found = json.loads(capsys.readouterr().out)
    kinds = {"infill", "autoregressive", "masked"}
    assert set(found["bits_per_note"]) == kinds
    assert {"unigram", "bigram", "copy_previous", "random"} == set(found["baselines"])
    assert all(set(bits) == kinds for bits in found["baselines"].values())
    assert found["baselines"]["bigram"]["infill"] < found["bits_per_note"]["infill"]
    assert 0 < found["legal_mass"] < 1
    assert found["longest_copy"] < found["longest_copy_of_real_bars"]
    for control in found["attributes"].values():
        assert 0 <= control["adjacent_rate"] <= 1
        assert -1 <= control["rank_correlation"] <= 1
    modes = {"attention", "attention_approx", "attention_skip", "remove"}
    assert modes <= set(found["mask_modes"])
    assert not math.isnan(found["measures"]["generated"]["notes_per_bar"])
    assert found["js_distance"]["copy_previous"]["pitch_class"] < 1
    assert sum(map(sum, found["bars_by_notes"]["real"].values())) == 4 * found["written"]


def test_the_command_prints_tables_and_explains_itself(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = saved_model(tmp_path, "descant")
    options = ["--samples", "1", "--cases", "2", "--threads", "1"]
    app(["evaluate", str(model), "--data", str(corpus), *options], standalone_mode=False)
    printed = capsys.readouterr().out
    for words in ("bits a note", "bigram", "legal mass", "longest copy", "bar_note_density"):
        assert words in printed
    save_pieces(tmp_path / "made.npz", tiny_corpus().only("train").pieces)
    with pytest.raises(DescantError, match="no validation pieces"):
        app(["evaluate", str(model), "--data", str(tmp_path), *options], standalone_mode=False)


def test_a_report_has_plots_rolls_and_every_number(corpus: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    model, folder = saved_model(tmp_path, "descant"), tmp_path / "made" / "report"
    options = ["--samples", "1", "--cases", "2", "--threads", "1", "--top-p", "0.9"]
    where = ["--data", str(corpus), "--report", str(folder), "--soundfont", "nowhere.sf2"]
    app(["evaluate", str(model), *where, *options], standalone_mode=False)
    page = (folder / "report.md").read_text()
    for name in re.findall(r"\]\(([^)]+)\)", page):
        assert (folder / name).stat().st_size > 100, name
    for words in ("bigram", "voice leading", "bar note density", "attention skip", "band-2.mid"):
        assert words in page
    found = json.loads((folder / "judgement.json").read_text())
    assert found["sampling"] == {"temperature": 1.0, "top_p": 0.9}
    assert len(list(folder.glob("*.mid"))) == 6  # two a style; the tiny corpus has no drums alone
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(DescantError, match="cannot make"):
        app(["evaluate", str(model), *where[:3], str(blocked / "x")], standalone_mode=False)


def test_sound_is_rendered_or_the_reason_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    midi, wav = tmp_path / "a.mid", tmp_path / "a.wav"
    Score([melody(1, 0, 60)]).to_midi(str(midi))
    if find_font() is not None:
        pytest.importorskip("fluidsynth")
        render_wav(midi, wav)
        with wave.open(str(wav)) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        assert np.abs(samples).max() > 1000
        with pytest.raises(DescantError, match="not a SoundFont"):
            render_wav(midi, wav, midi)
    monkeypatch.setattr("descant.train.judge.sound.find_font", lambda: None)
    with pytest.raises(DescantError, match="no SoundFont"):
        render_wav(midi, wav)
