"""Composing with the process: takes, stops, faults, repaints; the document changes when asked."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hands import small_score
from PySide6.QtCore import QCoreApplication, QEventLoop
from PySide6.QtWidgets import QApplication
from tiny_models import saved_model

from descant.midi_file import midi_bytes, parse_midi, write_midi
from descant.score.notes import Note
from descant.score.types import Score
from descant_app.compose.composer import Composer
from descant_app.document import structure
from descant_app.document.composition import TrackId
from descant_app.document.document import Document
from descant_app.document.piece import Piece, piece_of
from descant_app.document.takes import KEPT, REJECTED

pytestmark = pytest.mark.compose
LEAD, BASS, DRUMS = TrackId(1), TrackId(2), TrackId(3)
PATIENCE_S = 60.0
DEAF_S = 4.0
FAULTY = [sys.executable, str(Path(__file__).with_name("faulty_process.py"))]


def until(condition: Callable[[], object], seconds: float = PATIENCE_S) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved_model(tmp_path_factory.mktemp("model"), "descant")


def open_small(document: Document, model: Path) -> None:
    """The small score, few notes a bar asked for, two takes, the random model."""
    settings = {"model": str(model), "takes": 2, "density_hard_limit": 4, "seed": 3}
    made = piece_of(small_score())
    document.open_piece(made.with_composition(made.composition.with_settings(**settings)), None)
    document.selection.set_bars([(LEAD, 2), (LEAD, 3)])


@pytest.fixture(scope="module")
def shared(qapp: QApplication, model: Path) -> Iterator[Composer]:
    """One process for most of the tests."""
    document = Document()
    open_small(document, model)
    made = Composer(document)
    made.start()
    yield made
    made.close()


@pytest.fixture
def composer(shared: Composer, model: Path) -> Iterator[Composer]:
    shared.draft = None
    open_small(shared.document, model)
    yield shared
    shared.set_live(False)
    shared.stop()
    done(shared)


@pytest.fixture
def piece(document: Document, model: Path) -> Document:
    open_small(document, model)
    return document


def done(composer: Composer) -> None:
    until(lambda: composer.job is None)


def heard(signal: Any) -> list[Any]:
    """What a signal brings from now on; None each time where it brings nothing."""
    told: list[Any] = []
    signal.connect(lambda *values: told.append(values[0] if values else None))
    return told


def test_takes_are_offered_and_only_a_kept_one_changes_the_piece(composer: Composer) -> None:
    document, before = composer.document, composer.document.piece
    written = heard(composer.bar_written)
    composer.generate()
    done(composer)
    takes = list(document.takes.takes.values())
    assert [set(take.bars) for take in takes] == [{(LEAD, 2), (LEAD, 3)}] * 2
    assert written == [(LEAD, 2), (LEAD, 3)]
    assert document.piece is before
    assert document.takes.shown == takes[0].id
    assert document.heard_score.tracks[0].bars[2] == takes[0].bars[LEAD, 2]
    composer.step(-1)
    assert document.takes.shown == takes[1].id
    assert composer.keep(takes[1].id)
    assert document.score.tracks[0].bars[3] == takes[1].bars[LEAD, 3]
    assert document.takes.takes[takes[1].id].state == KEPT
    assert document.undo_stack.undoText() == "Keep take 2 (bars 3–4)"
    document.undo_stack.undo()
    assert document.piece == before
    batch = document.takes.batches[takes[0].batch]
    assert batch.score == before.score
    assert (batch.model, batch.backend) == ("random", "native int8")
    assert len(batch.model_hash) > 8
    assert batch.version


def test_made_again_a_take_is_the_same(composer: Composer) -> None:
    document = composer.document
    composer.generate()
    done(composer)
    takes = list(document.takes.takes.values())
    bars = (*document.score.tracks[1].bars[:2], document.score.tracks[1].bars[5])
    edited = replace(document.score.tracks[1], bars=(*bars, *document.score.tracks[1].bars[3:]))
    document.do("Edit", document.piece.with_track(1, edited))
    for take in takes:
        composer.make_again(take.id)
        done(composer)
        again = list(document.takes.takes.values())[-1]
        assert again.id != take.id
        assert (again.bars, again.seed) == (take.bars, take.seed)


def test_bars_put_in_before_it_move_a_take_and_the_one_made_again(composer: Composer) -> None:
    document = composer.document
    composer.generate()
    done(composer)
    one = next(iter(document.takes.takes.values()))
    document.do("Insert bars", structure.with_bars_inserted(document.piece, 1, 3))
    moved = document.takes.takes[one.id]
    assert moved.bars == {(LEAD, bar + 3): value for (_, bar), value in one.bars.items()}
    composer.make_again(one.id)
    done(composer)
    again = list(document.takes.takes.values())[-1]
    assert again.id != one.id
    assert again.bars == moved.bars
    assert composer.keep(again.id)
    assert document.score.tracks[0].bars[5] == one.bars[LEAD, 2]


def test_an_edited_bar_is_named_before_it_is_replaced(composer: Composer) -> None:
    document = composer.document
    composer.generate()
    done(composer)
    number = document.takes.shown
    assert number is not None
    track = document.score.tracks[0]
    bars = (*track.bars[:3], track.bars[3].with_notes([Note(50, 90, 0, 480)]), *track.bars[4:])
    document.do("Draw", document.piece.with_track(0, replace(track, bars=bars)))
    edited = document.piece
    refused = heard(composer.refused)
    assert composer.edited_since(number) == {(LEAD, 3)}
    assert not composer.keep(number)
    assert document.piece is edited
    assert "bar 4 of Lead" in refused[0]
    assert composer.keep(number)


def test_only_some_bars_of_a_take_can_be_kept(composer: Composer) -> None:
    document, before = composer.document, composer.document.piece
    composer.generate()
    done(composer)
    number = document.takes.shown
    assert number is not None
    assert composer.keep(number, frozenset({(LEAD, 2)}))
    assert document.score.tracks[0].bars[3] is before.score.tracks[0].bars[3]
    assert document.score.tracks[0].bars[2] == document.takes.takes[number].bars[LEAD, 2]


def test_what_is_written_beside_a_shown_take_goes_with_it(composer: Composer) -> None:
    document, before = composer.document, composer.document.piece
    composer.generate()
    done(composer)
    first = document.takes.takes[document.takes.shown or 0]
    document.selection.set_bars([(BASS, 2)])
    composer.generate()
    done(composer)
    second = document.takes.takes[document.takes.shown or 0]
    batch = document.takes.batches[second.batch]
    assert batch.parent == first.id
    assert batch.score.tracks[0].bars[2] == first.bars[LEAD, 2]
    assert set(second.bars) == {(BASS, 2), *first.bars}
    assert not composer.edited_since(second.id)
    assert composer.keep(second.id)
    assert document.score.tracks[0].bars[2] == first.bars[LEAD, 2]
    document.undo_stack.undo()
    assert document.piece == before


def test_stop_offers_what_is_finished(composer: Composer) -> None:
    document, before = composer.document, composer.document.piece
    wishes = before.composition.with_settings(takes=1, bars_per_step=1, density_hard_limit=0)
    document.do("Settings", before.with_composition(wishes))
    document.selection.set_bars((LEAD, bar) for bar in range(8))
    until(lambda: composer.model)
    composer.generate()
    until(lambda: composer.job is None or composer.job.bars >= 2)
    composer.stop()
    done(composer)
    takes = list(document.takes.takes.values())
    assert len(takes) == 1
    assert not takes[0].complete
    assert 2 <= len(takes[0].bars) < 8
    assert document.score == before.score


def test_the_newest_job_wins(composer: Composer) -> None:
    document = composer.document
    until(lambda: composer.model)
    for bar in range(6):
        document.selection.set_bars([(LEAD, bar)])
        composer.generate()
    done(composer)
    complete = [take for take in document.takes.takes.values() if take.complete]
    assert {cell for take in complete[-2:] for cell in take.bars if cell[1] == 5} == {(LEAD, 5)}


def test_a_crash_costs_the_job_and_its_bars_stay_offered(composer: Composer) -> None:
    document, before = composer.document, composer.document.piece
    refused = heard(composer.refused)
    wishes = before.composition.with_settings(takes=1, bars_per_step=1, density_hard_limit=0)
    document.do("Settings", before.with_composition(wishes))
    document.selection.set_bars((LEAD, bar) for bar in range(8))
    until(lambda: composer.model)
    composer.generate()
    until(lambda: composer.job is not None and composer.job.bars >= 1)
    assert composer.link.process is not None
    composer.link.process.kill()
    done(composer)
    assert refused == ["The model stopped unexpectedly; it starts again when needed."]
    assert [take.complete for take in document.takes.takes.values()] == [False]
    assert document.score == before.score
    document.selection.set_bars([(LEAD, 1)])
    composer.generate()
    done(composer)
    assert list(document.takes.takes.values())[-1].complete


def test_a_job_does_not_follow_into_another_piece(composer: Composer) -> None:
    document = composer.document
    until(lambda: composer.model)
    composer.generate()
    until(lambda: composer.job is None or composer.job.bars)
    document.open_piece(piece_of(small_score(4)), None)
    assert composer.job is None
    assert not document.preview
    until(lambda: composer.outlook.problems == ("Choose the bars to write first.",))
    document.selection.set_bars([(BASS, 1)])
    until(lambda: composer.outlook.ready)
    assert not document.takes.takes
    assert not document.preview


def test_compared_modes_share_their_seed(composer: Composer) -> None:
    document = composer.document
    hidden = document.composition.with_hidden([(BASS, 2), (DRUMS, 3)], True)
    document.do("Hide", document.piece.with_composition(hidden))
    composer.compare_modes()
    done(composer)
    takes = list(document.takes.takes.values())
    modes = ["token", "attention", "attention_approx", "attention_skip", "remove"]
    assert [take.mask_mode for take in takes] == modes
    assert {take.seed for take in takes} == {3}
    composer.make_again(takes[0].id)
    done(composer)
    assert list(document.takes.takes.values())[-1].bars == takes[0].bars


def test_a_model_that_cannot_be_loaded_leaves_the_old_one(composer: Composer) -> None:
    document = composer.document
    until(lambda: composer.model)
    refused = heard(composer.refused)
    wishes = document.composition.with_settings(model="no/such.safetensors")
    document.do("Model", document.piece.with_composition(wishes))
    until(lambda: refused)
    assert "no/such.safetensors" in refused[0]
    assert refused[0].endswith("random stays loaded.")
    composer.generate()
    done(composer)
    assert document.takes.takes


def test_without_any_model_the_reason_is_said(
    document: Document, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DESCANT_MODEL", str(tmp_path / "gone.safetensors"))
    composer = Composer(document)
    refused = heard(composer.refused)
    composer.start()
    document.selection.set_bars([(LEAD, 2)])
    composer.generate()
    done(composer)
    composer.close()
    assert refused
    assert all("gone.safetensors" in reason for reason in refused)


def test_a_process_that_cannot_start_is_said_and_costs_nothing(document: Document) -> None:
    composer = Composer(document, starts_with=["/no/such/program"])
    refused = heard(composer.refused)
    composer.start()
    document.selection.set_bars([(LEAD, 2)])
    composer.generate()
    assert composer.job is None
    assert refused == ["The model's process cannot be started: No such file or directory."]


def test_levels_are_measured_as_shown(composer: Composer) -> None:
    document = composer.document
    until(lambda: composer.model)
    assert composer.measured(LEAD) is None
    until(lambda: composer.measured(LEAD))
    levels = composer.measured(LEAD)
    assert levels is not None
    assert levels["bar_note_density"] == [4] * 8
    document.set_preview({(LEAD, 1): document.score.tracks[0].bars[1].with_notes([])})
    assert composer.measured(LEAD) is levels
    until(lambda: (composer.measured(LEAD) or {})["bar_note_density"][1] == 0)


def test_levels_of_bars_that_changed_again_are_not_kept(composer: Composer) -> None:
    document = composer.document
    until(lambda: composer.model)
    bar = document.score.tracks[0].bars[1]
    for count in (1, 2, 3, 0):
        document.set_preview({(LEAD, 1): bar.with_notes(list(bar.notes)[:count])})
        composer.measured(LEAD)
    until(lambda: not composer.measures.is_asking)
    assert (composer.measured(LEAD) or {})["bar_note_density"][1] == 0


def test_a_repaint_follows_the_knob_and_leaves_one_take(composer: Composer) -> None:
    document = composer.document
    until(lambda: composer.model)
    composer.set_live(True)
    until(lambda: document.takes.takes and composer.job is None)
    before, steps = document.piece, document.undo_stack.count()
    for level in (1, 2, 3):
        draft = document.composition.with_levels((LEAD, "bar_note_density"), {2: level})
        composer.set_draft(draft)
        until(lambda: composer.job is not None)
        until(lambda: composer.job is None)
    assert document.piece is before
    document.do("Paint", before.with_composition(draft))
    composer.set_draft(None)
    until(lambda: composer.outlook.ready)
    done(composer)
    assert document.undo_stack.count() == steps + 1
    takes = list(document.takes.takes.values())
    assert len(takes) == 1
    prompt = document.takes.batches[takes[0].batch].request["tracks"][0]
    assert prompt["bar_attributes"] == {"2": {"bar_note_density": 3}}


@pytest.mark.parametrize("by_options", [True, False])
def test_a_command_line_and_a_script_make_the_same_take(
    composer: Composer, tmp_path: Path, by_options: bool
) -> None:
    document = composer.document
    wishes = document.composition.with_hidden([(BASS, 2), (DRUMS, 3)], True)
    wishes = wishes.with_levels((LEAD, "bar_note_density"), {2: 3, 3: 5})
    wishes = wishes.with_settings(density_hard_limit=0 if by_options else 4, temperature=0.9)
    document.do("Wishes", document.piece.with_composition(wishes))
    until(lambda: composer.model)
    composer.generate()
    done(composer)
    take = document.takes.takes[document.takes.shown or 0]
    write_midi(document.score, tmp_path / "song.mid")
    document.set_path(tmp_path / "song.mid")
    line, script = composer.as_command_line(take.id), composer.as_python(take.id)
    assert ("--request" in line) is not by_options
    commands = [["sh", "-e", "-c", line]]
    if not by_options:
        commands.append([sys.executable, "-c", script])
    wanted = notes_of(parse_midi(midi_bytes(document.heard_score)))
    for command in commands:
        assert notes_of(made_by(command, tmp_path, take.id)) == wanted


def notes_of(score: Score) -> list[list[list[int]]]:
    """Pitch, velocity, onset and duration of the notes of each bar of the first track."""
    return [bar.notes.array[:, :4].tolist() for bar in score.tracks[0].bars]


def made_by(command: list[str], folder: Path, take: int) -> Score:
    """What a command wrote."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    made = folder / f"song-take-{take}.mid"
    score = Score.from_midi(made)
    made.unlink()
    return score


class Chaos:
    """A user who does everything at once, and what the piece must be after it."""

    def __init__(self, composer: Composer, models: list[str], seed: int) -> None:
        self.composer, self.document, self.models = composer, composer.document, models
        self.numbers = random.Random(seed)
        self.expected = self.document.piece

    def act(self) -> None:
        getattr(self, self.numbers.choice(ACTS))()
        assert self.document.piece is self.expected
        end = time.monotonic() + self.numbers.choice((0, 0, 0.01, 0.05))
        while time.monotonic() < end:
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
        assert self.document.piece is self.expected

    def generate(self) -> None:
        """Mostly until there is something to disturb; one that is deaf is stopped."""
        self.composer.generate()
        if self.numbers.random() < 0.3:
            return
        end = time.monotonic() + DEAF_S
        until(lambda: not (job := self.composer.job) or job.bars or time.monotonic() > end)
        if self.composer.job is not None and not self.composer.job.bars:
            self.composer.stop()

    def compare(self) -> None:
        self.composer.compare_modes()

    def stop(self) -> None:
        self.composer.stop()

    def choose(self) -> None:
        cells = [(TrackId(self.numbers.randrange(1, 4)), self.numbers.randrange(8))]
        self.document.selection.set_bars(cells)

    def edit(self) -> None:
        index, bar = self.numbers.randrange(3), self.numbers.randrange(8)
        track = self.expected.score.tracks[index]
        bars = list(track.bars)
        bars[bar] = bars[bar].with_notes([Note(self.numbers.randrange(30, 90), 80, 0, 240)])
        self.do(self.expected.with_track(index, replace(track, bars=tuple(bars))))

    def switch(self) -> None:
        model = self.numbers.choice(self.models)
        self.do(
            self.expected.with_composition(self.expected.composition.with_settings(model=model))
        )

    def live(self) -> None:
        self.composer.set_live(self.numbers.random() < 0.5)

    def undo(self) -> None:
        self.document.undo_stack.undo()
        self.expected = self.document.piece

    def show(self) -> None:
        takes = list(self.document.takes.takes)
        self.composer.show(self.numbers.choice([None, *takes]))

    def again(self) -> None:
        takes = list(self.document.takes.takes)
        if takes:
            self.composer.make_again(self.numbers.choice(takes))

    def reject(self) -> None:
        takes = list(self.document.takes.takes)
        if takes:
            self.composer.reject(self.numbers.choice(takes))

    def kill(self) -> None:
        if self.numbers.random() < 0.5 and self.composer.link.process is not None:
            self.composer.link.process.kill()

    def do(self, piece: Piece) -> None:
        self.document.do("Edit", piece)
        self.expected = self.document.piece


ACTS = [
    *["generate"] * 5,
    *["stop", "choose", "edit", "switch"] * 2,
    *["compare", "live", "undo", "show", "again", "reject", "kill"],
]


@pytest.mark.slow
def test_two_hundred_mishaps_leave_the_document_whole(
    piece: Document, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAULTS", "0.1")
    monkeypatch.setattr("descant_app.compose.composer.DEAF_MS", 300)
    other = saved_model(tmp_path, "ghost_config")
    composer = Composer(piece, starts_with=FAULTY)
    deaths = heard(composer.link.lost)
    composer.start()
    chaos = Chaos(composer, [str(model), str(other), "no/such/model"], seed=5)
    for _ in range(200):
        chaos.act()
    composer.set_live(False)
    composer.stop()
    done(composer)
    assert piece.piece is chaos.expected
    assert len(deaths) >= 3
    assert len(piece.takes.takes) >= 20
    for take in piece.takes.takes.values():
        assert take.batch in piece.takes.batches
        assert not take.violations
        for bar in take.bars.values():
            rows = bar.notes.array
            assert (rows[:, :2] < 128).all()
            assert (rows >= 0).all()
    composer.close()

    monkeypatch.setenv("FAULTS", "0")
    healthy = Composer(piece)
    wishes = piece.composition.with_settings(model=str(model), takes=1)
    piece.do("Model", piece.piece.with_composition(wishes))
    piece.selection.set_bars([(LEAD, 1)])
    healthy.generate()
    done(healthy)
    healthy.close()
    newest = list(piece.takes.takes.values())[-1]
    assert newest.complete
    assert newest.state != REJECTED
