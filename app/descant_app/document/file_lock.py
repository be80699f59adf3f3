"""Only one window at a time writes a file."""

from __future__ import annotations

import hashlib
from pathlib import Path

from PySide6.QtCore import QLockFile


class FileLock:
    """Holds at most one file; the locks of windows that died do not count."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._held: QLockFile | None = None

    def take(self, path: Path) -> bool:
        """Hold this file instead of the one before; False when another window holds it."""
        lock = QLockFile(str(self.place_of(path)))
        lock.setStaleLockTime(0)
        if not lock.tryLock(0):
            return False
        self.release()
        self._held = lock
        return True

    def release(self) -> None:
        """Hold nothing."""
        if self._held is not None:
            self._held.unlock()
            self._held = None

    def place_of(self, path: Path) -> Path:
        """Where the lock of a file lies."""
        return self.folder / hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:24]
