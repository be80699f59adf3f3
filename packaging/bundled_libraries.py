"""Run before the program's own code: ctypes finds libraries in the bundle before the system's."""

from __future__ import annotations

import ctypes.util
import sys
from pathlib import Path

_find_in_system = ctypes.util.find_library
_BUNDLE = Path(sys._MEIPASS)  # type: ignore[attr-defined]


def _find_library(name: str) -> str | None:
    for pattern in (f"lib{name}.so*", f"lib{name}*.dylib", f"{name}.dll"):
        for path in sorted(_BUNDLE.glob(pattern)):
            return str(path)
    return _find_in_system(name)


ctypes.util.find_library = _find_library
