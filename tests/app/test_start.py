"""What the start does without, so that the window is there sooner."""

from __future__ import annotations

import gc
import os
import subprocess
import sys

import pytest

from descant_app.application import Application

START = """
import sys
from descant_app.__main__ import _import_plainly
_import_plainly()
from descant_app.application import Application, make_qt
from descant_app.paths import settings_file
from descant_app.settings.options import Settings
qt = make_qt()
whole = Application(Settings(settings_file()))
whole.show([])
qt.processEvents()
assert whole.window.pane.view.isVisible()
print(*sys.modules)
whole.document.undo_stack.setClean()
whole.window.close()
whole.document.undo_stack.clear()
"""

LATER = {
    "descant_app.panels.about",
    "descant_app.panels.generate_download",
    "descant_app.settings.preferences_dialog",
    "html",
    "numpy.ma",
    "torch",
}


def test_the_first_picture_needs_no_dialogs_and_no_masked_arrays() -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", START], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    modules = set(done.stdout.split())
    assert "descant_app.piano_roll.view" in modules
    assert not LATER & modules


def test_the_collector_works_once_the_window_is_there(
    whole: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole.composer, "start", lambda: None)
    monkeypatch.setattr(whole.player, "start_process", lambda: None)
    monkeypatch.setattr(whole.files.recovery, "offer", lambda: None)
    gc.disable()
    try:
        whole.after_first_paint()
        assert gc.isenabled()
    finally:
        gc.enable()
        gc.unfreeze()
