"""The `descant` command: the window, or one of the library's commands."""

from __future__ import annotations

import importlib.util
import sys

from descant_app.__main__ import PARTS


def main() -> None:
    """`descant [FILE ...]` opens the window; anything else is the library's command line."""
    arguments = sys.argv[1:]
    if arguments and arguments[0] not in PARTS and _is_command(arguments[0]):
        from descant.__main__ import main as run_command

        run_command()
        return
    sys.exit(_open_window(arguments))


def _is_command(word: str) -> bool:
    if word.startswith("-"):
        return True
    if not word.isidentifier():  # a file: the commands need not be loaded to know
        return False
    from descant.cli.app import command_names

    return word in command_names()


def _open_window(files: list[str]) -> int:
    if importlib.util.find_spec("PySide6") is None:
        print("descant: the window needs Qt; pip install 'descant[app]'", file=sys.stderr)
        return 1
    from descant_app.__main__ import main as open_window

    return open_window(files)
