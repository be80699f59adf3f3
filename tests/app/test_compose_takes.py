"""Takes kept with the piece: in the project file, in the journal, and beside later edits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hands import small_score

from descant.score.notes import Note
from descant.score.types import Bar
from descant_app.application import Application
from descant_app.compose import keeping
from descant_app.document.document import Document
from descant_app.document.journal import Journal
from descant_app.document.lost_work import find_lost
from descant_app.document.piece import TrackId, piece_of
from descant_app.document.project_file import Project, parse_project, project_bytes
from descant_app.document.saved_takes import SavedTakes
from descant_app.document.takes import Batch, Take

pytestmark = pytest.mark.compose
LEAD = TrackId(1)


def new_bar(pitch: int) -> Bar:
    return Bar([Note(pitch, 90, 0, 480), Note(pitch + 4, 80, 480, 480)])


def add_takes(document: Document, pitches: tuple[int, ...] = (70, 72)) -> list[int]:
    """A batch of takes of bars 3 and 4 of the first track."""
    takes = document.takes
    request = {"tracks": [], "config": {"seed": 5, "num_candidates": len(pitches)}}
    tracks = tuple(lane.id for lane in document.lanes)
    batch = Batch(
        takes.new_id(),
        request,
        document.score,
        tracks,
        document.piece.bar_ids,
        "ghost",
        "abc",
        "native",
    )
    takes.add_batch(batch)
    numbers = []
    for i, pitch in enumerate(pitches):
        bars = {(LEAD, 2): new_bar(pitch), (LEAD, 3): new_bar(pitch + 1)}
        take = Take(takes.new_id(), batch.id, bars, 5 + i, scores={"key": 0.5})
        takes.put(take)
        numbers.append(take.id)
    return numbers


def test_takes_come_back_from_a_project_as_they_were(document: Document) -> None:
    add_takes(document)
    add_takes(document, (75,))
    document.takes.mark(2, starred=True)
    saved = SavedTakes.of(document.takes)
    project = Project(document.piece, takes=saved, extra={"takes/later.bin": b"x"})
    found = parse_project(project_bytes(project))
    assert found.takes == saved
    assert found.extra == {"takes/later.bin": b"x"}


def test_scores_of_batches_are_stored_once(document: Document) -> None:
    add_takes(document)
    once = len(SavedTakes.of(document.takes).to_bytes())
    for pitch in range(60, 80):
        add_takes(document, (pitch,))
    assert len(SavedTakes.of(document.takes).to_bytes()) < 8 * once


def test_damaged_takes_do_not_keep_the_music_from_opening() -> None:
    piece = piece_of(small_score())
    data = project_bytes(Project(piece, extra={"takes.json": b"{}"}))
    found = parse_project(data)
    assert found.piece == piece
    assert found.extra == {"takes.unread.json": b"{}"}


def test_opening_another_piece_forgets_takes_and_shows_none(document: Document) -> None:
    numbers = add_takes(document)
    document.takes.show(numbers[0])
    saved = SavedTakes.of(document.takes)
    document.open_piece(document.piece, None)
    assert not document.takes.takes
    document.open_piece(document.piece, None, takes=saved)
    assert document.takes.shown is None
    assert document.takes.new_id() > max(numbers)


def test_a_journal_brings_takes_back(document: Document, tmp_path: Path) -> None:
    journal = Journal(document, tmp_path)
    base = project_bytes(Project(document.piece))
    journal.begin(base, "song")
    add_takes(document)
    journal.flush()
    journal._lock.unlock()
    lost = find_lost(tmp_path)
    assert len(lost) == 1
    assert lost[0].takes() == SavedTakes.of(document.takes)
    assert lost[0].recover()[0] == document.piece


def test_takes_of_the_base_come_back_when_none_were_made_since(
    document: Document, tmp_path: Path
) -> None:
    add_takes(document)
    journal = Journal(document, tmp_path)
    journal.begin(project_bytes(Project(document.piece, takes=SavedTakes.of(document.takes))), "x")
    journal.keep_as_lost()
    journal._lock.unlock()
    assert find_lost(tmp_path)[0].takes() == SavedTakes.of(document.takes)


def test_edited_since_sees_edits_but_not_kept_takes(document: Document) -> None:
    one, two = add_takes(document)
    takes = document.takes

    def edited(number: int) -> frozenset[tuple[TrackId, int]]:
        return keeping.edited_since(takes, document.piece, takes.takes[number])

    assert not edited(one)
    document.do("Keep", keeping.with_kept(document.piece, takes.takes[two].bars))
    assert not edited(one)
    track = document.score.tracks[0]
    bars = (*track.bars[:3], new_bar(50), *track.bars[4:])
    document.do("Draw", document.piece.with_track(0, replace(track, bars=bars)))
    assert edited(one) == {(LEAD, 3)}
    document.undo_stack.undo()
    assert not edited(one)


def test_a_take_is_refused_where_it_does_not_fit(document: Document) -> None:
    one, _ = add_takes(document)
    take = document.takes.takes[one]
    piece = document.piece
    assert not keeping.refusal(piece, take, take.bars)
    assert "locked" in keeping.refusal(piece.with_lane(0, locked=True), take, take.bars)
    other = {(TrackId(99), 2): new_bar(60)}
    assert "no longer" in keeping.refusal(piece, take, other)
    waltz = {(LEAD, 2): Bar([], 3, 4)}
    assert "meter" in keeping.refusal(piece, take, waltz)
    broken = replace(take, violations=("Track 1, bar 3: notes outside the scale.",))
    assert "outside the scale" in keeping.refusal(piece, broken, take.bars)


def test_merging_takes_bars_of_both(document: Document) -> None:
    one, two = add_takes(document)
    takes = document.takes
    made = keeping.merged(takes, frozenset({(LEAD, 3)}), source=two, target=one)
    assert made.bars[LEAD, 2] == takes.takes[one].bars[LEAD, 2]
    assert made.bars[LEAD, 3] == takes.takes[two].bars[LEAD, 3]
    assert made.id not in takes.takes


def test_takes_of_a_piece_that_was_left_are_not_written_late(
    document: Document, tmp_path: Path
) -> None:
    journal = Journal(document, tmp_path)
    journal.begin(None, "one")
    add_takes(document)
    late = journal._takes_write()
    journal.begin(None, "two")
    journal.flush()
    late()
    assert not (journal.folder / "takes.json").exists()
    add_takes(document, (80,))
    older, newer = journal._takes_write(), journal._takes_write()
    newer()
    written = (journal.folder / "takes.json").stat().st_mtime_ns
    older()
    assert (journal.folder / "takes.json").stat().st_mtime_ns == written
    journal.close()


def test_a_project_asks_before_new_takes_are_lost(
    whole: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def ask(window: object, name: str) -> str:
        asked.append(name)
        return "save"

    monkeypatch.setattr("descant_app.commands.filing.ask_save", ask)
    path = tmp_path / "song.descant"
    assert whole.files._save_to(path)
    assert whole.files.may_leave()
    assert not asked
    add_takes(whole.document)
    assert whole.document.is_clean
    assert whole.files.may_leave()
    assert asked == ["song"]
    assert whole.files.may_leave()
    assert len(asked) == 1
    assert len(parse_project(path.read_bytes()).takes.takes) == 2


def test_chosen_bars_come_back_with_a_project(whole: Application, tmp_path: Path) -> None:
    path, bars = tmp_path / "song.descant", {(LEAD, 2), (LEAD, 3)}
    whole.document.selection.set_bars(bars)
    assert whole.files._save_to(path)
    whole.document.selection.set_bars([])
    whole.files.show_opened(path)
    assert whole.document.selection.bars == bars


def test_the_demo_piece_opens_with_its_bars_chosen(whole: Application) -> None:
    whole.document.undo_stack.setClean()
    whole.files.show_example()
    bass = whole.document.lanes[2].id
    assert whole.document.selection.bars == {(bass, bar) for bar in range(8, 12)}
