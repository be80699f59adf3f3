"""What is played on a real MIDI port is heard, written down in time, and can be undone."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator

import numpy as np
import pytest
from hands import R

from descant_app.application import Application
from descant_app.document.flat import DURATION, ONSET, PITCH, VELOCITY
from descant_app.playback.recording import Recording

PATIENCE_MS = 30_000
KEYS = "Keys:out"
HELD_S = 0.4
NEAR = R // 2
"""Ticks that a busy machine may take to deliver a message; a wrong clock or tempo, or the time of
arrival in the window, would be further off."""


class Keys:
    """A keyboard: another program's MIDI port."""

    def plug(self) -> None:
        import rtmidi

        self.port = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=KEYS.split(":")[0])
        self.port.open_virtual_port(KEYS.split(":")[1])

    def press(self, pitch: int, velocity: int) -> tuple[float, float]:
        """Strike a key and let it go; the clock's times of both."""
        self.port.send_message([0x90, pitch, velocity])
        struck = time.monotonic()
        time.sleep(HELD_S)
        self.port.send_message([0x80, pitch, 0])
        return struck, time.monotonic()

    def unplug(self) -> None:
        self.port.close_port()
        self.port.delete()


@pytest.fixture
def keys(jack: subprocess.Popen[bytes]) -> Iterator[Keys]:
    pytest.importorskip("rtmidi")
    made = Keys()
    made.plug()
    yield made
    made.unplug()


def both_ended(recording: Recording) -> bool:
    """Whether two notes have come, with their ends: a held one would grow."""
    now, later = recording.so_far(10**6), recording.so_far(10**7)
    return len(now) == 2 and np.array_equal(now, later)


def test_a_real_keyboard_is_recorded_in_time_and_undone_in_one_step(
    keys: Keys, whole: Application, qtbot
):
    document, player, actions = whole.document, whole.player, whole.window.actions_
    before = document.score
    whole.settings.set("input", KEYS)
    whole.settings.set("count_in", False)
    whole.settings.set("latency_ms", 0)
    player.start_process()
    qtbot.waitUntil(lambda: KEYS in player.inputs, timeout=PATIENCE_MS)
    actions["record"].trigger()
    qtbot.waitUntil(lambda: player.playing and player._offset_s is not None, timeout=PATIENCE_MS)
    times = [keys.press(pitch, 60 + pitch) for pitch in (55, 57)]
    struck, released = np.array([[player.tick_at_clock(t) for t in pair] for pair in times]).T
    qtbot.waitUntil(lambda: both_ended(whole.playing.recording), timeout=PATIENCE_MS)
    actions["record"].trigger()
    qtbot.waitUntil(lambda: document.score is not before, timeout=PATIENCE_MS)
    rows = document.flat(0).rows
    played = rows[(rows[:, PITCH] == 55) | (rows[:, PITCH] == 57)]
    assert played[:, PITCH].tolist() == [55, 57]
    assert played[:, VELOCITY].tolist() == [115, 117]
    assert np.abs(played[:, ONSET] - struck).max() < NEAR
    assert np.abs(played[:, ONSET] + played[:, DURATION] - released).max() < NEAR
    document.undo_stack.undo()
    assert document.score == before


def test_an_unplugged_keyboard_is_told_and_heard_again_when_it_returns(
    keys: Keys, whole: Application, qtbot
):
    player, heard = whole.player, list[tuple[int, ...]]()
    player.midi_in.connect(lambda _, message: heard.append(message))
    whole.settings.set("input", KEYS)
    player.start_process()
    qtbot.waitUntil(lambda: KEYS in player.inputs, timeout=PATIENCE_MS)
    with qtbot.waitSignal(player.noticed, timeout=PATIENCE_MS) as told:
        keys.unplug()
    assert told.args == [f"The MIDI input {KEYS} went away."]
    keys.plug()
    qtbot.waitUntil(lambda: KEYS in player.inputs, timeout=PATIENCE_MS)
    heard.clear()

    def press() -> None:
        keys.press(62, 90)
        assert (0x90, 62, 90) in heard

    qtbot.waitUntil(press, timeout=PATIENCE_MS)
