"""Every preference, once: default, range, title, help.  The dialog is built from this."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from descant.files import replace_file
from descant_app.settings.translation import N_

log = logging.getLogger("descant.app")

VERSION = 1
RECENT = 12


def option(
    default: Any,
    page: str,
    title: str,
    help: str,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[tuple[str, str], ...] = (),
    kind: str = "",
) -> Any:
    """A preference.  `choices` are (value, title) pairs; `kind` picks a special editor."""
    about = {"page": page, "title": title, "help": help, "low": low, "high": high}
    return field(default=default, metadata={**about, "choices": choices, "kind": kind})


@dataclass
class Options:
    """What a user can prefer."""

    theme: str = option(
        "dark", N_("Look"), N_("Theme"), N_("Colours of the whole window."),
        choices=(("dark", N_("Dark")), ("light", N_("Light"))),
    )  # fmt: skip
    ghosts: bool = option(
        True,
        N_("Look"),
        N_("Show other tracks as ghosts"),
        N_("Notes of other tracks, faint, behind yours."),
    )
    follow: bool = option(
        True,
        N_("Playback"),
        N_("Follow the playhead"),
        N_("The roll turns the page when playback leaves it."),
    )
    hear_takes: bool = option(
        True,
        N_("Playback"),
        N_("Hear takes when clicked"),
        N_("A click on a take plays it in place."),
    )
    output: str = option(
        "synth", N_("Sound"), N_("Output"), N_("Where notes go when you press play."), kind="output"
    )
    font: str = option(
        "", N_("Sound"), N_("SoundFont"),
        N_("Instruments of the built-in synth; empty picks the best found."),
        kind="font",
    )  # fmt: skip
    clock: bool = option(
        False,
        N_("Sound"),
        N_("Send MIDI clock"),
        N_("Drum machines and sequencers on the port follow along."),
    )
    gain: float = option(
        0.6,
        N_("Sound"),
        N_("Loudness"),
        N_("Of the built-in synth. Lower it if loud chords crackle."),
        0,
        2,
    )
    reverb: float = option(0.25, N_("Sound"), N_("Reverb"), N_("How large the room sounds."), 0, 1)
    audition: bool = option(
        True,
        N_("Sound"),
        N_("Hear notes while editing"),
        N_("Notes sound as they are drawn and dragged."),
    )
    count_in: bool = option(
        False, N_("Playback"), N_("Count in before recording"), N_("One bar of clicks first.")
    )
    input: str = option(
        "", N_("Recording"), N_("MIDI input"), N_("The keyboard you play."), kind="input"
    )
    latency_ms: float = option(
        0.0, N_("Recording"), N_("Latency"),
        N_("Milliseconds taken off the time of each note you play, to undo your gear's delay."),
        -200, 500,
    )  # fmt: skip
    quantize_strength: int = option(
        100,
        N_("Editing"),
        N_("Quantize strength"),
        N_("How far Q pulls notes to the grid, in percent."),
        0,
        100,
    )
    quantize_swing: int = option(
        0,
        N_("Editing"),
        N_("Swing"),
        N_("How late Q puts every second grid line, in percent."),
        0,
        100,
    )
    right_click: str = option(
        "menu", N_("Editing"), N_("Right button"), N_("What it does on a note while selecting."),
        choices=(("menu", N_("Shows a menu")), ("erase", N_("Erases, as while drawing"))),
    )  # fmt: skip
    snap_to_lines: bool = option(
        False, N_("Editing"), N_("Moved notes land on grid lines"),
        N_("Otherwise notes that stand off the grid keep their distance from it."),
    )  # fmt: skip
    log_level: str = option(
        "warning", N_("Advanced"), N_("Log"), N_("How much is written to the log file."),
        choices=(
            ("warning", N_("Warnings")), ("info", N_("Information")), ("debug", N_("Everything")),
        ),
    )  # fmt: skip


class Settings(QObject):
    """Preferences and, apart from them, the state of the window.

    `changed(name)` after a preference became another.
    """

    changed = Signal(str)

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.options = Options()
        self.window: dict[str, Any] = {}
        self.shortcuts: dict[str, str] = {}
        self._load()

    def set(self, name: str, value: Any) -> None:
        """Change one preference."""
        if getattr(self.options, name) != value:
            setattr(self.options, name, value)
            self.changed.emit(name)
            self.save()

    def recent(self) -> list[str]:
        """Files opened lately that are still there, the last one first."""
        return [p for p in self.window.get("recent", []) if Path(p).exists()]

    def add_recent(self, path: Path) -> None:
        """This file was opened or saved."""
        text = str(path.resolve())
        kept = [p for p in self.window.get("recent", []) if p != text]
        self.window["recent"] = [text, *kept][:RECENT]
        self.save()

    def save(self) -> None:
        """Write everything; a full disk costs the settings, never the program."""
        options = {f.name: getattr(self.options, f.name) for f in fields(Options)}
        form = {"version": VERSION, "options": options, "window": self.window}
        form["shortcuts"] = self.shortcuts
        try:
            replace_file(self.path, json.dumps(form, indent=1).encode())
        except OSError as error:
            log.warning("settings were not saved: %s", error)

    def _load(self) -> None:
        try:
            form = json.loads(self.path.read_text(encoding="utf-8"))
            form = _upgraded(form)
        except (OSError, ValueError, AttributeError):
            return
        for entry in fields(Options):
            value = form.get("options", {}).get(entry.name)
            if _fits(entry.metadata, entry.default, value):
                setattr(self.options, entry.name, value)
        self.window = dict(form.get("window") or {})
        self.shortcuts = {str(k): str(v) for k, v in (form.get("shortcuts") or {}).items()}


UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""From a version of the file to the next one."""


def _upgraded(form: dict[str, Any]) -> dict[str, Any]:
    for version in range(int(form.get("version", VERSION)), VERSION):
        form = UPGRADES[version](form)
    return form


def _fits(about: Any, default: Any, value: Any) -> bool:
    """A value from a file, edited by hand or of another version, is taken when it is legal."""
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, (int, float)):
        if not isinstance(value, (int, float)):
            return False
        low, high = about["low"], about["high"]
        return (low is None or value >= low) and (high is None or value <= high)
    if about["choices"]:
        return value in [choice for choice, _ in about["choices"]]
    return isinstance(value, type(default))
