"""The window as users start it, with a second pair of eyes: each line read is a Python expression
about it, and is answered by a line of JSON.  It only looks; hands are xdotool's."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QPoint, QTimer, Signal
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from descant_app import logs
from descant_app.application import Application, make_qt
from descant_app.paths import log_folder, settings_file
from descant_app.settings.options import Settings


class Eyes(QObject):
    """Reads questions on a thread of its own and answers them on the window's."""

    asked = Signal(str)

    def __init__(self, whole: Application) -> None:
        super().__init__()
        self.names: dict[str, Any] = {"w": whole, "at": at, "cell": self.cell}
        self.names |= {"modal": modal, "button": button}
        self.whole = whole
        self.asked.connect(self.answer)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self) -> None:
        for line in sys.stdin:
            self.asked.emit(line)

    def answer(self, line: str) -> None:
        try:
            value = eval(line, self.names)
        except Exception as error:
            value = {"error": repr(error)}
        print(json.dumps(value, default=str), flush=True)

    def cell(self, track: int, bar: int) -> list[int]:
        """The middle of a bar of the arrangement on the screen."""
        canvas, starts = self.whole.window.arrangement, self.whole.document.starts
        x = (canvas.x_of(int(starts[bar])) + canvas.x_of(int(starts[bar + 1]))) / 2
        row = self.whole.window.headers.headers[track]
        return at(canvas, round(x), row.mapTo(row.window(), QPoint(0, row.height() // 2)).y()
                  - canvas.mapTo(canvas.window(), QPoint(0, 0)).y())  # fmt: skip


def at(widget: QWidget, x: float | None = None, y: float | None = None) -> list[int]:
    """A place of a widget on the screen; its middle by default."""
    x = widget.width() // 2 if x is None else round(x)
    y = widget.height() // 2 if y is None else round(y)
    point = widget.mapToGlobal(QPoint(x, y))
    return [point.x(), point.y()]


def modal() -> str:
    """The kind of dialog or menu that is open."""
    widget = QApplication.activeModalWidget() or QApplication.activePopupWidget()
    return type(widget).__name__ if widget else ""


def button(text: str) -> list[int]:
    """The middle of a button of the dialog that is open."""
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    return next(at(b) for b in dialog.findChildren(QPushButton) if b.text() == text)


def main() -> int:
    """Open the window with the files named."""
    app = make_qt()
    settings = Settings(settings_file())
    logs.start_logging(log_folder(), settings.options.log_level)
    whole = Application(settings)
    whole.show([Path(name) for name in sys.argv[1:]])
    eyes = Eyes(whole)
    QTimer.singleShot(50, whole.after_first_paint)
    code = app.exec()
    del eyes
    return code


if __name__ == "__main__":
    sys.exit(main())
