"""Draw the pictures of the README anew: the window on its demo piece, and its main gesture step by
step.  Needs no screen.  `python packaging/screenshots.py [FOLDER]`, default packaging/screenshots.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QImage, QPainter
from PySide6.QtWidgets import QApplication

from descant_app.application import Application, make_qt
from descant_app.commands import composing
from descant_app.document.composition import TrackId
from descant_app.paths import settings_file
from descant_app.settings.options import Settings
from descant_app.settings.theme import themes

SIZE = QSize(1280, 800)
FRAME = QSize(960, 600)
CAPTION_PX, GAP_PX, COLUMNS = 44, 20, 2
PATIENCE_S = 300.0
DENSITY = "bar_note_density"


class Stage:
    """The window, and frames taken of it."""

    def __init__(self) -> None:
        self.qt: QApplication = make_qt()
        settings = Settings(settings_file())
        settings.options.output = "none"
        self.whole = Application(settings)
        self.window, self.document = self.whole.window, self.whole.document
        self.frames: list[tuple[str, QImage]] = []
        self.window.resize(SIZE)
        self.whole.show([])
        self.whole.composer.start()

    def until(self, condition: Callable[[], object]) -> None:
        """Let the window live until something is so."""
        end = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(f"it never came: {self.window.told.text()}")
            self.qt.processEvents()
            self.qt.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            time.sleep(0.005)

    def settle(self, seconds: float = 0.6) -> None:
        """Let pending work be drawn."""
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() > end)

    def frame(self, caption: str) -> None:
        """Take the window as it is."""
        self.frames.append((caption, self.window.grab().toImage()))

    def do(self, name: str) -> None:
        """Give a command as its key would."""
        self.window.actions_[name].trigger()


def play(stage: Stage) -> QImage:
    """The main gesture on the demo piece; the answer is the picture of the whole window."""
    document, composer = stage.document, stage.whole.composer
    stage.until(lambda: composer.model is not None and composer.outlook.ready)
    stage.window.generate.edits.put("", seed=11)
    stage.settle()
    bars = document.selection.bars
    track = next(iter(bars))[0]
    stage.frame("1  Choose bars. The plan is drawn before anything runs.")
    document.selection.set_track(track)
    stage.window.roll.viewport.scroll_to(int(document.starts[7]))
    stage.window.roll.center_pitches()
    levels: dict[int | None, int | None] = {
        bar: 3 + place for place, (_, bar) in enumerate(sorted(bars))
    }
    composing.paint(document, "Paint density", {(TrackId(track), DENSITY): levels})
    stage.settle()
    stage.frame("2  Paint how dense each bar should be, over what is there now.")
    stage.do("generate")
    stage.until(lambda: composer.job is not None and composer.job.bars >= 5)
    stage.frame("3  Ctrl+Enter: bars appear as they are written; Stop keeps them.")
    stage.until(lambda: composer.job is None)
    stage.settle()
    composer.offers.step(1)
    stage.settle()
    stage.frame("4  Hear the takes in place; nothing in the piece has changed.")
    whole = stage.frames[-1][1]
    stage.do("keep_take")
    document.selection.set_bars([])
    stage.settle()
    stage.frame("5  Keep one: a single step that can be undone.")
    document.selection.set_bars([(document.lanes[3].id, bar) for bar in range(4, 8)])
    stage.do("hide_bars")
    document.selection.set_bars([(document.lanes[3].id, bar) for bar in range(8, 12)])
    stage.settle(0.3)
    stage.do("compare_modes")
    stage.until(lambda: composer.job is not None)
    stage.until(lambda: composer.job is None)
    stage.settle()
    stage.frame("6  Hide bars from the model, and compare the ways of hiding them.")
    return whole


def strip(frames: list[tuple[str, QImage]]) -> QImage:
    """All frames on one sheet, each under its caption."""
    rows = -(-len(frames) // COLUMNS)
    width = COLUMNS * FRAME.width() + (COLUMNS + 1) * GAP_PX
    height = rows * (FRAME.height() + CAPTION_PX) + GAP_PX
    sheet = QImage(width, height, QImage.Format.Format_RGB32)
    sheet.fill(themes.now["window"])
    painter = QPainter(sheet)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    font = QFont()
    font.setPixelSize(19)
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(themes.now["text"])
    for place, (caption, image) in enumerate(frames):
        row, column = divmod(place, COLUMNS)
        x = GAP_PX + column * (FRAME.width() + GAP_PX)
        y = row * (FRAME.height() + CAPTION_PX)
        box = QRectF(x, y, FRAME.width(), CAPTION_PX)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, caption)
        smooth = Qt.TransformationMode.SmoothTransformation
        small = image.scaled(FRAME, Qt.AspectRatioMode.KeepAspectRatio, smooth)
        painter.drawImage(x, y + CAPTION_PX, small)
    painter.end()
    return sheet


def run(folder: Path) -> None:
    """Write window.png and compose.png."""
    with tempfile.TemporaryDirectory(prefix="descant-") as home:
        os.environ.update(QT_QPA_PLATFORM="offscreen", DESCANT_DATA=home)
        stage = Stage()
        try:
            play(stage).save(str(folder / "window.png"))
            strip(stage.frames).save(str(folder / "compose.png"))
        finally:
            stage.document.undo_stack.setClean()
            stage.window.close()


if __name__ == "__main__":
    run(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "screenshots")
