"""Commands on files: new, open, save, close."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QFileDialog

from descant_app import logs
from descant_app.commands.exporting import ExportCommands
from descant_app.commands.importing import ImportCommands
from descant_app.commands.kept_view import choose_bars, kept_view, show_as_kept, show_from_start
from descant_app.commands.recent import RecentMenu
from descant_app.commands.recovering import RecoverCommands
from descant_app.document.file_lock import FileLock
from descant_app.document.files import MIDI_SUFFIXES, Opened, bytes_for, open_file, save_file
from descant_app.document.journal import Journal
from descant_app.document.piece import new_piece
from descant_app.document.project_file import SUFFIX, Project
from descant_app.document.saved_takes import SavedTakes
from descant_app.jobs.runner import Job, Runner, sentence_of
from descant_app.main_window import MainWindow
from descant_app.panels.dialogs import ask_save
from descant_app.paths import autosave_folder, data_folder, resource
from descant_app.settings.translation import tr

EXAMPLE = "first_light.mid"


class FileCommands:
    """Connects the File menu and closing; holds what belongs to the open file."""

    def __init__(self, window: MainWindow, runner: Runner) -> None:
        self.window, self.document, self.settings = window, window.document, window.settings
        self.runner = runner
        self.journal = Journal(self.document, autosave_folder(), window)
        self.extra: dict[str, bytes] = {}
        self.opening: Job | None = None
        self.lock = FileLock(data_folder() / "locks")
        logs.rescues.append(self.journal.flush)
        self._connect()
        self.journal.begin(None, self.document.name)
        self.recent = RecentMenu(window, self._open_recent)
        self.exports = ExportCommands(window, runner, self.project)
        self.imports = ImportCommands(self)
        self.recovery = RecoverCommands(self)

    def _connect(self) -> None:
        window = self.window
        window.actions_.connect_all(
            new=self.new,
            open=self.open,
            save=self.save,
            save_as=self.save_as,
            example=self.show_example,
            quit=window.close,
        )
        window.closing.connect(self.closing)
        self.journal.trouble.connect(self._warn_of_journal)
        self.journal.well_again.connect(lambda: window.tell(tr("Autosave works again.")))

    # -- opening ---------------------------------------------------------------------------------

    def new(self) -> None:
        """An empty piece."""
        if self.may_leave():
            self.lock.release()
            self.extra = {}
            self.document.open_piece(new_piece(), None)
            self.journal.begin(None, self.document.name)
            show_from_start(self.window)

    def open(self) -> None:
        """Ask for a file."""
        names = self.ask_open(tr("Open"))
        if names and self.may_leave():
            self.open_path(Path(names[0]))

    def _open_recent(self, path: Path) -> None:
        if self.may_leave():
            self.open_path(path)

    def open_path(self, path: Path, then: Callable[[], None] | None = None) -> None:
        """Read a file off the window's thread; the open piece stays until it is read whole."""
        self.window.tell(tr("Opening {}…").format(path.name))
        self._cancel_opening()

        def done(opened: Opened) -> None:
            self._opened(opened)
            if then is not None:
                then()

        self.opening = self.runner.start(partial(open_file, path), done, self.window.warn)

    def show_opened(self, path: Path) -> None:
        """Read a file before the window is shown: a start with a file shows that file at once."""
        try:
            self._opened(open_file(path))
        except Exception as error:
            self.window.warn(sentence_of(error))

    def show_example(self) -> None:
        """The demo piece, with four bars already chosen."""
        if not self.may_leave():
            return
        project = open_file(resource("examples", EXAMPLE)).project
        self.lock.release()
        self.extra = {}
        self.document.open_piece(project.piece, None, project.original)
        self.journal.begin(project.original, self.document.name)
        show_from_start(self.window)
        choose_bars(self.document, self._example_targets())
        self.window.tell(tr("Ctrl+Enter writes the marked bars anew; space plays."))

    def _example_targets(self) -> list[tuple[int, int]]:
        """The bars that the example asks for in the request beside it."""
        path = resource("examples", EXAMPLE).with_suffix(".json")
        form = json.loads(path.read_text(encoding="utf-8"))
        lanes = self.document.lanes
        return [(lanes[track["id"]].id, bar) for track in form["tracks"] for bar in track["bars"]]

    def _opened(self, opened: Opened) -> None:
        self.lock.release()
        path: Path | None = opened.path
        if not self.lock.take(opened.path):
            path = None
        project = opened.project
        self.extra = project.extra
        self.document.open_piece(project.piece, path, project.original, takes=project.takes)
        self.journal.begin(opened.data, opened.path.stem)
        self.recent.add(opened.path)
        show_as_kept(self.window, project.view)
        count = sum(len(b.notes) for t in project.piece.score.tracks for b in t.bars)
        tracks = len(project.piece.lanes)
        self.window.tell(
            tr("Opened {}: {} tracks, {} notes.").format(opened.path.name, tracks, f"{count:,}")
        )
        if path is None:
            self.window.warn(
                tr("{} is open in another window; this is a copy.").format(opened.path.name)
            )

    # -- saving ----------------------------------------------------------------------------------

    def save(self) -> bool:
        """To where the piece came from; else ask.  False when it was not saved."""
        path = self.document.path
        if path is None or path.suffix.lower() not in (SUFFIX, *MIDI_SUFFIXES):
            return self.save_as()
        return self._save_to(path)

    def save_as(self) -> bool:
        """Ask where: a project keeps everything, a MIDI file the music."""
        kinds = tr("Descant project") + f" (*{SUFFIX});;" + tr("MIDI file") + " (*.mid)"
        start = self.document.path or Path.home() / (self.document.name + SUFFIX)
        name, chosen = QFileDialog.getSaveFileName(self.window, tr("Save"), str(start), kinds)
        if not name:
            return False
        path = Path(name)
        if path.suffix.lower() not in (SUFFIX, *MIDI_SUFFIXES):
            path = path.with_name(path.name + (".mid" if "*.mid" in chosen else SUFFIX))
        return self._save_to(path)

    def _save_to(self, path: Path) -> bool:
        try:
            data = bytes_for(path, self.project())
            if path != self.document.path and not self.lock.take(path):
                raise OSError(f"{path.name} is open in another window.")
            not_kept = save_file(path, data, data_folder() / "versions")
        except Exception as error:
            self.window.warn(tr("Not saved: {}").format(sentence_of(error)))
            return False
        self.document.set_path(path)
        self.journal.begin(data, path.stem)
        self.recent.add(path)
        if not_kept is None:
            self.window.tell(tr("Saved {}.").format(path.name))
        else:
            told = tr("Saved {}; its earlier version could not be kept: {}")
            self.window.warn(told.format(path.name, sentence_of(not_kept)))
        return True

    def project(self) -> Project:
        """Everything that a project file keeps."""
        document = self.document
        takes = SavedTakes.of(document.takes)
        return Project(document.piece, document.original, kept_view(self.window), self.extra, takes)

    def _warn_of_journal(self, error: OSError) -> None:
        told = tr("Autosave does not work: {} A crash would lose your changes; save elsewhere.")
        self.window.warn(told.format(sentence_of(error)))

    # -- closing ---------------------------------------------------------------------------------

    def may_leave(self) -> bool:
        """Whether the open piece is safe or given up."""
        path = self.document.path
        has_new_takes = path is not None and path.suffix == SUFFIX and self.journal.has_new_takes
        if self.document.is_clean and not has_new_takes:
            return True
        answer = ask_save(self.window, self.document.name)
        return self.save() if answer == "save" else answer == "discard"

    def closing(self, event: QCloseEvent) -> None:
        """The window is asked to go."""
        if not self.may_leave():
            event.ignore()
            return
        self._cancel_opening()
        self.document.undo_stack.blockSignals(True)  # it tells of its own end otherwise
        self.window.keep_layout()
        self.window.player.close()
        self.window.composer.close()
        self.runner.close()
        self.journal.close()
        self.lock.release()
        if self.journal.flush in logs.rescues:
            logs.rescues.remove(self.journal.flush)
        event.accept()

    # -- parts -----------------------------------------------------------------------------------

    def ask_open(self, title: str) -> list[str]:
        """Names of music files, [] when the user gives up."""
        ends = " ".join(f"*{s}" for s in (SUFFIX, *MIDI_SUFFIXES))
        kinds = tr("Music") + f" ({ends});;" + tr("All files") + " (*)"
        folder = str(self.document.path.parent if self.document.path else Path.home())
        return QFileDialog.getOpenFileNames(self.window, title, folder, kinds)[0]

    def _cancel_opening(self) -> None:
        """A file asked for later wins over one still being read."""
        if self.opening is not None and self.opening in self.runner.jobs:
            self.opening.cancel()
        self.opening = None
