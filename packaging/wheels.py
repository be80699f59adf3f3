"""The source distribution, the wheel built from it, and the wheel in an environment of its own."""

from __future__ import annotations

import os
import shutil
import sys
import tarfile
from pathlib import Path

from folders import BUILD, HERE, PYTHON, SOURCE, PackagingError, base_python, commit_time, run

SDIST, WHEELS, FRESH = BUILD / "sdist", BUILD / "wheel", BUILD / "fresh"


def build_sdist() -> Path:
    """Pack the source, and unpack it in its own place: what follows is made from it alone."""
    shutil.rmtree(SDIST, ignore_errors=True)
    build = "import sys; from scikit_build_core.build import build_sdist; build_sdist(sys.argv[1])"
    run(PYTHON, "-c", build, SDIST, cwd=SOURCE, SOURCE_DATE_EPOCH=commit_time())
    (sdist,) = SDIST.glob("*.tar.gz")
    shutil.rmtree(SOURCE)
    with tarfile.open(sdist) as file:
        file.extractall(BUILD)
    (BUILD / sdist.name.removesuffix(".tar.gz")).rename(SOURCE)
    for path in (SOURCE / "cpp").rglob("*"):  # what is compiled is kept by content, see build_wheel
        os.utime(path, (0, 0))
    return sdist


def build_wheel() -> Path:
    """The wheel, built without isolation so that the compiled core is kept between builds, and
    installed where the bundle is made."""
    shutil.rmtree(WHEELS, ignore_errors=True)
    core = BUILD / "core" / run("git", "rev-parse", "--short", "HEAD:cpp").strip()
    run(
        *(PYTHON, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"),
        *("-C", f"build-dir={core}", "-w", WHEELS, SOURCE),
        SOURCE_DATE_EPOCH=commit_time(),
        PATH=f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}",
    )
    (wheel,) = WHEELS.glob("*.whl")
    run(PYTHON, "-m", "pip", "install", "--quiet", "--no-deps", "--force-reinstall", wheel)
    return wheel


def built() -> list[Path]:
    """What was made last: the source distribution and the wheel."""
    return [*SDIST.glob("*.tar.gz"), *WHEELS.glob("*.whl")]


def test_wheel() -> str:
    """Install it as a user of the library would, with no compiler in reach, and write a bar with
    the bundled model; what was seen."""
    shutil.rmtree(FRESH, ignore_errors=True)
    run(base_python(), "-m", "venv", FRESH)
    programs = FRESH / ("Scripts" if sys.platform == "win32" else "bin")
    (wheel,) = WHEELS.glob("*.whl")
    constraints = ("--constraint", HERE / "constraints.txt")
    pip = (programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(*pip, "--only-binary", ":all:", *constraints, wheel, PATH=programs)
    version = run(programs / "descant", "--version", cwd=FRESH, PATH=programs).strip()
    song = SOURCE / "resources" / "examples" / "first_light.mid"
    wish = ("--track", "2", "--bars", "5", "--seed", "1", "-o", FRESH / "out.mid")
    run(programs / "descant", "infill", song, *wish, cwd=FRESH, PATH=programs)
    if (FRESH / "out.mid").read_bytes() == song.read_bytes():
        raise PackagingError("the installed wheel wrote nothing")
    return f"{version} installed without a compiler; a bar written with the bundled model"
