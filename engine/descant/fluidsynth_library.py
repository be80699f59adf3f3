"""The only door to FluidSynth, the synthesiser that plays SoundFonts."""

from __future__ import annotations

import contextlib
import sys
from typing import Any


def load_fluidsynth() -> Any:
    """The module `fluidsynth` (pyfluidsynth).

    Raises ImportError, OSError or AttributeError where the package or the library it binds is
    missing or too old.
    """
    with contextlib.redirect_stdout(sys.stderr):  # with CI set it prints what it found, and where
        import fluidsynth
    return fluidsynth
