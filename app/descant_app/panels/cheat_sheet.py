"""All keys and mouse gestures on one page."""

from __future__ import annotations

from html import escape

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

from descant_app.actions import MENUS, SPECS, Actions
from descant_app.settings.theme import themes

GESTURES = (
    ("In the roll", (
        ("Click a note", "choose it; Shift adds, Ctrl toggles"),
        ("Drag a note", "move; Shift keeps one direction, Ctrl copies, Alt lets go of the grid"),
        ("Drag an edge", "resize at either end; Ctrl stretches the group"),
        ("Drag over nothing", "choose with a box; Shift adds; Ctrl draws a free outline"),
        ("Double-click", "add a note, or remove the one under the pointer"),
        ("Draw tool", "press places, up and down changes the pitch, right the length; "
                      "right-drag erases"),
        ("Alt + wheel on a note", "velocity"),
        ("Ctrl + wheel", "zoom in time; with Shift zoom the rows"),
        ("Wheel, Shift + wheel", "scroll; middle-drag moves the picture"),
        ("Esc during a drag", "leave everything as it was"),
        ("Drag notes out of the window", "carry them away as a MIDI file"),
    )),
    ("Keys and ruler", (
        ("Press keys", "hear them; further right is louder"),
        ("Alt-click or double-click a key", "choose all its notes"),
        ("Click the ruler", "put the playhead; drag to hear what you pass"),
        ("Drag above the ruler", "loop range; double-click turns it on and off"),
        ("Shift-drag the ruler", "choose bars in all unlocked tracks"),
    )),
    ("Velocity lane", (
        ("Drag", "paint; only chosen notes when there are some"),
        ("Shift-drag", "a straight ramp"),
        ("Alt-drag", "louder or softer together"),
    )),
    ("Arrangement", (
        ("Click, drag", "choose bars; Shift extends, Ctrl toggles, Alt takes all tracks"),
        ("Double-click", "show the bar in the roll"),
        ("Drag chosen bars", "carry them out of the window as a MIDI file"),
        ("Drag a track header", "change the order; sideways carries the track out as a MIDI file; "
                                "double-click renames"),
    )),
    ("Takes", (
        ("Click a take", "see and hear it in place of your bars"),
        ("Up, Down", "the take before or after; Backspace puts one aside"),
        ("Hold \\", "a look at the original, as loud as the take"),
    )),
)  # fmt: skip


class CheatSheet(QDialog):
    """Built from the table of actions, so that it is never out of date."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keys and gestures"))
        self.resize(900, 640)
        page = QTextBrowser()
        page.setAccessibleName(self.tr("Keys and gestures"))
        page.setHtml(self._html(actions))
        column = QVBoxLayout(self)
        column.addWidget(page)

    def _html(self, actions: Actions) -> str:
        left = "".join(_table(title, rows) for title, rows in GESTURES)
        menus = []
        for menu in MENUS:
            rows = []
            for spec in SPECS:
                action = actions[spec.name]
                if spec.menu.rstrip("|") == menu and action.shortcuts():
                    native = QKeySequence.SequenceFormat.NativeText
                    keys = ", ".join(k.toString(native) for k in action.shortcuts())
                    rows.append((keys, action.text().rstrip("…")))
            if rows:
                menus.append((menu, tuple(rows)))
        half = len(menus) // 2 - 1
        middle = "".join(_table(*m) for m in menus[: half + 1])
        right = "".join(_table(*m) for m in menus[half + 1 :])
        cells = "".join(f"<td valign=top width=33%>{part}</td>" for part in (left, middle, right))
        return f"<table cellspacing=12 width=100%><tr>{cells}</tr></table>"


def _table(title: str, rows: tuple[tuple[str, str], ...]) -> str:
    dim, accent = themes.now["dim"].name(), themes.now["accent"].name()
    body = "".join(
        f"<tr><td><b>{escape(key)}</b>&nbsp;&nbsp;</td>"
        f"<td style='color:{dim}'>{escape(text)}</td></tr>"
        for key, text in rows
    )
    return f"<h4 style='color:{accent}'>{escape(title)}</h4><table cellpadding=1>{body}</table>"
