"""A process of its own as the window sees it: started, sent to without waiting, ended, missed."""

from __future__ import annotations

import contextlib
import logging
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from descant_app.playback import wire

log = logging.getLogger("descant.playback")

PATIENCE_S = 2.0

Child = subprocess.Popen[bytes]
Outbox = queue.SimpleQueue[tuple[Any, ...] | None]


def command(module: str, option: str) -> list[str]:
    """What starts a part of this program; the frozen program knows it by an option."""
    if getattr(sys, "frozen", False):
        return [sys.executable, option]
    return [sys.executable, "-m", module]


class ChildProcess(QObject):
    """One process at a time.  `heard(message)` for each report, `lost()` when it died unasked."""

    heard = Signal(object)
    lost = Signal()
    _told = Signal(object, object)

    def __init__(self, starts_with: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command = list(starts_with)
        self.process: Child | None = None
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

    def end(self) -> None:
        """Ask the process to finish what it must and go; one that does not is killed."""
        process = self.process
        if process is not None:
            self.send("quit")
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=PATIENCE_S)
        self.close()

    def close(self) -> None:
        """End the process, whatever it is doing."""
        process, self.process = self.process, None
        if process is None:
            return
        self._outbox.put(None)
        process.kill()
        process.wait()
        _close_pipes(process)

    def _send_all(self, process: Child, outbox: Outbox) -> None:
        assert process.stdin is not None
        with contextlib.suppress(OSError, ValueError):  # the listener tells that it is gone
            while (message := outbox.get()) is not None:
                wire.write(process.stdin, *message)

    def _listen(self, process: Child, _: Outbox) -> None:
        assert process.stdout is not None
        while (message := wire.read(process.stdout)) is not None:
            self._tell(process, message)
        self._tell(process, None)

    def _tell(self, process: Child, message: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the window is being taken down
            self._told.emit(process, message)

    def _on_told(self, process: Child, message: Any) -> None:
        if process is not self.process:
            return  # of a process that was ended
        if message is not None:
            self.heard.emit(message)
            return
        self.close()
        log.warning("%s ended with %s", self._command[-1], process.returncode)
        self.lost.emit()


def _close_pipes(process: Child) -> None:
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError, ValueError):  # a thread may be at its last message
            pipe.close()  # type: ignore[union-attr]
