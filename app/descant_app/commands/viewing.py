"""Commands on what is seen: tools, grid, zoom, themes, help."""

from __future__ import annotations

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QDialog, QPlainTextEdit, QVBoxLayout

from descant_app import logs
from descant_app.actions import SPECS
from descant_app.main_window import MainWindow
from descant_app.paths import resource
from descant_app.playback.fonts import find_fonts
from descant_app.playback.outputs import NONE, PORT, SYNTH, VIRTUAL
from descant_app.settings.stylesheet import stylesheet
from descant_app.settings.theme import themes
from descant_app.settings.translation import tr

ZOOM = 1.3


class ViewCommands:
    """Connects the Tools, View and Help menus, and the preferences that are about looks."""

    def __init__(self, window: MainWindow) -> None:
        self.window, self.roll, self.settings = window, window.roll, window.settings
        self._connect_tools()
        self._connect_view()
        self.settings.changed.connect(self._setting_changed)
        themes.changed.connect(self.apply_theme)
        themes.use(self.settings.options.theme)
        self.apply_theme()
        for name in ("ghosts", "snap_to_lines", "right_click"):
            self._setting_changed(name)

    # -- tools -----------------------------------------------------------------------------------

    def _connect_tools(self) -> None:
        actions, roll = self.window.actions_, self.roll
        for spec in SPECS:
            if spec.name.startswith("tool_"):
                tool = spec.name.removeprefix("tool_")
                actions[spec.name].triggered.connect(lambda _=False, t=tool: roll.set_tool(t))
        actions["tool_select"].setChecked(True)
        actions["snap"].setChecked(True)
        roll.tool_changed.connect(lambda tool: actions["tool_" + tool].setChecked(True))
        actions.connect_all(
            toggle_draw=lambda: roll.set_tool("select" if roll.tool == "draw" else "draw"),
            snap=roll.set_snap,
            fold=roll.set_fold,
            fold_scale=roll.set_fold_scale,
            ghosts=lambda on: self.settings.set("ghosts", on),
        )

    # -- view ------------------------------------------------------------------------------------

    def _connect_view(self) -> None:
        viewport, roll, window = self.roll.viewport, self.roll, self.window
        window.actions_.connect_all(
            zoom_in=lambda: viewport.zoom_x(ZOOM),
            zoom_out=lambda: viewport.zoom_x(1 / ZOOM),
            taller=lambda: viewport.zoom_y(ZOOM),
            flatter=lambda: viewport.zoom_y(1 / ZOOM),
            fit=roll.fit,
            zoom_selection=roll.zoom_to_selection,
            zoom_back=viewport.go_back,
            event_list=window.event_list.setVisible,
            dark_theme=lambda on: self.settings.set("theme", "dark" if on else "light"),
            palette=self.show_palette,
            cheat_sheet=self.show_cheat_sheet,
            preferences=self.show_preferences,
            show_log=self.show_log,
            about=self.show_about,
        )
        window.event_list.visibilityChanged.connect(window.actions_["event_list"].setChecked)
        window.document.selection.track_changed.connect(roll.center_pitches)
        window.pane.view.hovered.connect(self._light_row)

    def _light_row(self, _: str) -> None:
        view = self.window.pane.view
        pos = view.viewport().mapFromGlobal(view.cursor().pos())
        inside = view.viewport().rect().contains(pos)
        pitch = self.roll.viewport.coords.pitch_at(pos.y()) if inside else None
        self.window.pane.keyboard.hover(pitch)

    def apply_theme(self) -> None:
        """Dress the whole application."""
        theme = themes.now
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        pictures = [resource("themes", f"{kind}_{theme.name}.svg") for kind in ("arrow", "check")]
        sheet = stylesheet(theme, *pictures)
        if app.styleSheet() != sheet:  # setting it dresses every widget anew, which takes a while
            app.setPalette(theme.palette())
            app.setStyleSheet(sheet)
        self.window.actions_["dark_theme"].setChecked(theme.is_dark)

    def _setting_changed(self, name: str) -> None:
        options = self.settings.options
        if name == "theme":
            themes.use(options.theme)
        elif name == "snap_to_lines":
            self.roll.snap_to_lines = options.snap_to_lines
        elif name == "right_click":
            self.roll.right_erases = options.right_click == "erase"
        elif name == "ghosts":
            self.roll.ghosts = options.ghosts
            self.window.actions_["ghosts"].setChecked(options.ghosts)
            self.window.pane.view.viewport().update()

    # -- dialogs: imported when they are opened, so that the window is there sooner ---------------

    def show_cheat_sheet(self) -> None:
        """All keys, and what the mouse does."""
        from descant_app.panels.cheat_sheet import CheatSheet

        CheatSheet(self.window.actions_, self.window).exec()

    def show_palette(self) -> None:
        """All commands, searched by letters."""
        from descant_app.panels.palette import Palette

        Palette(self.window.findChildren(QAction), self.window).exec()

    def show_preferences(self) -> None:
        """Preferences and keys."""
        from descant_app.settings.preferences_dialog import PreferencesDialog

        player = self.window.player
        outputs = [(SYNTH, tr("Built-in synth")), *((PORT + n, n) for n in player.outputs)]
        outputs += [(VIRTUAL, tr("Virtual port"))] if player.virtual else []
        fonts = [("", tr("Best found")), *((str(p), p.name) for p in find_fonts())]
        choices = {
            "output": lambda: [*outputs, (NONE, tr("No sound"))],
            "font": lambda: fonts,
            "input": lambda: [("", tr("None")), *((n, n) for n in player.inputs)],
        }
        PreferencesDialog(self.settings, choices, self.keys, self.set_key, self.window).exec()

    def keys(self) -> list[tuple[str, str, str]]:
        """Every command's name, title and first key now."""
        return [(s.name, tr(s.text).rstrip("…"), self._key(s.name)) for s in SPECS]

    def set_key(self, name: str, text: str | None) -> str:
        """Give a command a key, or its own ones back; the answer names whom it was taken from."""
        actions = self.window.actions_
        if text is None:
            actions.set_shortcut(name, None)
            self.settings.shortcuts.pop(name, None)
            self.settings.save()
            return ""
        others = [other for other in actions.users_of(text) if other != name] if text else []
        for other in others:
            actions.set_shortcut(other, "")
            self.settings.shortcuts[other] = ""
        actions.set_shortcut(name, text)
        self.settings.shortcuts[name] = text
        self.settings.save()
        if not others:
            return ""
        names = ", ".join(actions[o].text().rstrip("…") for o in others)
        return tr("{} was the key of: {}. It has none now.").format(text, names)

    def show_log(self) -> None:
        """The last lines of the log."""
        dialog = QDialog(self.window)
        dialog.setWindowTitle(tr("Log"))
        dialog.resize(760, 420)
        page = QPlainTextEdit("\n".join(logs.tail) or tr("Nothing was logged."))
        page.setReadOnly(True)
        QVBoxLayout(dialog).addWidget(page)
        dialog.exec()

    def show_about(self) -> None:
        """What this is, and the licences of what it is made of."""
        from descant_app.panels.about import AboutDialog

        AboutDialog(self.window).exec()

    def _key(self, name: str) -> str:
        form = QKeySequence.SequenceFormat.PortableText
        return self.window.actions_[name].shortcut().toString(form)
