"""Lanes of levels: which there are, what they show and say."""

from __future__ import annotations

import pytest
from canvas import Canvas
from fake_composer import DENSITY
from hands import drag
from level_hands import (
    NAME,
    grabbed,
    has_colour,
    said,
)
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication

from descant.score.notes import Note
from descant.score.types import Bar
from descant_app.document.takes import KEPT, Batch, Take
from descant_app.piano_roll.lane_spec import family_of, lane_specs
from descant_app.settings.theme import THEMES, themes


@pytest.fixture
def canvas(qtbot, document) -> Canvas:
    return Canvas(qtbot, document)


# -- which lanes there are -------------------------------------------------------------------------


def test_two_limits_share_a_lane_and_a_bar_level_replaces_the_tracks(canvas):
    specs = canvas.pane.levels.facts.specs
    assert [(spec.title, spec.names) for spec in specs] == [
        ("Density", (NAME,)),
        ("Voices", ("bar_min_polyphony", "bar_max_polyphony")),
        ("Lengths", ("bar_min_note_duration", "bar_max_note_duration")),
        ("Key", ("key_signature",)),
    ]


def test_limits_of_different_sizes_have_a_lane_each():
    from fake_composer import LENGTHS, VOICES, _lane

    low = _lane("bar_min_polyphony", "Fewest voices", VOICES, True, True)
    high = _lane("bar_max_polyphony", "Most voices", LENGTHS, True, True)
    specs = lane_specs((low, high), is_drum=False)
    assert [spec.key for spec in specs] == ["bar_min_polyphony", "bar_max_polyphony"]


def test_a_track_has_the_lanes_of_its_kind(canvas):
    levels = canvas.pane.levels
    canvas.document.selection.set_track(canvas.tracks[2])
    assert list(levels.buttons) == ["note_density", "polyphony"]
    canvas.document.selection.set_track(canvas.tracks[0])
    assert list(levels.buttons) == ["note_density", "polyphony", "note_duration", "key_signature"]


def test_buttons_open_and_close_lanes(canvas):
    levels = canvas.pane.levels
    assert list(levels.lanes) == ["note_density"]
    height = canvas.pane.view.height()
    levels.buttons["polyphony"].click()
    QApplication.processEvents()
    assert list(levels.lanes) == ["note_density", "polyphony"]
    assert canvas.pane.view.height() < height
    levels.buttons["polyphony"].click()
    QApplication.processEvents()
    assert list(levels.lanes) == ["note_density"]
    assert canvas.pane.view.height() == height


def test_open_lanes_are_remembered(whole):
    window = whole.window
    window.pane.show_levels(["polyphony", "pitch"])
    window.keep_layout()
    window.pane.show_levels(["note_density"])
    window.restore_layout()
    assert window.pane.shown_levels() == ["pitch", "polyphony"]


def test_without_a_model_the_strip_says_so(qtbot, document):
    canvas = Canvas(qtbot, document, model=None)
    assert canvas.pane.levels.lanes == {}
    assert "model" in canvas.pane.levels.about.text()


def test_lanes_come_with_the_model(qtbot, document):
    from fake_composer import MODEL

    canvas = Canvas(qtbot, document, model=None)
    canvas.composer.model = MODEL
    canvas.composer.model_changed.emit()
    assert list(canvas.pane.levels.lanes) == ["note_density"]
    assert canvas.pane.levels.about.text() == ""


def test_families_go_by_kind_program_and_register(document):
    tracks = document.score.tracks
    families = [family_of(track, document.flat(i)) for i, track in enumerate(tracks)]
    assert families == ["high", "bass", "drum"]


def test_lanes_line_up_with_the_roll(canvas):
    lane, view = canvas.lane("note_density"), canvas.pane.view
    left = view.viewport().mapTo(canvas.pane, QPoint(0, 0)).x()
    assert lane.mapTo(canvas.pane, QPoint(0, 0)).x() == left
    assert lane.width() == view.width()
    canvas.document.selection.set_track(canvas.tracks[2])  # wider keys
    QApplication.processEvents()
    lane, left = canvas.lane("note_density"), view.mapTo(canvas.pane, QPoint(0, 0)).x()
    assert lane.mapTo(canvas.pane, QPoint(0, 0)).x() == left


# -- facts -----------------------------------------------------------------------------------------


def test_words_name_the_level_wished_and_the_level_there(canvas):
    canvas.composer.levels[canvas.tracks[0]] = {NAME: [4] * 8}
    canvas.composer.measured_changed.emit(canvas.tracks[0])
    lane = canvas.lane("note_density")
    assert said(lane, 6) == "bar 7: free, now 4"
    drag(lane, canvas.place(lane, 6, 7), canvas.place(lane, 6, 7))
    assert said(lane, 6) == f"bar 7: {DENSITY[7]} (8 of 10), now 4"


def test_the_level_there_is_drawn_behind_the_wish(canvas):
    lane = canvas.lane("note_density")
    lane.pointer = None
    plain = grabbed(lane)
    canvas.composer.levels[canvas.tracks[0]] = {NAME: [6, *[0] * 7]}
    canvas.composer.measured_changed.emit(canvas.tracks[0])
    inside, above = canvas.place(lane, 0, 3), canvas.place(lane, 0, 8)
    filled = grabbed(lane)
    assert filled.pixelColor(inside) != plain.pixelColor(inside)
    assert filled.pixelColor(above) == plain.pixelColor(above)


def test_a_bar_that_missed_its_wish_is_marked_once_it_was_written(canvas):
    track, document = canvas.tracks[0], canvas.document
    lane = canvas.lane("note_density")
    drag(lane, canvas.place(lane, 2, 8), canvas.place(lane, 2, 8))
    lane.pointer = None
    canvas.composer.levels[track] = {NAME: [4] * 8}
    canvas.composer.measured_changed.emit(track)
    assert not has_colour(grabbed(lane), "warm")
    document.set_preview({(track, 2): Bar([Note(60, 90, 0, 240)])})
    assert lane.facts.written == {2}
    assert has_colour(grabbed(lane), "warm")
    canvas.composer.levels[track] = {NAME: [7] * 8}
    canvas.composer.measured_changed.emit(track)
    assert not has_colour(grabbed(lane), "warm")  # one level off is what was asked, nearly


def test_bars_of_a_kept_take_count_as_written_while_they_are_as_it_left_them(canvas):
    document, track = canvas.document, canvas.tracks[0]
    bar = document.score.tracks[0].bars[3]
    document.takes.add_batch(
        Batch(1, {}, document.score, tuple(canvas.tracks), document.piece.bar_ids)
    )
    document.takes.put(Take(2, 1, {(track, 3): bar}, 7, state=KEPT))
    facts = canvas.pane.levels.facts
    assert facts.written == {3}
    canvas.roll.editor.erase(document.flat(0).rows[12:13])
    assert facts.written == set()


@pytest.mark.parametrize("theme", THEMES)
def test_lanes_paint_in_each_theme(canvas, theme):
    themes.use(theme)
    lane = canvas.lane("note_density")
    image = grabbed(lane)
    dark = image.pixelColor(canvas.place(lane, 7, 9)).lightnessF() < 0.5
    assert dark == themes.now.is_dark
    themes.use("dark")
