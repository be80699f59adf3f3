"""What keeps work through a crash: the bytes a piece began from, and every change since.

A folder per open piece: `base` (MIDI or project bytes; absent for a new piece), `about.json`,
`changes.jsonl`, one line a change, written and synced within a second of it, and `takes.json` when
takes came or went.  A line cut off by the crash is left out.  A lock shows whether the window that
writes it still lives.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any

from PySide6.QtCore import QLockFile, QObject, QThreadPool, QTimer

from descant.errors import DescantError
from descant.files import replace_file
from descant.score.types import Bar, Score
from descant_app.document.bar_form import bar_form, bar_of
from descant_app.document.bar_ids import bar_ids_of
from descant_app.document.change import PieceChange, difference
from descant_app.document.composition import Composition
from descant_app.document.document import Document
from descant_app.document.files import parse
from descant_app.document.piece import Lane, Piece, TrackId, new_piece
from descant_app.document.saved_takes import SavedTakes

WRITE_AFTER_MS = 700
TAKES = "takes.json"


class Journal(QObject):
    """Writes the journal of one document."""

    def __init__(self, document: Document, root: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.folder = root / uuid.uuid4().hex[:12]
        self.folder.mkdir(parents=True)
        self._lock = QLockFile(str(self.folder / "lock"))
        self._lock.setStaleLockTime(0)
        self._lock.tryLock(0)
        self._written = document.piece
        self._file: IO[str] | None = None
        self._timer = QTimer(self, interval=WRITE_AFTER_MS, singleShot=True)
        self._timer.timeout.connect(self._flush_quietly)
        self._takes_changed = False
        self._takes_at_first = SavedTakes()
        self._asked = self._done = 0  # numbers of writings of takes
        self._takes_file = threading.Lock()
        document.changed.connect(self._changed)
        document.takes.changed.connect(self._note_takes)

    def begin(self, base: bytes | None, name: str) -> None:
        """The document now is what `base` (file bytes; None for a new piece) holds."""
        self._timer.stop()
        if self._file is not None:
            self._file.close()
            self._file = None
        (self.folder / "changes.jsonl").unlink(missing_ok=True)
        (self.folder / "base").unlink(missing_ok=True)
        with self._takes_file:
            self._done = self._asked
            (self.folder / TAKES).unlink(missing_ok=True)
        self._takes_changed = False
        if base is not None:
            replace_file(self.folder / "base", base)
        path = str(self.document.path) if self.document.path else ""
        about = {"name": name, "path": path, "time": time.time()}
        replace_file(self.folder / "about.json", json.dumps(about).encode())
        self._written = self.document.piece
        self._takes_at_first = SavedTakes.of(self.document.takes)

    @property
    def has_new_takes(self) -> bool:
        """Whether takes came or changed since it began: closing a project would lose them."""
        return SavedTakes.of(self.document.takes) != self._takes_at_first

    def flush(self) -> None:
        """Write what changed since the last line."""
        if self._takes_changed:
            self._takes_write()()
        now = self.document.piece
        change = difference(self._written, now)
        if change.is_empty:
            return
        if self._file is None:
            self._file = (self.folder / "changes.jsonl").open("a", encoding="utf-8")
        self._file.write(json.dumps(change_to_form(change, now)) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._written = now

    def _flush_quietly(self) -> None:
        """As `flush`; takes are packed on another thread, as those of a large piece take time."""
        if self._takes_changed:
            QThreadPool.globalInstance().start(self._takes_write())
        self.flush()

    def _takes_write(self) -> Callable[[], None]:
        """What writes the takes as they are now, unless newer ones or another piece came first."""
        self._takes_changed = False
        self._takes_at_first = SavedTakes()
        self._asked += 1
        number, takes = self._asked, SavedTakes.of(self.document.takes)

        def write() -> None:
            data = takes.to_bytes()
            with self._takes_file, contextlib.suppress(OSError):
                if number > self._done:
                    self._done = number
                    replace_file(self.folder / TAKES, data)

        return write

    def keep_as_lost(self) -> None:
        """The base itself is not saved anywhere yet: a crash now must offer it again."""
        with (self.folder / "changes.jsonl").open("a", encoding="utf-8") as file:
            file.write("{}\n")

    def close(self) -> None:
        """The piece is safe or given up: nothing to recover."""
        self._timer.stop()
        if self._file is not None:
            self._file.close()
            self._file = None
        with self._takes_file:
            self._done = self._asked
        self._lock.unlock()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _note_takes(self) -> None:
        self._takes_changed = True
        self._changed(None)

    def _changed(self, _: object) -> None:
        if not self._timer.isActive():
            self._timer.start()


@dataclass(frozen=True)
class Lost:
    """Work found after a crash."""

    folder: Path
    name: str
    path: str
    when: float
    changes: int

    def recover(self) -> tuple[Piece, bytes | None]:
        """The piece as it was last written, and the original file's bytes.

        Raises DescantError or OSError when even the base cannot be read.
        """
        base = self.folder / "base"
        data = base.read_bytes() if base.exists() else None
        project = parse(data, self.name) if data is not None else None
        piece = project.piece if project else new_piece()
        for form in _lines(self.folder):
            try:
                piece = form_onto(form, piece)
            except (DescantError, KeyError, ValueError, TypeError, IndexError):  # noqa: PERF203
                break  # what comes after a damaged line builds on it
        return piece, project.original if project else None

    def takes(self) -> SavedTakes:
        """The takes as they were last written; none when they cannot be read."""
        path, base = self.folder / TAKES, self.folder / "base"
        try:
            if path.exists():
                return SavedTakes.from_bytes(path.read_bytes())
            return parse(base.read_bytes(), self.name).takes if base.exists() else SavedTakes()
        except (DescantError, OSError, KeyError, ValueError, TypeError, IndexError):
            return SavedTakes()

    def discard(self) -> None:
        """The user does not want it."""
        shutil.rmtree(self.folder, ignore_errors=True)


def find_lost(root: Path) -> list[Lost]:
    """Journals with changes whose window is gone, the newest first."""
    found = []
    for folder in root.iterdir() if root.is_dir() else ():
        lock = QLockFile(str(folder / "lock"))
        lock.setStaleLockTime(0)
        if not folder.is_dir() or not lock.tryLock(0):
            continue
        lock.unlock()
        changes = sum(1 for _ in _lines(folder)) + (folder / TAKES).exists()
        if not changes:
            shutil.rmtree(folder, ignore_errors=True)
            continue
        when = max(
            path.stat().st_mtime
            for name in ("changes.jsonl", TAKES)
            if (path := folder / name).exists()
        )
        about = _about(folder)
        found.append(
            Lost(folder, about.get("name", "Untitled"), about.get("path", ""), when, changes)
        )
    return sorted(found, key=lambda lost: -lost.when)


def _about(folder: Path) -> dict[str, str]:
    try:
        about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
        return {k: str(v) for k, v in about.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _lines(folder: Path) -> list[dict[str, Any]]:
    forms = []
    try:
        text = (folder / "changes.jsonl").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    for line in text.splitlines():
        try:
            forms.append(json.loads(line))
        except ValueError:  # noqa: PERF203
            break
    return forms


# -- one change as JSON --------------------------------------------------------------------------


def change_to_form(change: PieceChange, now: Piece) -> dict[str, Any]:
    """The "after" side of a change.

    Notes are written as the bytes of their array: moving 200,000 of them must not hold the window.
    """
    form: dict[str, Any] = {}
    if change.composition is not None:
        form["composition"] = now.composition.to_dict()
    if change.lanes is not None:
        form["lanes"] = [asdict(lane) for lane in now.lanes]
    if change.bar_ids is not None:
        form["bar_ids"] = now.bar_ids
    if change.tracks is not None:
        headers = tuple(replace(t, bars=()) for t in now.score.tracks)
        form["score"] = replace(now.score, tracks=headers).to_dict()
        form["all_bars"] = [[bar_form(b) for b in t.bars] for t in now.score.tracks]
        return form
    if change.bars:
        form["bars"] = [[*cell, bar_form(pair[1])] for cell, pair in sorted(change.bars.items())]
    if change.headers:
        form["headers"] = sorted(change.headers)
        parts_of = tuple(change.headers[i][1] for i in sorted(change.headers))
        form["tracks"] = Score(parts_of, now.score.resolution).to_dict()
    if change.conductor is not None:
        form["conductor"] = replace(now.score, tracks=()).to_dict()
    return form


def form_onto(form: dict[str, Any], piece: Piece) -> Piece:
    """The piece after a change read from its JSON form."""
    score = piece.score
    if "score" in form:
        headers = Score.from_dict(form["score"])
        pairs = zip(headers.tracks, form["all_bars"], strict=True)
        tracks = [replace(t, bars=tuple(map(bar_of, bars))) for t, bars in pairs]
        score = replace(headers, tracks=tuple(tracks))
    if "conductor" in form:
        score = replace(Score.from_dict(form["conductor"]), tracks=score.tracks)
    tracks = list(score.tracks)
    if "headers" in form:
        parts = Score.from_dict(form["tracks"]).tracks
        for index, track in zip(form["headers"], parts, strict=True):
            tracks[index] = replace(track, bars=tracks[index].bars)
    changed: dict[int, list[Bar]] = {}
    for of, index, bar in form.get("bars", ()):
        changed.setdefault(of, list(tracks[of].bars))[index] = bar_of(bar)
    for of, bars in changed.items():
        tracks[of] = replace(tracks[of], bars=tuple(bars))
    lanes = piece.lanes
    if "lanes" in form:
        lanes = tuple(Lane(**{**lane, "id": TrackId(lane["id"])}) for lane in form["lanes"])
    wishes = piece.composition
    if "composition" in form:
        wishes = Composition.from_dict(form["composition"])
    names = bar_ids_of(form["bar_ids"]) if "bar_ids" in form else piece.bar_ids
    return Piece(replace(score, tracks=tuple(tracks)), lanes, wishes, names).settled()
