"""Lanes below the roll, one an attribute that the model has: wishes painted over what is."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from descant_app.compose.composer import Composer
from descant_app.piano_roll.lane_spec import LaneSpec
from descant_app.piano_roll.level_axis import LevelAxis
from descant_app.piano_roll.level_facts import LevelFacts
from descant_app.piano_roll.level_lane import LevelLane
from descant_app.piano_roll.roll import Roll

STRIP_PX = 26
FIRST_SHOWN = frozenset({"note_density"})


class LevelLanes(QWidget):
    """The lanes of the current track under a strip of buttons that show and hide them.

    `shown` are the keys of lanes that are open, for every track; `lanes` the open ones of this
    track, by key.  `resized()` when their number changed.
    """

    resized = Signal()

    def __init__(self, roll: Roll, composer: Composer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.roll = roll
        self.facts = LevelFacts(roll, composer, self)
        self.shown = set(FIRST_SHOWN)
        self.lanes: dict[str, LevelLane] = {}
        self.buttons: dict[str, QToolButton] = {}
        self.about = QLabel()
        self._built: tuple[object, ...] = ()
        self._arrange()
        self.facts.changed.connect(self._refresh)
        self._refresh()

    def _arrange(self) -> None:
        self.strip = QWidget()
        self.strip.setProperty("bar", True)
        self.strip.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.strip.setFixedHeight(STRIP_PX)
        margin = QLabel(self.tr("Levels"))
        margin.setProperty("margin_for_keys", True)
        margin.setProperty("heading", True)
        margin.setContentsMargins(7, 0, 0, 0)
        self._chips = QHBoxLayout()
        self._chips.setSpacing(4)
        self.about.setProperty("dim", True)
        row = QHBoxLayout(self.strip)
        row.setContentsMargins(0, 2, 8, 2)
        row.setSpacing(6)
        row.addWidget(margin)
        row.addLayout(self._chips)
        row.addStretch(1)
        row.addWidget(self.about)
        self._grid = QGridLayout()
        self._grid.setSpacing(0)
        self._grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setSpacing(0)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.strip)
        column.addLayout(self._grid, 1)

    def sizeHint(self) -> QSize:  # noqa: N802
        heights = sum(lane.sizeHint().height() for lane in self.lanes.values())
        return QSize(200, STRIP_PX + heights)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        heights = sum(lane.minimumHeight() for lane in self.lanes.values())
        return QSize(200, STRIP_PX + heights)

    def show_lane(self, key: str, on: bool) -> None:
        """Open or close the lane of an attribute, on every track that has it."""
        self.show_lanes(self.shown | {key} if on else self.shown - {key})

    def show_lanes(self, keys: Iterable[str]) -> None:
        """Open the lanes of these attributes and no others."""
        self.shown = set(keys)
        self._refresh()

    # -- building ----------------------------------------------------------------------------------

    def _refresh(self) -> None:
        specs = self.facts.specs
        wanted = (tuple(specs), frozenset(self.shown))
        if wanted != self._built:
            self._built = wanted
            self._build_buttons(specs)
            self._build_lanes([spec for spec in specs if spec.key in self.shown])
            self.updateGeometry()
            self.resized.emit()
        self._mark_painted(specs)
        self._say(specs)

    def _build_buttons(self, specs: list[LaneSpec]) -> None:
        if list(self.buttons) != [spec.key for spec in specs]:
            for button in self.buttons.values():
                button.hide()  # it goes when the events of now are over
                button.deleteLater()
            self.buttons = {spec.key: self._button(spec) for spec in specs}
            for button in self.buttons.values():
                self._chips.addWidget(button)
        for key, button in self.buttons.items():
            button.setChecked(key in self.shown)

    def _button(self, spec: LaneSpec) -> QToolButton:
        button = QToolButton()
        button.setCheckable(True)
        button.setProperty("chip", True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(self.tr("Show the {} lane").format(spec.title.lower()))
        button.clicked.connect(lambda on: self.show_lane(spec.key, on))
        return button

    def _build_lanes(self, specs: list[LaneSpec]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            item.widget().hide()
            item.widget().deleteLater()
        self.lanes = {}
        for row, spec in enumerate(specs):
            lane = LevelLane(self.facts, spec)
            axis = LevelAxis(lane)
            lane.hovered.connect(lambda _, text: self.roll.told.emit(text))
            self.lanes[spec.key] = lane
            self._grid.addWidget(axis, row, 0)
            self._grid.addWidget(lane, row, 1)
            self._grid.setRowStretch(row, lane.sizeHint().height())
        for row in range(len(specs), self._grid.rowCount()):
            self._grid.setRowStretch(row, 0)

    def _mark_painted(self, specs: list[LaneSpec]) -> None:
        """A dot on the button of a lane that something is painted in."""
        levels = self.facts.composition.levels
        for spec in specs:
            painted = any(levels.get((self.facts.track, name)) for name in spec.names)
            button = self.buttons[spec.key]
            text = f"{spec.title} •" if painted else spec.title
            if button.text() != text:
                button.setText(text)
                state = self.tr("levels are painted") if painted else self.tr("nothing is painted")
                button.setToolTip(f"{spec.title}: {state}")

    def _say(self, specs: list[LaneSpec]) -> None:
        if self.facts.composer.model is None:
            self.about.setText(self.tr("Levels can be painted once a model is loaded."))
        elif not specs:
            self.about.setText(self.tr("This model has no levels for this kind of track."))
        else:
            self.about.setText("")
