"""The take shown in the roll: its notes in place, the piece's out of reach, nothing changed."""

from __future__ import annotations

import numpy as np
import pytest
from canvas import Canvas, click
from hands import Mouse, R
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest

from descant.score.notes import Note
from descant.score.types import Bar
from descant_app.document.flat import ONSET, PITCH
from descant_app.document.takes import Take
from descant_app.piano_roll.coords import Coords
from descant_app.piano_roll.viewport import GLIDE_MS
from descant_app.settings.theme import themes


@pytest.fixture
def canvas(qtbot, document) -> Canvas:
    made = Canvas(qtbot, document)
    made.pane.resize(1000, 900)
    made.roll.look_at_start()
    return made


@pytest.fixture
def mouse(canvas) -> Mouse:
    return Mouse(canvas.pane.view)


def show(canvas: Canvas, *bars: int, track: int = 0, pitch: int = 70) -> None:
    """A take of one long note a bar."""
    note = Bar([Note(pitch, 100, 0, 2 * R)])
    canvas.document.set_preview({(canvas.tracks[track], bar): note for bar in bars})


def test_the_take_is_flattened_in_place_and_the_pieces_notes_are_covered(canvas):
    show(canvas, 1, 2)
    take, document = canvas.roll.shown_take, canvas.document
    assert take.bars(canvas.tracks[0]) == [1, 2]
    assert take.flat(canvas.tracks[0]).rows[:, [ONSET, PITCH]].tolist() == [
        [4 * R, 70],
        [8 * R, 70],
    ]
    onsets = document.flat(0).rows[take.covered(0), ONSET]
    assert onsets.tolist() == [beat * R for beat in range(4, 12)]
    assert not take.covered(1).any()


def test_it_follows_the_piece_and_goes_with_the_preview(canvas):
    show(canvas, 1)
    canvas.roll.editor.erase(canvas.document.flat(0).rows[:2])
    assert canvas.roll.shown_take.covered(0).sum() == 4
    assert len(canvas.roll.shown_take.covered(0)) == 30
    canvas.document.set_preview({})
    assert canvas.roll.shown_take.bars(canvas.tracks[0]) == []
    assert not canvas.roll.shown_take.covered(0).any()


def test_bars_beyond_the_end_are_not_shown(canvas):
    show(canvas, 7, 8)
    assert canvas.roll.shown_take.bars(canvas.tracks[0]) == [7]


def test_notes_of_the_take_are_drawn_in_its_colour(canvas, mouse):
    where, old = mouse.at(4 * R + R, 70), mouse.at(4 * R + R // 4, 61)
    before = grabbed(canvas)
    show(canvas, 1)
    after = grabbed(canvas)
    assert nearest(after.pixelColor(where)) == "take"
    assert nearest(before.pixelColor(where)) != "take"
    assert distance(before.pixelColor(old), ground(canvas)) > 2 * distance(
        after.pixelColor(old), ground(canvas)
    )
    canvas.document.set_preview({})
    assert grabbed(canvas) == before


def test_a_take_of_another_track_shows_among_the_ghosts(canvas, mouse):
    before = grabbed(canvas)
    show(canvas, 1, track=1)
    after = grabbed(canvas)
    where = mouse.at(4 * R + R, 70)
    assert after.pixelColor(where) != before.pixelColor(where)


def test_covered_notes_are_out_of_reach(canvas, mouse):
    document, step = canvas.document, canvas.steps()
    show(canvas, 1)
    note = mouse.at(4 * R + R // 4, 61)
    mouse.click(note)
    assert len(document.selection.rows) == 0
    mouse.drag(note, mouse.at(4 * R + R // 4, 64))
    mouse.drag(mouse.at(3 * R, 72), mouse.at(9 * R, 58))  # a box over three bars
    chosen = document.selection.rows[:, ONSET]
    assert len(chosen) > 0
    assert not np.isin(chosen // (4 * R), [1]).any()
    canvas.roll.set_tool("erase")
    mouse.drag(mouse.at(4 * R + 5, 61), mouse.at(8 * R - 5, 61))
    assert canvas.steps() == step
    mouse.click(mouse.at(R // 4, 60))  # beside the take everything is as ever
    assert canvas.steps() == step + 1


def test_nothing_is_drawn_into_a_covered_bar(canvas, mouse):
    said: list[str] = []
    canvas.document.refused.connect(said.append)
    show(canvas, 1)
    canvas.roll.set_tool("draw")
    mouse.drag(mouse.at(5 * R, 66), mouse.at(6 * R, 66))
    assert canvas.steps() == 0
    assert said == ["This bar shows a take. Keep the take or put it aside to edit the bar."]
    canvas.roll.set_tool("select")
    mouse.double_click(mouse.at(5 * R, 66))
    assert canvas.steps() == 0
    mouse.double_click(mouse.at(9 * R, 70))
    assert canvas.steps() == 1


def test_showing_a_take_changes_neither_piece_nor_history(canvas):
    piece, document = canvas.document.piece, canvas.document
    show(canvas, 0, 1, 2)
    grabbed(canvas)
    assert document.piece is piece
    assert document.is_clean
    assert canvas.steps() == 0
    assert len(document.heard_score.tracks[0].bars[0].notes) == 1


def test_bars_light_up_as_they_are_written(canvas, qtbot, mouse):
    show(canvas, 1)
    calm, where = grabbed(canvas), mouse.at(6 * R + R // 2, 66)
    canvas.composer.bar_written.emit((canvas.tracks[0], 1))
    lit = grabbed(canvas)
    take = themes.now["take"]
    assert distance(lit.pixelColor(where), take) < distance(calm.pixelColor(where), take)
    qtbot.waitUntil(lambda: not canvas.pane.view.take._flashes)
    assert grabbed(canvas) == calm


def test_the_arrangement_shows_the_take_in_its_colour(canvas):
    before = canvas.arrangement.grab().toImage()
    show(canvas, 1)
    after = canvas.arrangement.grab().toImage()
    cell, other = canvas.cell(0, 1), canvas.cell(1, 3)
    assert after.pixelColor(cell) != before.pixelColor(cell)
    left = cell.x() - 40
    row = [after.pixelColor(left, y) for y in range(cell.y() - 18, cell.y() + 18)]
    assert any(nearest(colour) == "take" for colour in row)
    assert after.pixelColor(other) == before.pixelColor(other)


def test_covered_notes_are_never_chosen_whatever_chooses(canvas):
    canvas.roll.editor.select_all()
    show(canvas, 1)
    assert len(canvas.document.selection.rows) == 28
    canvas.document.selection.clear()
    canvas.roll.editor.select_all()
    assert len(canvas.document.selection.rows) == 28
    canvas.roll.editor.delete()
    assert set((canvas.document.flat(0).rows[:, ONSET] // (4 * R)).tolist()) == {1}


def test_a_click_on_nothing_still_lets_go(canvas, mouse):
    canvas.roll.editor.select_all()
    show(canvas, 1)
    click(canvas.pane.view.viewport(), mouse.at(5 * R, 72), Qt.KeyboardModifier.NoModifier)
    QTest.qWait(1)
    assert len(canvas.document.selection.rows) == 0


def grabbed(canvas: Canvas) -> QImage:
    return canvas.pane.view.viewport().grab().toImage()


def ground(canvas: Canvas) -> QColor:
    return themes.now["row_black"]


def distance(a: QColor, b: QColor) -> int:
    return abs(a.red() - b.red()) + abs(a.green() - b.green()) + abs(a.blue() - b.blue())


def nearest(colour: QColor) -> str:
    """Whether a pixel is closer to the take's colour or to the first track's or the ground."""
    theme = themes.now
    known = {"take": theme["take"], "track": theme.track(0), "ground": theme["row_black"]}
    return min(known, key=lambda name: distance(colour, known[name]))


@pytest.mark.parametrize(
    ("low", "high", "top"),
    [
        (60, 64, 55 * 14),  # in sight already
        (90, 94, (127 - 94 - 1) * 14),  # up, one row to spare
        (20, 24, (127 - 20 + 2 - 30) * 14),  # down
        (60, 90, (127 - 60 + 2 - 30) * 14),  # too many: up, to the lowest
        (0, 127, 55 * 14),  # nothing beyond them is shown
    ],
)
def test_the_scroll_that_shows_pitches_is_the_nearest(low: int, high: int, top: int):
    now = Coords(top=55 * 14, row_px=14, height=30 * 14)  # pitches 72 to 43 are in sight
    assert now.top_showing(low, high) == top


def offered(canvas: Canvas, number: int, track: int, *pitches: int) -> None:
    """A take of a batch, shown as the composer does."""
    document = canvas.document
    bars = {(canvas.tracks[track], 1): Bar([Note(p, 100, 0, R) for p in pitches])}
    document.takes.put(Take(number, 1, bars, 1))
    document.takes.show(number)
    document.set_preview(bars)


def in_sight(canvas: Canvas, pitch: int) -> bool:
    coords = canvas.roll.viewport.coords
    return 0 <= coords.y_of(pitch) <= coords.height - coords.row_px


def test_the_roll_glides_to_a_take_out_of_sight_once(canvas, qtbot):
    viewport = canvas.roll.viewport
    viewport.zoom_y(3.0)
    low, high = viewport.coords.low, viewport.coords.high
    offered(canvas, 1, 0, low + 2, high - 2)
    top = viewport.coords.top
    qtbot.wait(GLIDE_MS + 100)
    assert viewport.coords.top == top
    offered(canvas, 2, 1, high + 9)  # of a track that is not looked at
    qtbot.wait(GLIDE_MS + 100)
    assert viewport.coords.top == top
    offered(canvas, 3, 0, high + 9)
    qtbot.waitUntil(lambda: in_sight(canvas, high + 9))
    qtbot.wait(GLIDE_MS)
    viewport.scroll(0, 300)  # whoever looks elsewhere is left alone
    top = viewport.coords.top
    canvas.document.set_preview(dict(canvas.document.preview))
    qtbot.wait(GLIDE_MS + 100)
    assert viewport.coords.top == top


def test_a_hand_on_the_wheel_ends_the_glide(canvas, qtbot):
    viewport = canvas.roll.viewport
    viewport.zoom_y(3.0)
    offered(canvas, 1, 0, 120)
    viewport.scroll(0, 40)
    top = viewport.coords.top
    qtbot.wait(GLIDE_MS + 100)
    assert viewport.coords.top == top
