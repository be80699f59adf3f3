"""The real window on a real X server, driven by a real mouse and keys, heard through FluidSynth."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from desk import SIZE, Desk, missing
from hands import R, small_score
from jack_server import has_jack, jack_server

from descant.midi_file import read_midi, write_midi
from descant.score.notes import Note
from descant.score.types import Bar, Score, Track
from descant_app.document.flat import bar_starts, flatten
from descant_app.paths import settings_file
from descant_app.playback.fonts import find_fonts

pytestmark = [
    pytest.mark.x11,
    pytest.mark.skipif(missing("import"), reason="needs Xvfb, xdotool and ImageMagick"),
]


class SeenDesk(Desk):
    """A desk that is looked at: the window is found and read by its pixels."""

    def open(self, file: Path) -> None:
        """Start the window with a file and wait until it can be used."""
        self.start("-m", "descant_app", file)
        for _ in range(300):
            found = self.windows_named(file.stem)
            if found and (seen := self.picture()) is not None and seen.max() > 200:
                time.sleep(1.5)  # the player is started and the model looked for
                self.hand("windowfocus", found[0])
                return
            time.sleep(0.1)
        pytest.fail("the window did not appear")

    def windows_named(self, name: str) -> list[str]:
        command = ["xdotool", "search", "--name", name]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)
        return done.stdout.split()

    def picture(self) -> np.ndarray | None:
        """The screen as it is now, shape (800, 1280, 3)."""
        command = ["import", "-window", "root", "-depth", "8", "rgb:-"]
        done = subprocess.run(command, env=self.env, capture_output=True, check=False)
        pixels = np.frombuffer(done.stdout, dtype=np.uint8)
        width, height = SIZE
        return pixels.reshape(height, width, 3) if len(pixels) == height * width * 3 else None

    def chosen_note(self, y: int) -> tuple[int, int]:
        """Left and right end of the chosen note drawn in the row at y: it is nearly white."""
        picture = self.picture()
        assert picture is not None
        row = picture[y - 3 : y + 4, 70:960].astype(int)
        bright = np.flatnonzero(((row[:, :, 0] > 170) & (row[:, :, 1] > 170)).any(axis=0)) + 70
        assert len(bright), "no chosen note is seen"
        return int(bright[0]), int(bright[-1])

    def quit(self) -> None:
        self.keys("ctrl+q")
        assert self.window is not None
        assert self.window.wait(timeout=15) == 0


@pytest.fixture
def song(tmp_path: Path) -> Path:
    path = tmp_path / "song.mid"
    write_midi(small_score(), path)
    return path


@pytest.fixture
def desk(tmp_path: Path, song: Path) -> Iterator[SeenDesk]:
    with SeenDesk(tmp_path, DESCANT_AUDIO_DRIVER="file", DESCANT_AUDIO_FILE=os.devnull) as made:
        made.open(song)
        yield made


def lead(path: Path) -> list[tuple[int, int, int, int]]:
    """Pitch, velocity, onset and length of each note of the first track."""
    score = read_midi(path)
    rows = flatten(score.tracks[0], bar_starts(score)).rows
    return [tuple(row[:4].tolist()) for row in rows]


def saved(desk: SeenDesk, path: Path) -> list[tuple[int, int, int, int]]:
    desk.keys("ctrl+s")
    time.sleep(0.6)
    return lead(path)


def only_new(now, before) -> list[tuple[int, int, int, int]]:
    return [note for note in now if note not in before]


def test_draw_move_resize_copy_quantize_undo_all_save_and_reopen_by_hand(
    desk: SeenDesk, song: Path
):
    start = lead(song)
    row = 430
    desk.hand("mousemove", 500, row)
    desk.keys("2")
    desk.drag((480, row), (560, row))
    [drawn] = only_new(saved(desk, song), start)
    desk.keys("1")
    desk.drag((520, row), (520, row - 60))
    [moved] = only_new(saved(desk, song), start)
    assert moved[0] > drawn[0]
    assert moved[2:] == drawn[2:]
    _, right = desk.chosen_note(row - 60)
    desk.drag((right - 2, row - 60), (right + 60, row - 60))
    [longer] = only_new(saved(desk, song), start)
    assert longer[3] > moved[3]
    desk.drag((520, row - 60), (640, row - 20), held="ctrl")
    assert len(only_new(saved(desk, song), start)) == 2
    desk.keys("ctrl+Right", "ctrl+Right")
    assert any(note[2] % 60 for note in saved(desk, song))
    desk.keys("q")
    edited = saved(desk, song)
    assert not any(note[2] % 60 for note in edited)
    desk.keys(*["ctrl+z"] * 8)
    assert saved(desk, song) == start
    desk.keys(*["ctrl+shift+z"] * 8)
    assert saved(desk, song) == edited
    whole = read_midi(song)
    desk.quit()
    desk.open(song)
    desk.keys("ctrl+s")  # nothing changed, nothing is lost
    assert read_midi(song) == whole
    desk.quit()


LISTENER = """
import sys
from descant.fluidsynth_library import load_fluidsynth
settings = {"audio.file.name": sys.argv[2], "audio.file.type": "wav", "midi.jack.id": "ear"}
synth = load_fluidsynth().Synth(samplerate=44100.0, **settings)
synth.sfload(sys.argv[1])
synth.start(driver="file", midi_driver="jack")
print("ready", flush=True)
sys.stdin.read()
synth.delete()
"""


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[Path]:
    """FluidSynth listening at a real MIDI port and writing down what it hears."""
    if not has_jack() or not find_fonts():
        pytest.skip("needs a JACK server and a SoundFont")
    pytest.importorskip("fluidsynth")
    heard, font = tmp_path / "heard.wav", min(find_fonts(), key=lambda f: f.stat().st_size)
    command = [sys.executable, "-c", LISTENER, str(font), str(heard)]
    with jack_server():
        listener = subprocess.Popen(command, stdin=-1, stdout=-1, stderr=subprocess.DEVNULL)
        assert listener.stdout is not None
        assert listener.stdout.readline() == b"ready\n"
        yield heard
        listener.kill()
        listener.communicate(timeout=10)


def test_what_is_played_to_a_port_is_heard_at_its_other_end(ear: Path, tmp_path: Path):
    song = tmp_path / "song.mid"
    bars = (Bar(), Bar([Note(69, 110, 0, 4 * R)]), Bar())
    write_midi(Score((Track(bars, 73, channel=0),), R, 500_000), song)
    options = {"output": "port:ear:midi_00"}
    form = {"version": 1, "options": options, "window": {"started": True}}
    settings_file().write_text(json.dumps(form))
    with SeenDesk(tmp_path) as desk:
        desk.open(song)
        desk.hand("mousemove", 500, 430)
        desk.keys("space")
        time.sleep(5)
        desk.keys("space")
        time.sleep(1.5)
        desk.quit()
    sound = np.frombuffer(ear.read_bytes()[44:], dtype="<i2").reshape(-1, 2).mean(axis=1) / 32768
    first = int(np.argmax(np.abs(sound) > 0.003))
    assert first > 44100, "a bar of silence comes first"
    assert np.abs(sound[: first - 2000]).max() < 3e-4
    tone = sound[first + 22050 : first + 66150]
    peak = np.argmax(np.abs(np.fft.rfft(tone * np.hanning(len(tone))))) * 44100 / len(tone)
    assert min(abs(peak - f) for f in (440, 880, 1320)) < 8
    assert np.abs(sound[-4410:]).max() < 0.1 * np.abs(tone).max(), "it ended"
