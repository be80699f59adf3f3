"""Where resources, settings and logs live, frozen or not."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import PlatformDirs

from descant.assets import asset

_DIRS = PlatformDirs("Descant", appauthor=False)


def resource(*parts: str) -> Path:
    """A file that ships with the window: installed, frozen, or in a source checkout."""
    return asset(*parts)


def data_folder() -> Path:
    """Autosaves and logs; DESCANT_DATA names another place (tests do)."""
    return _made(Path(os.environ.get("DESCANT_DATA") or _DIRS.user_data_dir))


def settings_file() -> Path:
    """Preferences and window state."""
    root = os.environ.get("DESCANT_DATA")
    folder = Path(root) if root else Path(_DIRS.user_config_dir)
    return _made(folder) / "settings.json"


def autosave_folder() -> Path:
    """One journal per open piece."""
    return _made(data_folder() / "autosave")


def log_folder() -> Path:
    """The rotating log."""
    return _made(data_folder() / "logs")


def fonts_folder() -> Path:
    """The user's own SoundFonts."""
    return _made(data_folder() / "soundfonts")


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
