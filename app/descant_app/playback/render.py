"""The piece as a WAV file: the same sequencer and synth, without a clock."""

from __future__ import annotations

import os
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np

from descant_app.playback.event_list import EventList
from descant_app.playback.sequencer import Sequencer
from descant_app.playback.synth import SynthOutput

RATE = 44100
BLOCK = 512
TAIL_S = 3.0


def render_wav(
    events: EventList,
    path: Path,
    font: Path,
    gain: float = 0.6,
    reverb: float = 0.25,
    progress: Callable[[float], bool] = lambda share: True,
) -> bool:
    """Write 44.1 kHz, 16 bit, stereo, with three seconds for the last notes to fade.

    `progress(share)` is called now and then and stops the work by returning False.  The file
    appears under its name only when it is whole; the answer says whether it is.
    """
    synth = SynthOutput(font, gain, reverb)
    sequencer = Sequencer(synth)
    sequencer.load(events, 0.0)
    sequencer.start(0.0, 0.0)
    part = path.with_name(path.name + ".part")
    total = int((events.end_s + TAIL_S) * RATE)
    try:
        with wave.open(str(part), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(RATE)
            for frame in range(0, total, BLOCK):
                if sequencer.playing:
                    _advance(sequencer, frame / RATE, events.end_s)
                file.writeframes(np.asarray(synth.samples(BLOCK), dtype="<i2").tobytes())
                if frame % (BLOCK * 64) == 0 and not progress(frame / total):
                    return False
        os.replace(part, path)
        return True
    finally:
        part.unlink(missing_ok=True)
        synth.close()


def _advance(sequencer: Sequencer, now: float, end_s: float) -> None:
    if now < end_s:  # the end of the piece lets notes ring out instead of cutting them
        sequencer.run(now)
