"""Where sound goes: nowhere, the built-in synth, a MIDI port that is there, or one of our own."""

from __future__ import annotations

from pathlib import Path

from descant_app.playback.midi_ports import PortOutput
from descant_app.playback.output import Output, SilentOutput
from descant_app.playback.synth import open_synth

NONE, SYNTH, VIRTUAL = "none", "synth", "virtual"
PORT = "port:"


def open_output(choice: str, font: Path | None, gain: float, reverb: float) -> Output:
    """The output of a choice: "none", "synth", "virtual", or "port:" and a name.

    Raises OSError with one clear sentence when it cannot be had.
    """
    if choice == NONE:
        return SilentOutput()
    if choice == SYNTH:
        return open_synth(font, gain, reverb)
    try:
        return PortOutput(None if choice == VIRTUAL else choice.removeprefix(PORT))
    except OSError:
        raise
    except Exception as error:  # rtmidi raises SystemError and others
        raise OSError(f"The MIDI port cannot be opened: {error}") from error
