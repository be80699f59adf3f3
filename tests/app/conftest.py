"""Offscreen Qt, a window of our own a test, and music built in code."""

from __future__ import annotations

import os
import subprocess

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest

pytest.importorskip("PySide6.QtWidgets")
pytest.importorskip("pyqtgraph")

from collections.abc import Iterator
from pathlib import Path

from composing import done, open_small
from hands import Mouse, small_score
from jack_server import has_jack, jack_server
from PySide6.QtWidgets import QApplication

from descant.midi_file import write_midi
from descant.score.types import Score
from descant_app.application import Application
from descant_app.commands.kept_view import show_from_start
from descant_app.compose.composer import Composer
from descant_app.document.document import Document
from descant_app.document.grid import Grid
from descant_app.settings.options import Settings
from descant_app.settings.theme import themes


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESCANT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("DESCANT_AUDIO_DRIVER", "file")
    monkeypatch.setenv("DESCANT_AUDIO_FILE", os.devnull)


@pytest.fixture
def jack() -> Iterator[subprocess.Popen[bytes]]:
    """A JACK server of this test, which everything it starts will use."""
    if not has_jack():
        pytest.skip("no JACK server starts here")
    with jack_server() as server:
        yield server


@pytest.fixture(autouse=True, scope="session")
def _clipboard_emptied(qapp: QApplication) -> Iterator[None]:
    """Offscreen, Qt deletes what was copied last after Python has ended, which crashes."""
    yield
    qapp.clipboard().clear()


@pytest.fixture
def score() -> Score:
    return small_score()


@pytest.fixture
def midi(tmp_path: Path) -> Path:
    path = tmp_path / "song.mid"
    write_midi(small_score(6), path)
    return path


@pytest.fixture
def document(qapp: QApplication, score: Score) -> Iterator[Document]:
    made = Document()
    made.open_score(score, None)
    yield made
    made.undo_stack.clear()  # as `run` does


@pytest.fixture
def whole(
    qtbot, tmp_path: Path, score: Score, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Application]:
    """The application with the small score open, shown at 1280 x 800; no sound is made."""
    monkeypatch.setattr("descant_app.commands.filing.ask_save", lambda *_: "discard")
    settings = Settings(tmp_path / "settings.json")
    settings.options.output = "none"
    settings.options.audition = False
    made = Application(settings)
    qtbot.addWidget(made.window)
    made.window.resize(1280, 800)
    made.window.show()
    made.document.open_score(score, None)
    made.files.journal.begin(None, "test")
    show_from_start(made.window)
    made.window.roll.set_grid(Grid())
    yield made
    made.window.close()
    made.document.undo_stack.clear()
    themes.use("dark")


@pytest.fixture
def mouse(whole: Application) -> Mouse:
    return Mouse(whole.window.pane.view)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small random model."""
    from tiny_models import saved_model  # the engine's tests' models, which most tests here spare

    return saved_model(tmp_path_factory.mktemp("model"), "descant")


@pytest.fixture(scope="module")
def shared_composer(qapp: QApplication, model: Path) -> Iterator[Composer]:
    """One process for most of the tests."""
    document = Document()
    open_small(document, model)
    made = Composer(document)
    made.start()
    yield made
    made.close()
    document.undo_stack.clear()


@pytest.fixture
def composer(shared_composer: Composer, model: Path) -> Iterator[Composer]:
    """The real composer, with the small piece opened anew."""
    shared_composer.draft = None
    open_small(shared_composer.document, model)
    yield shared_composer
    shared_composer.set_live(False)
    shared_composer.stop()
    done(shared_composer)


@pytest.fixture
def piece(document: Document, model: Path) -> Document:
    """A document with the small piece, for a composer of the test's own."""
    open_small(document, model)
    return document
