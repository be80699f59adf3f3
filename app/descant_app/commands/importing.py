"""Commands that bring other files into the open piece: more tracks, a merge, a drop."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from descant.score.types import Score
from descant_app.document.files import Opened, open_file
from descant_app.panels.dialogs import ask_drop
from descant_app.playback.fonts import FONT_SUFFIXES
from descant_app.settings.translation import tr

if TYPE_CHECKING:
    from descant_app.commands.filing import FileCommands


class ImportCommands:
    """Connects adding tracks and drops; `files` opens what replaces the piece."""

    def __init__(self, files: FileCommands) -> None:
        self.files, self.window = files, files.window
        self.window.actions_.connect_all(import_tracks=self.import_tracks)
        self.window.dropped.connect(self.dropped)

    def import_tracks(self) -> None:
        """Ask for a file whose tracks are added to this piece."""
        for name in self.files.ask_open(tr("Add tracks from a file")):
            self.add_tracks(Path(name))

    def add_tracks(self, path: Path) -> None:
        """Put the tracks of a file after this piece's."""
        label = tr("Add tracks of {}").format(path.name)
        self._read(path, lambda score: self.window.bars.append_score(score, label))

    def add_all(self, paths: list[Path]) -> None:
        """Put the tracks of several files after this piece's."""
        for path in paths:
            self.add_tracks(path)

    def merge(self, path: Path) -> None:
        """Lay the notes of a file over this piece's tracks."""
        label = tr("Merge {}").format(path.name)
        self._read(path, lambda score: self.window.bars.merge_score(score, label))

    def dropped(self, names: list[str]) -> None:
        """Files fell on the window: SoundFonts are played with, music is opened or asked about."""
        paths = [Path(n) for n in names]
        fonts = [p for p in paths if p.suffix.lower() in FONT_SUFFIXES]
        music = [p for p in paths if p not in fonts]
        if fonts:
            self.window.settings.set("font", str(fonts[0]))
            self.window.tell(tr("Plays with {} now.").format(fonts[0].name))
        if music and self._is_untouched():
            self._replace(music)
        elif music:
            # The question waits until the drop is over: a dialog inside it would freeze the source.
            QTimer.singleShot(0, lambda: self._ask_dropped(music))

    def _is_untouched(self) -> bool:
        document = self.window.document
        return document.is_clean and not any(
            len(bar.notes) for track in document.score.tracks for bar in track.bars
        )

    def _ask_dropped(self, paths: list[Path]) -> None:
        answer = ask_drop(self.window, paths[0].name)
        if answer == "add":
            self.add_all(paths)
        elif answer == "merge":
            for path in paths:
                self.merge(path)
        elif answer == "replace" and self.files.may_leave():
            self._replace(paths)

    def _replace(self, paths: list[Path]) -> None:
        self.files.open_path(paths[0], then=lambda: self.add_all(paths[1:]))

    def _read(self, path: Path, then: Callable[[Score], object]) -> None:
        def done(opened: Opened) -> None:
            then(opened.project.piece.score)

        self.files.runner.start(partial(open_file, path), done, self.window.warn)
