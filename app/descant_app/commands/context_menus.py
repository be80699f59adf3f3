"""The menus of the right mouse button: commands of the menu bar where they are needed."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu

from descant_app.commands.bars import BarCommands
from descant_app.main_window import MainWindow
from descant_app.panels.track_colours import fill_colour_menu
from descant_app.settings.translation import tr

NOTE_MENU = (
    "cut", "copy", "paste", "duplicate", "delete", "", "quantize", "quantize_dialog", "humanize",
    "legato", "staccato", "split_playhead", "join", "reverse", "", "fit_to_scale", "set_velocity",
    "", "loop_selection", "select_bars_of_notes",
)  # fmt: skip
BAR_MENU = (
    "generate", "", "hide_bars", "leave_out", "from_scratch", "clear_levels", "", "copy", "paste",
    "", "duplicate_bars", "clear_bars", "insert_bars", "delete_bars", "", "loop_selection",
    "set_meter", "set_tempo",
)  # fmt: skip
TRACK_MENU = (
    "rename_track", "add_track", "add_drums", "duplicate_track", "remove_track", "", "mute", "solo",
    "lock_track", "leave_out", "from_scratch", "track_is_drum",
)  # fmt: skip
RULER_MENU = ("set_meter", "set_tempo", "remove_tempo", "", "insert_bars", "delete_bars")


class ContextMenus:
    """Shows them where the roll, the arrangement, the headers and the ruler ask for them."""

    def __init__(self, window: MainWindow, bars: BarCommands) -> None:
        self.window, self.bars = window, bars
        window.pane.view.menu_wanted.connect(partial(self._show_menu, NOTE_MENU))
        window.arrangement.menu_wanted.connect(partial(self._show_menu, BAR_MENU))
        window.headers.menu_wanted.connect(self._show_track_menu)
        window.pane.ruler.menu_wanted.connect(self._show_ruler_menu)

    def _show_menu(self, names: tuple[str, ...], at: QPoint) -> None:
        self._menu(names).exec(at)

    def _menu(self, names: tuple[str, ...]) -> QMenu:
        menu = QMenu(self.window)
        for name in names:
            if name:
                menu.addAction(self.window.actions_[name])
            else:
                menu.addSeparator()
        return menu

    def _show_track_menu(self, at: QPoint) -> None:
        index = self.window.document.current
        menu = self._menu(TRACK_MENU)
        if index is not None:
            label = tr("Colour track")
            fill_colour_menu(
                menu.addMenu(tr("Colour")),
                lambda colour: self.window.bars.set_lane(index, label, colour=colour),
            )
        menu.exec(at)

    def _show_ruler_menu(self, tick: int, at: QPoint) -> None:
        self.bars.ruler_tick = tick
        self._show_menu(RULER_MENU, at)
        self.bars.ruler_tick = None
