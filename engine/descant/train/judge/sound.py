"""A MIDI file as sound, through FluidSynth and a General MIDI SoundFont of this machine."""

from __future__ import annotations

import sys
from pathlib import Path

from descant.errors import DescantError
from descant.fluidsynth_library import load_fluidsynth

FONT_FOLDERS = ("sounds/sf3", "sounds/sf2", "soundfonts")
GAIN = 0.6


def find_font() -> Path | None:
    """A SoundFont of this system; None where there is none."""
    roots = (Path(sys.prefix, "share"), Path("/usr/share"), Path("/usr/local/share"))
    folders = (root / folder for root in roots for folder in FONT_FOLDERS)
    fonts = (path for folder in folders for path in sorted(folder.glob("*.sf[23]")))
    return next(fonts, None)


def render_wav(midi: Path, wav: Path, font: Path | None = None) -> None:
    """Write 16-bit stereo at 44.1 kHz.

    Raises DescantError saying what to install, or which font cannot be read.
    """
    font = font or find_font()
    if font is None:
        raise DescantError("no SoundFont was found; install one or name it with --soundfont")
    try:
        fluidsynth = load_fluidsynth()
    except (ImportError, OSError, AttributeError):
        raise DescantError(
            "rendering needs the FluidSynth library and pyfluidsynth: pip install 'descant[train]'"
        ) from None
    synth = fluidsynth.Synth(gain=GAIN)
    try:
        if not font.is_file() or synth.sfload(str(font)) < 0:
            raise DescantError(f"{font} is not a SoundFont that can be read")
        synth.midi2audio(str(midi), str(wav))
    finally:
        synth.delete()
    if not wav.is_file():
        raise DescantError(f"FluidSynth could not write {wav}")
