"""`make package`: everything a user downloads on this system, tested as far as this system can.

usage: package.py [--model FILE] [--skip-clean-root]
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from bundle import make_bundle
from folders import OUT, PYTHON, PackagingError, run


def main() -> int:
    """Make, test, report; 1 and one sentence when a step fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, help="stands in where resources/models has none")
    parser.add_argument("--skip-clean-root", action="store_true", help="no debootstrap, no chroot")
    options = parser.parse_args()
    try:
        make(options)
    except PackagingError as error:
        print(f"package: {error}", file=sys.stderr)
        return 1
    return 0


def make(options: argparse.Namespace) -> None:
    make_bundle(options.model)
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    version = run(PYTHON, "-c", "import descant; print(descant.__version__)").strip()
    from linux.deb import make_deb, make_portable

    for target in (make_deb(version), make_portable(version)):
        print(target, target.stat().st_size)


if __name__ == "__main__":
    sys.exit(main())
