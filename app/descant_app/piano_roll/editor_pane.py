"""Keys, ruler, roll, velocity lane and overview put together."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollBar,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from descant_app.compose.composer import Composer
from descant_app.document.composition import BarCell
from descant_app.piano_roll.keyboard import Keyboard
from descant_app.piano_roll.level_lanes import LevelLanes
from descant_app.piano_roll.overview import Overview
from descant_app.piano_roll.roll import Roll
from descant_app.piano_roll.ruler import Ruler
from descant_app.piano_roll.take_sight import TakeSight
from descant_app.piano_roll.velocity_lane import VelocityLane
from descant_app.piano_roll.view import RollView


class EditorPane(QWidget):
    """The lower half of the window.  Lanes under the roll live in `lanes`, a vertical splitter."""

    def __init__(self, roll: Roll, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.roll = roll
        self.view = RollView(roll)
        self.keyboard = Keyboard(roll)
        self.ruler = Ruler(roll)
        self.velocity = VelocityLane(roll)
        self.overview = Overview(roll)
        self.scroll_bar = QScrollBar(Qt.Orientation.Vertical)
        self.take_sight = TakeSight(roll, self)
        self.levels: LevelLanes | None = None
        self.lanes = QSplitter(Qt.Orientation.Vertical)
        self.lanes.setChildrenCollapsible(False)
        self._arrange()
        self.scroll_bar.valueChanged.connect(self._scrolled)
        roll.viewport.changed.connect(self._follow_viewport)
        roll.document.changed.connect(self._align)
        roll.document.selection.track_changed.connect(self._align)

    def set_composer(self, composer: Composer) -> None:
        """Lanes to paint levels in, and bars written by a click of the infill tool."""
        self.roll.roles.set_composer(composer)
        self.levels = LevelLanes(self.roll, composer)
        self.lanes.addWidget(self._with_scroll_room(self.levels))
        self.lanes.setStretchFactor(2, 0)
        self.levels.resized.connect(self._fit_levels)
        composer.bar_written.connect(self.view.take.flash)
        self.roll.infill_wanted.connect(lambda cells: self._infill(composer, cells))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.levels is not None and self.lanes.sizes()[2] < self.levels.sizeHint().height():
            QTimer.singleShot(0, self, self._fit_levels)  # once everything has its place

    def show_levels(self, keys: list[str]) -> None:
        """Open the lanes of these attributes."""
        if self.levels is not None:
            self.levels.show_lanes(keys)

    def shown_levels(self) -> list[str]:
        """The attributes whose lanes are open."""
        return sorted(self.levels.shown) if self.levels is not None else []

    def _fit_levels(self) -> None:
        """Give the lanes the height they ask for; the roll has the rest."""
        assert self.levels is not None
        self._align()
        roll, velocity, levels = self.lanes.sizes()
        wanted = self.levels.sizeHint().height()
        self.lanes.setSizes([roll + levels - wanted, velocity, wanted])

    def _infill(self, composer: Composer, cells: frozenset[BarCell]) -> None:
        if len(cells) == 1:
            composer.infill_bar(next(iter(cells)))
        else:
            composer.generate()

    def _arrange(self) -> None:
        upper = QWidget()
        grid = QGridLayout(upper)
        grid.setSpacing(0)
        grid.setContentsMargins(0, 0, 0, 0)
        self._corner = QWidget()
        grid.addWidget(self._corner, 0, 0)
        grid.addWidget(self.ruler, 0, 1)
        grid.addWidget(self.keyboard, 1, 0)
        grid.addWidget(self.view, 1, 1)
        grid.addWidget(self.scroll_bar, 1, 2)
        self.lanes.addWidget(upper)
        self.lanes.addWidget(self.indented(self.velocity, self.tr("Velocity")))
        self.lanes.setStretchFactor(0, 1)
        self.lanes.setStretchFactor(1, 0)
        self.lanes.setSizes([1000, 66])
        outer = QVBoxLayout(self)
        outer.setSpacing(0)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.lanes, 1)
        outer.addWidget(self.indented(self.overview))

    def indented(self, widget: QWidget, title: str = "") -> QWidget:
        """A lane that starts where the roll starts, right of the keys, where its title stands."""
        row = QWidget()
        grid = QGridLayout(row)
        grid.setSpacing(0)
        grid.setContentsMargins(0, 0, 0, 0)
        margin = QLabel(title)
        margin.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
        margin.setProperty("lane_title", True)
        margin.setProperty("margin_for_keys", True)
        margin.setFixedWidth(self.keyboard.sizeHint().width())
        grid.addWidget(margin, 0, 0)
        grid.addWidget(self._with_scroll_room(widget), 0, 1)
        return row

    def _with_scroll_room(self, widget: QWidget) -> QWidget:
        """A lane that ends where the roll ends, left of the scroll bar."""
        row = QWidget()
        line = QHBoxLayout(row)
        line.setSpacing(0)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(widget, 1)
        line.addSpacing(self.scroll_bar.sizeHint().width())
        return row

    def _align(self, _: object = None) -> None:
        width = self.keyboard.sizeHint().width()
        for margin in self.findChildren(QWidget):
            if margin.property("margin_for_keys") and margin.width() != width:
                margin.setFixedWidth(width)

    def _scrolled(self, value: int) -> None:
        viewport = self.roll.viewport
        viewport.scroll(0, value - viewport.coords.top)

    def _follow_viewport(self) -> None:
        coords = self.roll.viewport.coords
        self.scroll_bar.blockSignals(True)
        self.scroll_bar.setRange(0, max(0, round(coords.content_height - coords.height)))
        self.scroll_bar.setPageStep(coords.height)
        self.scroll_bar.setSingleStep(round(coords.row_px * 3))
        self.scroll_bar.setValue(round(coords.top))
        self.scroll_bar.blockSignals(False)
