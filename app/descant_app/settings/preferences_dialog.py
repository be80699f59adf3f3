"""The preferences, built from `options.py`, and the keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from descant_app.settings.options import Options, Settings
from descant_app.settings.translation import tr

Choices = Callable[[], list[tuple[str, str]]]
Keys = Callable[[], list[tuple[str, str, str]]]
BROWSE = "browse"


class PreferencesDialog(QDialog):
    """Changes are in force at once.

    `choices` gives the entries of options whose choices the machine decides (kind -> function);
    `keys()` are (name, title, key now); `set_key(name, key)` answers with a notice or "", and
    gives a command its own keys back when the key is None.
    """

    def __init__(
        self,
        settings: Settings,
        choices: dict[str, Choices],
        keys: Keys,
        set_key: Callable[[str, str | None], str],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.settings, self.choices = settings, choices
        self.keys, self.set_key = keys, set_key
        self.key_fields: dict[str, QKeySequenceEdit] = {}
        self._rows_of_keys: list[tuple[str, int]] = []
        self.setWindowTitle(self.tr("Preferences"))
        self.resize(560, 440)
        self.tabs = QTabWidget()
        self.editors: dict[str, QWidget] = {}
        self._pages()
        self.tabs.addTab(self._keys_page(), self.tr("Keys"))
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.tabs)
        column.addWidget(close)

    def _pages(self) -> None:
        forms: dict[str, QFormLayout] = {}
        for entry in fields(Options):
            about = entry.metadata
            page = about["page"]
            if page not in forms:
                widget = QWidget()
                forms[page] = QFormLayout(widget)
                forms[page].setContentsMargins(18, 18, 18, 18)
                forms[page].setVerticalSpacing(10)
                self.tabs.addTab(widget, tr(page))
            editor = self._editor(
                entry.name, entry.metadata, getattr(self.settings.options, entry.name)
            )
            editor.setToolTip(tr(about["help"]))
            editor.setAccessibleName(tr(about["title"]))
            self.editors[entry.name] = editor
            forms[page].addRow(tr(about["title"]), editor)
            hint = QLabel(tr(about["help"]))
            hint.setProperty("dim", True)
            hint.setWordWrap(True)
            forms[page].addRow("", hint)

    def _editor(self, name: str, about: Any, value: Any) -> QWidget:
        set_value = self.settings.set
        if isinstance(value, bool):
            box = QCheckBox()
            box.setChecked(value)
            box.toggled.connect(lambda on: set_value(name, on))
            return box
        if about["choices"] or about["kind"] in self.choices:
            return self._combo(name, about, value)
        if isinstance(value, (int, float)):
            spin = QSpinBox() if isinstance(value, int) else QDoubleSpinBox()
            spin.setRange(about["low"], about["high"])
            if isinstance(spin, QDoubleSpinBox):
                spin.setSingleStep(0.05 if about["high"] <= 2 else 1)
            spin.setValue(value)
            spin.setMaximumWidth(120)
            spin.setAlignment(Qt.AlignmentFlag.AlignCenter)
            spin.valueChanged.connect(lambda v: set_value(name, v))
            return spin
        line = QLineEdit(value)
        line.editingFinished.connect(lambda: set_value(name, line.text()))
        return line

    def _combo(self, name: str, about: Any, value: Any) -> QComboBox:
        listed = self.choices.get(about["kind"])
        choices = listed() if listed else [(c, tr(title)) for c, title in about["choices"]]
        box = QComboBox()
        for choice, title in choices:
            box.addItem(title, choice)
        if box.findData(value) < 0:
            box.addItem(str(value), value)
        box.setCurrentIndex(box.findData(value))
        if about["kind"] == "font":
            box.addItem(self.tr("Choose a file…"), BROWSE)
        box.activated.connect(lambda i: self._chosen(name, box, box.itemData(i)))
        return box

    def _chosen(self, name: str, box: QComboBox, value: str) -> None:
        if value == BROWSE:
            kinds = self.tr("SoundFonts (*.sf2 *.sf3 *.sfo)")
            value, _ = QFileDialog.getOpenFileName(self, self.tr("SoundFont"), "", kinds)
            if value and box.findData(value) < 0:
                box.insertItem(box.count() - 1, Path(value).name, value)
            value = value or getattr(self.settings.options, name)
            box.setCurrentIndex(box.findData(value))
        self.settings.set(name, value)

    def _keys_page(self) -> QWidget:
        inner = QWidget()
        form = QFormLayout(inner)
        self.notice = QLabel(self.tr("Press a key in a field to give it to that command."))
        self.notice.setProperty("dim", True)
        self.notice.setWordWrap(True)
        for name, title, key in self.keys():
            self._rows_of_keys.append((title.lower(), form.rowCount()))
            form.addRow(title, self._key_row(name, title, key))
        area = QScrollArea()
        area.setWidget(inner)
        area.setWidgetResizable(True)
        find = QLineEdit()
        find.setPlaceholderText(self.tr("Find a command"))
        find.setAccessibleName(self.tr("Find a command"))
        find.textChanged.connect(lambda text: self._show_keys_of(form, text))
        reset = QPushButton(self.tr("All keys as they were"))
        reset.setAutoDefault(False)
        reset.clicked.connect(self._reset_keys)
        top = QHBoxLayout()
        top.addWidget(find, 1)
        top.addWidget(reset)
        page = QWidget()
        column = QVBoxLayout(page)
        column.addLayout(top)
        column.addWidget(self.notice)
        column.addWidget(area)
        return page

    def _key_row(self, name: str, title: str, key: str) -> QHBoxLayout:
        edit = QKeySequenceEdit(QKeySequence(key))
        edit.setMaximumSequenceLength(1)
        edit.setAccessibleName(title)
        edit.editingFinished.connect(lambda: self._key_set(name, edit))
        clear = QPushButton(self.tr("None"))
        clear.setAutoDefault(False)
        clear.setAccessibleName(self.tr("No key for {}").format(title))
        clear.clicked.connect(lambda: (edit.clear(), self._key_set(name, edit)))
        self.key_fields[name] = edit
        row = QHBoxLayout()
        row.addWidget(edit, 1)
        row.addWidget(clear)
        return row

    def _show_keys_of(self, form: QFormLayout, text: str) -> None:
        for title, row in self._rows_of_keys:
            form.setRowVisible(row, text.lower() in title)

    def _key_set(self, name: str, edit: QKeySequenceEdit) -> None:
        text = edit.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        self.notice.setText(self.set_key(name, text) or self.tr("Saved."))
        self._show_keys()

    def _reset_keys(self) -> None:
        for name in self.key_fields:
            self.set_key(name, None)
        self.notice.setText(self.tr("Every command has its own keys again."))
        self._show_keys()

    def _show_keys(self) -> None:
        """A key that one command got was taken from another."""
        for name, _, key in self.keys():
            self.key_fields[name].setKeySequence(QKeySequence(key))
