"""The .app as a disk image."""

from __future__ import annotations

import platform
from pathlib import Path

from folders import APP, HERE, OUT, run


def make_dmg(version: str) -> Path:
    """`descant-VERSION-macos-MACHINE.dmg`."""
    target = OUT / f"descant-{version}-macos-{platform.machine()}.dmg"
    run(HERE / "macos" / "dmg.sh", APP, target)
    return target
