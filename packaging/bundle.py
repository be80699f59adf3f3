"""From the last commit to a folder that runs: environment, wheel, PyInstaller."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from folders import (
    BUILD,
    BUNDLE,
    HERE,
    PYTHON,
    ROOT,
    SOURCE,
    VENV,
    PackagingError,
    base_python,
    commit_time,
    run,
)
from wheels import build_sdist, build_wheel

_ENDING = {"win32": "ico", "darwin": "icns"}.get(sys.platform, "png")
ICON = BUILD / f"descant.{_ENDING}"
FONT_NAME = "FluidR3Mono_GM.sf3"
FONT_PLACES = ("/usr/share/sounds/sf3", str(BUILD / "soundfont"))
LIBRARY_PLACES = (
    "/usr/lib/x86_64-linux-gnu/libfluidsynth.so.3",
    "/usr/lib/aarch64-linux-gnu/libfluidsynth.so.3",
    "/opt/homebrew/lib/libfluidsynth.dylib",
    "/usr/local/lib/libfluidsynth.dylib",
    "C:/tools/fluidsynth/bin/libfluidsynth-3.dll",
)


def make_bundle(model: Path | None) -> None:
    """The whole way.  `model` stands in where no model is committed."""
    export_source(model)
    make_environment()
    build_sdist()
    build_wheel()
    freeze()


def export_source(model: Path | None) -> None:
    """The last commit in a folder of its own, so that nothing unfinished is packaged."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    archive = subprocess.run(
        ["git", "archive", "HEAD"], cwd=ROOT, stdout=subprocess.PIPE, check=True
    )
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as file:
        file.extractall(SOURCE)
    models = SOURCE / "resources" / "models"
    if model is not None:
        models.mkdir(exist_ok=True)
        shutil.copyfile(model, models / "descant.safetensors")
    if not list(models.glob("*.safetensors")):
        raise PackagingError("no model in resources/models; let one stand in: --model FILE")


def make_environment() -> None:
    """A virtual environment with what goes into the bundle, at the versions written down."""
    if not PYTHON.exists():
        run(base_python(), "-m", "venv", VENV)
    pip = (PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    constraints = ("--constraint", HERE / "constraints.txt")
    run(*pip, *constraints, "pyinstaller", "scikit-build-core", "pybind11", "ninja")
    run(*pip, *constraints, *_dependencies())


def _dependencies() -> list[str]:
    """What Descant asks for, the window included, read from its pyproject.toml."""
    read = (
        "import sys, tomllib; p = tomllib.load(open(sys.argv[1], 'rb'))['project'];"
        "print('\\n'.join(p['dependencies'] + p['optional-dependencies']['app']))"
    )
    return run(PYTHON, "-c", read, SOURCE / "pyproject.toml").split("\n")[:-1]


def freeze() -> None:
    """PyInstaller, with the licences of all that it takes along."""
    run(PYTHON, "-c", "import PySide6.QtCore", SBK_EMBED=0)  # for support.py
    run(
        *(PYTHON, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", "--clean"),
        *("--distpath", BUNDLE.parent, "--workpath", BUILD / "work", HERE / "descant.spec"),
        DESCANT_BUNDLE=json.dumps({name: str(path) for name, path in _parts().items()}),
        SOURCE_DATE_EPOCH=commit_time(),
        PYTHONHASHSEED="1",
        PYINSTALLER_ZLIB_COMPRESSION_LEVEL=0,  # packages are compressed, and the start is not
    )
    if sys.platform == "linux":
        (BUNDLE / "descant-cli").symlink_to("descant")  # a terminal is nothing special here


def _parts() -> dict[str, Path]:
    parts = {
        "fluidsynth": _first(os.environ.get("DESCANT_FLUIDSYNTH", ""), *LIBRARY_PLACES),
        "soundfont": _first(*(f"{place}/{FONT_NAME}" for place in FONT_PLACES)),
        "icon": ICON,
    }
    run(PYTHON, HERE / "icons.py", SOURCE / "resources" / "icons" / "descant.svg", ICON)
    if sys.platform == "linux":
        parts["stand_ins"] = BUILD / "stand_ins"
        run(HERE / "linux" / "stand_ins.sh", parts["fluidsynth"], parts["stand_ins"])
    return parts


def _first(*places: str) -> Path:
    for place in places:
        if place and Path(place).is_file():
            return Path(place)
    raise PackagingError(f"none of these is there: {', '.join(filter(None, places))}")
