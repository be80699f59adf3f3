"""Levels painted in lanes: what each gesture and key sets and undoes."""

from __future__ import annotations

import pytest
from canvas import Canvas
from hands import drag
from level_hands import (
    ALT,
    NAME,
    SHIFT,
    move,
    press,
    release,
    said,
    there_and_back,
)
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest

from descant_app.document import structure
from descant_app.piano_roll.level_menu import copy_lane, fill_lane_menu, paste_lane


@pytest.fixture
def canvas(qtbot, document) -> Canvas:
    return Canvas(qtbot, document)


# -- painting --------------------------------------------------------------------------------------


def test_a_drag_paints_a_level_per_bar_as_one_step(canvas):
    lane = canvas.lane("note_density")

    def paint() -> None:
        drag(lane, canvas.place(lane, 1, 2), canvas.place(lane, 4, 8), steps=30)

    there_and_back(canvas, paint)
    painted = canvas.painted(NAME)
    assert set(painted) == {1, 2, 3, 4}
    assert painted[4] == 8
    assert list(painted.values()) == sorted(painted.values())
    assert canvas.document.undo_stack.undoText() == "Paint density"


def test_a_quick_drag_leaves_no_bar_out(canvas):
    lane = canvas.lane("note_density")
    drag(lane, canvas.place(lane, 0, 3), canvas.place(lane, 6, 3), steps=1)
    assert canvas.painted(NAME) == dict.fromkeys(range(7), 3)


def test_alt_draws_a_straight_ramp(canvas):
    lane = canvas.lane("note_density")
    start, end = canvas.place(lane, 0, 0), canvas.place(lane, 4, 8)
    there_and_back(canvas, lambda: drag(lane, start, end, ALT))
    assert canvas.painted(NAME) == {0: 0, 1: 2, 2: 4, 3: 6, 4: 8}


def test_a_ramp_pulled_back_leaves_nothing_behind(canvas):
    lane = canvas.lane("note_density")
    press(lane, canvas.place(lane, 0, 0), ALT)
    move(lane, canvas.place(lane, 6, 9), ALT)
    move(lane, canvas.place(lane, 2, 4), ALT)
    release(lane, canvas.place(lane, 2, 4), ALT)
    assert canvas.painted(NAME) == {0: 0, 1: 2, 2: 4}


def test_shift_paints_all_chosen_bars_of_tracks_that_have_the_lane(canvas):
    tracks, document = canvas.tracks, canvas.document
    document.selection.set_bars([(tracks[0], 1), (tracks[0], 5), (tracks[1], 3), (tracks[2], 2)])
    lane = canvas.lane("note_duration")  # drums have none
    where = canvas.place(lane, 7, 4)
    there_and_back(canvas, lambda: drag(lane, where, where, SHIFT))
    assert canvas.painted("bar_max_note_duration") == {1: 4, 5: 4}
    assert canvas.painted("bar_max_note_duration", 1) == {3: 4}
    assert canvas.painted("bar_max_note_duration", 2) == {}


def test_the_right_button_clears_what_it_passes(canvas):
    lane = canvas.lane("note_density")
    drag(lane, canvas.place(lane, 0, 3), canvas.place(lane, 5, 3))
    start, end = canvas.place(lane, 1, 8), canvas.place(lane, 3, 1)
    right = Qt.MouseButton.RightButton
    there_and_back(canvas, lambda: drag(lane, start, end, button=right))
    assert set(canvas.painted(NAME)) == {0, 4, 5}
    assert canvas.document.undo_stack.undoText() == "Clear density"


def test_a_second_button_takes_a_stroke_back(canvas):
    lane, index = canvas.lane("note_density"), canvas.steps()
    press(lane, canvas.place(lane, 1, 5))
    QTest.mousePress(lane, Qt.MouseButton.RightButton, pos=canvas.place(lane, 1, 5))
    release(lane, canvas.place(lane, 1, 5))
    assert canvas.steps() == index
    assert canvas.painted(NAME) == {}
    assert canvas.composer.draft is None


def test_a_stroke_is_a_draft_until_it_is_let_go(canvas):
    lane, composer = canvas.lane("note_density"), canvas.composer
    press(lane, canvas.place(lane, 2, 6))
    assert composer.draft is not None
    assert composer.draft.levels == {(canvas.tracks[0], NAME): {2: 6}}
    assert canvas.document.composition.levels == {}
    assert lane.facts.wish(lane.spec, 2) == (6,)
    release(lane, canvas.place(lane, 2, 6))
    assert composer.drafts[-1] is None
    assert canvas.document.composition.levels == {(canvas.tracks[0], NAME): {2: 6}}


def test_painting_what_is_there_already_is_no_step(canvas):
    lane = canvas.lane("note_density")
    where = canvas.place(lane, 2, 6)
    drag(lane, where, where)
    index = canvas.steps()
    drag(lane, where, where)
    assert canvas.steps() == index


def test_two_limits_are_painted_as_one_and_pulled_apart(canvas):
    lane = canvas.lane("polyphony")
    lane.resize(lane.width(), 120)  # so that limits can be hit apart
    drag(lane, canvas.place(lane, 1, 3), canvas.place(lane, 2, 3))
    assert canvas.painted("bar_min_polyphony") == {1: 3, 2: 3}
    assert canvas.painted("bar_max_polyphony") == {1: 3, 2: 3}
    upper = canvas.place(lane, 1, 3) - QPoint(0, 2)
    there_and_back(canvas, lambda: drag(lane, upper, canvas.place(lane, 1, 6)))
    assert canvas.painted("bar_min_polyphony")[1] == 3
    assert canvas.painted("bar_max_polyphony")[1] == 6
    drag(lane, canvas.place(lane, 1, 3), canvas.place(lane, 1, 8))  # the lower pushes the upper
    assert canvas.painted("bar_min_polyphony")[1] == canvas.painted("bar_max_polyphony")[1] == 8


def test_a_level_of_the_whole_track_is_painted_anywhere(canvas):
    lane = canvas.lane("key_signature")
    where = canvas.place(lane, 5, 3)
    there_and_back(canvas, lambda: drag(lane, where, where))
    assert canvas.painted("key_signature") == {None: 3}
    assert said(lane, 5) == "Key: A minor (4 of 6)"


def test_the_axis_sets_the_bars_without_a_level_and_clears(canvas):
    lane = canvas.lane("note_density")
    axis = canvas.pane.levels._grid.itemAtPosition(0, 0).widget()
    start, end = QPoint(20, 5), QPoint(20, round(lane.picture.y_of(7)))
    there_and_back(canvas, lambda: drag(axis, start, end, steps=8))
    assert canvas.painted(NAME) == {None: 7}
    drag(lane, canvas.place(lane, 1, 3), canvas.place(lane, 2, 3))
    there_and_back(
        canvas, lambda: QTest.mouseDClick(axis, Qt.MouseButton.LeftButton, pos=QPoint(20, 30))
    )
    assert canvas.painted(NAME) == {}


# -- keys ------------------------------------------------------------------------------------------


def test_keys_go_from_bar_to_bar_and_change_the_level(canvas):
    lane = canvas.lane("note_density")
    canvas.composer.levels[canvas.tracks[0]] = {NAME: [4] * 8}
    canvas.composer.measured_changed.emit(canvas.tracks[0])
    QTest.keyClick(lane, Qt.Key.Key_Right)
    QTest.keyClick(lane, Qt.Key.Key_Right)
    assert lane.at == 2
    QTest.keyClick(lane, Qt.Key.Key_Up)  # begins with what is there
    assert canvas.painted(NAME) == {2: 4}
    index = canvas.steps()
    QTest.keyClick(lane, Qt.Key.Key_Up)
    QTest.keyClick(lane, Qt.Key.Key_Up)
    assert canvas.painted(NAME) == {2: 6}
    assert canvas.steps() == index  # quick repetitions are one step
    assert "7 of 10" in lane.accessibleDescription()
    QTest.keyClick(lane, Qt.Key.Key_Delete)
    assert canvas.painted(NAME) == {}


def test_shift_and_alt_move_one_limit(canvas):
    lane = canvas.lane("polyphony")
    QTest.keyClick(lane, Qt.Key.Key_Up)
    now = canvas.painted("bar_min_polyphony")[0]
    QTest.keyClick(lane, Qt.Key.Key_Up, SHIFT)
    QTest.keyClick(lane, Qt.Key.Key_Down, ALT)
    assert canvas.painted("bar_max_polyphony") == {0: now + 1}
    assert canvas.painted("bar_min_polyphony") == {0: now - 1}


def test_keys_stay_among_the_bars_there_are(canvas):
    lane = canvas.lane("note_density")
    QTest.keyClick(lane, Qt.Key.Key_End)
    piece = canvas.document.piece
    canvas.document.do("shorten", structure.without_bars(piece, 4, 7))
    QTest.keyClick(lane, Qt.Key.Key_Up)
    assert set(canvas.painted(NAME)) == {3}


@pytest.mark.parametrize("key", [Qt.Key.Key_Up, Qt.Key.Key_Left, Qt.Key.Key_Delete])
def test_the_lane_keeps_its_keys_from_the_rolls_commands(canvas, key):
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.NoModifier)
    event.ignore()
    canvas.lane("note_density").event(event)
    assert event.isAccepted()


# -- whole curves ----------------------------------------------------------------------------------


def test_a_curve_goes_to_another_track_by_copy_and_by_menu(canvas):
    lane = canvas.lane("note_density")
    drag(lane, canvas.place(lane, 1, 2), canvas.place(lane, 1, 2))
    copy_lane(lane.facts, lane.spec)
    canvas.document.selection.set_track(canvas.tracks[2])
    lane = canvas.lane("note_density")
    drag(lane, canvas.place(lane, 6, 5), canvas.place(lane, 6, 5))
    there_and_back(canvas, lambda: paste_lane(lane.facts, lane.spec))
    assert canvas.painted(NAME, 2) == {1: 2}  # in place of what was there
    from PySide6.QtWidgets import QMenu

    menu = fill_lane_menu(QMenu(), lane.facts, lane.spec)
    to = next(action.menu() for action in menu.actions() if action.text() == "Copy to")
    there_and_back(canvas, to.actions()[1].trigger)
    assert canvas.painted(NAME, 1) == {1: 2}


def test_a_curve_of_another_attribute_is_not_pasted(canvas):
    density, voices = canvas.lane("note_density"), canvas.lane("polyphony")
    copy_lane(density.facts, density.spec)
    said: list[str] = []
    canvas.document.refused.connect(said.append)
    paste_lane(voices.facts, voices.spec)
    assert said == ["Copy a voices lane first."]
