"""The notes of the current track as a table of numbers that can be edited."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtWidgets import QAbstractItemView, QDockWidget, QHeaderView, QTableView, QWidget

from descant_app.document.change import Kinds
from descant_app.document.flat import DURATION, ONSET, PITCH, VELOCITY, bar_at
from descant_app.document.scales import ROOTS, note_name
from descant_app.piano_roll.roles import runs_of
from descant_app.piano_roll.roll import Roll
from descant_app.settings.translation import N_, tr

COLUMNS = (N_("Position"), N_("Pitch"), N_("Velocity"), N_("Length"))
MOST_CHOSEN = 200
"""More notes than these may be chosen in the roll than one can see chosen here."""
_FIELDS = (ONSET, PITCH, VELOCITY, DURATION)
AnyIndex = QModelIndex | QPersistentModelIndex


class NoteTable(QAbstractTableModel):
    """One row a note, in order of time."""

    def __init__(self, roll: Roll) -> None:
        super().__init__()
        self.roll = roll

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() else len(self.roll.flat.rows)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: N802, B008
        return len(COLUMNS)

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return tr(COLUMNS[section]) if orientation == Qt.Orientation.Horizontal else section + 1

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return None
        value = int(self.roll.flat.rows[index.row(), _FIELDS[index.column()]])
        if index.column() == 0:
            return self.position_text(value)
        return note_name(value) if index.column() == 1 else value

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def setData(self, index: AnyIndex, value: Any, role: int = 2) -> bool:  # noqa: N802
        row = self.roll.flat.rows[index.row() : index.row() + 1]
        parsed = self._parsed(index.column(), str(value).strip())
        if parsed is None:
            self.roll.document.refuse(self.tr("{} is not a value for this.").format(value))
            return False
        new = row.copy()
        new[0, _FIELDS[index.column()]] = parsed
        return self.roll.editor.replace(self.tr("Edit note"), row, new)

    def position_text(self, tick: int) -> str:
        """Bar.beat.tick, as in the transport."""
        document = self.roll.document
        starts = document.starts
        bar = bar_at(starts, tick)
        beat = 4 * document.score.resolution // document.score.tracks[0].bars[bar].ts_denominator
        within = tick - int(starts[bar])
        return f"{bar + 1}.{within // beat + 1}.{within % beat:03d}"

    def _parsed(self, column: int, text: str) -> int | None:
        if column == 0:
            return self._tick_of(text)
        if column == 1 and not text.isdigit():
            return pitch_of(text)
        if not text.isdigit():
            return None
        value, low, high = int(text), (0, 1, 1)[column - 1], (127, 127, 1 << 30)[column - 1]
        return value if low <= value <= high else None

    def _tick_of(self, text: str) -> int | None:
        parts = text.split(".")
        if not all(p.isdigit() for p in parts) or not 1 <= len(parts) <= 3:
            return None
        bar, beat, rest = (int(p) for p in (*parts, *("1", "0")[len(parts) - 1 :]))
        document = self.roll.document
        if not 1 <= bar < len(document.starts) or beat < 1:
            return None
        meter = document.score.tracks[0].bars[bar - 1].ts_denominator
        return (
            int(document.starts[bar - 1])
            + (beat - 1) * 4 * document.score.resolution // meter
            + rest
        )


def pitch_of(text: str) -> int | None:
    """The MIDI pitch of a name such as C4, F#3, B♭2; None when it is none."""
    plain = text.replace("#", "♯").replace("b", "♭")
    names = {name: i for i, name in enumerate(ROOTS)} | {
        "D♭": 1,
        "D♯": 3,
        "G♭": 6,
        "G♯": 8,
        "A♯": 10,
    }
    for name in sorted(names, key=len, reverse=True):
        if plain[:1].upper() + plain[1:2] == name or plain[:1].upper() == name:
            number = plain[len(name) :]
            if number.lstrip("-").isdigit():
                pitch = names[name] + 12 * (int(number) + 1)
                return pitch if 0 <= pitch <= 127 else None
    return None


class EventListDock(QDockWidget):
    """The table; its selection and the roll's are the same."""

    def __init__(self, roll: Roll, parent: QWidget) -> None:
        super().__init__(parent)
        self.roll = roll
        self.setWindowTitle(self.tr("Event list"))
        self.setObjectName("event_list")
        self.table = QTableView()
        self.table.setAccessibleName(self.tr("Event list"))
        self.model = NoteTable(roll)
        self.table.setModel(self.model)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.verticalHeader().setDefaultSectionSize(22)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.verticalHeader().setVisible(False)
        self.table.setMinimumWidth(290)
        self.setWidget(self.table)
        self._busy = False
        roll.document.changed.connect(self._piece_changed)
        roll.document.selection.track_changed.connect(self._reset)
        roll.document.selection.notes_changed.connect(self._follow)
        self.table.selectionModel().selectionChanged.connect(self._lead)
        self.visibilityChanged.connect(self._reset)

    def _piece_changed(self, kinds: Kinds) -> None:
        if kinds.everything or self.roll.document.current in kinds.notes:
            self._reset()

    def _reset(self, _: object = None) -> None:
        if self.isVisible():
            self.model.beginResetModel()
            self.model.endResetModel()
            self._follow()

    def _follow(self) -> None:
        if self._busy or not self.isVisible():
            return
        self._busy = True
        index, chosen = self.model.index, QItemSelection()
        found = np.flatnonzero(self.roll.chosen())
        for first, last in runs_of(found[:MOST_CHOSEN].tolist()):
            chosen.select(index(first, 0), index(last, len(COLUMNS) - 1))
        clear_first = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.table.selectionModel().select(chosen, clear_first)
        if len(found):
            self.table.scrollTo(self.model.index(int(found[0]), 0))
        self._busy = False

    def _lead(self) -> None:
        if self._busy:
            return
        self._busy = True
        rows = sorted({i.row() for i in self.table.selectionModel().selectedRows()})
        self.roll.document.selection.set_notes(self.roll.flat.rows[rows])
        self._busy = False
