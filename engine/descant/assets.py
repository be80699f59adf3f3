"""Where the files that ship with Descant are: models and examples."""

from __future__ import annotations

from pathlib import Path

_INSTALLED = Path(__file__).parent / "resources"
_CHECKOUT = Path(__file__).parents[2] / "resources"


def asset(*parts: str) -> Path:
    """The path of a shipped file or folder, installed or in a source checkout."""
    root = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
    return root.joinpath(*parts)
