"""`make package`: everything a user downloads on this system, tested as far as this system can.

usage: package.py [--model FILE] [--skip-clean-root] [--twice]
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from bundle import make_bundle
from folders import APP, BUILD, BUNDLE, OUT, PYTHON, PackagingError, run
from repeat import differences, take_stock
from sizes import LIMITS, MB, as_markdown, size_of, size_table
from wheels import built, test_wheel


def main() -> int:
    """Make, test, report; 1 and one sentence when a step fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, help="stands in where resources/models has none")
    parser.add_argument("--skip-clean-root", action="store_true", help="no debootstrap, no chroot")
    parser.add_argument("--twice", action="store_true", help="build twice and compare")
    options = parser.parse_args()
    try:
        make(options)
    except PackagingError as error:
        print(f"package: {error}", file=sys.stderr)
        return 1
    return 0


def make(options: argparse.Namespace) -> None:
    """The steps, in order; the report is printed as it grows and written beside the packages."""
    make_bundle(options.model)
    version = run(PYTHON, "-c", "import descant; print(descant.__version__)").strip()
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    lines = []
    for line in _steps(options, version):
        print(line, flush=True)
        lines.append(line)
    (OUT / "report.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _steps(options: argparse.Namespace, version: str) -> Iterator[str]:
    for made in built():
        shutil.copy(made, OUT)
        yield f"- {_measured(made)}"
    yield f"- the wheel in an environment of its own: {test_wheel()}"
    yield f"- installed: {_checked('installed', size_of(_bundle())):.1f} MB"
    yield f"- self-test of the bundle: {_self_test()}"
    packages = []
    for make_package in _makers():
        packages.append(make_package(version))
        yield f"- {_measured(packages[-1])}"
        if packages[-1].suffix == ".deb" and not options.skip_clean_root:
            from linux.clean_root import test_in_clean_root

            yield from (f"- clean Debian: {seen}" for seen in test_in_clean_root(packages[-1]))
    if options.twice:
        yield _repeated(options, version, packages)
    yield "\n" + as_markdown(size_table(_bundle()))


def _makers() -> list[Callable[[str], Path]]:
    """What makes this system's packages from the bundle."""
    if sys.platform == "win32":
        from windows.installer import make_installer, make_zip

        return [make_installer, make_zip]
    if sys.platform == "darwin":
        from macos.dmg import make_dmg

        return [make_dmg]
    from linux.deb import make_deb, make_portable

    return [make_deb, make_portable]


def _bundle() -> Path:
    return APP if sys.platform == "darwin" else BUNDLE


def _self_test() -> str:
    """The frozen window, model process, player and synth, on a screen in memory."""
    program = APP / "Contents/MacOS/descant" if sys.platform == "darwin" else BUNDLE / "descant"
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [program, "--self-test"], env=environment, capture_output=True, text=True, timeout=300
    )
    if done.returncode:
        raise PackagingError(f"the bundle's self-test failed: {done.stdout}{done.stderr}")
    return "; ".join(line for line in done.stdout.splitlines() if ": " in line)


def _measured(package: Path) -> str:
    return f"{package.name}: {_checked('download', size_of(package)):.1f} MB"


def _checked(kind: str, size: int) -> float:
    if size > LIMITS[kind]:
        raise PackagingError(f"{kind}: {size / MB:.0f} MB, over {LIMITS[kind] / MB:.0f}")
    return size / MB


def _repeated(options: argparse.Namespace, version: str, packages: list[Path]) -> str:
    """All of it again, from nothing but the environment; what came out different."""
    before = take_stock(BUNDLE, [*built(), *packages])
    shutil.rmtree(BUILD / "core")
    make_bundle(options.model)
    packages = [make(version) for make in _makers()]
    found = differences(before, take_stock(BUNDLE, [*built(), *packages]))
    return f"- built twice: {', '.join(found) if found else 'every file the same'}"


if __name__ == "__main__":
    sys.exit(main())
