"""The built-in synth: FluidSynth with a SoundFont."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from descant.fluidsynth_library import load_fluidsynth
from descant_app.playback.event_list import BEND, CONTROL, DRUM_CHANNEL, PROGRAM, Voice
from descant_app.playback.output import CLICK_VOICE, NOTE_OFF, NOTE_ON
from descant_app.playback.sound_watch import SoundWatch

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

CLICK_CHANNEL = 255
RATE = 44100.0


class SynthOutput:
    """Each voice has its own channel: sixteen are not the limit.

    `driver` is FluidSynth's name of a kind of sound device, "auto" for the first that answers, None
    for no device: then `samples` are asked for.  Raises OSError with one clear sentence.
    """

    def __init__(self, font: Path, gain: float, reverb: float, driver: str | None = None) -> None:
        self._library = load_fluidsynth()
        _quiet(self._library)
        self._synth = self._library.Synth(gain=gain, samplerate=RATE, **_settings(driver))
        self._time: Any = None
        self._watch: SoundWatch | None = None
        try:
            self._font = self._load(font)
            self.set_reverb(reverb)
            self._select(CLICK_CHANNEL, Voice(DRUM_CHANNEL, 0, True))
            if driver is not None:
                self._start(driver)
        except OSError:
            self.close()
            raise

    def _load(self, font: Path) -> int:
        number: int = self._synth.sfload(str(font))
        if number < 0:
            raise OSError(f"{font.name} is not a SoundFont that can be read.")
        return number

    def _start(self, driver: str) -> None:
        """Not by the package's own `start`, which also offers the synth as a MIDI port."""
        synth, library = self._synth, self._library
        for name in (driver,) if driver != "auto" else _drivers():
            synth.setting("audio.driver", name)
            synth.audio_driver = library.new_fluid_audio_driver(synth.settings, synth.synth)
            if synth.audio_driver:
                self._follow_time()
                return
        raise OSError("No sound device answered. Choose a MIDI port as output, or plug one in.")

    def _follow_time(self) -> None:
        """A sequencer without events: its tick is the synth's time in milliseconds."""
        self._time = self._library.Sequencer(use_system_timer=False)
        self._time.register_fluidsynth(self._synth)
        self._watch = SoundWatch(self._time.get_tick)

    def lost(self, now: float) -> bool:
        """Whether the sound device went away; asked now and then, `now` in seconds."""
        return self._watch is not None and self._watch.lost(now)

    def set_gain(self, gain: float) -> None:
        """Loudness, 0 to 2 or so."""
        self._synth.setting("synth.gain", float(gain))

    def set_reverb(self, level: float) -> None:
        """Reverb, 0 to 1."""
        self._synth.set_reverb(0.6, 0.3, 0.8, max(0.0, min(1.0, level)))

    def setup(self, voices: tuple[Voice, ...]) -> None:
        for number, voice in enumerate(voices[:CLICK_CHANNEL]):
            self._select(number, voice)

    def send(self, voice: int, kind: int, a: int, b: int) -> None:
        synth = self._synth
        channel = CLICK_CHANNEL if voice == CLICK_VOICE else voice % CLICK_CHANNEL
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

    def silence(self, everywhere: bool = True) -> None:
        for channel in range(256):
            for controller in (64, 123, 120):
                self._synth.cc(channel, controller, 0)
            self._synth.pitch_bend(channel, 0)

    def samples(self, count: int) -> npt.NDArray[np.int16]:
        """The next `count` frames as int16, interleaved stereo (rendering without a device)."""
        frames: npt.NDArray[np.int16] = self._synth.get_samples(count)
        return frames

    def close(self) -> None:
        synth = self._synth
        if synth.audio_driver:
            self._library.delete_fluid_audio_driver(synth.audio_driver)
            synth.audio_driver = None
        if self._time is not None:
            self._time.delete()
        synth.delete()

    def _select(self, channel: int, voice: Voice) -> None:
        bank = 128 if voice.drum else 0
        for program in (voice.program, 0):
            if self._synth.program_select(channel, self._font, bank, program) == 0:
                return


def open_synth(font: Path | None, gain: float, reverb: float) -> SynthOutput:
    """The synth on a sound device.  Raises OSError with one clear sentence."""
    try:
        load_fluidsynth()
    except (ImportError, OSError, AttributeError) as error:
        raise OSError(
            "The built-in synth needs the FluidSynth library; install it, or choose a MIDI port."
        ) from error
    if font is None:
        raise OSError("No SoundFont was found; choose one in the preferences, or use a MIDI port.")
    return SynthOutput(font, gain, reverb, os.environ.get("DESCANT_AUDIO_DRIVER", "auto"))


def _settings(driver: str | None) -> dict[str, Any]:
    if driver != "file":
        return {"audio.periods": 3, "audio.period-size": 256, "audio.jack.autoconnect": 1}
    out = os.environ.get("DESCANT_AUDIO_FILE")
    return {"audio.file.name": out} if out else {}


def _drivers() -> tuple[str, ...]:
    if sys.platform == "win32":
        return "wasapi", "dsound", "waveout"
    if sys.platform == "darwin":
        return ("coreaudio",)
    return "pipewire", "pulseaudio", "alsa", "jack"


def _quiet(library: Any) -> None:
    """FluidSynth would write its warnings to the terminal."""
    for level in range(5):
        library._fl.fluid_set_log_function(level, None, None)
