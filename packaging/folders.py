"""Where packages are made, and how a step of the making is run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
HERE = ROOT / "packaging"
BUILD = ROOT / "build" / "package"
SOURCE = BUILD / "source"
"""What is packaged: the last commit, nothing else."""

VENV = BUILD / "venv"
PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
BUNDLE = BUILD / "dist" / "descant"
APP = BUILD / "dist" / "Descant.app"
OUT = BUILD / "out"
"""What a user downloads."""


class PackagingError(Exception):
    """A step failed; one sentence."""


def run(*command: object, cwd: Path = ROOT, **environment: object) -> str:
    """Run a step and give what it printed.  Raises PackagingError with its last lines."""
    words = [str(word) for word in command]
    values = {**os.environ, **{name: str(value) for name, value in environment.items()}}
    done = subprocess.run(
        words, cwd=cwd, env=values, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        tail = "\n".join(done.stdout.splitlines()[-25:])
        raise PackagingError(f"{' '.join(words)[:300]} ended with {done.returncode}:\n{tail}")
    return done.stdout


def base_python() -> str:
    """On Debian its own Python: one built by hand leaves its folders in the libraries."""
    return os.environ.get("DESCANT_PYTHON") or (
        "/usr/bin/python3" if Path("/etc/debian_version").exists() else sys.executable
    )


def commit_time() -> str:
    """Seconds since 1970 of the commit that is packaged: the date of every file in a package."""
    return run("git", "log", "-1", "--format=%ct").strip()
