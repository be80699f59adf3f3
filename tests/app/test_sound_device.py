"""A sound device that goes away, or is not there: told once, nothing lost, tried again on play."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hands import small_score

from descant_app.application import Application
from descant_app.document.document import Document
from descant_app.playback import wire
from descant_app.playback.event_list import event_list
from descant_app.playback.fonts import find_fonts
from descant_app.playback.output import SilentOutput
from descant_app.playback.player import Player
from descant_app.playback.process import LOST, PlayerProcess
from descant_app.playback.sound_watch import GONE_AFTER, LOOK_S, SoundWatch
from descant_app.playback.synth import SynthOutput

PATIENCE_MS = 30_000


class FakeLibrary:
    """FluidSynth with a device that can be pulled out: then its time stands still."""

    def __init__(self) -> None:
        self.plugged = True
        self.ms = 0
        self.open = 0
        """Synths that were made and not yet deleted."""
        self._fl = SimpleNamespace(fluid_set_log_function=lambda *_: None)

    def Synth(self, **_: object) -> Any:  # noqa: N802
        self.open += 1
        synth = SimpleNamespace(settings=1, synth=2, audio_driver=None, delete=self._deleted)
        for quiet in ("setting", "set_reverb", "noteon", "noteoff", "cc", "pitch_bend"):
            setattr(synth, quiet, lambda *_: None)
        synth.sfload = lambda _: 1
        synth.program_select = lambda *_: 0
        return synth

    def Sequencer(self, use_system_timer: bool) -> Any:  # noqa: N802
        assert not use_system_timer
        return SimpleNamespace(
            register_fluidsynth=lambda _: 1, get_tick=self._tick, delete=lambda: None
        )

    def new_fluid_audio_driver(self, *_: object) -> int | None:
        return 3 if self.plugged else None

    def delete_fluid_audio_driver(self, _: int) -> None:
        pass

    def _tick(self) -> int:
        self.ms += self.plugged
        return self.ms

    def _deleted(self) -> None:
        self.open -= 1


class Desk:
    """A player process of ours with a clock of numbers and the fake library."""

    def __init__(self) -> None:
        self.now, self.sink = 100.0, io.BytesIO()
        self.process = PlayerProcess(io.BytesIO(), self.sink, clock=lambda: self.now)
        self.process.on_output("synth", "font.sf2", 0.6, 0.2)
        self.process.on_load(event_list(small_score()))

    def pass_time(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self.now += 0.05
            self.process.sequencer.run(self.now)
            self.process.watch_sound()

    def told(self) -> list[tuple[Any, ...]]:
        self.sink.seek(0)
        return list(iter(lambda: wire.read(self.sink), None))


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> FakeLibrary:
    made = FakeLibrary()
    monkeypatch.setattr("descant_app.playback.synth.load_fluidsynth", lambda: made)
    return made


def test_a_time_that_stands_still_is_a_lost_device_after_some_looks():
    ms = [0]
    watch = SoundWatch(lambda: ms[0])
    for look in range(20):
        ms[0] += 500
        assert not watch.lost(look * LOOK_S)
    looks = [watch.lost((20 + look) * LOOK_S) for look in range(GONE_AFTER)]
    assert looks == [False] * (GONE_AFTER - 1) + [True]


def test_a_machine_that_slept_has_not_lost_its_device():
    ms = [0]
    watch = SoundWatch(lambda: ms[0])
    assert not watch.lost(0.0)
    assert not watch.lost(3600.0)
    ms[0] = 10
    assert not watch.lost(3600.0 + LOOK_S)


def test_a_lost_device_is_told_once_and_leaves_neither_notes_nor_the_position(library):
    desk = Desk()
    desk.process.on_play(0.5, [])
    desk.pass_time(3.0)
    assert desk.process.sequencer.playing
    library.plugged = False
    desk.process.on_note(0, 71, 90)
    desk.pass_time(6.0)
    sequencer = desk.process.sequencer
    assert not sequencer.playing
    assert not sequencer.sounding
    assert 3.5 <= sequencer.at(desk.now) <= 3.5 + (GONE_AFTER + 1) * LOOK_S
    assert isinstance(desk.process.output, SilentOutput)
    assert [message for message in desk.told() if message[0] == "failed"] == [("failed", LOST)]
    assert library.open == 0


def test_the_next_play_looks_for_a_device_again(library):
    desk = Desk()
    library.plugged = False
    desk.pass_time(4.0)
    desk.process.on_play(1.0, [])
    assert isinstance(desk.process.output, SilentOutput)
    assert desk.told()[-1][0] == "unheard"
    assert "No sound device answered" in desk.told()[-1][1]
    library.plugged = True
    desk.now += 10
    desk.process.on_play(1.0, [])
    assert isinstance(desk.process.output, SynthOutput)
    assert desk.told()[-1] == ("opened", "synth")
    assert desk.process.sequencer.playing
    assert library.open == 1


def test_choosing_the_same_output_again_tries_it_again(whole: Application, monkeypatch):
    asked: list[str] = []
    monkeypatch.setattr(whole.player, "set_output", lambda choice, *_: asked.append(choice))
    whole.window.transport.output_chosen.emit("none")
    whole.window.transport.output_chosen.emit("synth")
    assert asked == ["none", "synth"]


def test_the_window_says_what_is_wrong_and_when_it_is_over(whole: Application):
    player, window = whole.player, whole.window
    player._on_message(("unheard", "No sound device answered."))
    assert window.told.text() != "No sound device answered.", "nobody has asked for sound yet"
    player._on_message(("failed", LOST))
    assert window.told.text() == LOST
    assert window.transport.output.toolTip() == LOST
    player._on_message(("unheard", "No sound device answered."))
    whole.playing._tell_trouble()
    assert window.told.text() == "No sound device answered."
    player._on_message(("opened", "synth"))
    assert window.told.text() == "Sound goes out again."
    assert window.transport.output.toolTip() == "Where the notes go"


def test_a_real_device_that_goes_away_is_noticed(
    jack: subprocess.Popen[bytes], document: Document, qtbot, monkeypatch
):
    pytest.importorskip("fluidsynth", exc_type=ImportError)
    if not find_fonts():
        pytest.skip("needs a SoundFont")
    monkeypatch.setenv("DESCANT_AUDIO_DRIVER", "jack")
    player = Player(document)
    font: Path = min(find_fonts(), key=lambda f: f.stat().st_size)
    player.set_output("synth", str(font), 0.5, 0.2)
    try:
        player.play()
        player.set_loop((0, document.end_tick))
        qtbot.waitUntil(lambda: player.playing and player.tick > 0, timeout=PATIENCE_MS)
        assert not player.trouble
        with qtbot.waitSignal(player.failed, timeout=PATIENCE_MS) as told:
            jack.terminate()
        assert told.args == [LOST]
        qtbot.waitUntil(lambda: not player.playing, timeout=PATIENCE_MS)
        assert player.tick > 0
        assert player.trouble == LOST
    finally:
        player.close()
