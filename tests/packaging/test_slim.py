"""What the bundle has in place of parts of pyqtgraph and NumPy that only cost time at the start."""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

pytest.importorskip("PySide6.QtWidgets")
pytest.importorskip("pyqtgraph")

PACKAGING = Path(__file__).parents[2] / "packaging"
SLIM = PACKAGING / "slim"
MODULES = sorted(
    ".".join(path.relative_to(SLIM).with_suffix("").parts).removesuffix(".__init__")
    for path in SLIM.rglob("*.py")
)

PICTURE = """
import hashlib, sys
from PySide6.QtWidgets import QApplication
from descant.assets import asset
app = QApplication([])
from descant_app.document.document import Document
from descant.midi_file import read_midi
from descant_app.piano_roll.roll import Roll
from descant_app.piano_roll.view import RollView
document = Document()
document.open_score(read_midi(asset("examples", "first_light.mid")), None)
roll = Roll(document)
view = RollView(roll)
view.resize(640, 480)
view.show()
roll.fit()
app.processEvents()
image = view.grab().toImage()
print(hashlib.sha256(bytes(image.constBits())).hexdigest())
print(len({m for m in sys.modules if m.startswith("pyqtgraph.")}))
"""


def picture(path: Path) -> list[str]:
    """Hash of the roll's picture, and how many modules of pyqtgraph it took."""
    environment = {**os.environ, "PYTHONPATH": str(path), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", PICTURE], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize("name", MODULES)
def test_each_stands_in_for_a_module_that_is_there(name: str) -> None:
    assert find_spec(name) is not None


def test_the_roll_is_drawn_the_same(tmp_path: Path) -> None:
    spec = find_spec("pyqtgraph")
    assert spec is not None
    shutil.copytree(Path(str(spec.origin)).parent, tmp_path / "pyqtgraph", symlinks=True)
    shutil.copytree(SLIM / "pyqtgraph", tmp_path / "pyqtgraph", dirs_exist_ok=True)
    (whole, modules), (slim, few) = picture(Path()), picture(tmp_path)
    assert slim == whole
    assert int(few) < 30 < int(modules)


def test_libraries_are_found_in_the_bundle_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "libfluidsynth.so.3").touch()
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    find = runpy.run_path(str(SLIM / "ctypes" / "util.py"))["find_library"]
    assert find("fluidsynth") == str(tmp_path / "libfluidsynth.so.3")
    assert find("c") is None
