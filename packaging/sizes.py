"""What takes the space in a bundle, largest first."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

MB = 1e6
LIMITS = {"installed": 280 * MB, "download": 120 * MB}
"""What a user puts up with."""

GROUPS = (
    ("ICU data, needed by QtCore", "PySide6/Qt/lib/libicudata"),
    ("Qt: rest of ICU", "PySide6/Qt/lib/libicu"),
    ("Qt: libraries", "PySide6/Qt/lib/"),
    ("Qt: plug-ins", "PySide6/Qt/"),
    ("Qt: Python bindings", "PySide6/"),
    ("Qt: Python bindings", "shiboken6/"),
    ("SoundFont", "descant/resources/soundfonts/"),
    ("bundled model", "descant/resources/models/"),
    ("licences", "descant/resources/licences/"),
    ("Descant: core, encoders, icons, examples", "descant/"),
    ("OpenBLAS, needed by NumPy", "numpy.libs/"),
    ("NumPy", "numpy/"),
    ("Pillow", "PIL/"),
    ("Pillow", "pillow.libs/"),
    ("pydantic, needed by typer", "pydantic_core/"),
    ("MIDI ports (RtMidi)", "rtmidi/"),
    ("MIDI ports (RtMidi)", "python_rtmidi"),
    ("Python: library", "libpython"),
    ("Python: library", "base_library.zip"),
    ("Python: library", "lib-dynload/"),
    ("FluidSynth and what it is linked to, X11, D-Bus", "lib"),
)


def size_of(path: Path) -> int:
    """Bytes of a file or of all files in a folder; a link counts as nothing."""
    if path.is_symlink():
        return 0
    if path.is_file():
        return path.stat().st_size
    return sum(f.stat().st_size for f in path.rglob("*") if f.is_file() and not f.is_symlink())


def size_table(bundle: Path) -> list[tuple[str, int]]:
    """(what, bytes), the largest first."""
    sizes: dict[str, int] = {}
    for path in bundle.rglob("*"):
        if path.is_file() and not path.is_symlink():
            group = _group(path.relative_to(bundle).as_posix())
            sizes[group] = sizes.get(group, 0) + path.stat().st_size
    return sorted(sizes.items(), key=lambda item: -item[1])


def _group(name: str) -> str:
    inner = name.partition("_internal/")[2]
    if not inner:
        return "programs: all Python code"
    for group, prefix in GROUPS:
        if inner.startswith(prefix):
            return group
    return "other"


def as_markdown(table: Iterable[tuple[str, int]]) -> str:
    """As a table of megabytes."""
    rows = [f"| {what} | {size / MB:.1f} |" for what, size in table]
    return "\n".join(["| what | MB |", "|---|---|", *rows])
