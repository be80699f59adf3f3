"""Commands on work of before: what a crash left behind, and earlier versions of a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from descant_app.commands.kept_view import show_from_start
from descant_app.document.files import kept_versions
from descant_app.document.lost_work import Lost, find_lost
from descant_app.document.project_file import Project, project_bytes
from descant_app.jobs.runner import sentence_of
from descant_app.paths import autosave_folder, data_folder
from descant_app.settings.translation import tr

if TYPE_CHECKING:
    from descant_app.commands.filing import FileCommands


class RecoverCommands:
    """Connects recovery and versions; `files` holds the lock and the journal of the open piece."""

    def __init__(self, files: FileCommands) -> None:
        self.files, self.window = files, files.window
        self.window.actions_.connect_all(
            recover=lambda: self.offer(always=True), versions=self.show_versions
        )

    def offer(self, always: bool = False) -> None:
        """Work that a crash left behind: list it, let the user choose."""
        own = self.files.journal.folder
        lost = [item for item in find_lost(autosave_folder()) if item.folder != own]
        if not lost:
            if always:
                self.window.tell(tr("There is no lost work."))
            return
        from descant_app.panels.recovery_dialog import RecoveryDialog

        dialog = RecoveryDialog(lost, self.window)
        if dialog.exec() and dialog.chosen is not None and self.files.may_leave():
            self.recover(dialog.chosen)

    def recover(self, lost: Lost) -> None:
        """Open lost work as a changed piece; its journal goes once this one holds it."""
        try:
            piece, original = lost.recover()
            takes = lost.takes()
        except Exception as error:
            self.window.warn(sentence_of(error))
            return
        path = self._taken(lost)
        self.window.document.open_piece(piece, path, original, clean=False, takes=takes)
        journal = self.files.journal
        journal.begin(project_bytes(Project(piece, original, takes=takes)), lost.name)
        journal.keep_as_lost()
        lost.discard()
        show_from_start(self.window)
        self.window.tell(tr("Recovered {}. Save it to keep it.").format(lost.name))

    def _taken(self, lost: Lost) -> Path | None:
        """The file that the lost work belongs to, if it may be written."""
        self.files.lock.release()
        path = Path(lost.path) if lost.path else None
        if path is None or not (path.exists() and self.files.lock.take(path)):
            return None
        return path

    def show_versions(self) -> None:
        """Earlier versions of this file; one is opened as a copy."""
        path = self.window.document.path
        versions = kept_versions(path, data_folder() / "versions") if path else []
        if not versions:
            self.window.tell(tr("There are no earlier versions of this piece."))
            return
        name, _ = QFileDialog.getOpenFileName(
            self.window, tr("Earlier versions"), str(versions[0].parent)
        )
        if name and self.files.may_leave():
            self.files.open_path(Path(name))
