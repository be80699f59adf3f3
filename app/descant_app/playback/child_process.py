"""The player's process as its parent sees it: started, ended, cleared away."""

from __future__ import annotations

import contextlib
import subprocess
import sys

from descant_app.playback import wire

Child = subprocess.Popen[bytes]
PATIENCE_S = 2.0


def start() -> Child:
    """The process, with pipes to it.  Raises OSError when the system cannot."""
    command = [sys.executable, "-m", "descant_app.playback.process"]
    if getattr(sys, "frozen", False):
        command = [sys.executable, "--player"]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, close_fds=True)


def end(child: Child) -> None:
    """Ask it to silence everything and go; one that does not is killed."""
    with contextlib.suppress(OSError, ValueError):
        wire.write(child.stdin, "quit")  # type: ignore[arg-type]
    try:
        child.wait(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        child.kill()
    clear(child)


def clear(child: Child) -> None:
    """Leave nothing of a process that is dead or dying."""
    child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout):
        with contextlib.suppress(OSError, ValueError):  # the listener may be reading its last
            pipe.close()  # type: ignore[union-attr]
