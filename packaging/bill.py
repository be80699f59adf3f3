"""The bill of materials of a bundle (CycloneDX 1.5) and the licence of each part, for About.

Runs in the bundle's own environment, with the files on this machine that PyInstaller takes along.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from owners import Part, of_distribution, owner_of

# Compiled in, or in no list of files, so that nobody would find it.
BUILT_IN = (
    ("pybind11", "BSD-3-Clause"),
    ("pyinstaller", "GPL-2.0-or-later with an exception for the bootloader"),
)


def find_parts(taken: Iterable[str]) -> list[Part]:
    """The parts that the files belong to, by name.  Raises ValueError for an orphan."""
    found: dict[str, Part] = {}
    for path in map(Path, taken):
        part = owner_of(path)
        if part is None:
            raise ValueError(f"{path} belongs to nothing with a licence")
        found[part.name] = part
    for name, licence in BUILT_IN:
        found[name] = of_distribution(metadata.distribution(name), licence)
    return sorted(found.values())


def component(part: Part) -> dict[str, object]:
    """As a CycloneDX component."""
    form: dict[str, object] = {"type": "library", "name": part.name, "version": part.version}
    if part.licence:
        form["licenses"] = [{"license": {"name": part.licence}}]
    return form | ({"purl": part.purl} if part.purl else {})


def write_bill(taken: Iterable[str], folder: Path) -> None:
    """`bill.cdx.json`, and `<name>.txt` of each part beside it.

    Raises ValueError for a file that belongs to nothing with a licence.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    parts = find_parts(taken)
    for part in parts:
        if not part.text:
            raise ValueError(f"{part.name} has no licence text")
        (folder / f"{part.name}.txt").write_text(part.text, encoding="utf-8")
    own = {"type": "application", "name": "descant", "version": metadata.version("descant")}
    form = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": own},
        "components": [component(part) for part in parts if part.name != "descant"],
    }
    text = json.dumps(form, indent=1, ensure_ascii=False)
    (folder / "bill.cdx.json").write_text(text + "\n", encoding="utf-8")
