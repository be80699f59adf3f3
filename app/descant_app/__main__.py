"""`python -m descant_app [FILE ...]`: open the window."""

from __future__ import annotations

import builtins
import gc
import sys
from importlib import import_module

PARTS = {
    "--player": "descant_app.playback.process",
    "--model": "descant_app.compose.process",
    "--self-test": "descant_app.self_test",
}
"""What else this program can be, by its first argument: a child process of the window (the frozen
program has no interpreter to start one with), or a proof that an installed program works."""

WITHOUT_QT = ("--player", "--model")


def main(arguments: list[str] | None = None) -> int:
    """Open the window with the files named, or be one of PARTS."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if not arguments or arguments[0] not in WITHOUT_QT:
        gc.disable()  # until the window is there, see Application.after_first_paint
        _import_plainly()
    if arguments and arguments[0] in PARTS:
        return int(import_module(PARTS[arguments[0]]).main(*arguments[1:]))
    from descant_app.application import run

    return run(arguments)


def _import_plainly() -> None:
    """PySide would look through the source of each module that is imported after it, for other
    ways of naming things that it offers; nobody here uses them, and the start would take longer."""
    import PySide6.QtCore  # noqa: F401 (it replaces the import)

    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)


if __name__ == "__main__":
    sys.exit(main())
