"""The real window on a real X server, driven by a real mouse and keys, heard through FluidSynth."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hands import small_score

from descant.midi_file import read_midi, write_midi

needed = ("Xvfb", "xdotool")
pytestmark = [
    pytest.mark.x11,
    pytest.mark.skipif(
        any(shutil.which(tool) is None for tool in needed), reason="needs Xvfb and xdotool"
    ),
]


class Desk:
    """An X server with the window on it."""

    def __init__(self, folder: Path, file: Path) -> None:
        reader, writer = os.pipe()
        command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1280x800x24"]
        quiet = subprocess.DEVNULL
        self.server = subprocess.Popen(
            [*command, "-nolisten", "tcp"], pass_fds=[writer], stderr=quiet
        )
        os.close(writer)
        with os.fdopen(reader) as pipe:
            display = f":{pipe.readline().strip()}"
        self.audio = folder / "sound.raw"
        self.env = {
            **os.environ,
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "DESCANT_DATA": str(folder / "data"),
            "DESCANT_AUDIO_DRIVER": "file",
            "DESCANT_AUDIO_FILE": str(self.audio),
        }
        self.window = subprocess.Popen(
            [sys.executable, "-m", "descant_app", str(file)], env=self.env, stderr=quiet
        )
        self.id = self._found()

    def _found(self) -> str:
        for _ in range(150):
            done = self.run("search", "--name", "song")
            if done.stdout.strip():
                time.sleep(1.5)  # shown, painted, and its player started
                found = done.stdout.split()[0]
                self.run("windowfocus", found)
                return found
            time.sleep(0.1)
        pytest.fail("the window did not appear")

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = ["xdotool", *words]
        return subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)

    def keys(self, *names: str) -> None:
        for name in names:
            self.run("key", name)
            time.sleep(0.4)

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        self.run("mousemove", *map(str, start), "mousedown", "1")
        for i in range(1, 6):
            x, y = (a + (b - a) * i // 5 for a, b in zip(start, end, strict=True))
            self.run("mousemove", str(x), str(y))
            time.sleep(0.05)
        self.run("mouseup", "1")
        time.sleep(0.4)

    def close(self) -> None:
        for process in (self.window, self.server):
            process.terminate()
            process.wait(timeout=10)


@pytest.fixture
def song(tmp_path: Path) -> Path:
    path = tmp_path / "song.mid"
    write_midi(small_score(), path)
    return path


@pytest.fixture
def desk(tmp_path: Path, song: Path) -> Iterator[Desk]:
    made = Desk(tmp_path, song)
    yield made
    made.close()


def notes(path: Path) -> list[int]:
    return [sum(len(b.notes) for b in t.bars) for t in read_midi(path).tracks]


def test_draw_undo_play_save_and_quit_by_hand(desk: Desk, song: Path):
    desk.run("mousemove", "700", "600")
    desk.keys("2")
    desk.drag((690, 620), (760, 612))
    desk.keys("1", "ctrl+a", "Up", "ctrl+z", "ctrl+z", "ctrl+z", "ctrl+shift+z")
    desk.keys("space")
    time.sleep(2.5)
    desk.keys("space", "ctrl+s")
    time.sleep(0.5)
    assert notes(song) == [33, 8, 16]
    desk.keys("ctrl+q")
    assert desk.window.wait(timeout=10) == 0
    if desk.audio.exists():
        sound = np.fromfile(desk.audio, dtype="<i2").astype(float)
        assert np.abs(sound).max() > 500
        assert np.abs(sound[:2000]).max() < 5  # dither
