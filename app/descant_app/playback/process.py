"""The player process: one thread keeps time, one reads commands, one watches the ports.

It has an interpreter of its own, so neither painting nor generating makes a note late.  When the
window dies the pipe closes, everything is silenced, and it ends.
"""

from __future__ import annotations

import contextlib
import gc
import math
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from descant_app.playback import wire
from descant_app.playback.inputs import Input
from descant_app.playback.midi_ports import PortList, has_virtual_ports
from descant_app.playback.output import Output, SilentOutput
from descant_app.playback.outputs import NONE, PORT, open_output
from descant_app.playback.sequencer import Loop, Sequencer
from descant_app.playback.synth import SynthOutput

SPIN_S = 0.0004
"""Waits end this much early; the rest is slept in one short step, which wakes more exactly."""
REPORT_S = 0.03
GONE_AFTER = 4
"""Looks without the chosen port until it counts as gone: a busy MIDI system may miss one."""
WATCH_S, SLOW_WATCH_S, SLOW_S = 0.25, 1.0, 0.002
"""How often ports are looked for; and how often where there are so many that a look is slow."""
SWITCH_S = 0.0001
"""So long another thread may go on in Python when the clock's wants to; Python's 5 ms are late."""
RETRY_S = 5.0
"""How often a MIDI system or a sound device is looked for where none answered."""

LOST = "The sound device went away; play again to look for one, or choose another output."


class PlayerProcess:
    """Commands in, sound out, reports back."""

    def __init__(self, source: Any, sink: Any, clock: Callable[[], float] = time.monotonic) -> None:
        self._source, self._sink, self._clock = source, sink, clock
        self._lock = threading.Lock()
        self._inbox: queue.SimpleQueue[wire.Message | None] = queue.SimpleQueue()
        self.output: Output = SilentOutput()
        self.sequencer = Sequencer(self.output)
        self._choice, self._font, self._gain, self._reverb = NONE, "", 0.6, 0.25
        self._input = Input(self._heard_in, lambda text: self._tell("unheard_input", text))
        self._tried = 0.0
        self._lit: frozenset[tuple[int, int, int]] = frozenset()
        self._was_playing = False
        self._reported = 0.0
        self._late_s: list[float] = []
        self._missed = 0

    def run(self) -> None:
        """Until the window goes away or says quit."""
        _ask_for_priority()  # the threads inherit it: whoever holds the interpreter must run
        sys.setswitchinterval(SWITCH_S)
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._watch, daemon=True).start()
        gc.freeze()
        gc.disable()  # a collection is a pause; what arrives here holds no cycles
        due: float | None = None
        try:
            while self._wait(due):
                due = self._guarded(self.sequencer.run, self._clock())
                self.watch_sound()
                self._report()
        finally:
            self._close()

    # -- threads ---------------------------------------------------------------------------------

    def _read(self) -> None:
        while (message := wire.read(self._source)) is not None:
            self._inbox.put(message)
        self._inbox.put(None)

    def _watch(self) -> None:
        known: tuple[Any, ...] = ()
        ports = PortList()
        while True:
            begun = self._clock()
            now = (tuple(ports.outputs()), tuple(ports.inputs()), has_virtual_ports())
            if now != known:
                known = now
                self._tell("ports", *now)
            self._inbox.put(("ports_changed", now[0], now[1]))
            pause = SLOW_WATCH_S if self._clock() - begun > SLOW_S else WATCH_S
            time.sleep(pause if any(now) else RETRY_S)

    # -- the clock's thread ----------------------------------------------------------------------

    def _wait(self, due: float | None) -> bool:
        """Handle commands until something is due; False when the window is gone."""
        longest = REPORT_S if self.sequencer.playing else 0.5
        until = min(due if due is not None else float("inf"), self._clock() + longest)
        while True:
            left = until - self._clock() - SPIN_S
            try:
                message = self._inbox.get(timeout=left) if left > 0 else self._inbox.get_nowait()
            except queue.Empty:
                rest = until - self._clock()
                if rest > 0:
                    time.sleep(rest)
                if due is not None and until == due and self.sequencer.playing:
                    self._late_s.append(self._clock() - due)
                return True
            if message is None or message[0] == "quit":
                return False
            self._guarded(getattr(self, "on_" + message[0]), *message[1:])
            return True

    def watch_sound(self) -> None:
        """A sound device that went away takes no note with it, nor the position."""
        if isinstance(self.output, SynthOutput) and self.output.lost(self._clock()):
            self._fail(LOST)

    def _guarded(self, call: Callable[..., Any], *args: Any) -> Any:
        try:
            return call(*args)
        except Exception as error:  # a port that was pulled out raises whatever it likes
            self._fail(f"Sound stopped: {error}")
            return None

    def _fail(self, sentence: str) -> None:
        with contextlib.suppress(Exception):  # the output may refuse; the position is kept first
            self.sequencer.stop(self._clock())
        self._use(SilentOutput())
        self._tried = -math.inf  # the next play tries again at once
        self._tell("failed", sentence)

    def _report(self) -> None:
        now, sequencer = self._clock(), self.sequencer
        if sequencer.playing != self._was_playing:
            self._was_playing = sequencer.playing
            self._tell("playing", sequencer.playing, sequencer.at(now))
        lit = sequencer.sounding
        if lit != self._lit and now - self._reported >= REPORT_S:
            self._lit, self._reported = lit, now
            self._tell("sounding", lit)
        if sequencer.playing:
            self._tell_offset()

    _told_offset = 0.0

    def _tell_offset(self) -> None:
        if self.sequencer.offset_s != self._told_offset:
            self._told_offset = self.sequencer.offset_s
            self._tell("offset", self._told_offset)

    def _tell(self, *message: Any) -> None:
        with self._lock, contextlib.suppress(OSError, ValueError):
            wire.write(self._sink, *message)

    # -- commands --------------------------------------------------------------------------------

    def on_load(self, events: Any) -> None:
        self.sequencer.load(events, self._clock())

    def on_heard(self, heard: tuple[bool, ...]) -> None:
        self.sequencer.set_heard(heard)

    def on_play(self, at_s: float, lead: list[tuple[float, bool]]) -> None:
        silent = isinstance(self.output, SilentOutput) and self._choice != NONE
        if silent and self._clock() - self._tried > RETRY_S:
            self._open()  # headphones may have been plugged in since
        self.sequencer.start(at_s, self._clock(), lead)

    def on_stop(self) -> None:
        self.sequencer.stop(self._clock())

    def on_seek(self, at_s: float) -> None:
        self.sequencer.seek(at_s, self._clock())

    def on_loop(self, loop: tuple[float, float] | None) -> None:
        self.sequencer.loop = Loop(*loop) if loop else None

    def on_metronome(self, on: bool) -> None:
        self.sequencer.metronome = on

    def on_note(self, voice: int, pitch: int, velocity: int) -> None:
        self.sequencer.play_note(voice, pitch, velocity)

    def on_panic(self) -> None:
        self.sequencer.panic()

    def on_output(self, choice: str, font: str, gain: float, reverb: float) -> None:
        same = (choice, font) == (self._choice, self._font) and not isinstance(
            self.output, SilentOutput
        )
        self._choice, self._font, self._gain, self._reverb = choice, font, gain, reverb
        if same:
            if isinstance(self.output, SynthOutput):
                self.output.set_gain(gain)
                self.output.set_reverb(reverb)
            return
        self._open()

    def on_ports_changed(self, names: tuple[str, ...], inputs: tuple[str, ...]) -> None:
        """The chosen ports went away or came back."""
        self._input.ports_changed(inputs)
        if not self._choice.startswith(PORT):
            return
        there = self._choice.removeprefix(PORT) in names
        missed, self._missed = self._missed, 0 if there else self._missed + 1
        if there and (missed or isinstance(self.output, SilentOutput)):
            self._open()  # one that went and came back is not connected to ours any more
        elif self._missed >= GONE_AFTER and not isinstance(self.output, SilentOutput):
            self._fail(f"The MIDI port {self._choice.removeprefix(PORT)} went away.")

    def on_input(self, name: str) -> None:
        """Listen to a MIDI input ("" for none); its messages go to the window with their time."""
        self._input.choose(name)

    def on_lateness(self) -> None:
        """How late the clock woke since last asked, for the benchmark."""
        late, self._late_s = self._late_s, []
        self._tell("lateness", late)

    def _heard_in(self, message: list[int]) -> None:
        self._tell("midi_in", self._clock(), tuple(message))

    def _open(self) -> None:
        font = Path(self._font) if self._font else None
        self._tried = self._clock()
        self._use(SilentOutput())
        try:
            self._use(open_output(self._choice, font, self._gain, self._reverb))
        except OSError as error:
            self._tell("unheard", str(error))
        else:
            self._tell("opened", self._choice)

    def _use(self, output: Output) -> None:
        old, self.output = self.output, output
        with contextlib.suppress(Exception):  # the old port may be the one that broke
            self.sequencer.panic()
        with contextlib.suppress(Exception):
            old.close()
        self.sequencer.use(output, self._clock())

    def _close(self) -> None:
        with contextlib.suppress(Exception):
            self.sequencer.finish(self._clock())
            self.output.close()


def _ask_for_priority() -> None:
    """Real time where it is granted; going on without it where it is not."""
    with contextlib.suppress(AttributeError, OSError, PermissionError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
        return
    with contextlib.suppress(AttributeError, OSError, PermissionError):
        os.nice(-5)


def main() -> NoReturn:
    """Entry of the process: commands on standard input, reports on standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the window ends us, not the terminal
    is_quiet = not os.environ.get("DESCANT_PLAYER_STDERR")  # ALSA and JACK print as they like
    PlayerProcess(*wire.own_streams(is_quiet)).run()
    os._exit(0)  # a thread still waits for commands, which would make Python abort on its way out


if __name__ == "__main__":
    main()
