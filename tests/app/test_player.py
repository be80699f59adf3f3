"""The player process itself: started, spoken to, killed; and what the synth renders."""

from __future__ import annotations

import io
import os
import signal
import time
import wave
from pathlib import Path

import numpy as np
import pytest
from hands import R, small_score

from descant.fluidsynth_library import load_fluidsynth
from descant.score.notes import Note
from descant.score.types import Bar, Score, Track
from descant_app.document.document import Document
from descant_app.playback.event_list import event_list
from descant_app.playback.fonts import find_fonts
from descant_app.playback.player import REVIVALS, Player
from descant_app.playback.process import PlayerProcess
from descant_app.playback.recording import Recording

PATIENCE_MS = 30_000
"""A busy machine may take this long to start a process; an idle one takes half a second."""


def has_synth() -> bool:
    try:
        load_fluidsynth()
    except (ImportError, OSError, AttributeError):
        return False
    return bool(find_fonts())


needs_synth = pytest.mark.skipif(not has_synth(), reason="no FluidSynth library or no SoundFont")


@pytest.fixture
def player(document: Document):
    made = Player(document)
    made.choice = "none"
    yield made
    made.close()


def test_it_plays_moves_the_playhead_and_stops(player, document, qtbot):
    ticks = []
    player.position_changed.connect(ticks.append)
    with qtbot.waitSignal(player.playing_changed, timeout=PATIENCE_MS):
        player.play()
    qtbot.waitUntil(lambda: player.tick > R // 2, timeout=PATIENCE_MS)
    with qtbot.waitSignal(player.playing_changed, timeout=PATIENCE_MS):
        player.stop()
    assert ticks == sorted(ticks)
    assert not player.playing


def test_sounding_notes_are_told(player, qtbot):
    player.play()
    with qtbot.waitSignal(
        player.sounding_changed, timeout=PATIENCE_MS, check_params_cb=lambda lit: (0, 60) in lit
    ):
        pass


def test_chosen_notes_are_played_alone(player, document, qtbot):
    lit: set[tuple[int, int]] = set()
    player.sounding_changed.connect(lit.update)
    rows = document.flat(0).rows[1:3]
    player.play_only(0, rows)
    qtbot.waitUntil(lambda: player.playing, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not player.playing, timeout=PATIENCE_MS)
    assert lit == {(0, int(pitch)) for pitch in rows[:, 0]}
    assert player.tick == 2 * R + R // 2
    with qtbot.waitSignal(
        player.sounding_changed, timeout=PATIENCE_MS, check_params_cb=lambda now: (1, 36) in now
    ):
        player.seek(0)
        player.play()


def test_a_killed_process_is_told_and_started_again(player, qtbot):
    with qtbot.waitSignal(player.playing_changed, timeout=PATIENCE_MS):
        player.play()
    with qtbot.waitSignal(player.failed, timeout=PATIENCE_MS):
        os.kill(player.link.process.pid, signal.SIGKILL)
    assert not player.playing
    with qtbot.waitSignal(player.playing_changed, timeout=PATIENCE_MS):
        player.play()
    assert player.playing


def test_a_process_that_keeps_dying_is_given_a_rest_and_comes_back(player, qtbot):
    told: list[str] = []
    player.failed.connect(told.append)
    player._revive_timer.setInterval(50)
    for deaths in range(1, REVIVALS + 2):
        player.start_process()
        player.link.process.kill()
        qtbot.waitUntil(lambda: len(told) == deaths, timeout=PATIENCE_MS)  # noqa: B023
        assert player.link.is_open == (deaths <= REVIVALS)
    qtbot.waitUntil(lambda: player.link.is_open, timeout=PATIENCE_MS)
    with qtbot.waitSignal(player.playing_changed, timeout=PATIENCE_MS):
        player.play()
    assert player.playing
    assert len(told) == REVIVALS + 1


def test_what_a_dead_process_said_is_not_heard(player, qtbot):
    player.start_process()
    first = player.link.process
    player.link.close()
    player.start_process()
    player.link._told.emit(first, ("unheard", "Nothing can be heard."))
    player.link._told.emit(first, None)
    assert not player.trouble
    assert player.link.is_open


def test_the_process_ends_well_when_it_is_asked_to(player, qtbot):
    with qtbot.waitSignal(player.playing_changed, timeout=PATIENCE_MS):
        player.play()
    process = player.link.process
    player.close()
    assert process.returncode == 0
    assert not player.playing


def test_a_missing_input_is_told_and_leaves_the_sound_alone(player, qtbot):
    player.play()
    qtbot.waitUntil(lambda: player.playing, timeout=PATIENCE_MS)
    with qtbot.waitSignal(player.noticed, timeout=PATIENCE_MS):
        player.set_input("Nowhere")
    assert player.playing
    assert not player.trouble


def test_the_process_ends_when_the_window_dies(player, qtbot):
    player.play()
    process = player.link.process
    process.stdin.close()
    process.wait(timeout=8)
    assert process.returncode == 0


def test_a_missing_port_is_one_sentence(player, qtbot):
    with qtbot.waitSignal(player.trouble_changed, timeout=PATIENCE_MS) as told:
        player.set_output("port:Nowhere", "", 0.5, 0.2)
        player.start_process()
    assert told.args[0].count("\n") == 0
    assert "Nowhere" in told.args[0] or "MIDI system" in told.args[0]


@needs_synth
def test_a_rendered_piece_is_silent_before_and_in_tune_after(tmp_path: Path):
    from descant_app.playback.render import RATE, render_wav

    bars = (Bar(), Bar([Note(69, 110, 0, 4 * R)]))
    events = event_list(Score((Track(bars, 73),), R, 500_000))
    font = find_fonts()[-1]
    path = tmp_path / "a.wav"
    assert render_wav(events, path, font, reverb=0.0)
    with wave.open(str(path)) as file:
        assert file.getframerate() == RATE
        sound = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)
    mono = sound.astype(float).mean(axis=1) / 32768
    before, after = mono[: int(1.9 * RATE)], mono[int(2.3 * RATE) : int(3.8 * RATE)]
    assert np.sqrt((before**2).mean()) < 1e-4
    assert np.sqrt((after**2).mean()) > 5e-3
    spectrum = np.abs(np.fft.rfft(after * np.hanning(len(after))))
    peak = np.argmax(spectrum) * RATE / len(after)
    assert min(abs(peak - f) for f in (440, 880, 1320)) < 8


@needs_synth
def test_rendering_can_be_stopped_and_leaves_no_file(tmp_path: Path):
    from descant_app.playback.render import render_wav

    path = tmp_path / "b.wav"
    assert not render_wav(
        event_list(small_score()), path, find_fonts()[-1], progress=lambda share: False
    )
    assert list(tmp_path.glob("b.wav*")) == []


def test_recording_takes_latency_off_and_closes_held_notes():
    recording = Recording(latency_s=0.1)

    def tick_at(clock: float) -> int:
        return round((clock - 10) * 1000)

    recording.add(10.6, (0x90, 60, 100), tick_at)
    recording.add(11.1, (0x80, 60, 0), tick_at)
    recording.add(11.6, (0x90, 64, 90), tick_at)
    rows = recording.rows(3000)
    assert rows[:, :4].tolist() == [[60, 100, 500, 500], [64, 90, 1500, 1500]]


def test_the_clock_of_both_processes_is_one(player, qtbot):
    player.play()
    qtbot.waitUntil(lambda: player._offset_s is not None, timeout=PATIENCE_MS)
    assert abs(time.monotonic() - player._offset_s) < 10


def test_the_player_process_starts_without_qt():
    import subprocess
    import sys

    code = (
        "import sys, descant_app.playback.process;"
        "print([m for m in ('PySide6', 'pyqtgraph', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


class FakePort:
    """A MIDI port of nobody."""

    def __init__(self) -> None:
        self.sent: list[list[int]] = []
        self.closed = False

    def send_message(self, message) -> None:
        self.sent.append(list(message))

    def cancel_callback(self) -> None:
        pass

    def close_port(self) -> None:
        self.closed = True

    def delete(self) -> None:
        pass


def test_an_input_that_went_away_is_opened_again_when_it_returns(monkeypatch, qtbot):
    ports: list[FakePort] = []

    def fake(name, heard):
        ports.append(FakePort())
        return ports[-1]

    monkeypatch.setattr("descant_app.playback.inputs.open_input", fake)
    process = PlayerProcess(io.BytesIO(), io.BytesIO())
    process.on_input("Keys")
    process.on_ports_changed((), ("Keys",))
    assert len(ports) == 1
    process.on_ports_changed((), ())
    qtbot.waitUntil(lambda: ports[0].closed)
    process.on_ports_changed((), ("Keys",))
    assert len(ports) == 2
    process.on_input("")
    qtbot.waitUntil(lambda: ports[1].closed)


@pytest.fixture
def ports(monkeypatch: pytest.MonkeyPatch) -> list[FakePort]:
    """The MIDI outputs that are opened, in order."""
    opened: list[FakePort] = []

    def fake(name: str) -> FakePort:
        opened.append(FakePort())
        return opened[-1]

    monkeypatch.setattr("descant_app.playback.midi_ports._open_port", fake)
    return opened


def test_a_port_is_silenced_when_it_is_opened_and_its_notes_end_when_it_is_changed(ports):
    process = PlayerProcess(io.BytesIO(), io.BytesIO())
    process.on_output("port:A", "", 0.6, 0.2)
    assert [0xB3, 123, 0] in ports[0].sent  # a player that was killed may have left notes
    process.on_load(event_list(small_score()))
    process.on_note(0, 64, 90)
    process.on_output("port:B", "", 0.6, 0.2)
    assert [0x80, 64, 64] in ports[0].sent
    assert ports[0].closed
    assert not process.sequencer.sounding


def test_stop_silences_the_channels_in_use_and_panic_all(monkeypatch):
    port = FakePort()
    monkeypatch.setattr("descant_app.playback.midi_ports._open_port", lambda name: port)
    process = PlayerProcess(io.BytesIO(), io.BytesIO())
    process.on_output("port:A", "", 0.6, 0.2)
    events = event_list(small_score())
    process.on_load(events)
    process.on_note(0, 64, 90)
    port.sent.clear()
    process.on_stop()
    ended = [message[0] for message in port.sent if message[1] == 123]
    assert ended == [0xB0 | events.voices[0].channel]
    port.sent.clear()
    process.on_panic()
    ended = [message[0] for message in port.sent if message[1] == 123]
    assert ended == [0xB0 | channel for channel in range(16)]


def test_a_port_that_went_away_for_a_moment_is_connected_again(ports):
    process = PlayerProcess(io.BytesIO(), io.BytesIO())
    process.on_output("port:A", "", 0.6, 0.2)
    process.on_ports_changed(("A",), ())
    assert len(ports) == 1
    process.on_ports_changed((), ())
    process.on_ports_changed(("A",), ())
    assert len(ports) == 2
    assert ports[0].closed
    assert [0xB3, 123, 0] in ports[1].sent
