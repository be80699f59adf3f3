"""The README's commands and example do what it says, with the bundled model."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", TEXT, re.S)
COMMANDS = [
    line.split("#")[0].strip()
    for language, block in BLOCKS
    for line in block.splitlines()
    if language == "sh" and line.startswith("descant ")
]
ENVIRONMENT = {
    name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a song in it: what the README's reader has."""
    shutil.copy(ROOT / "resources" / "examples" / "first_light.mid", tmp_path / "song.mid")
    return tmp_path


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.parametrize("command", COMMANDS)
def test_commands(command: str, folder: Path) -> None:
    words = shlex.split(command)[1:]
    run(["-m", "descant", *words], folder)
    if "-o" in words:
        assert (folder / words[words.index("-o") + 1]).stat().st_size > 0


def test_python_example(folder: Path) -> None:
    (example,) = [block for language, block in BLOCKS if language == "python"]
    run(["-c", example], folder)
    assert len(list(folder.glob("take-*.mid"))) == 4


def test_run_without_a_screen(folder: Path) -> None:
    done = run([str(ROOT / "packaging" / "run_demo.py")], folder)
    assert "wrote out/demo.mid" in done.stdout
    assert (folder / "out" / "demo.png").read_bytes().startswith(b"\x89PNG")


def test_pictures_exist() -> None:
    for path in re.findall(r"!\[.*?\]\((.*?)\)", TEXT):
        assert (ROOT / path).is_file()
