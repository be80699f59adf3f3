"""Files through the window: open, save, recover, refuse; the open piece is never harmed."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hands import R, drag, opened, small_score
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from descant.midi_file import midi_bytes, parse_midi, read_midi, write_midi
from descant.score.types import Score
from descant_app.document.files import FileRefusedError, open_file, save_file
from descant_app.document.flat import make_rows
from descant_app.document.piece import piece_of
from descant_app.document.project_file import (
    Project,
    parse_project,
    project_bytes,
)


def test_open_edit_save_reopen_is_equal(whole, midi, qtbot):
    opened(whole, midi, qtbot)
    whole.window.roll.editor.add(make_rows(72, 100, R, R))
    assert whole.files.save()
    assert whole.document.is_clean
    assert read_midi(midi).tracks == whole.document.score.tracks


def test_a_project_keeps_everything(whole, tmp_path, midi, qtbot):
    opened(whole, midi, qtbot)
    whole.window.bars.set_lane(1, "Colour", colour=7)
    whole.document.set_listening(0, mute=True)
    path = tmp_path / "a.descant"
    assert whole.files._save_to(path)
    piece = whole.document.piece
    whole.document.open_score(small_score(2), None)
    opened(whole, path, qtbot)
    assert whole.document.piece == piece
    assert whole.document.original == midi.read_bytes()
    with zipfile.ZipFile(path) as file:
        assert file.read("original.mid") == midi.read_bytes()
        assert json.loads(file.read("manifest.json"))["format"] == 1


def test_a_project_opens_where_it_was_left(whole, tmp_path, qtbot):
    roll = whole.window.roll
    roll.set_loop((4 * R, 8 * R))
    whole.window.player.seek(6 * R)
    path = tmp_path / "song.descant"
    assert whole.files._save_to(path)
    whole.files.new()
    assert roll.loop is None
    opened(whole, path, qtbot)
    assert roll.loop == (4 * R, 8 * R)
    assert roll.playhead == 6 * R


def test_unknown_entries_of_a_project_survive(tmp_path):
    data = project_bytes(Project(piece_of(small_score()), extra={"takes/1.json": b"{}"}))
    assert parse_project(project_bytes(parse_project(data))).extra == {"takes/1.json": b"{}"}


def test_a_newer_project_is_refused_with_its_version(tmp_path):
    path = tmp_path / "new.descant"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("manifest.json", json.dumps({"format": 99, "version": "7.0"}))
    with pytest.raises(FileRefusedError, match=r"newer Descant \(7.0\)"):
        open_file(path)


def test_saving_keeps_the_version_before(tmp_path):
    path, versions = tmp_path / "a.mid", tmp_path / "versions"
    save_file(path, b"one", versions)
    save_file(path, b"two", versions)
    assert path.read_bytes() == b"two"
    assert [p.read_bytes() for p in versions.glob("*/*")] == [b"one"]


def test_a_save_that_fails_leaves_file_and_piece(whole, midi, qtbot, monkeypatch):
    opened(whole, midi, qtbot)
    before = midi.read_bytes()
    whole.window.roll.editor.add(make_rows(72, 100, R, R))

    def full(*_):
        raise OSError(28, "No space left on device", "song.mid")

    monkeypatch.setattr("descant_app.commands.filing.save_file", full)
    assert not whole.files.save()
    assert midi.read_bytes() == before
    assert not whole.document.is_clean
    assert "No space left" in whole.window.told.text()


def damaged_inside() -> bytes:
    """A project whose archive is whole and whose packed score is not."""
    data = bytearray(project_bytes(Project(piece_of(small_score()))))
    start = data.index(b"score.json")
    data[start + 60 : start + 90] = b"\xff" * 30
    return bytes(data)


def of_the_wrong_kind(entry: str, text: str) -> bytes:
    """A project with another text in one of its entries."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(project_bytes(Project(piece_of(small_score()))))) as old,
        zipfile.ZipFile(out, "w") as new,
    ):
        for name in old.namelist():
            new.writestr(name, text if name == entry else old.read(name))
    return out.getvalue()


BAD = {
    "empty.mid": b"",
    "text.mid": b"not music at all",
    "header_only.mid": b"MThd\x00\x00\x00\x06\x00\x01\x00\x01\x01\xe0",
    "cut.mid": midi_bytes(small_score())[:60],
    "zip.descant": b"PK\x03\x04 broken",
    "packed.descant": damaged_inside(),
    "lanes.descant": of_the_wrong_kind("lanes.json", '[{"id": 1, "colour": "red"}, {}, 7]'),
    "view.descant": of_the_wrong_kind(
        "view.json",
        '{"left": 1e300, "px_per_tick": 1, "top": 0, "row_px": 9, "loop": [1], "targets": 5}',
    ),
    "huge_track.mid": b"MThd\x00\x00\x00\x06\x00\x01\x00\x01\x01\xe0MTrk\xff\xff\xff\xff\x00",
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_sentence_and_harms_nothing(whole, tmp_path, qtbot, name):
    path = tmp_path / name
    path.write_bytes(BAD[name])
    before = whole.document.piece
    whole.window.told.setText("")
    whole.files.open_path(path)
    qtbot.waitUntil(
        lambda: not whole.files.runner.jobs and not whole.window.told.text().endswith("…"),
        timeout=5000,
    )
    text = whole.window.told.text()
    assert "\n" not in text
    assert text
    assert whole.document.piece is before or whole.document.path == path


def test_a_file_without_notes_opens_with_a_track_to_write_into(whole, tmp_path, qtbot):
    path = tmp_path / "silent.mid"
    write_midi(Score((), 96, 400_000), path)
    opened(whole, path, qtbot)
    assert len(whole.document.lanes) == 1
    assert whole.document.score.tempo == 400_000
    whole.window.bars.remove_track()
    assert not whole.document.lanes
    assert not whole.window.grab().isNull()
    whole.window.actions_["up"].trigger()
    whole.window.actions_["quantize"].trigger()
    whole.window.actions_["add_track"].trigger()
    assert len(whole.document.lanes) == 1


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(OSError, match="No such file"):
        open_file(tmp_path / "nowhere.mid")
    with pytest.raises(FileRefusedError, match="is a folder"):
        open_file(tmp_path)


def drop(window, path: Path) -> bool:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(400, 300), Qt.DropAction.CopyAction, mime, left, none)
    QApplication.sendEvent(window, enter)
    event = QDropEvent(QPointF(400, 300), Qt.DropAction.CopyAction, mime, left, none)
    QApplication.sendEvent(window, event)
    return event.isAccepted()


def test_a_drop_on_an_empty_window_opens(whole, midi, qtbot):
    whole.files.new()
    with qtbot.waitSignal(whole.document.path_changed, timeout=5000):
        assert drop(whole.window, midi)
    assert whole.document.path == midi


@pytest.mark.parametrize(
    ("answer", "tracks"), [("add", 6), ("merge", 3), ("replace", 3), (None, 3)]
)
def test_a_drop_on_music_asks(whole, midi, qtbot, monkeypatch, answer, tracks):
    monkeypatch.setattr("descant_app.commands.importing.ask_drop", lambda *_: answer)
    before = whole.document.piece
    assert drop(whole.window, midi)
    if answer:
        qtbot.waitSignal(whole.document.changed, timeout=5000).wait()
        assert len(whole.document.lanes) == tracks
    else:
        qtbot.wait(50)
        assert whole.document.piece is before


def test_a_second_window_opens_a_copy(whole, midi, qtbot, tmp_path):
    opened(whole, midi, qtbot)
    code = (
        "import sys; from PySide6.QtCore import QLockFile; lock = QLockFile(sys.argv[1]);"
        "print(lock.tryLock(0))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(whole.files.lock.place_of(midi))],
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "False"


def test_copied_notes_are_midi_for_others(whole):
    whole.window.roll.editor.select_all()
    assert whole.window.bars.copy()
    mime = QApplication.clipboard().mimeData()
    score = parse_midi(bytes(mime.data("audio/midi").data()))
    assert sum(len(b.notes) for b in score.tracks[0].bars) == 32


def test_bars_dragged_out_are_a_midi_file(whole):
    ids = [lane.id for lane in whole.document.lanes]
    whole.document.selection.set_bars((t, b) for t in ids[:2] for b in (1, 2))
    path = whole.files.exports.write_drag_file(whole.window.bars.chosen_score())
    score = read_midi(path)
    assert [t.name for t in score.tracks] == ["Lead", "Bass"]
    assert [sum(len(b.notes) for b in t.bars) for t in score.tracks] == [8, 2]


def test_notes_dragged_out_of_the_window_are_a_midi_file(whole, mouse, qtbot):
    before = whole.document.score
    with qtbot.waitSignal(mouse.view.drag_out_wanted, timeout=1000):
        mouse.drag(mouse.at(R + 100, 62), QPoint(300, -4000))
    assert whole.document.score is before
    score = whole.window.bars.chosen_score()
    path = whole.files.exports.write_drag_file(score)
    bars = read_midi(path).tracks[0].bars
    assert [row[:3].tolist() for bar in bars for row in bar.notes.array] == [[62, 81, 0]]


def test_a_track_is_carried_out_by_its_header(whole, qtbot):
    header = whole.window.headers.headers[1]
    with qtbot.waitSignal(header.drag_out_wanted, timeout=1000) as told:
        drag(header, QPoint(60, 10), QPoint(400, 14))
    assert told.args == [1]
    assert [t.name for t in whole.window.bars.track_score(1).tracks] == ["Bass"]


def test_a_dropped_soundfont_is_played_with(whole, tmp_path):
    font = tmp_path / "mine.sf2"
    font.write_bytes(b"RIFF")
    assert drop(whole.window, font)
    assert whole.settings.options.font == str(font)
    assert len(whole.document.lanes) == 3
