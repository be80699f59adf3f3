"""A real X server for a window, and a hand on its mouse and keys."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

SIZE = (1280, 800)
AFTER_S = 0.15
"""How long a hand rests after each movement."""
Place = tuple[int, int]


def missing(*tools: str) -> bool:
    """Whether this system lacks one of the programs that a desk is made of."""
    return any(shutil.which(tool) is None for tool in ("Xvfb", "xdotool", *tools))


class Desk:
    """An X server of its own; `more` are further variables of the environment of its windows."""

    def __init__(self, folder: Path, **more: str) -> None:
        reader, writer = os.pipe()
        command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "{}x{}x24".format(*SIZE)]
        self.server = subprocess.Popen(
            [*command, "-nolisten", "tcp"], pass_fds=[writer], stderr=subprocess.DEVNULL
        )
        os.close(writer)
        with os.fdopen(reader) as pipe:
            display = f":{pipe.readline().strip()}"
        self.env = {
            **os.environ,
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "DESCANT_DATA": str(folder / "data"),
            **more,
        }
        self.window: subprocess.Popen[str] | None = None

    def start(self, *words: object, **pipes: int) -> subprocess.Popen[str]:
        """Run Python on the desk, as its window."""
        self.window = subprocess.Popen(
            [sys.executable, *map(str, words)],
            env=self.env, stderr=subprocess.DEVNULL, text=True, **pipes,
        )  # fmt: skip
        return self.window

    def hand(self, *words: object) -> None:
        """One movement, in the words of xdotool."""
        subprocess.run(["xdotool", *map(str, words)], env=self.env, check=True, capture_output=True)
        time.sleep(AFTER_S)

    def keys(self, *names: str) -> None:
        for name in names:
            self.hand("key", name)

    def drag(self, start: Place, end: Place, held: str = "", button: int = 1) -> None:
        """Press, move in steps, release, while a key is held."""
        if held:
            self.hand("keydown", held)
        self.hand("mousemove", *start, "mousedown", button)
        for i in range(1, 7):
            self.hand("mousemove", *(a + (b - a) * i // 6 for a, b in zip(start, end, strict=True)))
        self.hand("mouseup", button)
        if held:
            self.hand("keyup", held)

    def kill(self) -> None:
        """End the window as a loss of power would: `kill -9`."""
        process, self.window = self.window, None
        if process is not None:
            process.kill()
            process.communicate()

    def close(self) -> None:
        self.kill()
        self.server.kill()
        self.server.wait()

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()
