"""The console command as a user types it: results, exit codes, and one sentence for a mistake."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from models import engine_of, piece, saved_model

from descant.cli.wish import Wish
from descant.midi_file import midi_bytes, read_midi, write_midi

FIXTURE_BARS = 8


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved_model(tmp_path_factory.mktemp("model"))


@pytest.fixture
def song(tmp_path: Path) -> Path:
    path = tmp_path / "song.mid"
    write_midi(piece(FIXTURE_BARS), path)
    return path


def descant(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "descant", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=120)


def infill(song: Path, model: Path, out: Path, *more: object) -> subprocess.CompletedProcess[str]:
    return descant(
        "infill",
        song,
        "--track",
        1,
        "--bars",
        "3-4",
        "--model",
        model,
        "--seed",
        1,
        "-o",
        out,
        *more,
    )


def as_json(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_infill_writes_the_file_and_says_so(song: Path, model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mid"
    done = infill(song, model, out)
    assert done.returncode == 0, done.stderr
    assert f"wrote {out}" in done.stdout.replace("\n", "")
    before, after = read_midi(song), read_midi(out)
    changed = {
        (t, b)
        for t, track in enumerate(before.tracks)
        for b, bar in enumerate(track.bars)
        if bar != after.tracks[t].bars[b]
    }
    assert changed == {(0, 2), (0, 3)}


def test_takes_levels_and_picture(song: Path, model: Path, tmp_path: Path) -> None:
    out, picture = tmp_path / "out.mid", tmp_path / "roll.png"
    more = ("--takes", 2, "--level", "max_polyphony=0", "--picture", picture, "--json")
    report = as_json(infill(song, model, out, *more))
    assert report["files"] == [str(out), str(tmp_path / "out-2.mid")]
    assert report["written"][0]["levels"]["max_polyphony"]["wanted"] == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_same_seed_writes_the_same_file(song: Path, model: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "a.mid", tmp_path / "b.mid"
    infill(song, model, first)
    infill(song, model, second)
    assert first.read_bytes() == second.read_bytes()


def test_a_request_file_is_counted_from_0(song: Path, model: Path, tmp_path: Path) -> None:
    request = tmp_path / "request.json"
    tracks = [{"id": track, "bars": [2] if track == 0 else []} for track in range(3)]
    request.write_text(json.dumps({"tracks": tracks, "config": {"seed": 1}}))
    out = tmp_path / "out.mid"
    report = as_json(
        descant("infill", song, "--request", request, "--model", model, "-o", out, "--json")
    )
    assert report["written"][0]["track"] == 1
    assert report["written"][0]["bars"] == "3"


def test_options_that_are_left_out_do_not_change_a_request_file(
    song: Path, model: Path, tmp_path: Path
) -> None:
    tracks = [{"id": track, "bars": [2, 3] if track == 0 else []} for track in range(3)]
    form = {"tracks": tracks, "config": {"seed": 1, "top_p": 0.2, "model_dim": 8}}
    request, own, said, usual = (tmp_path / name for name in ("r.json", "a.mid", "b.mid", "c.mid"))
    request.write_text(json.dumps(form))
    asked = ("infill", song, "--request", request, "--model", model)
    descant(*asked, "-o", own)
    descant(*asked, "-o", said, "--top-p", 0.2)
    descant(*asked, "-o", usual, "--top-p", 0.9)
    assert own.read_bytes() == said.read_bytes() != usual.read_bytes()


def test_plan_shows_roles_and_tokens(song: Path, model: Path) -> None:
    options = ("--track", 1, "--bars", "3-4", "--hide", "2:5", "--window", 8, "--model", model)
    (step,) = as_json(descant("plan", song, *options, "--json"))
    assert step["targets"] == {"1": "3-4"}
    assert step["hidden"] == {"2": "5"}
    assert step["context"]["3"] == "1-8"
    assert step["prompt_tokens"] > 0
    assert step["expected_tokens"] > 0
    assert "track 2: 5" in descant("plan", song, *options).stdout


def test_tokens_prints_a_bar_a_line(song: Path) -> None:
    done = descant("tokens", song, "--bars", "1-4", "--encoder", "yellow_encoder")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("PieceStart:0 NumBars:0 Track:0")
    assert lines[1].startswith("Bar TimeSig:13 VelocityLevel")


def test_info_names_tracks_and_models(song: Path, model: Path) -> None:
    assert [t["name"] for t in as_json(descant("info", song, "--json"))["tracks"]] == [
        "melody",
        "chords",
        "drums",
    ]
    found = as_json(descant("models", "info", model, "--json"))
    assert found["windows"] == [4, 8, 12, 16]


@pytest.mark.parametrize("command", ["infill", "plan", "tokens", "info", "models"])
def test_every_command_has_help(command: str) -> None:
    assert "Usage" in descant(command, "--help").stdout


MISTAKES = {
    "a track that does not exist": (("--track", 9, "--bars", "1"), "track 9 does not exist"),
    "bars out of range": (("--track", 1, "--bars", "7-12"), "the score has bars 1 to 8"),
    "more bars than memory holds": (("--track", 1, "--bars", "1-99999999999"), "does not exist"),
    "bars that cannot be read": (("--track", 1, "--bars", "x"), "write them like 5, 5-8"),
    "a window the model lacks": (
        ("--track", 1, "--bars", "1", "--window", 5),
        "a window this model knows: 4, 8, 12, 16",
    ),
    "a level out of range": (
        ("--track", 3, "--bars", "1", "--level", "density=70"),
        "0 to 9",
    ),
    "nothing to write": ((), "say what to write"),
    "no thread at all": (("--track", 1, "--bars", "1", "--threads", 0), "1 to 256"),
    "too many threads": (("--track", 1, "--bars", "1", "--threads", 100000), "1 to 256"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_in_a_request(name: str, song: Path, model: Path, tmp_path: Path) -> None:
    options, sentence = MISTAKES[name]
    out = tmp_path / "out.mid"
    done = descant("infill", song, *options, "--model", model, "-o", out)
    assert_refused(done, sentence)
    assert not out.exists()


def test_mask_mode_token_needs_the_vocabulary(song: Path, tmp_path: Path) -> None:
    yellow = saved_model(tmp_path, "yellow_encoder")
    done = infill(song, yellow, tmp_path / "out.mid", "--mask-mode", "token")
    assert_refused(done, "mask_mode")


def broken_midi(kind: str) -> bytes:
    good = midi_bytes(piece(4))
    return {"text": b"this is a text file\n", "truncated": good[: len(good) // 2], "empty": b""}[
        kind
    ]


@pytest.mark.parametrize("kind", ["text", "truncated", "empty"])
def test_bad_midi_files(kind: str, model: Path, tmp_path: Path) -> None:
    song, out = tmp_path / "bad.mid", tmp_path / "out.mid"
    song.write_bytes(broken_midi(kind))
    out.write_bytes(b"precious")
    assert_refused(infill(song, model, out), "bad.mid")
    assert out.read_bytes() == b"precious"


class Hostile:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch hacked",)


def hostile_bundle(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as bundle:
        bundle.writestr("archive/data.pkl", pickle.dumps({"state_dict": Hostile()}, protocol=2))
        bundle.writestr("archive/version", "3\n")


@pytest.mark.parametrize("kind", ["half", "hostile", "missing"])
def test_bad_checkpoints(kind: str, song: Path, model: Path, tmp_path: Path) -> None:
    bad = tmp_path / ("bad.pt" if kind == "hostile" else "bad.safetensors")
    if kind == "half":
        bad.write_bytes(model.read_bytes()[: model.stat().st_size // 2])
    elif kind == "hostile":
        hostile_bundle(bad)
    out = tmp_path / "out.mid"
    done = descant(
        "infill", song, "--track", 1, "--bars", 1, "--model", bad, "-o", out, cwd=tmp_path
    )
    assert_refused(done, "bad")
    assert not out.exists()
    assert not (tmp_path / "hacked").exists()


def test_missing_output_folder(song: Path, model: Path, tmp_path: Path) -> None:
    assert_refused(infill(song, model, tmp_path / "no" / "out.mid"), "does not exist")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_read_only_output_folder(song: Path, model: Path, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    assert_refused(infill(song, model, closed / "out.mid"), "closed")


def test_a_place_nobody_can_write_to(song: Path, model: Path) -> None:
    if not Path("/proc/self").exists():
        pytest.skip("no /proc on this system")
    assert_refused(infill(song, model, Path("/proc/out.mid")), "/proc/out.mid")


def test_wrong_flags_exit_with_2(song: Path) -> None:
    done = descant("infill", song, "--nonsense")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def assert_refused(done: subprocess.CompletedProcess[str], sentence: str) -> None:
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("descant: ")
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_short_name_means_the_bars_that_are_written_where_a_model_knows_levels_of_bars() -> None:
    wish = Wish(tracks=[1], bars=["3-4"], levels=["density=7", "density@4=2"])
    (asked, *_) = wish.to_request(piece(), engine_of("descant").abilities).tracks
    assert asked.bar_attributes == {2: {"bar_note_density": 7}, 3: {"bar_note_density": 2}}
    assert asked.attributes == {}
    (whole, *_) = (
        Wish(tracks=[1], bars=["3-4"], levels=["density=7"])
        .to_request(piece(), engine_of("ghost_config").abilities)
        .tracks
    )
    assert whole.attributes == {"note_density": 7}
