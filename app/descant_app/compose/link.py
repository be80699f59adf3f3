"""The window's end of the model's process: starts it, sends without waiting, hears its end."""

from __future__ import annotations

import contextlib
import logging
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from descant_app.document.piece import Piece
from descant_app.playback import wire

log = logging.getLogger("descant.compose")

PART = 500
"""Bars packed at a time."""

Outbox = queue.SimpleQueue[tuple[Any, ...] | None]


def command() -> list[str]:
    """What starts the process."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--model"]
    return [sys.executable, "-m", "descant_app.compose.process"]


class Link(QObject):
    """One process at a time.  `heard(message)` for each report, `lost()` when it died unasked."""

    heard = Signal(object)
    lost = Signal()
    _told = Signal(object, object)

    def __init__(
        self, starts_with: Sequence[str] | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._command = list(starts_with or command())
        self.process: subprocess.Popen[bytes] | None = None
        self._outbox: Outbox = queue.SimpleQueue()
        self._told.connect(self._on_told)

    @property
    def is_open(self) -> bool:
        """Whether a process runs, as far as is known."""
        return self.process is not None

    def open(self) -> None:
        """Start the process.  Raises OSError when the system cannot."""
        pipe = subprocess.PIPE
        process = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, close_fds=True)
        self.process, self._outbox = process, queue.SimpleQueue()
        for work in (self._send_all, self._listen):
            threading.Thread(target=work, args=(process, self._outbox), daemon=True).start()

    def send(self, *message: Any) -> None:
        """Send as soon as the pipe takes it; large values are packed on the sending thread."""
        self._outbox.put(message)

    def send_piece(self, piece: Piece) -> None:
        """Send a whole piece in parts, as packing one value holds all threads until it is done."""
        tracks = piece.score.tracks
        headers = tuple(replace(track, bars=()) for track in tracks)
        self.send("piece", piece.with_score(replace(piece.score, tracks=headers)))
        for index, track in enumerate(tracks):
            for first in range(0, len(track.bars), PART):
                self.send("bars", index, track.bars[first : first + PART])

    def close(self) -> None:
        """End the process, whatever it is doing."""
        process, self.process = self.process, None
        if process is None:
            return
        self._outbox.put(None)
        process.kill()
        process.wait()
        _close_pipes(process)

    def _send_all(self, process: subprocess.Popen[bytes], outbox: Outbox) -> None:
        assert process.stdin is not None
        with contextlib.suppress(OSError, ValueError):  # the listener tells that it is gone
            while (message := outbox.get()) is not None:
                wire.write(process.stdin, *message)

    def _listen(self, process: subprocess.Popen[bytes], _: Outbox) -> None:
        assert process.stdout is not None
        while (message := wire.read(process.stdout)) is not None:
            self._tell(process, message)
        self._tell(process, None)

    def _tell(self, process: subprocess.Popen[bytes], message: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the window is being taken down
            self._told.emit(process, message)

    def _on_told(self, process: subprocess.Popen[bytes], message: Any) -> None:
        if process is not self.process:
            return  # of a process that was ended
        if message is not None:
            self.heard.emit(message)
            return
        self.close()
        log.warning("the model's process ended with %s", process.returncode)
        self.lost.emit()


def _close_pipes(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError, ValueError):  # a thread may be at its last message
            pipe.close()  # type: ignore[union-attr]
