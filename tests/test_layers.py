"""Imports go one way: app -> engine -> core, and inside the engine to earlier rooms only."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ENGINE = ROOT / "engine" / "descant"
APP = ROOT / "app" / "descant_app"

# Each line may import from the lines above it, and rooms of one line from each other.
ENGINE_ORDER = (
    ("errors", "files", "fluidsynth_library", "defaults"),
    ("score", "assets"),
    ("native",),
    ("midi_file", "encoder_fields", "encoder_config", "controls"),
    ("picture", "attributes", "plan"),
    ("request", "tokens", "sampling", "target_headers"),
    ("model",),
    ("generation",),
    ("engine",),
    ("inference",),
    ("bench", "train"),
    ("cli",),
    ("__main__",),
)
TORCH_ROOMS = (
    "model/gpt2.py",
    "model/torch_backend.py",
    "model/torchscript.py",
    "train/",
    "bench/rival_midigpt.py",
)
QT_MODULES = ("PySide6", "pyqtgraph", "shiboken6")


def imports(path: Path) -> Iterator[tuple[int, str, bool]]:
    """Line, dotted name and whether it runs when the module is imported, of each import."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    late = {id(node) for owner in ast.walk(tree) if _is_late(owner) for node in ast.walk(owner)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module or ''}.{name.name}" for name in node.names]
        else:
            continue
        for name in names:
            yield node.lineno, name, id(node) not in late


def _is_late(node: ast.AST) -> bool:
    """Functions, and blocks that only a type checker reads."""
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)


def engine_files() -> list[Path]:
    return sorted(ENGINE.rglob("*.py"))


def room_of(dotted: str) -> str | None:
    """The engine room an import reaches: `descant.model.gpt2` -> `model`."""
    parts = dotted.split(".")
    if parts[0] != "descant" or len(parts) < 2:
        return None
    room = parts[1]
    return room if (ENGINE / room).is_dir() or (ENGINE / f"{room}.py").exists() else None


def level(room: str) -> int:
    for number, rooms in enumerate(ENGINE_ORDER):
        if room in rooms:
            return number
    pytest.fail(f"room {room!r} has no place in ENGINE_ORDER")


@pytest.mark.parametrize("path", engine_files(), ids=lambda p: str(p.relative_to(ENGINE)))
def test_engine_rooms_import_earlier_rooms_only(path: Path) -> None:
    own = path.relative_to(ENGINE).parts[0].removesuffix(".py")
    if own == "__init__":
        return
    for line, name, at_import in imports(path):
        room = room_of(name)
        if room and room != own and at_import:
            assert level(room) <= level(own), f"{path}:{line}: {own} must not import {room}"


@pytest.mark.parametrize("path", engine_files(), ids=lambda p: str(p.relative_to(ENGINE)))
def test_qt_stays_in_the_app_and_torch_in_its_rooms(path: Path) -> None:
    where = path.relative_to(ENGINE).as_posix()
    for line, name, _ in imports(path):
        top = name.split(".")[0]
        assert top not in QT_MODULES, f"{path}:{line}: Qt belongs to the app"
        assert top != "descant_app", f"{path}:{line}: the engine does not know the app"
        if top in ("torch", "lightning"):
            assert where.startswith(TORCH_ROOMS), f"{path}:{line}: torch only in {TORCH_ROOMS}"
        if name.startswith("descant._core"):
            assert where == "native.py", f"{path}:{line}: only native.py opens the core"


@pytest.mark.parametrize("path", [*engine_files(), *APP.rglob("*.py")], ids=lambda p: p.name)
def test_fluidsynth_has_one_door(path: Path) -> None:
    for line, name, _ in imports(path):
        if name.split(".")[0] == "fluidsynth":
            assert path.name == "fluidsynth_library.py", f"{path}:{line}: ask fluidsynth_library"


@pytest.mark.parametrize("path", sorted(APP.rglob("*.py")), ids=lambda p: str(p.relative_to(APP)))
def test_app_does_not_reach_past_the_engine(path: Path) -> None:
    for line, name, _ in imports(path):
        assert name.split(".")[0] != "torch", f"{path}:{line}: the window never imports torch"
        assert not name.startswith("descant._core"), f"{path}:{line}: the core is the engine's"


def test_core_includes_only_the_standard_library() -> None:
    for path in (ROOT / "cpp").rglob("*.[ch]*"):
        if "bindings" in path.parts:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            assert "pybind11" not in line, f"{path}:{number}"


def test_importing_the_library_is_light() -> None:
    heavy = ("torch", "PySide6")
    code = f"import sys, descant.inference; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
