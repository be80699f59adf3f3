"""All keys and mouse gestures on one page."""

from __future__ import annotations

from html import escape

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

from descant_app.actions import MENUS, SPECS, Actions
from descant_app.settings.theme import themes
from descant_app.settings.translation import N_, tr

Rows = tuple[tuple[str, str], ...]

GESTURES = (
    (N_("In the roll"), (
        (N_("Click a note"), N_("choose it; Shift adds, Ctrl toggles")),
        (N_("Drag a note"),
         N_("move; Shift keeps one direction, Ctrl copies, Alt lets go of the grid")),
        (N_("Drag an edge"), N_("resize at either end; Ctrl stretches the group")),
        (N_("Drag over nothing"), N_("choose with a box; Shift adds; Ctrl draws a free outline")),
        (N_("Double-click"), N_("add a note, or remove the one under the pointer")),
        (N_("Draw tool"),
         N_("press places, up and down changes the pitch, right the length; "
            "right-drag erases")),
        (N_("Alt + wheel on a note"), N_("velocity")),
        (N_("Ctrl + wheel"), N_("zoom in time; with Shift zoom the rows")),
        (N_("Wheel, Shift + wheel"), N_("scroll; middle-drag moves the picture")),
        (N_("Esc during a drag"), N_("leave everything as it was")),
        (N_("Drag notes out of the window"), N_("carry them away as a MIDI file")),
    )),
    (N_("Keys and ruler"), (
        (N_("Press keys"), N_("hear them; further right is louder")),
        (N_("Alt-click or double-click a key"), N_("choose all its notes")),
        (N_("Click the ruler"), N_("put the playhead; drag to hear what you pass")),
        (N_("Drag above the ruler"), N_("loop range; double-click turns it on and off")),
        (N_("Shift-drag the ruler"), N_("choose bars in all unlocked tracks")),
    )),
    (N_("Velocity lane"), (
        (N_("Drag"), N_("paint; only chosen notes when there are some")),
        (N_("Shift-drag"), N_("a straight ramp")),
        (N_("Alt-drag"), N_("louder or softer together")),
    )),
    (N_("Arrangement"), (
        (N_("Click, drag"), N_("choose bars; Shift extends, Ctrl toggles, Alt takes all tracks")),
        (N_("Double-click"), N_("show the bar in the roll")),
        (N_("Drag chosen bars"), N_("carry them out of the window as a MIDI file")),
        (N_("Drag a track header"),
         N_("change the order; sideways carries the track out as a MIDI file; "
            "double-click renames")),
    )),
    (N_("Takes"), (
        (N_("Click a take"), N_("see and hear it in place of your bars")),
        (N_("Up, Down"), N_("the take before or after; Backspace puts one aside")),
        (N_("Hold \\"), N_("a look at the original, as loud as the take")),
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
        left = "".join(_table(tr(title), _said(rows)) for title, rows in GESTURES)
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
                menus.append((tr(menu), tuple(rows)))
        half = len(menus) // 2 - 1
        middle = "".join(_table(*m) for m in menus[: half + 1])
        right = "".join(_table(*m) for m in menus[half + 1 :])
        cells = "".join(f"<td valign=top width=33%>{part}</td>" for part in (left, middle, right))
        return f"<table cellspacing=12 width=100%><tr>{cells}</tr></table>"


def _said(rows: Rows) -> Rows:
    return tuple((tr(key), tr(text)) for key, text in rows)


def _table(title: str, rows: Rows) -> str:
    dim, accent = themes.now["dim"].name(), themes.now["accent"].name()
    body = "".join(
        f"<tr><td><b>{escape(key)}</b>&nbsp;&nbsp;</td>"
        f"<td style='color:{dim}'>{escape(text)}</td></tr>"
        for key, text in rows
    )
    return f"<h4 style='color:{accent}'>{escape(title)}</h4><table cellpadding=1>{body}</table>"
