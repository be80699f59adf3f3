"""`python -m descant_app [FILE ...]`: open the window."""

from __future__ import annotations

import sys


def main(arguments: list[str] | None = None) -> int:
    """Open the window; `--player` (used by the frozen program) is the player process instead."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["--player"]:
        from descant_app.playback.process import main as play

        return play()
    from descant_app.application import run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
