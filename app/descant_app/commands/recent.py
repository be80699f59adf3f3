"""The menu of files opened lately."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from descant_app.main_window import MainWindow
from descant_app.settings.translation import tr


class RecentMenu:
    """`opens` is called with the file that was chosen."""

    def __init__(self, window: MainWindow, opens: Callable[[Path], object]) -> None:
        self.settings, self.opens = window.settings, opens
        file_menu = window.menus["File"]
        self.menu = file_menu.addMenu(tr("Open recent"))
        file_menu.insertMenu(window.actions_["recover"], self.menu)
        self._fill()

    def add(self, path: Path) -> None:
        """This file was opened or saved."""
        self.settings.add_recent(path)
        self._fill()

    def _fill(self) -> None:
        self.menu.clear()
        for path in map(Path, self.settings.recent()):
            action = self.menu.addAction(path.name)
            action.setToolTip(str(path))
            action.triggered.connect(lambda _=False, p=path: self.opens(p))
        self.menu.setEnabled(bool(self.menu.actions()))
