"""Keeps the libraries of a bundle that something in it is linked to, and drops the others.

Replacing FluidSynth's luxuries by stand-ins leaves what those were linked to without a user.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import PurePosixPath

Entry = tuple[str, str, str]
"""PyInstaller's: name in the bundle, path on this machine, kind."""

_NEEDED = re.compile(r"\(NEEDED\).*\[(.+)\]")


def only_needed(entries: Iterable[Entry]) -> list[Entry]:
    """The entries without libraries that nobody needs; Linux only, unchanged elsewhere."""
    entries = list(entries)
    needs = {name: _needs(source) for name, source, _ in entries}
    while True:
        wanted = set().union(*needs.values())
        idle = [name for name in needs if _may_go(name) and PurePosixPath(name).name not in wanted]
        if not idle:
            return [entry for entry in entries if entry[0] in needs]
        for name in idle:
            del needs[name]


def _may_go(name: str) -> bool:
    """Plug-ins, extensions, and what is loaded by name have no one who names them."""
    loaded = re.match(r"lib(fluidsynth|python)", PurePosixPath(name).name)
    return ".so" in name and "/plugins/" not in name and not loaded and _is_library(name)


def _is_library(name: str) -> bool:
    path = PurePosixPath(name)
    return path.name.startswith("lib") and "cpython" not in path.name and "abi3" not in path.name


def _needs(path: str) -> set[str]:
    done = subprocess.run(["readelf", "-d", path], capture_output=True, text=True)
    return set(_NEEDED.findall(done.stdout))
