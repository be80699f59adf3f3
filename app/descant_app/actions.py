"""Every command of the user, once: text, menu, keys, icon.  What each one does is connected where
the parts it needs are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from descant_app.settings.icons import icon
from descant_app.settings.theme import themes
from descant_app.settings.translation import N_, tr


@dataclass(frozen=True)
class Spec:
    """One command.  `keys` are alternatives; the first is shown.  `where` "roll" limits its keys to
    the roll and the arrangement, so that they never fire while a field has the focus; "takes" to
    these and the tray of takes."""

    name: str
    text: str
    menu: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    check: bool = False
    where: str = "window"
    tip: str = ""


def _s(name: str, text: str, menu: str, *keys: str, **more: object) -> Spec:
    return Spec(name, text, menu, keys, **more)  # type: ignore[arg-type]


ROLL = {"where": "roll"}
TAKES = {"where": "takes"}

SPECS: tuple[Spec, ...] = (
    _s("new", N_("New"), "File", "Ctrl+N"),
    _s("open", N_("Open…"), "File", "Ctrl+O", icon="open"),
    _s("example", N_("Open the demo piece"), "File"),
    _s("recover", N_("Recover lost work…"), "File"),
    _s("versions", N_("Earlier versions…"), "File"),
    _s("save", N_("Save"), "File|", "Ctrl+S", icon="save"),
    _s("save_as", N_("Save as…"), "File", "Ctrl+Shift+S"),
    _s("export_midi", N_("Export MIDI…"), "File"),
    _s("export_wav", N_("Export audio (WAV)…"), "File"),
    _s("import_tracks", N_("Add tracks from a file…"), "File|"),
    _s("preferences", N_("Preferences…"), "File|", "Ctrl+,", icon="preferences"),
    _s("quit", N_("Quit"), "File|", "Ctrl+Q"),
    _s("undo", N_("Undo"), "Edit", "Ctrl+Z", icon="undo"),
    _s("redo", N_("Redo"), "Edit", "Ctrl+Shift+Z", "Ctrl+Y", icon="redo"),
    _s("cut", N_("Cut"), "Edit|", "Ctrl+X", **ROLL),
    _s("copy", N_("Copy"), "Edit", "Ctrl+C", **ROLL),
    _s("paste", N_("Paste at playhead"), "Edit", "Ctrl+V", **ROLL),
    _s("duplicate", N_("Duplicate"), "Edit", "Ctrl+D", **ROLL),
    _s("delete", N_("Delete"), "Edit", "Del", "Backspace", **ROLL),
    _s("select_all", N_("Select all"), "Edit|", "Ctrl+A", **ROLL),
    _s("select_none", N_("Select nothing"), "Edit", "Ctrl+Shift+A", **ROLL),
    _s("select_inverse", N_("Invert selection"), "Edit", "Ctrl+I", **ROLL),
    _s("select_outside_scale", N_("Select notes outside the scale"), "Edit", **ROLL),
    _s("select_short", N_("Select notes shorter than the grid"), "Edit", **ROLL),
    _s("up", N_("Up a semitone"), "Notes", "Up", **ROLL),
    _s("down", N_("Down a semitone"), "Notes", "Down", **ROLL),
    _s("octave_up", N_("Up an octave"), "Notes", "Shift+Up", **ROLL),
    _s("octave_down", N_("Down an octave"), "Notes", "Shift+Down", **ROLL),
    _s("scale_up", N_("Up a scale step"), "Notes", "Alt+Up", **ROLL),
    _s("scale_down", N_("Down a scale step"), "Notes", "Alt+Down", **ROLL),
    _s("fit_to_scale", N_("Fit to scale"), "Notes", **ROLL),
    _s("left", N_("Earlier by the grid"), "Notes|", "Left", **ROLL),
    _s("right", N_("Later by the grid"), "Notes", "Right", **ROLL),
    _s("fine_left", N_("Earlier by a tick"), "Notes", "Ctrl+Left", **ROLL),
    _s("fine_right", N_("Later by a tick"), "Notes", "Ctrl+Right", **ROLL),
    _s("longer", N_("Longer by the grid"), "Notes", "Shift+Right", **ROLL),
    _s("shorter", N_("Shorter by the grid"), "Notes", "Shift+Left", **ROLL),
    _s("quantize", N_("Quantize"), "Notes|", "Q", icon="quantize", where="roll",
       tip=N_("Pull notes to the grid, with the strength and swing last used")),
    _s("quantize_dialog", N_("Quantize…"), "Notes", "Shift+Q", **ROLL),
    _s("humanize", N_("Humanize…"), "Notes", "Shift+H", **ROLL),
    _s("legato", N_("Legato"), "Notes", "Ctrl+Shift+L", **ROLL),
    _s("staccato", N_("Staccato"), "Notes", "Ctrl+Shift+K", **ROLL),
    _s("split_playhead", N_("Split at playhead"), "Notes", "Ctrl+E", **ROLL),
    _s("join", N_("Join"), "Notes", "Ctrl+J", **ROLL),
    _s("reverse", N_("Reverse"), "Notes", "Ctrl+R", **ROLL),
    _s("invert", N_("Mirror pitches"), "Notes", **ROLL),
    _s("double_time", N_("Twice as long"), "Notes", **ROLL),
    _s("half_time", N_("Half as long"), "Notes", **ROLL),
    _s("set_velocity", N_("Set velocity…"), "Notes|", "V", **ROLL),
    _s("louder", N_("Louder"), "Notes", "Ctrl+Up", **ROLL),
    _s("softer", N_("Softer"), "Notes", "Ctrl+Down", **ROLL),
    _s("add_track", N_("Add track"), "Track", "Ctrl+T", icon="add_track"),
    _s("add_drums", N_("Add drum track"), "Track", icon="drum"),
    _s("duplicate_track", N_("Duplicate track"), "Track"),
    _s("remove_track", N_("Remove track"), "Track"),
    _s("rename_track", N_("Rename track"), "Track|", "F2"),
    _s("mute", N_("Mute"), "Track", "M", **ROLL),
    _s("solo", N_("Solo"), "Track", "S", **ROLL),
    _s("lock_track", N_("Lock"), "Track"),
    _s("track_is_drum", N_("Drum track"), "Track", check=True),
    _s("next_track", N_("Next track"), "Track|", "Ctrl+PgDown", "W", **ROLL),
    _s("previous_track", N_("Previous track"), "Track", "Ctrl+PgUp", "E", **ROLL),
    _s("insert_bars", N_("Insert bars"), "Bars", "Ctrl+Shift+I"),
    _s("delete_bars", N_("Delete bars and their time"), "Bars", "Ctrl+Shift+Del"),
    _s("clear_bars", N_("Clear bars"), "Bars"),
    _s("duplicate_bars", N_("Duplicate bars"), "Bars", "Ctrl+Shift+D"),
    _s("select_bars_of_notes", N_("Select the bars of these notes"), "Bars|"),
    _s("set_meter", N_("Set meter…"), "Bars|"),
    _s("set_tempo", N_("Change tempo here…"), "Bars"),
    _s("remove_tempo", N_("Remove tempo change"), "Bars"),
    _s("generate", N_("Infill the chosen bars"), "Compose", "Ctrl+Return", "Ctrl+Enter",
       icon="spark",
       tip=N_("Write the chosen bars; nothing in the piece changes until a take is kept")),
    _s("compare_modes", N_("Compare ways of hiding"), "Compose", "Ctrl+Shift+Return", icon="modes",
       tip=N_("One take for each way of hiding bars, to hear what each does")),
    _s("stop", N_("Stop writing"), "Compose", icon="stop",
       tip=N_("Stop at once; bars that are finished stay offered")),
    _s("live", N_("Live"), "Compose", "L", icon="live", check=True, where="takes",
       tip=N_("Write again at once whenever a level, a setting or the choice of bars changes")),
    _s("next_take", N_("Next take"), "Compose|", "]", icon="next", where="takes"),
    _s("previous_take", N_("Previous take"), "Compose", "[", icon="previous", where="takes"),
    _s("keep_take", N_("Keep this take"), "Compose", "Return", "Enter", icon="keep", where="takes",
       tip=N_("Put the take that is shown into the piece, as one step that can be undone")),
    _s("reject_take", N_("Reject this take"), "Compose", "Shift+Backspace", icon="reject",
       where="takes", tip=N_("Put the take that is shown aside and show the next")),
    _s("star_take", N_("Star this take"), "Compose", "*", icon="star", where="takes"),
    _s("compare_original", N_("Compare with the original"), "Compose", "\\", icon="compare",
       check=True, where="takes",
       tip=N_("Hear the piece as it was, as loud as the take; hold the key for a moment's look")),
    _s("make_again", N_("Make this take again"), "Compose", **TAKES),
    _s("hear_takes", N_("Hear takes when clicked"), "Compose", icon="hear", check=True,
       tip=N_("A click on a take plays it in place, from its first bar")),
    _s("forget_rejected", N_("Forget rejected takes"), "Compose"),
    _s("hide_bars", N_("Hide bars from the model"), "Compose|", "H", icon="eye_off", where="roll",
       tip=N_("The model must not look at the chosen bars; once more shows them")),
    _s("leave_out", N_("Leave track out"), "Compose", "O", icon="left_out", where="roll",
       tip=N_("Keep the track out of what the model reads; once more takes it in")),
    _s("from_scratch", N_("Write track from scratch"), "Compose", "Shift+O", icon="from_scratch",
       where="roll",
       tip=N_("Continue the track to the right without looking ahead; once more fills it in")),
    _s("clear_levels", N_("Clear painted levels"), "Compose", **ROLL),
    _s("play", N_("Play"), "Play", "Space", icon="play"),
    _s("play_selection", N_("Play from selection"), "Play", "Shift+Space"),
    _s("play_chosen", N_("Play only the chosen notes"), "Play", "Ctrl+Space"),
    _s("to_start", N_("To the start"), "Play", "Home", icon="to_start"),
    _s("previous_bar", N_("Previous bar"), "Play", "PgUp"),
    _s("next_bar", N_("Next bar"), "Play", "PgDown"),
    _s("record", N_("Record"), "Play|", "R", icon="record", check=True, where="roll"),
    _s("loop", N_("Loop"), "Play", "Ctrl+L", icon="loop", check=True),
    _s("loop_selection", N_("Loop the selection"), "Play", "Ctrl+Shift+P"),
    _s("metronome", N_("Metronome"), "Play", "C", icon="metronome", check=True, where="roll"),
    _s("count_in", N_("Count in"), "Play", icon="count_in", check=True),
    _s("follow", N_("Follow playhead"), "Play", "F", icon="follow", check=True, where="roll"),
    _s("panic", N_("Panic: silence everything"), "Play|", "Ctrl+.", icon="panic"),
    _s("tool_select", N_("Select"), "Tools", "1", icon="select", check=True, where="roll",
       tip=N_("Select, move and resize. Double-click adds or removes a note.")),
    _s("tool_draw", N_("Draw"), "Tools", "2", icon="draw", check=True, where="roll",
       tip=N_("Draw notes; drag up and down for the pitch, right for the length")),
    _s("tool_erase", N_("Erase"), "Tools", "3", icon="erase", check=True, where="roll",
       tip=N_("Erase the notes you drag over")),
    _s("tool_split", N_("Split"), "Tools", "4", icon="split", check=True, where="roll",
       tip=N_("Cut a note in two where you click")),
    _s("tool_velocity", N_("Velocity"), "Tools", "5", icon="velocity", check=True, where="roll",
       tip=N_("Drag a note up or down to strike it harder or softer")),
    _s("tool_infill", N_("Infill"), "Tools", "6", icon="infill", check=True, where="roll",
       tip=N_("Click a bar to have it written at once; drag over several")),
    _s("toggle_draw", N_("Draw or select"), "Tools", "B", **ROLL),
    _s("snap", N_("Snap to grid"), "View", "N", icon="snap", check=True, where="roll",
       tip=N_("Notes keep to the grid; hold Alt to let go")),
    _s("ghosts", N_("Ghost notes of other tracks"), "View", "Shift+G", icon="ghosts", check=True,
       where="roll"),
    _s("fold", N_("Show only used keys"), "View", "Shift+F", icon="fold", check=True, where="roll"),
    _s("fold_scale", N_("Show only keys of the scale"), "View", "Shift+K", check=True,
       where="roll"),
    _s("zoom_in", N_("Zoom in"), "View|", "Ctrl+=", "Ctrl++"),
    _s("zoom_out", N_("Zoom out"), "View", "Ctrl+-"),
    _s("taller", N_("Taller rows"), "View", "Ctrl+Shift+="),
    _s("flatter", N_("Flatter rows"), "View", "Ctrl+Shift+-"),
    _s("fit", N_("Show everything"), "View", "Shift+0", icon="fit", where="roll"),
    _s("zoom_selection", N_("Zoom to selection"), "View", "Z", icon="zoom_selection", where="roll"),
    _s("zoom_back", N_("Zoom back"), "View", "Shift+Z", **ROLL),
    _s("event_list", N_("Event list"), "View|", "F4", icon="list", check=True),
    _s("generate_panel", N_("Generate panel"), "View", "F5", icon="side_panel", check=True,
       tip=N_("Show or hide the model's panel and its takes")),
    _s("dark_theme", N_("Dark theme"), "View", check=True),
    _s("palette", N_("Find a command…"), "Help", "Ctrl+P", icon="search"),
    _s("cheat_sheet", N_("Keys and gestures"), "Help", "?", icon="help", where="roll"),
    _s("show_log", N_("Show the log"), "Help"),
    _s("about", N_("About Descant"), "Help|"),
)  # fmt: skip

MENUS = (
    N_("File"), N_("Edit"), N_("Notes"), N_("Track"), N_("Bars"),
    N_("Compose"), N_("Play"), N_("Tools"), N_("View"), N_("Help"),
)  # fmt: skip

_ON = {"record": "danger", "live": "take", "compare_original": "take"}
"""Colours of icons while their command is on, where it is not the accent."""


class Actions(QObject):
    """A QAction for each Spec, reached by name: `actions["undo"]`."""

    def __init__(self, parent: QWidget, shortcuts: dict[str, str]) -> None:
        super().__init__(parent)
        self._all: dict[str, QAction] = {}
        for spec in SPECS:
            self._all[spec.name] = self._made(parent, spec, shortcuts.get(spec.name))
        tools = QActionGroup(self)
        for spec in SPECS:
            if spec.name.startswith("tool_"):
                tools.addAction(self[spec.name])
        themes.changed.connect(self.redraw_icons)

    def __getitem__(self, name: str) -> QAction:
        return self._all[name]

    def connect_all(self, **slots: Callable[..., object]) -> None:
        """Say what commands do: connect_all(undo=stack.undo, ...)."""
        for name, slot in slots.items():
            if self[name].isCheckable():
                self[name].triggered.connect(lambda on, call=slot: call(on))
            else:
                self[name].triggered.connect(lambda _=False, call=slot: call())

    def limit_keys(self, *widgets: QWidget, where: tuple[str, ...] = ("roll", "takes")) -> None:
        """Keys of commands that belong there work only inside these widgets."""
        for spec in SPECS:
            if spec.where in where:
                self[spec.name].setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                for widget in widgets:
                    widget.addAction(self[spec.name])

    def fill_menus(self, bar: QMenuBar) -> dict[str, QMenu]:
        """The menu bar, in the order of the table."""
        menus = {name: bar.addMenu(tr(name)) for name in MENUS}
        for spec in SPECS:
            menu = menus[spec.menu.rstrip("|")]
            if spec.menu.endswith("|"):
                menu.addSeparator()
            menu.addAction(self[spec.name])
        return menus

    def set_shortcut(self, name: str, text: str | None) -> None:
        """Give a command another key ("" for none), or its own ones back (None)."""
        spec = next(s for s in SPECS if s.name == name)
        keys = spec.keys if text is None else (text,) if text else ()
        self[name].setShortcuts([QKeySequence(k) for k in keys])
        self._set_tip(self[name], spec)

    def users_of(self, text: str) -> list[str]:
        """Names of commands that have this key now."""
        wanted = QKeySequence(text)
        return [n for n, a in self._all.items() if wanted in a.shortcuts()]

    def redraw_icons(self) -> None:
        """The theme changed."""
        for spec in SPECS:
            if spec.icon:
                self[spec.name].setIcon(icon(spec.icon, _ON.get(spec.name, "accent")))

    def _made(self, parent: QWidget, spec: Spec, key: str | None) -> QAction:
        action = QAction(tr(spec.text), parent)
        action.setObjectName(spec.name)
        action.setCheckable(spec.check)
        if spec.icon:
            action.setIcon(icon(spec.icon, _ON.get(spec.name, "accent")))
            action.setIconVisibleInMenu(False)
        keys = spec.keys if key is None else (key,) if key else ()
        action.setShortcuts([QKeySequence(k) for k in keys])
        self._set_tip(action, spec)
        if spec.where == "window":
            parent.addAction(action)
        return action

    @staticmethod
    def _set_tip(action: QAction, spec: Spec) -> None:
        key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        tip = tr(spec.tip or spec.text).rstrip("…")
        action.setToolTip(f"{tip} ({key})" if key else tip)
