"""Whose a file is: the Python distribution, Debian package, or other origin, with its licence."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path

TEXTS = Path(__file__).parent / "licences"
COMMON = Path("/usr/share/common-licenses")
_LICENCE_FILE = re.compile(r"(licen[cs]e|copying|copyright|notice)", re.I)

_NAMED = re.compile(r"^License: *([\w.+/-]+(?: (?:or|and|with) [\w.+/-]+)*)$", re.M)


@dataclass(frozen=True, order=True)
class Part:
    """Something by others in the bundle."""

    name: str
    version: str
    licence: str
    purl: str
    text: str = field(compare=False, repr=False)


def owner_of(path: Path) -> Part | None:
    """The part that a file on this machine belongs to; None for an orphan."""
    for look in (_python_part, _debian_part, _interpreter_part, _vcpkg_part, _near_part):
        part = look(path)
        if part is not None:
            return part
    return None


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
    return of_distribution(owner) if owner else None


@cache
def of_distribution(owner: metadata.Distribution, licence: str = "") -> Part:
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
def _packaged() -> dict[str, str]:
    """Package by file, from the lists that dpkg keeps: asking it a thousand times takes minutes."""
    return {
        file: listed.name.removesuffix(".list")
        for listed in Path("/var/lib/dpkg/info").glob("*.list")
        for file in listed.read_text(encoding="utf-8").splitlines()
    }


def _package_of(path: str) -> str:
    return _packaged().get(path) or _packaged().get(path.removeprefix("/usr"), "")


@cache
def _of_package(package: str) -> Part:
    form = "${source:Package} ${source:Version}"
    source, version = _said("dpkg-query", "-W", f"-f={form}", package).split()
    copyright_file = Path("/usr/share/doc") / package.split(":")[0] / "copyright"
    text = copyright_file.read_text(encoding="utf-8", errors="replace")
    licences = sorted(set(_NAMED.findall(text)))
    shared = [COMMON / name for name in sorted(set(re.findall(rf"{COMMON}/([\w.-]*\w)", text)))]
    whole = "\n".join([text, *(_joined([path]) for path in shared if path.is_file())])
    return Part(source, version, ", ".join(licences), f"pkg:deb/debian/{source}@{version}", whole)


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


# -- elsewhere --------------------------------------------------------------------------------


def _interpreter_part(path: Path) -> Part | None:
    """Python where no Debian package brought it, and the runtime of the compiler beside it."""
    base, windows = Path(sys.base_prefix).resolve(), os.environ.get("SYSTEMROOT", "")
    if windows and path.resolve().is_relative_to(windows):
        terms = "Part of Windows, or may be passed on with what Visual Studio builds."
        return Part("Microsoft runtime", "", "Microsoft's terms", "", terms)
    if not path.resolve().is_relative_to(base):
        return None
    version = sys.version.split()[0]
    places = (base / "LICENSE.txt", Path(sysconfig.get_path("stdlib")) / "LICENSE.txt")
    text = _joined(place for place in places if place.is_file())
    return Part("Python", version, "PSF-2.0", f"pkg:generic/python@{version}", text)


def _vcpkg_part(path: Path) -> Part | None:
    """A library of vcpkg: `installed/vcpkg/info/PORT_VERSION_TRIPLET.list` names its files."""
    triplet = path.parent.parent
    wanted = path.relative_to(triplet.parent).as_posix()
    for listed in (triplet.parent / "vcpkg" / "info").glob("*.list"):
        if wanted in listed.read_text(encoding="utf-8").splitlines():
            port, version = listed.name.split("_")[:2]
            text = _joined([triplet / "share" / port / "copyright"])
            return Part(port, version, "", f"pkg:generic/{port}@{version}", text)
    return None


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
