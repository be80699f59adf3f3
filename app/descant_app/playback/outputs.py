"""Where sound goes: nowhere, the built-in synth, a MIDI port that is there, or one of our own."""

from __future__ import annotations

import logging
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

from descant.fluidsynth_library import load_fluidsynth
from descant_app.playback.event_list import BEND, CONTROL, DRUM_CHANNEL, PRESSURE, PROGRAM, Voice
from descant_app.playback.sequencer import CLICK_VOICE, NOTE_OFF, NOTE_ON

log = logging.getLogger("descant.playback")

NONE, SYNTH, VIRTUAL = "none", "synth", "virtual"
PORT = "port:"
CLIENT = "Descant"
CLICK_SYNTH_CHANNEL = 255
FLUSH_S = 0.04
"""JACK hands messages over at its next period; a port closed at once would swallow note-offs."""


class SilentOutput:
    """No sound.  Also what a failed output becomes."""

    def setup(self, voices: tuple[Voice, ...]) -> None:
        """Nothing to know."""

    def send(self, voice: int, kind: int, a: int, b: int) -> None:
        """Nothing to send."""

    def send_system(self, *message: int) -> None:
        """Nobody follows."""

    def silence(self) -> None:
        """It is silent."""

    def close(self) -> None:
        """Nothing to close."""


class PortOutput:
    """A MIDI port, looked for without the numbers ALSA adds; None makes a virtual port."""

    def __init__(self, name: str | None) -> None:
        self._voices: tuple[Voice, ...] = ()
        self._port = _open_virtual() if name is None else _open_port(name)
        self.silence()  # a player that was killed could not end its notes; whoever follows does

    def setup(self, voices: tuple[Voice, ...]) -> None:
        self._voices = voices
        for voice in voices:
            if not voice.drum or voice.program:
                self._write(PROGRAM | voice.channel, voice.program)

    def send(self, voice: int, kind: int, a: int, b: int) -> None:
        channel = DRUM_CHANNEL if voice == CLICK_VOICE else 0
        if 0 <= voice < len(self._voices):
            channel = self._voices[voice].channel
        if kind in (PROGRAM, PRESSURE):
            self._write(kind | channel, a)
        else:
            self._write(kind | channel, a, b)

    def send_system(self, *message: int) -> None:
        self._write(*message)

    def silence(self) -> None:
        for channel in range(16):
            for controller in (64, 123, 120):
                self._write(CONTROL | channel, controller, 0)
            self._write(BEND | channel, 0, 64)

    def close(self) -> None:
        time.sleep(FLUSH_S)
        self._port.close_port()
        self._port.delete()

    def _write(self, *message: int) -> None:
        self._port.send_message(message)


class SynthOutput:
    """FluidSynth with a SoundFont.  Each voice has its own channel: sixteen are not the limit."""

    def __init__(self, font: Path, gain: float, reverb: float, driver: str | None = None) -> None:
        fluidsynth = load_fluidsynth()
        options = {"audio.periods": 3, "audio.period-size": 256} if driver != "file" else {}
        out = os.environ.get("DESCANT_AUDIO_FILE")
        if driver == "file" and out:
            options["audio.file.name"] = out
        _quiet(fluidsynth)
        self._synth = fluidsynth.Synth(gain=gain, samplerate=44100.0, channels=256, **options)
        self.set_reverb(reverb)
        self._font = self._synth.sfload(str(font))
        if self._font < 0:
            raise OSError(f"{font.name} is not a SoundFont that can be read.")
        if driver is not None:
            self._start(driver)
        self._select(CLICK_SYNTH_CHANNEL, Voice(DRUM_CHANNEL, 0, True))

    def _start(self, driver: str) -> None:
        for name in (driver,) if driver != "auto" else _drivers():
            self._synth.start(driver=name)
            if self._synth.audio_driver:
                return
        raise OSError("No sound device answered. Choose a MIDI port as output, or plug one in.")

    def set_gain(self, gain: float) -> None:
        """Loudness, 0 to 2 or so."""
        self._synth.setting("synth.gain", float(gain))

    def set_reverb(self, level: float) -> None:
        """Reverb, 0 to 1."""
        self._synth.set_reverb(0.6, 0.3, 0.8, max(0.0, min(1.0, level)))

    def setup(self, voices: tuple[Voice, ...]) -> None:
        for number, voice in enumerate(voices[:CLICK_SYNTH_CHANNEL]):
            self._select(number, voice)

    def send(self, voice: int, kind: int, a: int, b: int) -> None:
        synth = self._synth
        channel = CLICK_SYNTH_CHANNEL if voice == CLICK_VOICE else voice % CLICK_SYNTH_CHANNEL
        if kind == NOTE_ON:
            synth.noteon(channel, a, b)
        elif kind == NOTE_OFF:
            synth.noteoff(channel, a)
        elif kind == CONTROL:
            synth.cc(channel, a, b)
        elif kind == PROGRAM:
            synth.program_change(channel, a)
        elif kind == BEND:
            synth.pitch_bend(channel, (b << 7 | a) - 8192)

    def send_system(self, *message: int) -> None:
        """The synth follows nobody."""

    def silence(self) -> None:
        for channel in range(256):
            for controller in (64, 123, 120):
                self._synth.cc(channel, controller, 0)
            self._synth.pitch_bend(channel, 0)

    def samples(self, count: int):  # type: ignore[no-untyped-def]
        """The next `count` frames as int16, interleaved stereo (rendering without a device)."""
        return self._synth.get_samples(count)

    def close(self) -> None:
        self._synth.delete()

    def _select(self, channel: int, voice: Voice) -> None:
        bank = 128 if voice.drum else 0
        for program in (voice.program, 0):
            if self._synth.program_select(channel, self._font, bank, program) == 0:
                return


def open_output(
    choice: str, font: Path | None, gain: float, reverb: float
) -> SilentOutput | PortOutput | SynthOutput:
    """The output of a choice: "none", "synth", "virtual", or "port:" and a name.

    Raises OSError with one clear sentence when it cannot be had.
    """
    if choice == NONE:
        return SilentOutput()
    if choice == SYNTH:
        return _open_synth(font, gain, reverb)
    try:
        return PortOutput(None if choice == VIRTUAL else choice.removeprefix(PORT))
    except OSError:
        raise
    except Exception as error:  # rtmidi raises SystemError and others
        raise OSError(f"The MIDI port cannot be opened: {error}") from error


def _open_synth(font: Path | None, gain: float, reverb: float) -> SynthOutput:
    try:
        load_fluidsynth()
    except (ImportError, OSError, AttributeError) as error:
        raise OSError(
            "The built-in synth needs the FluidSynth library; install it, or choose a MIDI port."
        ) from error
    if font is None:
        raise OSError("No SoundFont was found; choose one in the preferences, or use a MIDI port.")
    return SynthOutput(font, gain, reverb, os.environ.get("DESCANT_AUDIO_DRIVER", "auto"))


class PortList:
    """The MIDI ports there are, asked again and again.

    It keeps one client of each kind open: opening one holds the interpreter for many milliseconds,
    asking it for names does not.
    """

    def __init__(self) -> None:
        self._clients: dict[str, Any] = {}

    def outputs(self) -> list[str]:
        """Names of the MIDI outputs; [] without a MIDI system."""
        return self._names("MidiOut")

    def inputs(self) -> list[str]:
        """Names of the MIDI inputs."""
        return self._names("MidiIn")

    def _names(self, kind: str) -> list[str]:
        api = _api()
        if api is None:
            return []
        import rtmidi

        try:
            if kind not in self._clients:
                self._clients[kind] = getattr(rtmidi, kind)(api, name=CLIENT + " look")
            names = [plain_name(n) for n in self._clients[kind].get_ports()]
        except Exception:  # SystemError when the MIDI system went away
            self._clients.pop(kind, None)
            _known_api.clear()
            return []
        return sorted({n for n in names if not n.startswith(CLIENT)})


def has_virtual_ports() -> bool:
    """Whether this system lets a program make ports of its own."""
    return sys.platform != "win32" and _api() is not None


_known_api: list[int | None] = []


def _api() -> int | None:
    """The first MIDI system of this machine that answers."""
    if _known_api and _known_api[0] is not None:
        return _known_api[0]
    os.environ.setdefault("JACK_NO_START_SERVER", "1")
    found = None
    try:
        import rtmidi

        for api in rtmidi.get_compiled_api():
            try:
                rtmidi.MidiOut(api, name=CLIENT + " look").delete()
                found = api
                break
            except Exception:  # a plain SystemError: this system is not there
                continue
    except ImportError:
        pass
    _known_api[:] = [found]
    return found


def plain_name(name: str) -> str:
    """A port's name without the client and port numbers that ALSA changes at every start."""
    return re.sub(r"\s+\d+:\d+$", "", name)


def _open_port(name: str):  # type: ignore[no-untyped-def]
    api = _api()
    if api is None:
        raise OSError("This machine has no MIDI system that answers.")
    import rtmidi

    port = rtmidi.MidiOut(api, name=CLIENT)
    for index, found in enumerate(port.get_ports()):
        if plain_name(found) == name:
            port.open_port(index, "out")
            return port
    port.delete()
    raise OSError(f"The MIDI port {name} is not there now; it is used again when it returns.")


def _open_virtual():  # type: ignore[no-untyped-def]
    api = _api()
    if api is None or sys.platform == "win32":
        raise OSError("This system has no virtual MIDI ports.")
    import rtmidi

    port = rtmidi.MidiOut(api, name=CLIENT)
    port.open_virtual_port("out")
    return port


def _drivers() -> tuple[str, ...]:
    if sys.platform == "win32":
        return "wasapi", "dsound", "waveout"
    if sys.platform == "darwin":
        return ("coreaudio",)
    return "pipewire", "pulseaudio", "alsa", "jack"


def _quiet(fluidsynth) -> None:  # type: ignore[no-untyped-def]
    """FluidSynth writes its warnings to the terminal; ours come through the log."""
    setter = getattr(fluidsynth, "fluid_set_log_function", None)
    if setter is None:
        try:
            setter = fluidsynth._fl.fluid_set_log_function
        except AttributeError:
            return
    for level in range(5):
        setter(level, None, None)
