"""Undo and redo, and what they say."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence

from descant_app.main_window import MainWindow
from descant_app.settings.translation import tr


class UndoCommands:
    """Connects undo and redo to the document's stack."""

    def __init__(self, window: MainWindow) -> None:
        self.window, self.document = window, window.document
        self._connect()

    def _connect(self) -> None:
        stack, actions = self.document.undo_stack, self.window.actions_
        actions.connect_all(undo=stack.undo, redo=stack.redo)
        stack.canUndoChanged.connect(actions["undo"].setEnabled)
        stack.canRedoChanged.connect(actions["redo"].setEnabled)
        stack.indexChanged.connect(self._show_steps)
        actions["undo"].setEnabled(False)
        actions["redo"].setEnabled(False)

    def _show_steps(self) -> None:
        stack, actions = self.document.undo_stack, self.window.actions_
        undo, redo = stack.undoText(), stack.redoText()
        for action, text in (
            (actions["undo"], tr("Undo {}").format(undo)),
            (actions["redo"], tr("Redo {}").format(redo)),
        ):
            action.setText(text.strip())
            key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(f"{action.text()} ({key})" if key else action.text())
        if redo:
            self.window.tell(tr("Undone: {}").format(redo))
        elif undo:
            self.window.tell(undo)
