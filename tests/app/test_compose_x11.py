"""The whole gesture by hand on a real X server: choose, paint, hide, infill in every mode, listen,
keep, undo, save, lose power, recover, make again, carry out; against the file it began from."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hands import small_score
from strokes import strokes
from tiny_models import saved_model

from descant.midi_file import read_midi, write_midi
from descant.model.registry import bundled_models
from descant.score.notes import Notes
from descant_app.document.files import open_file
from descant_app.document.flat import bar_starts

needed = ("Xvfb", "xdotool")
pytestmark = [
    pytest.mark.x11,
    pytest.mark.compose,
    pytest.mark.slow,
    pytest.mark.skipif(
        any(shutil.which(tool) is None for tool in needed), reason="needs Xvfb and xdotool"
    ),
]

LEAD, DRUMS = 0, 2
BARS = range(8, 12)
MODES = ("token", "attention", "attention_approx", "attention_skip", "remove")
PATIENCE_S = 240.0


class Desk:
    """An X server, a window on it, hands, and eyes that ask the window what it shows."""

    def __init__(self, folder: Path, model: str) -> None:
        reader, writer = os.pipe()
        command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1280x800x24"]
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
            "DESCANT_AUDIO_DRIVER": "file",
            "DESCANT_AUDIO_FILE": str(folder / "sound.raw"),
            **({"DESCANT_MODEL": model} if model else {}),
        }
        self.window: subprocess.Popen[str] | None = None

    def open(self, *files: Path) -> None:
        pipe = subprocess.PIPE
        script = str(Path(__file__).with_name("watched_window.py"))
        self.window = subprocess.Popen(
            [sys.executable, script, *map(str, files)],
            env=self.env, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.until("w.window.isVisible()")
        self.focus()

    def ask(self, question: str) -> Any:
        assert self.window is not None
        self.window.stdin.write(question + "\n")
        self.window.stdin.flush()
        answer = json.loads(self.window.stdout.readline())
        assert not (isinstance(answer, dict) and "error" in answer), (question, answer)
        return answer

    def until(self, question: str) -> None:
        end = time.monotonic() + PATIENCE_S
        while not self.ask(question):
            told = self.ask("[w.window.told.text(), w.composer.outlook.problems, modal()]")
            assert time.monotonic() < end, (question, told)
            time.sleep(0.05)

    def hand(self, *words: object) -> None:
        subprocess.run(["xdotool", *map(str, words)], env=self.env, check=True, capture_output=True)
        time.sleep(0.15)

    def focus(self) -> None:
        """There is no window manager to do it."""
        self.hand("windowfocus", self.ask("int(w.window.winId())"))

    def keys(self, *names: str) -> None:
        for name in names:
            self.hand("key", name)

    def click(self, place: str, *more: str) -> None:
        self.hand("mousemove", *self.ask(place), "click", *(more or ("1",)))

    def drag(self, start: str, end: str, held: str = "", button: int = 1) -> None:
        (x0, y0), (x1, y1) = self.ask(start), self.ask(end)
        if held:
            self.hand("keydown", held)
        self.hand("mousemove", x0, y0, "mousedown", button)
        for i in range(1, 7):
            self.hand("mousemove", x0 + (x1 - x0) * i // 6, y0 + (y1 - y0) * i // 6)
        self.hand("mouseup", button)
        if held:
            self.hand("keyup", held)

    def kill(self) -> None:
        """As a loss of power would: `kill -9`."""
        process, self.window = self.window, None
        if process is not None:
            process.kill()
            process.communicate()

    def close(self) -> None:
        self.kill()
        self.server.kill()
        self.server.wait()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    model = "" if bundled_models() else str(saved_model(tmp_path, "descant"))
    made = Desk(tmp_path, model)
    yield made
    made.close()


def lane(key: str, bar: int, level: float) -> str:
    """A place in a lane, as a question."""
    found = f"w.window.pane.levels.lanes[{key!r}]"
    x = f"w.window.roll.viewport.coords.x_of(int(sum(w.document.starts[{bar}:{bar + 2}]) / 2))"
    return f"at({found}, {x}, {found}.picture.y_of({level}))"


def generate(desk: Desk) -> None:
    """Ctrl+Enter, and wait for the four takes."""
    desk.until("w.composer.outlook.ready")
    before = desk.ask("len(w.document.takes.batches)")
    desk.keys("ctrl+Return")
    desk.until(f"len(w.document.takes.batches) > {before} and w.composer.job is None")


NOTES = "[[b.notes.array.tolist() for b in t.bars] for t in w.document.score.tracks]"


def test_the_whole_gesture(desk: Desk, tmp_path: Path) -> None:
    song, original = tmp_path / "song.mid", small_score(16)
    write_midi(original, song)
    original = read_midi(song)
    desk.open(song)
    desk.until("w.composer.model is not None")
    track_of = desk.ask("[lane.id for lane in w.document.lanes]")
    lead, drums = track_of[LEAD], track_of[DRUMS]

    # Four bars of two tracks, two bars hidden.
    desk.drag(f"cell(1, {BARS[0] - 4})", f"cell(1, {BARS[0] - 3})")
    desk.keys("h")
    assert desk.ask("sorted(w.document.composition.hidden)") == [[track_of[1], 4], [track_of[1], 5]]
    desk.click(f"cell({DRUMS}, {BARS[0]})")
    desk.drag(f"cell({DRUMS}, {BARS[0]})", f"cell({DRUMS}, {BARS[-1]})")
    desk.hand("keydown", "ctrl")
    desk.drag(f"cell({LEAD}, {BARS[0]})", f"cell({LEAD}, {BARS[-1]})")
    desk.hand("keyup", "ctrl")
    chosen = sorted([t, b] for t in (lead, drums) for b in BARS)
    assert desk.ask("sorted(w.document.selection.bars)") == chosen

    # A density for the drums, a ramp of voices for the lead.
    desk.keys("shift+0")
    desk.click(f"at(w.window.headers.headers[{DRUMS}], 60, 8)")
    desk.drag(lane("note_density", BARS[0], 6), lane("note_density", BARS[-1], 6))
    density = {str(b): 6 for b in BARS}
    name = "(w.document.lanes[%d].id, %r)"
    painted = "{str(b): v for b, v in w.document.composition.levels.get(%s, {}).items()}"
    assert desk.ask(painted % (name % (DRUMS, "bar_note_density"))) == density
    desk.click(f"at(w.window.headers.headers[{LEAD}], 60, 8)")
    desk.until(f"w.document.current == {LEAD} and 'polyphony' in w.window.pane.levels.buttons")
    time.sleep(0.5)
    desk.click("at(w.window.pane.levels.buttons['polyphony'])")
    desk.until("'polyphony' in w.window.pane.levels.lanes")
    desk.drag(lane("polyphony", BARS[0], 0), lane("polyphony", BARS[-1], 3), held="alt")
    ramp = desk.ask(painted % (name % (LEAD, "bar_max_polyphony")))
    assert sorted(ramp) == sorted(map(str, BARS))
    assert [ramp[str(b)] for b in BARS] == sorted(ramp.values())
    assert ramp[str(BARS[-1])] > ramp[str(BARS[0])]

    # Each way of hiding bars in turn, four takes each.
    music = desk.ask(NOTES)
    for row, mode in enumerate(MODES, 1):
        desk.click("at(w.window.generate.controls.mask_mode)")
        desk.until("modal()")
        desk.keys("Home", *["Down"] * row, "Return")
        desk.until(f"w.document.composition.settings.mask_mode == {mode!r}")
        generate(desk)
        takes = "[t for t in w.document.takes.takes.values()"
        takes += " if t.batch == max(w.document.takes.batches)]"
        assert desk.ask(f"[t.mask_mode for t in {takes}]") == [mode] * 4
        assert desk.ask(f"[t.violations for t in {takes}]") == [[]] * 4
        assert desk.ask(f"[t.complete for t in {takes}]") == [True] * 4
        assert desk.ask(f"[sorted(t.bars) for t in {takes}]") == [chosen] * 4
        assert desk.ask(NOTES) == music

    # Hear them in turn while it plays, keep one, undo, redo.
    desk.keys("Escape", "space")
    desk.until("w.player.playing")
    seen = [desk.ask("w.document.takes.shown")]
    for _ in range(3):
        desk.keys("bracketright")
        seen.append(desk.ask("w.document.takes.shown"))
    assert len(set(seen)) == 4
    assert desk.ask("w.player.playing")
    desk.keys("space")
    desk.keys("Return")
    desk.until("w.document.takes.shown is None")
    kept = desk.ask(NOTES)
    taken = f"[w.document.takes.takes[{seen[-1]}].bars[c].notes.array.tolist() for c in "
    taken += f"[(w.document.lanes[{LEAD}].id, b) for b in range({BARS[0]}, {BARS[-1] + 1})]]"
    assert kept[LEAD][BARS[0] : BARS[-1] + 1] == desk.ask(taken)
    desk.keys("ctrl+z")
    assert desk.ask(NOTES) == music
    desk.keys("ctrl+shift+z")
    assert desk.ask(NOTES) == kept

    # Save the project, lose power after another step, recover it with its takes.
    project = tmp_path / "kept.descant"
    desk.keys("ctrl+shift+s")
    desk.until("modal()")
    desk.keys("ctrl+a")
    desk.hand("type", project.name)  # in the song's folder; a path would be completed while typed
    desk.keys("Return")
    desk.until("w.document.path is not None and w.document.path.suffix == '.descant'")
    desk.focus()
    desk.click(f"cell({LEAD}, 0)")
    desk.keys("ctrl+a", "Up")
    later = desk.ask(NOTES)
    assert later != kept
    time.sleep(3)  # the journal is written within a second; the machine may be busy
    desk.kill()
    saved = open_file(project).project
    assert [[b.notes.array.tolist() for b in t.bars] for t in saved.piece.score.tracks] == kept
    desk.open()
    desk.until("modal() == 'RecoveryDialog'")
    desk.click("button('Recover')")
    desk.until("not modal() and len(w.document.lanes) == 3")
    assert desk.ask(NOTES) == later
    assert desk.ask("len(w.document.takes.takes)") == 4 * len(MODES)

    # The same request, seed and score make the same notes again.
    desk.until("w.composer.model is not None")
    desk.focus()
    desk.keys("bracketright")
    desk.until("w.document.takes.shown is not None")
    shown = desk.ask("w.document.takes.shown")
    known = desk.ask("max(w.document.takes.takes)")
    typed = "[p.field.text() for p in w.window.children() if type(p).__name__ == 'Palette'"
    typed += " and p.isVisible()]"
    desk.keys("ctrl+p")
    desk.until(f"{typed} == ['']")
    desk.hand("type", "make this take again")
    desk.until(f"{typed} == ['make this take again']")
    desk.keys("Return")
    desk.until(f"max(w.document.takes.takes) > {known} and w.composer.job is None")
    bars = "sorted((c, b.notes.array.tolist()) for c, b in w.document.takes.takes[%s].bars.items())"
    again = desk.ask("max(w.document.takes.takes)")
    assert again != shown
    desk.until(f"len(w.document.takes.takes[{again}].bars) == {len(chosen)}")
    assert desk.ask(bars % again) == desk.ask(bars % shown)

    # Back to what was kept; the result goes out by a drag; only what was asked for differs.
    desk.focus()
    desk.click(f"cell({LEAD}, 0)")
    desk.keys("Escape", "ctrl+a", "Down", "ctrl+shift+a")
    assert desk.ask(NOTES) == kept
    desk.drag(f"cell({LEAD}, 0)", f"cell({DRUMS}, 15)")
    desk.until("len(w.document.selection.bars) == 48")
    desk.drag("cell(1, 2)", "at(w.window.takes)")
    carried = sorted((tmp_path / "data" / "dragged").glob("*.mid"))
    assert carried
    result = read_midi(carried[-1])
    assert [t.name for t in result.tracks] == [t.name for t in original.tracks]
    starts = bar_starts(original)
    for index, (new, old) in enumerate(zip(result.tracks, original.tracks, strict=True)):
        assert (new.instrument, new.track_type, new.events) == (
            old.instrument, old.track_type, old.events,
        )  # fmt: skip
        assert [(b.meter, b.beat_length) for b in new.bars] == [
            (b.meter, b.beat_length) for b in old.bars
        ]
        written = set(BARS) if index in (LEAD, DRUMS) else set()
        before = [bar.notes.array.tolist() for bar in old.bars]
        assert all(kept[index][bar] == before[bar] for bar in set(range(16)) - written)
        if not written:
            assert new.bars == old.bars
        bars = [
            b.with_notes(Notes.from_rows(r)) for b, r in zip(old.bars, kept[index], strict=True)
        ]
        assert strokes(new, starts) == strokes(replace(old, bars=tuple(bars)), starts)
