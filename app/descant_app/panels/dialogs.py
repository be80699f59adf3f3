"""Small questions: quantize, humanize, meter, numbers, and what to do with a dropped file."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QMessageBox,
    QSlider,
    QSpinBox,
    QWidget,
)

from descant_app.document.grid import GRIDS, Grid
from descant_app.settings.translation import tr


@dataclass(frozen=True)
class QuantizeChoice:
    """What the quantize dialog was told."""

    grid: Grid
    strength: int
    swing: int
    ends: bool


class QuantizeDialog(QDialog):
    """Grid, strength, swing, ends."""

    def __init__(self, grid: Grid, strength: int, swing: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Quantize"))
        form = QFormLayout(self)
        self.grid = QComboBox()
        for choice in GRIDS:
            self.grid.addItem(tr(choice.name), choice)
        self.grid.setCurrentIndex(max(0, GRIDS.index(grid) if grid in GRIDS else 4))
        self.strength, self.swing = Percent(strength), Percent(swing)
        self.ends = QCheckBox(self.tr("Ends of notes too"))
        form.addRow(self.tr("Grid"), self.grid)
        for title, percent in (
            (self.tr("Strength"), self.strength),
            (self.tr("Swing"), self.swing),
        ):
            percent.slider.setAccessibleName(title)
            form.addRow(title, percent)
        form.addRow("", self.ends)
        form.addRow(_buttons(self))

    def choice(self) -> QuantizeChoice:
        """What is set now."""
        return QuantizeChoice(
            self.grid.currentData(),
            self.strength.value(),
            self.swing.value(),
            self.ends.isChecked(),
        )


class HumanizeDialog(QDialog):
    """How loose time and velocity become."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Humanize"))
        form = QFormLayout(self)
        self.time = QSpinBox()
        self.time.setRange(0, 60)
        self.time.setValue(8)
        self.time.setSuffix(self.tr(" ms"))
        self.velocity = QSpinBox()
        self.velocity.setRange(0, 40)
        self.velocity.setValue(8)
        form.addRow(self.tr("Time"), self.time)
        form.addRow(self.tr("Velocity"), self.velocity)
        form.addRow(_buttons(self))


class MeterDialog(QDialog):
    """Beats and their value."""

    def __init__(self, meter: tuple[int, int], bar: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Meter from bar {}").format(bar + 1))
        form = QFormLayout(self)
        self.beats = QSpinBox()
        self.beats.setRange(1, 32)
        self.beats.setValue(meter[0])
        self.value = QComboBox()
        for value in (1, 2, 4, 8, 16, 32):
            self.value.addItem(str(value), value)
        self.value.setCurrentIndex(max(0, self.value.findData(meter[1])))
        form.addRow(self.tr("Beats a bar"), self.beats)
        form.addRow(self.tr("Beat is a 1/…"), self.value)
        form.addRow(_buttons(self))


def ask_number(
    parent: QWidget, title: str, label: str, value: float, low: float, high: float, decimals: int
) -> float | None:
    """A number, or None when the user went back."""
    number, ok = QInputDialog.getDouble(parent, title, label, value, low, high, decimals)
    return number if ok else None


def ask_drop(parent: QWidget, name: str) -> str | None:
    """Open it instead, lay its notes over these, add its tracks, or nothing: "replace", "merge",
    "add" or None."""
    box = QMessageBox(parent)
    box.setWindowTitle(tr("Open {}").format(name))
    box.setText(tr("What should happen to {}?").format(name))
    box.setInformativeText(tr("Merging lays its first track over the first one here, and so on."))
    action = QMessageBox.ButtonRole.ActionRole
    answers: dict[object, str] = {
        box.addButton(tr("Open it"), QMessageBox.ButtonRole.AcceptRole): "replace",
        box.addButton(tr("Add its tracks"), action): "add",
        box.addButton(tr("Merge"), action): "merge",
    }
    box.addButton(QMessageBox.StandardButton.Cancel)
    box.exec()
    return answers.get(box.clickedButton())


def ask_save(parent: QWidget, name: str) -> str | None:
    """Before closing a changed piece: "save", "discard", or None to go back."""
    box = QMessageBox(parent)
    box.setWindowTitle(tr("Save changes?"))
    box.setText(tr("{} has changes that are not saved.").format(name))
    buttons = QMessageBox.StandardButton
    box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
    box.setDefaultButton(buttons.Save)
    answer = box.exec()
    return {buttons.Save: "save", buttons.Discard: "discard"}.get(buttons(answer))


class Percent(QWidget):
    """A slider of 0 to 100 that says where it stands."""

    def __init__(self, value: int) -> None:
        super().__init__()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 100)
        self.slider.setMinimumWidth(180)
        self._number = QLabel()
        self._number.setFixedWidth(44)
        self._number.setAlignment(Qt.AlignmentFlag.AlignRight)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.slider, 1)
        row.addWidget(self._number)
        self.setFocusProxy(self.slider)
        self.slider.valueChanged.connect(lambda now: self._number.setText(f"{now} %"))
        self.slider.setValue(value)
        self._number.setText(f"{value} %")

    def value(self) -> int:
        """Percent."""
        return self.slider.value()


def _buttons(dialog: QDialog) -> QDialogButtonBox:
    kinds = QDialogButtonBox.StandardButton
    box = QDialogButtonBox(kinds.Ok | kinds.Cancel)
    box.accepted.connect(dialog.accept)
    box.rejected.connect(dialog.reject)
    return box
