"""Two hundred things done at once to a composer whose process fails at random."""

from __future__ import annotations

import random
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from composing import LEAD, done, heard, until
from PySide6.QtCore import QCoreApplication, QEventLoop
from tiny_models import saved_model

from descant.score.notes import Note
from descant_app.compose.composer import Composer
from descant_app.document.composition import TrackId
from descant_app.document.document import Document
from descant_app.document.piece import Piece
from descant_app.document.takes import REJECTED

pytestmark = pytest.mark.compose


DEAF_S = 4.0
FAULTY = [sys.executable, str(Path(__file__).with_name("faulty_process.py"))]


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
        self.composer.offers.show(self.numbers.choice([None, *takes]))

    def again(self) -> None:
        takes = list(self.document.takes.takes)
        if takes:
            self.composer.make_again(self.numbers.choice(takes))

    def reject(self) -> None:
        takes = list(self.document.takes.takes)
        if takes:
            self.composer.offers.reject(self.numbers.choice(takes))

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
