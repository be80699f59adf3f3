"""Arrangement and roll with their lanes over one document, without the rest of the window."""

from __future__ import annotations

from fake_composer import MODEL, FakeComposer
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from descant_app.compose.model_info import ModelInfo
from descant_app.document.composition import TrackId
from descant_app.document.document import Document
from descant_app.panels.arrangement import ArrangementCanvas
from descant_app.panels.arrangement_picture import RULER_PX
from descant_app.panels.row_picture import ROW_PX
from descant_app.piano_roll.editor_pane import EditorPane
from descant_app.piano_roll.level_lane import LevelLane
from descant_app.piano_roll.roll import Roll


class Canvas:
    """All that composing is seen and done in."""

    def __init__(self, qtbot, document: Document, model: ModelInfo | None = MODEL) -> None:
        self.document = document
        self.roll = Roll(document)
        self.composer = FakeComposer(document, model)
        self.pane = EditorPane(self.roll)
        self.arrangement = ArrangementCanvas(self.roll)
        self.pane.set_composer(self.composer)
        self.arrangement.set_composer(self.composer)
        for widget, size in ((self.pane, (1000, 620)), (self.arrangement, (1000, 240))):
            qtbot.addWidget(widget)
            widget.resize(*size)
            widget.show()
        QApplication.processEvents()
        self.roll.look_at_start()
        self.tracks: list[TrackId] = [lane.id for lane in document.lanes]

    def lane(self, key: str) -> LevelLane:
        """The lane of an attribute, opened."""
        assert self.pane.levels is not None
        if key not in self.pane.levels.lanes:
            self.pane.levels.show_lane(key, True)
            QApplication.processEvents()
        return self.pane.levels.lanes[key]

    def place(self, lane: LevelLane, bar: int, level: float) -> QPoint:
        """The middle of a bar at the height of a level."""
        starts, coords = self.document.starts, self.roll.viewport.coords
        middle = coords.x_of((int(starts[bar]) + int(starts[bar + 1])) / 2)
        return QPoint(round(middle), round(lane.picture.y_of(level)))

    def cell(self, index: int, bar: int) -> QPoint:
        """The middle of a bar in the arrangement."""
        starts = self.document.starts
        x = self.arrangement.x_of((int(starts[bar]) + int(starts[bar + 1])) / 2)
        return QPoint(round(x), RULER_PX + index * ROW_PX + ROW_PX // 2)

    def painted(self, name: str, index: int = 0) -> dict[int | None, int]:
        """What is painted on a curve of a track."""
        return dict(self.document.composition.levels.get((self.tracks[index], name), {}))

    def steps(self) -> int:
        """How many steps of history there are."""
        return self.document.undo_stack.index()


def click(widget, at: QPoint, keys=Qt.KeyboardModifier.NoModifier) -> None:  # type: ignore[no-untyped-def]
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, keys, at)
