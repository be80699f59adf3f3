"""The whole gesture by hand on a real X server: choose, paint, hide, infill in every mode, listen,
keep, undo, save, lose power, recover, make again, carry out; against the file it began from."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from desk import Desk, missing
from hands import small_score
from jack_server import has_jack, jack_server
from port_listener import NAME, Heard, listening
from strokes import strokes
from tiny_models import saved_model

from descant.midi_file import read_midi, write_midi
from descant.model.registry import bundled_models
from descant.score.notes import Notes
from descant_app.document.files import open_file
from descant_app.document.flat import bar_starts
from descant_app.paths import settings_file
from descant_app.playback.fonts import find_fonts

pytestmark = [
    pytest.mark.x11,
    pytest.mark.compose,
    pytest.mark.slow,
    pytest.mark.skipif(missing(), reason="needs Xvfb and xdotool"),
]

LEAD, DRUMS = 0, 2
BARS = range(8, 12)
MODES = ("token", "attention", "attention_approx", "attention_skip", "remove")
PATIENCE_S = 240.0


class AskedDesk(Desk):
    """A desk with eyes that ask the window what it shows; places are questions too."""

    def open(self, *files: Path) -> None:
        pipe = subprocess.PIPE
        self.start(Path(__file__).with_name("watched_window.py"), *files, stdin=pipe, stdout=pipe)
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

    def focus(self) -> None:
        """There is no window manager to do it."""
        self.hand("windowfocus", self.ask("int(w.window.winId())"))

    def click(self, place: str) -> None:
        self.hand("mousemove", *self.ask(place), "click", 1)

    def drag_between(self, start: str, end: str, held: str = "") -> None:
        self.drag(self.ask(start), self.ask(end), held)


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[Heard | None]:
    """What a program at the other end of a MIDI port hears; None where there are no ports."""
    if not has_jack():
        yield None
        return
    with jack_server(), listening(tmp_path / "heard.jsonl") as heard:
        yield heard


@pytest.fixture
def desk(tmp_path: Path, ear: Heard | None) -> Iterator[AskedDesk]:
    more = {"DESCANT_AUDIO_DRIVER": "file", "DESCANT_AUDIO_FILE": str(tmp_path / "sound.raw")}
    if not bundled_models():
        more["DESCANT_MODEL"] = str(saved_model(tmp_path, "descant"))
    options = {"output": f"port:{NAME}" if ear else "synth"}
    form = {"version": 1, "options": options, "window": {"started": True}}
    settings_file().write_text(json.dumps(form))
    with AskedDesk(tmp_path, **more) as made:
        yield made


def lane(key: str, bar: int, level: float) -> str:
    """A place in a lane, as a question."""
    found = f"w.window.pane.levels.lanes[{key!r}]"
    x = f"w.window.roll.viewport.coords.x_of(int(sum(w.document.starts[{bar}:{bar + 2}]) / 2))"
    return f"at({found}, {x}, {found}.picture.y_of({level}))"


def generate(desk: AskedDesk) -> None:
    """Ctrl+Enter, and wait for the four takes."""
    desk.until("w.composer.outlook.ready")
    before = desk.ask("len(w.document.takes.batches)")
    desk.keys("ctrl+Return")
    desk.until(f"len(w.document.takes.batches) > {before} and w.composer.job is None")


NOTES = "[[b.notes.array.tolist() for b in t.bars] for t in w.document.score.tracks]"


PIECE = "[[n.pitch, n.velocity] for t in w.document.score.tracks for b in t.bars for n in b.notes]"
TAKES = (
    "{t.id: [[n.pitch, n.velocity] for b in t.bars.values() for n in b.notes]"
    " for t in w.document.takes.takes.values()}"
)


def hear_take(desk: AskedDesk, ear: Heard | None) -> None:
    """Wait until something was heard that only the take shown has, if it has such a note."""
    if ear is None:
        return
    takes, shown = desk.ask(TAKES), str(desk.ask("w.document.takes.shown"))
    others = [strokes for number, strokes in takes.items() if number != shown]
    own = pairs(takes[shown]) - pairs(desk.ask(PIECE)).union(*map(pairs, others))
    end = time.monotonic() + PATIENCE_S
    while own and not own & ear.strokes:
        assert time.monotonic() < end, (shown, own)
        time.sleep(0.1)


def pairs(strokes: list[list[int]]) -> set[tuple[int, int]]:
    return {(pitch, velocity) for pitch, velocity in strokes}


def check_heard(desk: AskedDesk, ear: Heard | None, sound: Path) -> None:
    """Nothing but notes of the piece and its takes, and all of them ended; at least some sound."""
    if ear is None:
        assert any(sound.read_bytes()) or not find_fonts()
        return
    known = pairs(desk.ask(PIECE)).union(*map(pairs, desk.ask(TAKES).values()))
    assert ear.strokes
    assert ear.strokes <= known
    end = time.monotonic() + PATIENCE_S
    while ear.sounding:
        assert time.monotonic() < end, ear.sounding
        time.sleep(0.05)


def test_the_whole_gesture(desk: AskedDesk, ear: Heard | None, tmp_path: Path) -> None:
    song, original = tmp_path / "song.mid", small_score(16)
    write_midi(original, song)
    original = read_midi(song)
    desk.open(song)
    desk.until("w.composer.model is not None")
    track_of = desk.ask("[lane.id for lane in w.document.lanes]")
    lead, drums = track_of[LEAD], track_of[DRUMS]

    # Four bars of two tracks, two bars hidden.
    desk.drag_between(f"cell(1, {BARS[0] - 4})", f"cell(1, {BARS[0] - 3})")
    desk.keys("h")
    assert desk.ask("sorted(w.document.composition.hidden)") == [[track_of[1], 4], [track_of[1], 5]]
    desk.click(f"cell({DRUMS}, {BARS[0]})")
    desk.drag_between(f"cell({DRUMS}, {BARS[0]})", f"cell({DRUMS}, {BARS[-1]})")
    desk.hand("keydown", "ctrl")
    desk.drag_between(f"cell({LEAD}, {BARS[0]})", f"cell({LEAD}, {BARS[-1]})")
    desk.hand("keyup", "ctrl")
    chosen = sorted([t, b] for t in (lead, drums) for b in BARS)
    assert desk.ask("sorted(w.document.selection.bars)") == chosen

    # A density for the drums, a ramp of voices for the lead.
    desk.keys("shift+0")
    desk.click(f"at(w.window.headers.headers[{DRUMS}], 60, 8)")
    desk.drag_between(lane("note_density", BARS[0], 6), lane("note_density", BARS[-1], 6))
    density = {str(b): 6 for b in BARS}
    name = "(w.document.lanes[%d].id, %r)"
    painted = "{str(b): v for b, v in w.document.composition.levels.get(%s, {}).items()}"
    assert desk.ask(painted % (name % (DRUMS, "bar_note_density"))) == density
    desk.click(f"at(w.window.headers.headers[{LEAD}], 60, 8)")
    desk.until(f"w.document.current == {LEAD} and 'polyphony' in w.window.pane.levels.buttons")
    time.sleep(0.5)
    desk.click("at(w.window.pane.levels.buttons['polyphony'])")
    desk.until("'polyphony' in w.window.pane.levels.lanes")
    desk.drag_between(lane("polyphony", BARS[0], 0), lane("polyphony", BARS[-1], 3), held="alt")
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

    # Hear them in turn while their bars play again and again, keep one, undo, redo.
    desk.keys("Escape", "ctrl+shift+p", "shift+space")
    desk.until("w.player.playing")
    seen = [desk.ask("w.document.takes.shown")]
    hear_take(desk, ear)
    for _ in range(3):
        desk.keys("bracketright")
        seen.append(desk.ask("w.document.takes.shown"))
        hear_take(desk, ear)
    assert len(set(seen)) == 4
    assert desk.ask("w.player.playing")
    desk.keys("space")
    desk.until("not w.player.playing")
    check_heard(desk, ear, tmp_path / "sound.raw")
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
    desk.drag_between(f"cell({LEAD}, 0)", f"cell({DRUMS}, 15)")
    desk.until("len(w.document.selection.bars) == 48")
    desk.drag_between("cell(1, 2)", "at(w.window.takes)")
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
