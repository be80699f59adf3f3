"""macOS sends files as events, to the program that runs already."""

from __future__ import annotations

import subprocess
import sys

CODE = """
from PySide6.QtGui import QFileOpenEvent
from descant_app.application import make_qt
app, wanted = make_qt(), []
app.file_wanted.connect(wanted.append)
app.sendEvent(app, QFileOpenEvent("/music/song.mid"))
print(wanted)
"""


def test_a_file_that_the_desktop_sends_is_wanted() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['/music/song.mid']"


def test_a_wanted_file_is_opened(whole, qtbot, tmp_path, score) -> None:
    from descant.midi_file import write_midi

    path = tmp_path / "song.mid"
    write_midi(score, path)
    whole.open_wanted(str(path))
    qtbot.waitUntil(lambda: whole.document.path == path, timeout=8000)
