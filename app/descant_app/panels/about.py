"""What this is, and what it is made of: version, models, parts by others with their licences."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPlainTextEdit,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

import descant
from descant.model.registry import bundled_models
from descant_app.paths import resource

ICON_PX = 64


@dataclass(frozen=True)
class Part:
    """Something by others that ships with this copy."""

    name: str
    version: str
    licence: str
    text: str


def bundled_parts(folder: Path | None = None) -> list[Part]:
    """The parts on the bill of materials; none in a copy whose parts Python installed itself."""
    folder = resource("licences") if folder is None else folder
    try:
        bill = json.loads((folder / "bill.cdx.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return [_part(component, folder) for component in bill["components"]]


def _part(component: dict[str, object], folder: Path) -> Part:
    name, licences = str(component["name"]), component.get("licenses") or []
    named = [entry["license"]["name"] for entry in licences]  # type: ignore[attr-defined]
    text = (folder / f"{name}.txt").read_text(encoding="utf-8")
    return Part(name, str(component.get("version", "")), ", ".join(named), text)


class AboutDialog(QDialog):
    """Version and licence above; below, the parts, each with its licence beside the list."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About Descant"))
        self.parts = bundled_parts()
        column = QVBoxLayout(self)
        column.addLayout(self._head())
        if self.parts:
            self.resize(860, 560)
            column.addWidget(QLabel(self.tr("This package contains parts by others:")))
            column.addWidget(self._licences(), 1)
        else:
            column.addWidget(QLabel(self.tr("Its parts by others were installed by Python.")))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)

    def _head(self) -> QHBoxLayout:
        row, picture = QHBoxLayout(), QLabel()
        picture.setPixmap(QIcon(str(resource("icons", "descant.svg"))).pixmap(ICON_PX))
        text = QLabel("\n".join(self._lines()))
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        text.setWordWrap(True)
        row.addWidget(picture)
        row.addWidget(text, 1)
        return row

    def _lines(self) -> list[str]:
        lines = [
            self.tr("Descant {}").format(descant.__version__),
            self.tr("A piano roll that composes with you."),
            self.tr("MIT licensed. Encoder settings are data of MIDI-GPT, MIT licensed."),
        ]
        for model in bundled_models().values():
            licence = model.card.licence or self.tr("no licence named")
            lines.append(self.tr("Model {}: {}").format(model.card.title, licence))
        return lines

    def _licences(self) -> QSplitter:
        self.list, self.text = QListWidget(), QPlainTextEdit()
        self.list.setAccessibleName(self.tr("Parts by others"))
        self.text.setAccessibleName(self.tr("Licence"))
        self.text.setReadOnly(True)
        for part in self.parts:
            self.list.addItem(f"{part.name} {part.version}")
            self.list.item(self.list.count() - 1).setToolTip(part.licence)
        self.list.currentRowChanged.connect(self._show)
        self.list.setCurrentRow(0)
        split = QSplitter()
        split.addWidget(self.list)
        split.addWidget(self.text)
        split.setSizes([260, 600])
        return split

    def _show(self, row: int) -> None:
        self.text.setPlainText(self.parts[row].text)
