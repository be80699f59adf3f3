"""The bar over the roll: tools, grid, scale, and numbers of the chosen notes."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QWidget,
)

from descant_app.actions import Actions
from descant_app.document.flat import DURATION, PITCH, VELOCITY
from descant_app.document.grid import GRIDS
from descant_app.document.scales import ROOTS, SCALES, Scale, note_name
from descant_app.piano_roll.roll import Roll
from descant_app.settings.translation import tr

LEAST_PX = 420
"""The tools and the grid always have their place."""


class RollBar(QWidget):
    """What is set here holds for the roll below."""

    def __init__(self, roll: Roll, actions: Actions) -> None:
        super().__init__()
        self.roll, self.actions_ = roll, actions
        self.setProperty("bar", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.grid = QComboBox()
        self.root = QComboBox()
        self.scale = QComboBox()
        self.about = QLabel()
        self.pitch = QSpinBox()
        self.velocity = QSpinBox()
        self.length = QSpinBox()
        self._fill()
        self._arrange()
        self._connect()
        self._show_selection()

    def _fill(self) -> None:
        self.grid.addItem(self.tr("Adaptive"), None)
        for grid in GRIDS:
            self.grid.addItem(tr(grid.name), grid)
        for name in ROOTS:
            self.root.addItem(name)
        self.scale.addItem(self.tr("No scale"), "")
        for name in SCALES:
            self.scale.addItem(tr(name), name)
        for box, name, tip in (
            (self.grid, self.tr("Grid"), self.tr("Grid that notes keep to")),
            (self.root, self.tr("Root"), self.tr("Root of the scale")),
            (self.scale, self.tr("Scale"), self.tr("Rows of the scale are tinted")),
            (self.pitch, self.tr("Pitch"), self.tr("Lowest pitch of the chosen notes")),
            (self.velocity, self.tr("Velocity"), self.tr("Velocity of the chosen notes")),
            (self.length, self.tr("Length"), self.tr("Length of the chosen notes in ticks")),
        ):
            box.setAccessibleName(name)
            box.setToolTip(tip)
        for box, least, most in ((self.grid, 72, 104), (self.root, 56, 58), (self.scale, 60, 126)):
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            box.setMinimumWidth(least)
            box.setMaximumWidth(most)

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 3, 10, 3)
        row.setSpacing(2)
        for name in (
            "tool_select",
            "tool_draw",
            "tool_erase",
            "tool_split",
            "tool_velocity",
            "tool_infill",
        ):
            row.addWidget(self._button(self.actions_[name]))
        self._separate(row)
        row.addWidget(self._button(self.actions_["snap"]))
        row.addWidget(self.grid, 3)
        row.addSpacing(2)
        row.addWidget(self._button(self.actions_["quantize"]))
        self._separate(row)
        row.addWidget(self.root, 1)
        row.addWidget(self.scale, 3)
        self._separate(row)
        for name in ("ghosts", "fold"):
            row.addWidget(self._button(self.actions_[name]))
        self.zooms = [self._button(self.actions_[name]) for name in ("fit", "zoom_selection")]
        for button in self.zooms:
            row.addWidget(button)
        self.about.setProperty("dim", True)
        row.addStretch(1)
        row.addWidget(self.about)
        row.addSpacing(6)
        for box, high, prefix in (
            (self.pitch, 127, ""),
            (self.velocity, 127, self.tr("vel ")),
            (self.length, 1_000_000, self.tr("len ")),
        ):
            box.setRange(0 if box is self.pitch else 1, high)
            box.setPrefix(prefix)
            box.setKeyboardTracking(False)
            box.setFixedWidth(66)
            box.setAlignment(Qt.AlignmentFlag.AlignCenter)
            row.addWidget(box)

    def _connect(self) -> None:
        roll = self.roll
        self.grid.activated.connect(lambda i: roll.set_grid(self.grid.itemData(i)))
        self.root.activated.connect(self._scale_chosen)
        self.scale.activated.connect(self._scale_chosen)
        roll.document.selection.notes_changed.connect(self._show_selection)
        roll.scale_changed.connect(self._show_scale)
        roll.grid_changed.connect(self._show_grid)
        self.pitch.valueChanged.connect(roll.editor.set_pitch)
        self.velocity.valueChanged.connect(roll.editor.set_velocity)
        self.length.valueChanged.connect(roll.editor.set_duration)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What is less often needed gives way: how many are chosen, their numbers, the zooms."""
        super().resizeEvent(event)
        self._show_selection()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(LEAST_PX, super().minimumSizeHint().height())

    def _scale_chosen(self) -> None:
        kind = self.scale.currentData()
        self.roll.set_scale(Scale(self.root.currentIndex(), kind) if kind else None)

    def _show_scale(self) -> None:
        scale = self.roll.scale
        self.scale.setCurrentIndex(self.scale.findData(scale.kind if scale else ""))
        if scale:
            self.root.setCurrentIndex(scale.root)

    def _show_grid(self) -> None:
        choices = [None, *GRIDS]
        self.grid.setCurrentIndex(choices.index(self.roll.grid_choice))

    def _show_selection(self) -> None:
        rows = self.roll.document.selection.rows
        for box, value in (
            (self.pitch, int(rows[:, PITCH].min()) if len(rows) else 0),
            (self.velocity, round(float(np.mean(rows[:, VELOCITY]))) if len(rows) else 1),
            (self.length, round(float(np.mean(rows[:, DURATION]))) if len(rows) else 1),
        ):
            box.blockSignals(True)
            box.setValue(value)
            box.setVisible(bool(len(rows)) and self.width() >= 900)
            box.blockSignals(False)
        self.about.setVisible(self.width() >= 1060)
        for button in self.zooms:
            button.setVisible(self.width() >= 680)
        if not len(rows):
            self.about.setText("")
            return
        low, high = int(rows[:, PITCH].min()), int(rows[:, PITCH].max())
        span = note_name(low) if low == high else f"{note_name(low)} – {note_name(high)}"
        count = self.tr("1 note") if len(rows) == 1 else self.tr("{} notes").format(len(rows))
        self.about.setText(count)
        self.about.setToolTip(f"{count}: {span}")

    @staticmethod
    def _button(action: QAction) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(action)
        button.setIconSize(QSize(17, 17))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(action.text())
        return button

    @staticmethod
    def _separate(row: QHBoxLayout) -> None:
        row.addSpacing(7)
        line = QFrame()
        line.setProperty("separator", True)
        line.setFixedHeight(18)
        row.addWidget(line)
        row.addSpacing(7)
