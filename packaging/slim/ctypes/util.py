"""The bundle's own libraries, by name.  Python's module asks the compiler and the linker too, for
which it imports much that the window does not need before its first picture."""

import sys
from pathlib import Path


def find_library(name):
    """Path of the library in the bundle, or None."""
    for pattern in (f"lib{name}.so*", f"lib{name}*.dylib", f"{name}.dll"):
        for path in sorted(Path(sys._MEIPASS).glob(pattern)):
            return str(path)
    return None
