"""SoundFonts on this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from descant_app.paths import fonts_folder, resource

FONT_SUFFIXES = (".sf2", ".sf3", ".sfo")
PREFERRED = ("FluidR3Mono_GM", "MuseScore_General", "FluidR3_GM", "GeneralUser", "default-GM")


def font_folders() -> list[Path]:
    """Where fonts are looked for: shipped, the user's own, the system's."""
    home = Path.home()
    folders = [resource("soundfonts"), fonts_folder()]
    if sys.platform == "darwin":
        folders += [home / "Library/Audio/Sounds/Banks", Path("/Library/Audio/Sounds/Banks")]
    elif sys.platform == "win32":
        folders += [Path(os.environ.get("PROGRAMDATA", "C:/ProgramData")) / "soundfonts"]
    else:
        shared = Path("/usr/share")
        folders += [home / ".local/share/soundfonts", shared / "soundfonts"]
        folders += [shared / "sounds/sf3", shared / "sounds/sf2"]
    return folders


def find_fonts() -> list[Path]:
    """All fonts found, the best default first."""
    found = [
        path
        for folder in font_folders()
        if folder.is_dir()
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in FONT_SUFFIXES and path.exists()
    ]

    def rank(path: Path) -> int:
        ranks = [i for i, name in enumerate(PREFERRED) if path.stem.startswith(name)]
        return ranks[0] if ranks else len(PREFERRED)

    return sorted(found, key=rank)


def chosen_font(wanted: str) -> Path | None:
    """The user's font when it is there, else the best one found."""
    if wanted and Path(wanted).is_file():
        return Path(wanted)
    return next(iter(find_fonts()), None)
