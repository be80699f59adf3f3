"""What keeps work through a crash: the bytes a piece began from, and every change since.

A folder per open piece: `base` (MIDI or project bytes; absent for a new piece), `about.json`,
`changes.jsonl`, one line a change, written and synced within a second of it, and `takes.json` when
takes came or went.  A line cut off by the crash is left out.  A lock shows whether the window that
writes it still lives.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QThreadPool, QTimer, Signal

from descant.files import replace_file
from descant_app.document.change import difference
from descant_app.document.document import Document
from descant_app.document.journal_form import change_to_form
from descant_app.document.line_file import append_line
from descant_app.document.saved_takes import SavedTakes

WRITE_AFTER_MS = 700
TRY_AGAIN_AFTER_MS = 10_000
ABOUT, BASE, CHANGES, TAKES = "about.json", "base", "changes.jsonl", "takes.json"


class Journal(QObject):
    """Writes the journal of one document."""

    trouble = Signal(object)
    """The OSError that keeps it from being written; tried again, and told, every ten seconds."""
    well_again = Signal()
    """It could be written again."""
    _takes_outcome = Signal(object)  # of a writing on another thread: its OSError, or None

    def __init__(self, document: Document, root: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.folder = root / uuid.uuid4().hex[:12]
        self._lock = QLockFile(str(self.folder / "lock"))
        self._lock.setStaleLockTime(0)
        self._waiting: dict[str, bytes] = {}  # files of the beginning that are not written yet
        self._written = document.piece
        self._timer = QTimer(self, interval=WRITE_AFTER_MS, singleShot=True)
        self._timer.timeout.connect(self._write)
        self._takes_changed = False
        self._takes_at_first = SavedTakes()
        self._asked = self._done = 0  # numbers of writings of takes
        self._takes_file = threading.Lock()
        self._takes_outcome.connect(self._heard)
        self._troubled = False
        document.changed.connect(self._changed)
        document.takes.changed.connect(self._note_takes)

    def begin(self, base: bytes | None, name: str) -> None:
        """The document now is what `base` (file bytes; None for a new piece) holds; it is written
        a little later, so that the window need not wait for the disk.
        """
        self._timer.stop()
        (self.folder / CHANGES).unlink(missing_ok=True)
        (self.folder / BASE).unlink(missing_ok=True)
        with self._takes_file:
            self._done = self._asked
            (self.folder / TAKES).unlink(missing_ok=True)
        self._takes_changed = False
        path = str(self.document.path) if self.document.path else ""
        about = {"name": name, "path": path, "time": time.time()}
        self._waiting = {BASE: base} if base is not None else {}
        self._waiting[ABOUT] = json.dumps(about).encode()
        self._written = self.document.piece
        self._takes_at_first = SavedTakes.of(self.document.takes)
        self._timer.start(WRITE_AFTER_MS)

    @property
    def has_new_takes(self) -> bool:
        """Whether takes came or changed since it began: closing a project would lose them."""
        return SavedTakes.of(self.document.takes) != self._takes_at_first

    def flush(self) -> None:
        """Write what changed since the last line; OSError when that is not possible."""
        self._write_beginning()
        if self._takes_changed:
            self._takes_write()()
        self._write_changes()

    def keep_as_lost(self) -> None:
        """What has just begun is not saved anywhere yet: a crash must offer it again."""
        self._waiting[CHANGES] = b"{}\n"
        self._write()

    def close(self) -> None:
        """The piece is safe or given up: nothing to recover."""
        self._timer.stop()
        with self._takes_file:
            self._done = self._asked
        self._lock.unlock()
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- writing ---------------------------------------------------------------------------------

    def _write(self) -> None:
        """As `flush`; takes are packed on another thread, as those of a large piece take time."""
        try:
            self._write_beginning()
            self._write_changes()
        except OSError as error:
            self._heard(error)
            return
        if self._takes_changed:
            write = self._takes_write()
            QThreadPool.globalInstance().start(lambda: self._write_aside(write))
        else:
            self._heard(None)

    def _write_beginning(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self._lock.isLocked():
            self._lock.tryLock(0)
        for name in tuple(self._waiting):
            replace_file(self.folder / name, self._waiting[name])
            del self._waiting[name]

    def _write_changes(self) -> None:
        now = self.document.piece
        change = difference(self._written, now)
        if not change.is_empty:
            append_line(self.folder / CHANGES, json.dumps(change_to_form(change, now)))
            self._written = now

    def _takes_write(self) -> Callable[[], None]:
        """What writes the takes as they are now, unless newer ones or another piece came first."""
        self._takes_changed = False
        self._takes_at_first = SavedTakes()
        self._asked += 1
        number, takes = self._asked, SavedTakes.of(self.document.takes)

        def write() -> None:
            data = takes.to_bytes()
            with self._takes_file:
                if number > self._done:
                    self._replace_takes(data)
                    self._done = number

        return write

    def _write_aside(self, write: Callable[[], None]) -> None:
        error = None
        try:
            write()
        except OSError as caught:
            error = caught
        with contextlib.suppress(RuntimeError):  # the window is being taken down
            self._takes_outcome.emit(error)

    def _replace_takes(self, data: bytes) -> None:
        try:
            replace_file(self.folder / TAKES, data)
        except OSError:
            self._takes_changed = True
            raise

    def _heard(self, error: OSError | None) -> None:
        if error is not None:
            self._troubled = True
            self._timer.start(TRY_AGAIN_AFTER_MS)
            self.trouble.emit(error)
        elif self._troubled:
            self._troubled = False
            self.well_again.emit()

    def _note_takes(self) -> None:
        self._takes_changed = True
        self._changed(None)

    def _changed(self, _: object) -> None:
        if not self._timer.isActive():
            self._timer.start(WRITE_AFTER_MS)
