"""Colours by meaning, read from resources/themes, and the one theme in use."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QPalette

from descant_app.paths import resource

THEMES = ("dark", "light")


@dataclass(frozen=True)
class Theme:
    """A named set of colours: `theme["note"]`; `tracks` is the palette of track hues."""

    name: str
    colours: dict[str, str] = field(default_factory=dict)
    tracks: tuple[str, ...] = ()

    def __getitem__(self, meaning: str) -> QColor:
        return QColor(self.colours[meaning])

    def track(self, index: int) -> QColor:
        """The hue of a track colour index."""
        return QColor(self.tracks[index % len(self.tracks)])

    @cached_property
    def is_dark(self) -> bool:
        return self["window"].lightnessF() < 0.5

    def palette(self) -> QPalette:
        """The same colours for the toolkit's own widgets."""
        palette = QPalette()
        roles = QPalette.ColorRole
        for role, meaning in (
            (roles.Window, "window"),
            (roles.WindowText, "text"),
            (roles.Base, "field"),
            (roles.AlternateBase, "panel"),
            (roles.Text, "text"),
            (roles.Button, "raised"),
            (roles.ButtonText, "text"),
            (roles.ToolTipBase, "raised"),
            (roles.ToolTipText, "text"),
            (roles.Highlight, "accent"),
            (roles.HighlightedText, "on_accent"),
            (roles.PlaceholderText, "dim"),
            (roles.Link, "accent"),
        ):
            palette.setColor(role, self[meaning])
        for role in (roles.WindowText, roles.Text, roles.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self["faint"])
        return palette


def load_theme(name: str) -> Theme:
    """Read resources/themes/NAME.json."""
    form = json.loads(resource("themes", f"{name}.json").read_text(encoding="utf-8"))
    return Theme(name, form["colours"], tuple(form["tracks"]))


def mixed(a: QColor, b: QColor, share: float) -> QColor:
    """`a` with `share` (0..1) of `b`."""
    keep = 1.0 - share
    return QColor(
        round(a.red() * keep + b.red() * share),
        round(a.green() * keep + b.green() * share),
        round(a.blue() * keep + b.blue() * share),
    )


def faded(colour: QColor, alpha: float) -> QColor:
    """The colour with an opacity of 0..1."""
    out = QColor(colour)
    out.setAlphaF(alpha)
    return out


class ThemeHolder(QObject):
    """The theme in use; `changed` after it became another."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._theme: Theme | None = None

    @property
    def now(self) -> Theme:
        if self._theme is None:
            self._theme = load_theme(THEMES[0])
        return self._theme

    def use(self, name: str) -> None:
        """Switch to a theme by name."""
        if self._theme is None or self._theme.name != name:
            self._theme = load_theme(name)
            self.changed.emit()


themes = ThemeHolder()
"""The one holder of the window's theme."""
