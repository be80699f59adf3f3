"""Commands on files: open, save, recent, drop, and recovery after a crash."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QFileDialog

from descant.score.types import Score
from descant_app import logs
from descant_app.commands.exporting import ExportCommands
from descant_app.document.composition import TrackId
from descant_app.document.file_lock import FileLock
from descant_app.document.files import (
    MIDI_SUFFIXES,
    Opened,
    bytes_for,
    kept_versions,
    open_file,
    save_file,
)
from descant_app.document.journal import Journal, Lost, find_lost
from descant_app.document.piece import new_piece
from descant_app.document.project_file import SUFFIX, Project
from descant_app.document.saved_takes import SavedTakes
from descant_app.jobs.runner import Job, Runner, sentence_of
from descant_app.main_window import MainWindow
from descant_app.panels.dialogs import ask_drop, ask_save
from descant_app.panels.recovery_dialog import RecoveryDialog
from descant_app.paths import autosave_folder, data_folder, resource
from descant_app.playback.fonts import FONT_SUFFIXES

EXAMPLE = "first_light.mid"


class FileCommands:
    """Connects the File menu, drops, and closing."""

    def __init__(self, window: MainWindow, runner: Runner) -> None:
        self.window, self.document, self.settings = window, window.document, window.settings
        self.runner = runner
        self.journal = Journal(self.document, autosave_folder(), window)
        self.extra: dict[str, bytes] = {}
        self.opening: Job | None = None
        self.lock = FileLock(data_folder() / "locks")
        self.exports = ExportCommands(window, runner, self.project)
        self.journal.begin(None, self.document.name)
        logs.rescues.append(self.journal.flush)
        self._connect()
        self._fill_recent()

    def _connect(self) -> None:
        window = self.window
        window.actions_.connect_all(
            new=self.new,
            open=self.open,
            recover=lambda: self.offer_recovery(always=True),
            versions=self.show_versions,
            save=self.save,
            save_as=self.save_as,
            import_tracks=self.import_tracks,
            example=self.show_example,
            quit=window.close,
        )
        window.dropped.connect(self.dropped)
        window.closing.connect(self.closing)

    # -- opening ---------------------------------------------------------------------------------

    def new(self) -> None:
        """An empty piece."""
        if self.may_leave():
            self.lock.release()
            self.extra = {}
            self.document.open_piece(new_piece(), None)
            self.journal.begin(None, self.document.name)
            self._look()

    def open(self) -> None:
        """Ask for a file."""
        names = self._ask_open(self.window.tr("Open"))
        if names and self.may_leave():
            self.open_path(Path(names[0]))

    def open_path(self, path: Path, then: Callable[[], None] | None = None) -> None:
        """Read a file off the window's thread; the open piece stays until it is read whole."""
        self.window.tell(self.window.tr("Opening {}…").format(path.name))
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
        self._look()
        self._choose(self._example_targets())
        self.window.tell(self.window.tr("Ctrl+Enter writes the marked bars anew; space plays."))

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
        self._add_recent(opened.path)
        self._look(project.view)
        count = sum(len(b.notes) for t in project.piece.score.tracks for b in t.bars)
        tr = self.window.tr
        tracks = len(project.piece.lanes)
        self.window.tell(
            tr("Opened {}: {} tracks, {} notes.").format(opened.path.name, tracks, f"{count:,}")
        )
        if path is None:
            self.window.warn(
                tr("{} is open in another window; this is a copy.").format(opened.path.name)
            )

    def import_tracks(self) -> None:
        """Ask for a file whose tracks are added to this piece."""
        for name in self._ask_open(self.window.tr("Add tracks from a file")):
            self.add_tracks(Path(name))

    def add_tracks(self, path: Path) -> None:
        """Put the tracks of a file after this piece's."""
        label = self.window.tr("Add tracks of {}").format(path.name)
        self._read(path, lambda score: self.window.bars.append_score(score, label))

    def merge(self, path: Path) -> None:
        """Lay the notes of a file over this piece's tracks."""
        label = self.window.tr("Merge {}").format(path.name)
        self._read(path, lambda score: self.window.bars.merge_score(score, label))

    def _read(self, path: Path, then: Callable[[Score], object]) -> None:
        def done(opened: Opened) -> None:
            then(opened.project.piece.score)

        self.runner.start(partial(open_file, path), done, self.window.warn)

    def add_all(self, paths: list[Path]) -> None:
        """Put the tracks of several files after this piece's."""
        for path in paths:
            self.add_tracks(path)

    def dropped(self, names: list[str]) -> None:
        """Files fell on the window."""
        paths = [Path(n) for n in names]
        fonts = [p for p in paths if p.suffix.lower() in FONT_SUFFIXES]
        paths = [p for p in paths if p not in fonts]
        if fonts:
            self.settings.set("font", str(fonts[0]))
            self.window.tell(self.window.tr("Plays with {} now.").format(fonts[0].name))
        if not paths:
            return
        empty = self.document.is_clean and not any(
            len(b.notes) for t in self.document.score.tracks for b in t.bars
        )
        first = paths[0]
        if not empty:
            # The question waits until the drop is over: a dialog inside it would freeze the source.
            QTimer.singleShot(0, lambda: self._ask_dropped(paths))
            return
        self.open_path(first, then=lambda: self.add_all(paths[1:]))

    def _ask_dropped(self, paths: list[Path]) -> None:
        answer = ask_drop(self.window, paths[0].name)
        if answer == "add":
            self.add_all(paths)
        elif answer == "merge":
            for path in paths:
                self.merge(path)
        elif answer == "replace" and self.may_leave():
            self.open_path(paths[0], then=lambda: self.add_all(paths[1:]))

    # -- saving ----------------------------------------------------------------------------------

    def save(self) -> bool:
        """To where the piece came from; else ask.  False when it was not saved."""
        path = self.document.path
        if path is None or path.suffix.lower() not in (SUFFIX, *MIDI_SUFFIXES):
            return self.save_as()
        return self._save_to(path)

    def save_as(self) -> bool:
        """Ask where: a project keeps everything, a MIDI file the music."""
        tr = self.window.tr
        kinds = f"{tr('Descant project')} (*{SUFFIX});;{tr('MIDI file')} (*.mid)"
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
            save_file(path, data, data_folder() / "versions")
        except Exception as error:
            self.window.warn(self.window.tr("Not saved: {}").format(sentence_of(error)))
            return False
        self.document.set_path(path)
        self.journal.begin(data, path.stem)
        self._add_recent(path)
        self.window.tell(self.window.tr("Saved {}.").format(path.name))
        return True

    def project(self) -> Project:
        """Everything that a project file keeps."""
        document = self.document
        takes = SavedTakes.of(document.takes)
        return Project(document.piece, document.original, self._view(), self.extra, takes)

    # -- closing and recovery --------------------------------------------------------------------

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

    def offer_recovery(self, always: bool = False) -> None:
        """Work that a crash left behind: list it, let the user choose."""
        lost = [item for item in find_lost(autosave_folder()) if item.folder != self.journal.folder]
        if not lost:
            if always:
                self.window.tell(self.window.tr("There is no lost work."))
            return
        dialog = RecoveryDialog(lost, self.window)
        if dialog.exec() and dialog.chosen is not None and self.may_leave():
            self.recover(dialog.chosen)

    def recover(self, lost: Lost) -> None:
        """Open lost work as a changed piece; its journal goes once this one holds it."""
        try:
            piece, original = lost.recover()
            takes = lost.takes()
        except Exception as error:
            self.window.warn(sentence_of(error))
            return
        self.lock.release()
        path = Path(lost.path) if lost.path else None
        if path is not None and not (path.exists() and self.lock.take(path)):
            path = None
        self.document.open_piece(piece, path, original, clean=False, takes=takes)
        from descant_app.document.project_file import project_bytes

        base = project_bytes(Project(piece, original, takes=takes))
        self.journal.begin(base, lost.name)
        self.journal.keep_as_lost()
        lost.discard()
        self._look()
        self.window.tell(self.window.tr("Recovered {}. Save it to keep it.").format(lost.name))

    def show_versions(self) -> None:
        """Earlier versions of this file; one is opened as a copy."""
        tr, path = self.window.tr, self.document.path
        versions = kept_versions(path, data_folder() / "versions") if path else []
        if not versions:
            self.window.tell(tr("There are no earlier versions of this piece."))
            return
        name, _ = QFileDialog.getOpenFileName(
            self.window, tr("Earlier versions"), str(versions[0].parent)
        )
        if name and self.may_leave():
            self.open_path(Path(name))

    # -- parts -----------------------------------------------------------------------------------

    def _ask_open(self, title: str) -> list[str]:
        tr = self.window.tr
        ends = " ".join(f"*{s}" for s in (SUFFIX, *MIDI_SUFFIXES))
        kinds = f"{tr('Music')} ({ends});;{tr('All files')} (*)"
        folder = str(self.document.path.parent if self.document.path else Path.home())
        return QFileDialog.getOpenFileNames(self.window, title, folder, kinds)[0]

    def _cancel_opening(self) -> None:
        """A file asked for later wins over one still being read."""
        if self.opening is not None and self.opening in self.runner.jobs:
            self.opening.cancel()
        self.opening = None

    def _add_recent(self, path: Path) -> None:
        self.settings.add_recent(path)
        self._fill_recent()

    def _fill_recent(self) -> None:
        menu = self.window.menus["File"]
        if not hasattr(self, "_recent"):
            self._recent = menu.addMenu(self.window.tr("Open recent"))
            menu.insertMenu(self.window.actions_["recover"], self._recent)
        self._recent.clear()
        for name in self.settings.recent():
            action = self._recent.addAction(Path(name).name)
            action.setToolTip(name)
            action.triggered.connect(lambda _=False, n=name: self._open_recent(n))
        self._recent.setEnabled(bool(self._recent.actions()))

    def _open_recent(self, name: str) -> None:
        if self.may_leave():
            self.open_path(Path(name))

    def _view(self) -> dict[str, Any]:
        coords = self.window.roll.viewport.coords
        kept = ("left", "px_per_tick", "top", "row_px")
        view: dict[str, Any] = {name: asdict(coords)[name] for name in kept}
        view["playhead"] = self.window.roll.playhead
        view["loop"] = self.window.roll.loop
        view["track"] = self.document.selection.track
        view["targets"] = sorted(map(list, self.document.selection.bars))
        return view

    def _look(self, view: dict[str, Any] | None = None) -> None:
        """Show the piece as it was left, or from its start."""
        from dataclasses import replace

        roll = self.window.roll
        self.window.player.stop()
        self.window.player.seek(0)
        roll.set_loop(None)
        roll.look_at_start()
        self._choose(view.get("targets", ()) if view else ())
        names = ("left", "px_per_tick", "top", "row_px")
        if view and all(isinstance(view.get(n), (int, float)) for n in names):
            if self.document.piece.index_of(view.get("track", -1)) is not None:
                self.document.selection.set_track(view["track"])
            kept = {n: float(view[n]) for n in names}
            in_sight = 0 <= kept["left"] <= self.document.end_tick and 0 <= kept["top"] <= 1e5
            if in_sight and 1e-4 <= kept["px_per_tick"] <= 8 and 3 <= kept["row_px"] <= 48:
                roll.viewport.set(replace(roll.viewport.coords, **kept))
            self._restore_places(view)

    def _restore_places(self, view: dict[str, Any]) -> None:
        """Playhead and loop range, as far as they lie in the piece."""
        end, playhead, loop = self.document.end_tick, view.get("playhead"), view.get("loop")
        if isinstance(playhead, int) and 0 <= playhead <= end:
            self.window.player.seek(playhead)
        whole = isinstance(loop, list) and len(loop) == 2 and all(type(t) is int for t in loop)
        if whole and 0 <= loop[0] < loop[1] <= end:
            self.window.roll.set_loop((loop[0], loop[1]), on=False)

    def _choose(self, targets: Any) -> None:
        """The bars that were chosen, as far as they are bars of this piece."""
        piece = self.document.piece
        targets = targets if isinstance(targets, (list, tuple)) else ()
        pairs = [tuple(pair) for pair in targets if isinstance(pair, (list, tuple))]
        self.document.selection.set_bars(
            (TrackId(track), bar)
            for track, bar in (pair for pair in pairs if len(pair) == 2)
            if piece.index_of(track) is not None and isinstance(bar, int)
            if 0 <= bar < piece.bar_count
        )
