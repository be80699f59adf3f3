"""The journal: work comes back after a crash, and a full disk costs nothing but the journal."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hands import R, opened
from PySide6.QtWidgets import QMessageBox

from descant.midi_file import read_midi
from descant_app import application
from descant_app.document.flat import make_rows
from descant_app.document.line_file import append_line
from descant_app.document.lost_work import find_lost
from descant_app.document.project_file import Project, project_bytes
from descant_app.paths import autosave_folder, data_folder


def die(folder: Path) -> None:
    """What is left of a window after kill -9: its journal with a lock that nobody holds."""
    (folder / "lock").unlink(missing_ok=True)


def test_the_journal_brings_every_kind_of_change_back(whole, midi, qtbot):
    opened(whole, midi, qtbot)
    bars, editor, journal = whole.window.bars, whole.window.roll.editor, whole.files.journal
    editor.add(make_rows(72, 100, R, R))
    journal.flush()
    bars.set_track(1, "Rename", name="Low")
    bars.set_tempo(0, 90)
    bars.set_lane(0, "Lock", locked=True)
    journal.flush()
    bars.add_track()
    bars.set_meter(2, 3, 4)
    journal.flush()
    expected = whole.document.piece
    die(journal.folder)
    lost = [item for item in find_lost(autosave_folder()) if item.folder == journal.folder]
    piece, original = lost[0].recover()
    assert piece.score == expected.score
    assert piece.lanes == expected.lanes
    assert original == midi.read_bytes()
    whole.files.recovery.recover(lost[0])
    assert whole.document.piece.score == expected.score
    assert not whole.document.is_clean


def test_a_line_cut_by_the_crash_is_left_out(whole):
    journal = whole.files.journal
    whole.document.open_piece(whole.document.piece, None)
    journal.begin(project_bytes(Project(whole.document.piece)), "x")
    whole.window.roll.editor.add(make_rows(72, 100, R, R))
    journal.flush()
    kept = whole.document.score
    whole.window.roll.editor.add(make_rows(74, 100, R, R))
    journal.flush()
    lines = journal.folder / "changes.jsonl"
    lines.write_bytes(lines.read_bytes()[:-40])
    die(journal.folder)
    lost = [item for item in find_lost(autosave_folder()) if item.folder == journal.folder]
    assert lost[0].recover()[0].score == kept


def test_a_clean_end_leaves_nothing_to_recover(whole):
    folder = whole.files.journal.folder
    whole.window.roll.editor.add(make_rows(72, 100, R, R))
    whole.files.journal.flush()
    whole.window.close()
    assert not folder.exists()


def test_journals_of_living_windows_are_left_alone(whole):
    whole.window.roll.editor.add(make_rows(72, 100, R, R))
    whole.files.journal.flush()
    code = (
        "import sys; from pathlib import Path;"
        "from descant_app.document.lost_work import find_lost;"
        "print(len(find_lost(Path(sys.argv[1]))))"
    )
    root = str(autosave_folder())
    done = subprocess.run([sys.executable, "-c", code, root], capture_output=True, text=True)
    assert done.stdout.strip() == "0", done.stderr


# -- a full disk ---------------------------------------------------------------------------------


@contextmanager
def disk_for(most: int) -> Iterator[None]:
    """No file may grow beyond so many bytes: as on a full disk, a write may be cut short."""
    limits = pytest.importorskip("resource")
    signal = pytest.importorskip("signal")
    before = limits.getrlimit(limits.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits.setrlimit(limits.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        limits.setrlimit(limits.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_half_a_line_is_never_left(tmp_path):
    path = tmp_path / "lines"
    append_line(path, "one")
    with disk_for(10), pytest.raises(OSError, match=r"No space|too large"):
        append_line(path, "a line that does not fit")
    append_line(path, "two")
    assert path.read_text() == "one\ntwo\n"


def test_autosave_says_that_it_cannot_and_goes_on_when_it_can(whole, midi, qtbot):
    opened(whole, midi, qtbot)
    journal, told = whole.files.journal, whole.window.told
    whole.window.roll.editor.add(make_rows(72, 100, R, R))
    with disk_for(0):
        journal._write()
        assert told.text().startswith("Autosave does not work: ")
        whole.window.roll.editor.add(make_rows(74, 100, R, R))
        journal._write()
    whole.window.roll.editor.add(make_rows(76, 100, R, R))
    journal._write()
    assert told.text() == "Autosave works again."
    die(journal.folder)
    assert find_lost(autosave_folder())[0].recover()[0].score == whole.document.score


def test_a_piece_opened_on_a_full_disk_is_kept_once_there_is_room(whole, midi, qtbot):
    with disk_for(0):
        opened(whole, midi, qtbot)
        whole.window.roll.editor.add(make_rows(72, 100, R, R))
        whole.files.journal._write()
    whole.files.journal._write()
    die(whole.files.journal.folder)
    piece, original = find_lost(autosave_folder())[0].recover()
    assert piece.score == whole.document.score
    assert original == midi.read_bytes()


def test_takes_that_could_not_be_written_are_written_later(whole, qtbot):
    journal = whole.files.journal
    whole.document.takes.changed.emit()
    with disk_for(0), qtbot.waitSignal(journal.trouble, timeout=5000):
        journal._write()
    with qtbot.waitSignal(journal.well_again, timeout=5000):
        journal._write()
    assert (journal.folder / "takes.json").exists()


def test_a_file_is_saved_though_its_earlier_version_cannot_be_kept(whole, midi, qtbot):
    opened(whole, midi, qtbot)
    (data_folder() / "versions").write_text("no folder")
    whole.window.roll.editor.add(make_rows(72, 100, R, R))
    assert whole.files.save()
    assert "its earlier version could not be kept" in whole.window.told.text()
    assert read_midi(midi).tracks == whole.document.score.tracks


def test_a_data_folder_that_cannot_be_is_one_sentence(qapp, tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("DESCANT_DATA", str(tmp_path / "file" / "data"))
    monkeypatch.setattr(application, "make_qt", lambda: qapp)
    shown = []
    monkeypatch.setattr(QMessageBox, "critical", lambda *words: shown.append(words[-1]))
    assert application.run([]) == 1
    said = capsys.readouterr().err
    assert said.startswith("Descant cannot keep its files in ")
    assert "Set DESCANT_DATA" in said
    assert shown == [said.strip()]
