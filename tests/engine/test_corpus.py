"""MIDI files -> corpus: the grid, filters, splits, duplicates, archives, resuming."""

from __future__ import annotations

import json
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_corpus import beat, melody, piece, tiny_corpus

from descant.cli.app import app
from descant.errors import DescantError
from descant.midi_file import midi_bytes, write_midi
from descant.score import Bar, Note, Score, Track
from descant.train.attributions import corpus_attributions
from descant.train.corpus import Corpus, distinct, load_corpus, load_pieces, save_pieces
from descant.train.manifest import Manifest
from descant.train.piece import Filters, PieceInfo
from descant.train.prepare import Preparation, read_piece
from descant.train.sources import members


def test_onsets_and_durations_are_floored_to_the_grid_and_the_longest_of_equals_stays() -> None:
    notes = [
        Note(60, 80, 39, 100),
        Note(60, 90, 0, 480),
        Note(64, 70, 40, 10),
        Note(55, 1, 959, 40),
    ]
    made = piece(Score((Track((Bar(notes),)),)), "grid")
    assert made.notes.tolist() == [[60, 90, 0, 12], [64, 70, 1, 1], [55, 1, 23, 1]]


def test_cells_lie_track_by_track_and_silent_tracks_go() -> None:
    empty = Track(tuple(Bar() for _ in range(8)), 5)
    made = piece(Score((melody(8, 33, 40, silent=(2,)), empty, beat(8))), "cells")
    assert made.counts.tolist() == [[5, 5, 0, 5, 5, 5, 5, 5], [10] * 8]
    assert made.tracks.tolist() == [[33, 0], [0, 1]]
    assert made.meters.tolist() == [[4, 4]] * 8
    assert made.starts.tolist()[:5] == [0, 5, 10, 10, 15]


def test_the_digest_is_of_notes_not_of_order_programs_or_velocities() -> None:
    one, two = melody(8, 33, 40), beat(8)
    louder = replace(
        one,
        instrument=60,
        bars=tuple(Bar([replace(note, velocity=127) for note in bar.notes]) for bar in one.bars),
    )
    first, second = piece(Score((one, two)), "a"), piece(Score((two, louder)), "b")
    assert first.info.digest == second.info.digest
    assert piece(Score((melody(8, 33, 41), two)), "c").info.digest != first.info.digest
    assert distinct([first, second]) == [first]


@pytest.mark.parametrize(
    "filters",
    [
        Filters(min_bars=9),
        Filters(min_notes=41),
        Filters(min_pitches=20),
        Filters(max_notes_per_bar=4),
    ],
)
def test_filters_refuse_what_is_too_short_thin_flat_or_dense(filters: Filters) -> None:
    made = piece(Score((melody(8, 0, 60),)), "plain")
    assert Filters().objection(made) == ""
    assert filters.objection(made) != ""


def test_a_corpus_survives_its_file(tmp_path: Path) -> None:
    corpus = tiny_corpus()
    save_pieces(tmp_path / "a.npz", corpus.pieces[:4])
    save_pieces(tmp_path / "b.npz", corpus.pieces[3:])
    again = load_corpus(tmp_path)
    assert again.fingerprint() == corpus.fingerprint()
    for one, two in zip(corpus.pieces, again.pieces, strict=True):
        assert one.info == two.info
        for name in ("notes", "counts", "tracks", "meters"):
            np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    assert len(again.only("valid").pieces) == 3
    assert again.licences() == {"CC0": 9}
    assert again.parts() == {"made": 9}


def test_the_fingerprint_follows_the_pieces() -> None:
    corpus = tiny_corpus()
    assert Corpus(corpus.pieces[::-1]).fingerprint() == corpus.fingerprint()
    assert Corpus(corpus.pieces[1:]).fingerprint() != corpus.fingerprint()


def test_folders_and_files_that_are_no_corpus_are_named(tmp_path: Path) -> None:
    with pytest.raises(DescantError, match="holds no corpus"):
        load_corpus(tmp_path)
    (tmp_path / "x.npz").write_bytes(b"nonsense")
    with pytest.raises(DescantError, match="not a shard"):
        load_pieces(tmp_path / "x.npz")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two good files, one broken, one for testing only."""
    with tarfile.open(tmp_path / "made.tar.xz", "w:xz") as tar:
        for name, low in (("train/a", 40), ("valid/b", 50), ("test/c", 60)):
            write_midi(Score((melody(8, 33, low), beat(8))), tmp_path / "x.mid")
            tar.add(tmp_path / "x.mid", f"made/{name}.mid")
        (tmp_path / "x.mid").write_bytes(b"MThd broken")
        tar.add(tmp_path / "x.mid", "made/train/d.mid")
    return tmp_path / "made.tar.xz"


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    rows = ["part,path,licence,tier,split", "made,a.mid,CC0,A,train", "made,b.mid,MIT,A,valid"]
    rows += ["made,c.mid,CC0,A,test", "made,d.mid,CC0,A,train"]
    (tmp_path / "manifest.csv").write_text("\n".join(rows))
    return Manifest.read(tmp_path / "manifest.csv", ["A"])


def test_an_archive_is_read_once_without_its_test_split(
    archive: Path, manifest: Manifest, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    Preparation(out, manifest, workers=1).run([archive])
    pieces = load_corpus(out).pieces
    assert [(p.info.path, p.info.licence, p.info.split) for p in pieces] == [
        ("a.mid", "CC0", "train"),
        ("b.mid", "MIT", "valid"),
    ]
    (shard,) = out.glob("*.npz")
    before = shard.stat().st_mtime_ns
    Preparation(out, manifest, workers=1).run([archive])
    assert shard.stat().st_mtime_ns == before
    Preparation(out, manifest, Filters(min_bars=9), workers=1).run([archive])
    assert len(list(out.glob("*.npz"))) == 2


def test_tiers_that_are_not_wanted_are_not_read(archive: Path, manifest: Manifest) -> None:
    other = replace(manifest, tiers=frozenset("B"))
    assert other.info("made/train/a.mid") is None


def test_a_folder_without_a_manifest_is_split_by_content(tmp_path: Path) -> None:
    (tmp_path / "songs").mkdir()
    for low in range(30, 60):
        write_midi(Score((melody(8, 33, low),)), tmp_path / "songs" / f"{low}.mid")
    Preparation(tmp_path / "out", workers=1).run([tmp_path / "songs"])
    corpus = load_corpus(tmp_path / "out")
    assert len(corpus.pieces) == 30
    assert corpus.licences() == {"unknown": 30}
    assert {p.info.split for p in corpus.pieces} <= {"train", "valid"}


def test_what_is_left_out_has_a_reason() -> None:
    info = PieceInfo("made", "d.mid", "CC0")
    assert read_piece(Filters(), (info, b"MThd broken")) == "unreadable"
    silent = midi_bytes(Score((Track((Bar(),) * 8),)))
    assert read_piece(Filters(), (info, silent)) == "without notes"
    short = midi_bytes(Score((melody(2, 33, 40),)))
    assert read_piece(Filters(), (info, short)) == "shorter than 4 bars"


def song(low: int) -> bytes:
    return midi_bytes(Score((melody(8, 33, low),)))


def test_an_interrupted_preparation_does_the_chunks_that_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("descant.train.prepare.FILES_A_SHARD", 2)
    (tmp_path / "songs").mkdir()
    for low in range(30, 35):
        (tmp_path / "songs" / f"{low}.mid").write_bytes(song(low))
    prepared = Preparation(tmp_path / "out", workers=1, licence="CC0")
    prepared.run([tmp_path / "songs"])
    shards = sorted((tmp_path / "out").glob("*.npz"))
    assert len(shards) == 3
    whole = load_corpus(tmp_path / "out").fingerprint()
    before = shards[0].stat().st_mtime_ns
    shards[1].unlink()
    prepared.run([tmp_path / "songs"])
    assert load_corpus(tmp_path / "out").fingerprint() == whole
    assert shards[0].stat().st_mtime_ns == before
    assert load_corpus(tmp_path / "out").licences() == {"CC0": 5}


def test_zip_archives_and_parquet_tables_are_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "pack.zip", "w") as archive:
        archive.writestr("x.mid", song(40))
        archive.writestr("deep/y.MIDI", song(41))
        archive.writestr("readme.txt", "no music")
    assert [m.name for m in members(tmp_path / "pack.zip")] == ["pack/x.mid", "deep/y.MIDI"]
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    columns = {
        "md5": ["a", "b", "c"],
        "music": [song(42), song(43), song(44)],
        "num_tracks": [1, 0, 1],
        "total_notes": [40, 40, 40],
        "licence": ["CC BY 4.0", "CC0", None],
    }
    parquet.write_table(pyarrow.table(columns), tmp_path / "giga.parquet")
    found = [(m.name, m.licence) for m in members(tmp_path / "giga.parquet")]
    assert found == [("giga/a", "CC BY 4.0"), ("giga/c", "")]
    parquet.write_table(pyarrow.table({"md5": ["a"]}), tmp_path / "no.parquet")
    with pytest.raises(DescantError, match="no column 'music'"):
        list(members(tmp_path / "no.parquet"))


@pytest.mark.parametrize("name", ["none.tar", "text.tar", "bad.parquet"])
def test_sources_that_cannot_be_read_are_named(name: str, tmp_path: Path) -> None:
    if name != "none.tar":
        (tmp_path / name).write_text("nothing of the kind")
    with pytest.raises(DescantError, match=name):
        list(members(tmp_path / name))


def test_a_manifest_must_have_its_columns(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("part,path\nmade,a.mid")
    with pytest.raises(DescantError, match="no column licence, tier, split"):
        Manifest.read(tmp_path / "m.csv", ["A"])


def test_a_corpus_folder_is_prepared_with_its_manifest_and_credits(
    archive: Path, manifest: Manifest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = "| part | licence | line |\n|---|---|---|\n| made, other | CC0 | By nobody |\n"
    (tmp_path / "LICENSES.md").write_text(table)
    arguments = ["prepare", str(tmp_path), "--out", str(tmp_path / "out"), "--workers", "1"]
    command([*arguments, "--json"])
    made, told = load_corpus(tmp_path / "out"), json.loads(capsys.readouterr().out)
    assert told["licences"] == made.licences()
    assert told["licences"].keys() == {"CC0", "MIT"}
    assert told["pieces"] == len(made.pieces) == sum(told["splits"].values())
    assert told["sha256"] == made.fingerprint()
    (credit,) = corpus_attributions(tmp_path / "out", {"made"})
    assert (credit.licence, credit.line) == ("CC0", "By nobody")
    with pytest.raises(DescantError, match=r"none\.tar"):
        command(["prepare", str(tmp_path / "none.tar"), *arguments[2:]])


def command(arguments: list[str]) -> None:
    app(arguments, standalone_mode=False)
