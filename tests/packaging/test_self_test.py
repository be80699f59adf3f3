"""`descant --self-test`, as the packages' tests run it, here from the sources."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("PySide6.QtWidgets")
pytest.importorskip("pyqtgraph")

from descant_app.playback.fonts import find_fonts

MODEL = Path(__file__).parents[1] / "data/vectors/generation/checkpoints/tiny_ghost.safetensors"


def self_test(*arguments: str) -> subprocess.CompletedProcess[str]:
    code = "from descant_app.console import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, "--self-test", *arguments],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.skipif(not find_fonts(), reason="no SoundFont")
def test_every_step_works() -> None:
    pytest.importorskip("fluidsynth", exc_type=ImportError)
    done = self_test(str(MODEL))
    assert done.returncode == 0, done.stderr
    steps = [line.split(":")[0] for line in done.stdout.splitlines()]
    assert steps == ["window", "model", "player", "sound", "file", "self-test passed"]


def test_a_broken_model_fails(tmp_path: Path) -> None:
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(MODEL.read_bytes()[:1000])
    done = self_test(str(broken))
    assert done.returncode == 1
    assert "self-test failed: SelfTestError" in done.stderr
    assert "Traceback" not in done.stderr
