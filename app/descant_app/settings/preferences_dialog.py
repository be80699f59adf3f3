"""The preferences, built from `options.py`, and the keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
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

Choices = Callable[[], list[tuple[str, str]]]


class PreferencesDialog(QDialog):
    """Changes are in force at once.

    `choices` gives the entries of options whose choices the machine decides (kind -> function);
    `keys` are (name, title, key now); `set_key(name, key)` answers with a notice or "".
    """

    def __init__(
        self,
        settings: Settings,
        choices: dict[str, Choices],
        keys: list[tuple[str, str, str]],
        set_key: Callable[[str, str], str],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.settings, self.choices, self.set_key = settings, choices, set_key
        self.setWindowTitle(self.tr("Preferences"))
        self.resize(560, 440)
        self.tabs = QTabWidget()
        self.editors: dict[str, QWidget] = {}
        self._pages()
        self.tabs.addTab(self._keys_page(keys), self.tr("Keys"))
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
                self.tabs.addTab(widget, self.tr(page))
            editor = self._editor(
                entry.name, entry.metadata, getattr(self.settings.options, entry.name)
            )
            editor.setToolTip(self.tr(about["help"]))
            editor.setAccessibleName(self.tr(about["title"]))
            self.editors[entry.name] = editor
            forms[page].addRow(self.tr(about["title"]), editor)
            hint = QLabel(self.tr(about["help"]))
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
            spin.valueChanged.connect(lambda v: set_value(name, v))
            return spin
        line = QLineEdit(value)
        line.editingFinished.connect(lambda: set_value(name, line.text()))
        return line

    def _combo(self, name: str, about: Any, value: Any) -> QComboBox:
        choices = about["choices"] or self.choices[about["kind"]]()
        box = QComboBox()
        for choice, title in choices:
            box.addItem(self.tr(title), choice)
        if box.findData(value) < 0:
            box.addItem(str(value), value)
        box.setCurrentIndex(box.findData(value))
        box.activated.connect(lambda i: self.settings.set(name, box.itemData(i)))
        return box

    def _keys_page(self, keys: list[tuple[str, str, str]]) -> QWidget:
        inner = QWidget()
        form = QFormLayout(inner)
        self.notice = QLabel(self.tr("Press a key in a field to give it to that command."))
        self.notice.setProperty("dim", True)
        self.notice.setWordWrap(True)
        for name, title, key in keys:
            edit = QKeySequenceEdit(QKeySequence(key))
            edit.setMaximumSequenceLength(1)
            edit.setAccessibleName(title)
            edit.editingFinished.connect(lambda n=name, e=edit: self._key_set(n, e))
            clear = QPushButton(self.tr("None"))
            clear.clicked.connect(lambda _=False, n=name, e=edit: (e.clear(), self._key_set(n, e)))
            row = QHBoxLayout()
            row.addWidget(edit, 1)
            row.addWidget(clear)
            form.addRow(title, row)
        area = QScrollArea()
        area.setWidget(inner)
        area.setWidgetResizable(True)
        page = QWidget()
        column = QVBoxLayout(page)
        column.addWidget(self.notice)
        column.addWidget(area)
        return page

    def _key_set(self, name: str, edit: QKeySequenceEdit) -> None:
        text = edit.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        self.notice.setText(self.set_key(name, text) or self.tr("Saved."))
