"""Work that a crash left behind in journals."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QLockFile

from descant.errors import DescantError
from descant_app.document.files import parse
from descant_app.document.journal import ABOUT, BASE, CHANGES, TAKES
from descant_app.document.journal_form import form_onto
from descant_app.document.piece import Piece, new_piece
from descant_app.document.saved_takes import SavedTakes


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
        base = self.folder / BASE
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
        path, base = self.folder / TAKES, self.folder / BASE
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
            path.stat().st_mtime for name in (CHANGES, TAKES) if (path := folder / name).exists()
        )
        about = _about(folder)
        found.append(
            Lost(folder, about.get("name", "Untitled"), about.get("path", ""), when, changes)
        )
    return sorted(found, key=lambda lost: -lost.when)


def _about(folder: Path) -> dict[str, str]:
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        return {k: str(v) for k, v in about.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _lines(folder: Path) -> list[dict[str, Any]]:
    forms = []
    try:
        text = (folder / CHANGES).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    for line in text.splitlines():
        try:
            forms.append(json.loads(line))
        except ValueError:  # noqa: PERF203
            break
    return forms
