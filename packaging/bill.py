"""The bill of materials of a bundle (CycloneDX 1.5) and the licence of each part, for About.

usage: bill.py TAKEN.json FOLDER    run by the bundle's own environment

TAKEN lists the files on this machine that PyInstaller took.  Each belongs to an installed Python
distribution, to a Debian package, or lies near a licence file; one that does not is an error.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path

TEXTS = Path(__file__).parent / "licences"
COMMON = Path("/usr/share/common-licenses")
_LICENCE_FILE = re.compile(r"(licen[cs]e|copying|copyright|notice)", re.I)


@dataclass(frozen=True, order=True)
class Part:
    """Something by others in the bundle."""

    name: str
    version: str
    licence: str
    purl: str
    text: str = field(compare=False, repr=False)

    def form(self) -> dict[str, object]:
        """As a CycloneDX component."""
        form: dict[str, object] = {"type": "library", "name": self.name, "version": self.version}
        if self.licence:
            form["licenses"] = [{"license": {"name": self.licence}}]
        return form | ({"purl": self.purl} if self.purl else {})


# Compiled in or in no list of files, so that nobody would find it.
BUILT_IN = (
    ("pybind11", "BSD-3-Clause"),
    ("pyinstaller", "GPL-2.0-or-later with an exception for the bootloader"),
)


def find_parts(taken: Iterable[str]) -> list[Part]:
    """The parts that the files belong to, by name.  Raises ValueError for an orphan."""
    found: dict[str, Part] = {}
    for path in map(Path, taken):
        part = _python_part(path) or _debian_part(path) or _near_part(path)
        if part is None:
            raise ValueError(f"{path} belongs to nothing with a licence")
        found[part.name] = part
    for name, licence in BUILT_IN:
        found[name] = _of_distribution(metadata.distribution(name), licence)
    found.pop("descant", None)
    return sorted(found.values())


# -- Python distributions ---------------------------------------------------------------------


@cache
def _owners() -> dict[Path, metadata.Distribution]:
    return {
        Path(str(owner.locate_file(file))).resolve(): owner
        for owner in metadata.distributions()
        for file in owner.files or ()
    }


def _python_part(path: Path) -> Part | None:
    owner = _owners().get(path.resolve())
    return _of_distribution(owner) if owner else None


@cache
def _of_distribution(owner: metadata.Distribution, licence: str = "") -> Part:
    name, about = owner.metadata["Name"], owner.metadata
    licence = licence or about.get("License-Expression") or _classified(about) or ""
    files = sorted(f for f in owner.files or () if _is_licence(f.parts))
    texts = [Path(str(owner.locate_file(file))) for file in files] or _kept_texts(licence)
    purl = f"pkg:pypi/{name.lower()}@{owner.version}"
    return Part(name, owner.version, licence, purl, _joined(texts))


def _is_licence(parts: tuple[str, ...]) -> bool:
    return ".dist-info" in parts[0] and bool(_LICENCE_FILE.search("/".join(parts[1:])))


def _classified(about: metadata.PackageMetadata) -> str:
    named = about.get("License") or ""
    classified = [
        c.split(" :: ")[-1] for c in about.get_all("Classifier") or () if "License ::" in c
    ]
    return named if named and "\n" not in named else ", ".join(classified)


def _kept_texts(licence: str) -> list[Path]:
    """Qt's bindings come without the texts of the LGPL, which builds on the GPL."""
    names = ("LGPL-3.0", "GPL-3.0") if "LGPL" in licence else ()
    return [TEXTS / f"{name}.txt" for name in names]


# -- Debian packages --------------------------------------------------------------------------


def _debian_part(path: Path) -> Part | None:
    package = _package_of(str(path)) or _package_of(str(path.resolve()))
    return _of_package(package) if package else None


@cache
def _package_of(path: str) -> str:
    for name in (path, path.removeprefix("/usr")):
        try:
            done = subprocess.run(["dpkg", "-S", name], capture_output=True, text=True)
        except FileNotFoundError:
            return ""
        if done.returncode == 0:
            return done.stdout.split(": ")[0].split(",")[0]
    return ""


@cache
def _of_package(package: str) -> Part:
    form = "${source:Package} ${source:Version}"
    source, version = _said("dpkg-query", "-W", f"-f={form}", package).split()
    copyright_file = Path("/usr/share/doc") / package.split(":")[0] / "copyright"
    text = copyright_file.read_text(encoding="utf-8", errors="replace")
    licences = sorted(set(re.findall(r"^License: *(\S.*)$", text, re.M)))
    shared = [COMMON / name for name in sorted(set(re.findall(rf"{COMMON}/([\w.-]*\w)", text)))]
    whole = "\n".join([text, *(_joined([path]) for path in shared if path.is_file())])
    return Part(
        source, version, ", ".join(licences)[:120], f"pkg:deb/debian/{source}@{version}", whole
    )


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


# -- anything else ----------------------------------------------------------------------------


def _near_part(path: Path) -> Part | None:
    """A library from an archive or from Homebrew: its licence lies in a folder above it."""
    for folder in list(path.resolve().parents)[:4]:
        texts = sorted(f for f in folder.glob("*") if f.is_file() and _LICENCE_FILE.search(f.name))
        if texts:
            name = folder.parent.name if folder.parent.parent.name == "Cellar" else folder.name
            version = folder.name if name == folder.parent.name else ""
            return Part(name, version, "", "", _joined(texts))
    return None


def _joined(paths: Iterable[Path]) -> str:
    return "\n".join(p.read_text(encoding="utf-8", errors="replace").strip() + "\n" for p in paths)


# -- writing ----------------------------------------------------------------------------------


def write_bill(taken: Iterable[str], folder: Path) -> None:
    """`bill.cdx.json`, and `<name>.txt` of each part beside it."""
    folder.mkdir(parents=True, exist_ok=True)
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
        "components": [part.form() for part in parts],
    }
    text = json.dumps(form, indent=1, ensure_ascii=False)
    (folder / "bill.cdx.json").write_text(text + "\n", encoding="utf-8")


def _taken(path: str) -> Iterator[str]:
    yield from sorted(json.loads(Path(path).read_text(encoding="utf-8")))


if __name__ == "__main__":
    try:
        write_bill(_taken(sys.argv[1]), Path(sys.argv[2]))
    except ValueError as error:
        sys.exit(f"bill.py: {error}")
