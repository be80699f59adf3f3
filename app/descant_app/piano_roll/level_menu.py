"""What can be done to a lane as a whole: clear it, copy it, give it to another track."""

from __future__ import annotations

import json

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from descant_app.commands.composing import clear_curve, copy_curve, paint, put_curve
from descant_app.document.composition import Curve
from descant_app.piano_roll.lane_spec import LaneSpec
from descant_app.piano_roll.level_facts import LevelFacts
from descant_app.settings.translation import tr

MIME = "application/x-descant-levels"
MANY = 40
"""More levels than this are painted, not listed."""


def curves_of(facts: LevelFacts, spec: LaneSpec) -> list[Curve]:
    """The curves of the current track that a lane shows."""
    return [(facts.track, name) for name in spec.names]


def clear_lane(facts: LevelFacts, spec: LaneSpec) -> None:
    """Everything painted in the lane goes."""
    clear_curve(facts.document, curves_of(facts, spec), spec.title.lower())


def copy_lane(facts: LevelFacts, spec: LaneSpec) -> None:
    """What is painted in the lane, on the clipboard."""
    known = facts.document.composition.levels
    form = {
        name: list(known.get((track, name), {}).items()) for track, name in curves_of(facts, spec)
    }
    data = QMimeData()
    data.setData(MIME, json.dumps(form).encode())
    QGuiApplication.clipboard().setMimeData(data)


def paste_lane(facts: LevelFacts, spec: LaneSpec) -> None:
    """The levels of the clipboard, when they are of this lane's attribute."""
    data = QGuiApplication.clipboard().mimeData().data(MIME).data()
    form = json.loads(bytes(data)) if data else {}
    if set(form) != set(spec.names):
        facts.document.refuse(tr("Copy a {} lane first.").format(spec.title.lower()))
        return
    levels = {(facts.track, name): dict(map(tuple, wish)) for name, wish in form.items()}
    put_curve(facts.document, levels, spec.title.lower())


def fill_lane_menu(menu: QMenu, facts: LevelFacts, spec: LaneSpec) -> QMenu:
    """The commands on a lane."""
    menu.addAction(tr("Copy {}").format(spec.title.lower()), lambda: copy_lane(facts, spec))
    menu.addAction(tr("Paste"), lambda: paste_lane(facts, spec))
    _fill_tracks(menu.addMenu(tr("Copy to")), facts, spec)
    if len(spec.infos) == 1 and spec.size <= MANY:
        title = tr("All other bars") if spec.per_bar else tr("Whole track")
        _fill_levels(menu.addMenu(title), facts, spec)
    menu.addSeparator()
    menu.addAction(tr("Clear"), lambda: clear_lane(facts, spec))
    return menu


def _fill_tracks(menu: QMenu, facts: LevelFacts, spec: LaneSpec) -> None:
    document = facts.document
    for index, lane in enumerate(document.lanes):
        track = document.score.tracks[index]
        if lane.id != facts.track and spec.infos[0].fits(track.is_drum):
            menu.addAction(
                track.name or tr("Track {}").format(index + 1),
                lambda to=lane.id: copy_curve(
                    document, curves_of(facts, spec), to, spec.title.lower()
                ),
            )
    menu.setEnabled(not menu.isEmpty())


def _fill_levels(menu: QMenu, facts: LevelFacts, spec: LaneSpec) -> None:
    now = facts.wish(spec, None)[0]
    names = [tr("Free"), *spec.labels(facts.family)]
    for level, label in zip([None, *range(spec.size)], names, strict=True):
        action = menu.addAction(label, lambda to=level: _set_whole(facts, spec, to))
        action.setCheckable(True)
        action.setChecked(level == now)


def _set_whole(facts: LevelFacts, spec: LaneSpec, level: int | None) -> None:
    title = tr("Paint {}") if level is not None else tr("Clear {}")
    levels = {curve: {None: level} for curve in curves_of(facts, spec)}
    paint(facts.document, title.format(spec.title.lower()), levels)
