"""The bundle as a Windows installer and as a zip to unpack anywhere."""

from __future__ import annotations

import shutil
import time
import zipfile
from pathlib import Path

from bundle import ICON
from folders import BUNDLE, HERE, OUT, PackagingError, commit_time, run

SCRIPT = HERE / "windows" / "descant.nsi"
_PLACES = ("makensis", "C:/Program Files (x86)/NSIS/makensis.exe")
_EPOCH = 315532800
"""1980, where the dates of a zip begin."""


def make_installer(version: str) -> Path:
    """`descant-VERSION-windows.exe`: per user or for all, upgrades in place."""
    target = OUT / f"descant-{version}-windows.exe"
    compile_installer(version, ICON, BUNDLE, target)
    return target


def compile_installer(version: str, icon: Path, bundle: Path, target: Path) -> None:
    """Any folder as an installer; warnings are errors.  Works on Linux too."""
    names = {"VERSION": version, "BUNDLE": bundle, "ICON": icon, "OUT": target}
    defines = [f"-D{name}={value}" for name, value in names.items()]
    run(_compiler(), "-V2", "-WX", *defines, SCRIPT)


def make_zip(version: str) -> Path:
    """`descant-VERSION-windows-portable.zip`."""
    target = OUT / f"descant-{version}-windows-portable.zip"
    date = time.gmtime(max(int(commit_time()), _EPOCH))[:6]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for path in sorted(p for p in BUNDLE.rglob("*") if p.is_file()):
            name = f"Descant/{path.relative_to(BUNDLE).as_posix()}"
            file.writestr(zipfile.ZipInfo(name, date), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return target


def _compiler() -> str:
    for place in _PLACES:
        if shutil.which(place):
            return place
    raise PackagingError("makensis is missing; install NSIS")
