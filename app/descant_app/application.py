"""Builds everything once, top to bottom; the only place that wires the rooms together."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QFileOpenEvent, QIcon
from PySide6.QtWidgets import QApplication, QMessageBox

from descant_app import logs
from descant_app.commands.bars import BarCommands
from descant_app.commands.context_menus import ContextMenus
from descant_app.commands.filing import FileCommands
from descant_app.commands.generating import GenerateCommands
from descant_app.commands.notes import NoteCommands
from descant_app.commands.playing import PlayCommands
from descant_app.commands.tracks import TrackCommands
from descant_app.commands.undoing import UndoCommands
from descant_app.commands.viewing import ViewCommands
from descant_app.compose.composer import Composer
from descant_app.document.document import Document
from descant_app.jobs.runner import Runner
from descant_app.main_window import MainWindow
from descant_app.paths import autosave_folder, log_folder, resource, settings_file
from descant_app.playback.player import Player
from descant_app.settings.options import Settings
from descant_app.settings.translation import tr, translate_into


class QtApplication(QApplication):
    """`file_wanted(name)` when the desktop asks a running program to open a file; macOS does, even
    for the file it was started with."""

    file_wanted = Signal(str)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent):
            self.file_wanted.emit(event.file())
            return True
        return super().event(event)


class Application:
    """The window and all its parts, alive as long as this object is."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.document = Document()
        self.runner = Runner()
        self.player = Player(self.document)
        self.composer = Composer(self.document)
        self.window = MainWindow(self.document, settings, self.player, self.composer)
        self.view = ViewCommands(self.window)
        self.undoing = UndoCommands(self.window)
        self.notes = NoteCommands(self.window)
        self.tracks = TrackCommands(self.window)
        self.bars = BarCommands(self.window)
        self.menus = ContextMenus(self.window, self.bars)
        self.playing = PlayCommands(self.window)
        self.generating = GenerateCommands(self.window)
        self.files = FileCommands(self.window, self.runner)

    def show(self, paths: list[Path]) -> None:
        """Show the window with the first file; the others are added to it."""
        self.window.restore_layout()
        self.window.show()
        self.window.roll.look_at_start()
        if paths:
            self.files.show_opened(paths[0])
            for path in paths[1:]:
                self.files.imports.add_tracks(path)
        elif not self.settings.window.get("started"):
            self.files.show_example()
            self.generating.look_at_targets()
        self.settings.window["started"] = True
        self.window.pane.view.setFocus()

    def open_wanted(self, name: str) -> None:
        """A file the desktop sent, in place of the open one if that may go."""
        if self.files.may_leave():
            self.files.open_path(Path(name))

    def after_first_paint(self) -> None:
        """What would have delayed the window."""
        gc.freeze()  # nothing of what was made so far will go
        gc.enable()
        self.composer.start()
        self.player.start_process()
        self.files.recovery.offer()


def run(arguments: list[str]) -> int:
    """Open the window with the files named and stay until it is closed."""
    if not _has_screen():
        print(
            "Descant needs a screen: neither DISPLAY nor WAYLAND_DISPLAY is set.", file=sys.stderr
        )
        return 2
    app = make_qt()
    try:
        settings = Settings(settings_file())
        logs.start_logging(log_folder(), settings.options.log_level)
        autosave_folder()
    except OSError as error:
        return _refuse_folder(error)
    whole = Application(settings)
    app.file_wanted.connect(whole.open_wanted)
    logs.catch_everything(lambda text, details: _show_error(whole.window, text, details))
    whole.show([Path(a) for a in arguments])
    QTimer.singleShot(50, whole.after_first_paint)
    code = app.exec()
    whole.document.undo_stack.clear()  # or Python's collector and Qt may both delete its steps
    return code


def make_qt() -> QtApplication:
    """Qt, named and dressed as Descant."""
    # Not by setStyle: it gives a QStyle, whose five hundred names PySide would have to make first.
    app = QtApplication([*sys.argv[:1], "-style", "Fusion"])
    app.setApplicationName("Descant")
    app.setDesktopFileName("descant")
    translate_into(app)
    app.setWindowIcon(QIcon(str(resource("icons", "descant.svg"))))
    return app


def _refuse_folder(error: OSError) -> int:
    told = tr("Descant cannot keep its files in {}: {}. Set DESCANT_DATA to a folder for them.")
    sentence = told.format(error.filename, error.strerror)
    print(sentence, file=sys.stderr)
    QMessageBox.critical(None, "Descant", sentence)
    return 1


def _show_error(window: MainWindow, text: str, details: str) -> None:
    box = QMessageBox(QMessageBox.Icon.Warning, tr("Something went wrong"), text)
    box.setInformativeText(tr("Your piece was written to the recovery journal first."))
    box.setDetailedText(details)
    box.exec()


def _has_screen() -> bool:
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
