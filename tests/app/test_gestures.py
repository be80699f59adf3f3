"""Every gesture on the real widget: done, undone, done again equals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hands import R, drag
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from descant_app.document.flat import DURATION, ONSET, PITCH, VELOCITY

SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def lead(whole):
    """Rows of the first track, as they are when called."""
    return lambda: whole.document.flat(0).rows


def has(rows, pitch: int, onset: int, duration: int | None = None) -> bool:
    hits = (rows[:, PITCH] == pitch) & (rows[:, ONSET] == onset)
    if duration is not None:
        hits &= rows[:, DURATION] == duration
    return bool(hits.any())


def one_step(whole, gesture: Callable[[], None]) -> None:
    """The gesture makes exactly one step; undo and redo go there and back to equal pieces."""
    stack, before, index = (
        whole.document.undo_stack,
        whole.document.score,
        whole.document.undo_stack.index(),
    )
    gesture()
    after = whole.document.score
    assert stack.index() == index + 1
    assert after != before
    assert stack.undoText()
    stack.undo()
    assert whole.document.score == before
    stack.redo()
    assert whole.document.score == after


def test_a_click_chooses_the_note_under_it(whole, mouse):
    mouse.click(mouse.at(100, 60))
    assert whole.document.selection.rows[:, ONSET].tolist() == [0]


def test_shift_adds_and_ctrl_toggles(whole, mouse):
    mouse.click(mouse.at(100, 60))
    mouse.click(mouse.at(R + 100, 62), SHIFT)
    assert len(whole.document.selection.rows) == 2
    mouse.click(mouse.at(100, 60), CTRL)
    assert whole.document.selection.rows[:, PITCH].tolist() == [62]


def test_a_click_on_nothing_lets_go(whole, mouse):
    mouse.click(mouse.at(100, 60))
    mouse.click(mouse.at(100, 70))
    assert len(whole.document.selection.rows) == 0


def test_a_box_catches_what_it_touches(whole, mouse):
    mouse.drag(mouse.at(30, 67), mouse.at(2 * R + 40, 60))
    assert whole.document.selection.rows[:, PITCH].tolist() == [60, 62, 64]


def test_a_second_box_with_shift_adds(whole, mouse):
    mouse.drag(mouse.at(300, 67), mouse.at(R + 40, 61))
    mouse.drag(mouse.at(4 * R - 100, 67), mouse.at(5 * R - 200, 61), SHIFT)
    assert len(whole.document.selection.rows) == 2


def test_a_lasso_catches_middles(whole, mouse):
    view = mouse.view.viewport()
    corners = [mouse.at(-20 + 30, 61), mouse.at(R, 61), mouse.at(R, 59), mouse.at(10, 59)]
    QTest.mousePress(view, Qt.MouseButton.LeftButton, CTRL, corners[0])
    for corner in corners[1:]:
        QTest.mouseMove(view, corner)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, CTRL, corners[-1])
    assert whole.document.selection.rows[:, PITCH].tolist() in ([60], [])


def test_moving_a_note_snaps(whole, mouse, lead):
    one_step(whole, lambda: mouse.drag(mouse.at(120, 60), mouse.at(120 + 2 * R + 7, 67)))
    assert has(lead(), 67, 2 * R, R // 2)
    assert not has(lead(), 60, 0)
    assert whole.document.selection.rows[:, PITCH].tolist() == [67]


def test_a_note_moves_into_another_bar(whole, mouse, lead):
    one_step(whole, lambda: mouse.drag(mouse.at(120, 60), mouse.at(120 + 4 * R, 60)))
    assert [len(b.notes) for b in whole.document.score.tracks[0].bars[:2]] == [3, 5]


def test_a_group_moves_together(whole, mouse, lead):
    mouse.drag(mouse.at(30, 67), mouse.at(4 * R - 100, 59))
    count = len(lead())
    one_step(whole, lambda: mouse.drag(mouse.at(120, 60), mouse.at(120, 72)))
    assert [has(lead(), p + 12, i * R) for i, p in enumerate((60, 62, 64, 65))] == [True] * 4
    assert len(lead()) == count


def test_shift_keeps_one_direction(whole, mouse, lead):
    one_step(whole, lambda: mouse.drag(mouse.at(120, 60), mouse.at(125, 67), SHIFT))
    assert has(lead(), 67, 0)


def test_ctrl_copies(whole, mouse, lead):
    count = len(lead())
    one_step(whole, lambda: mouse.drag(mouse.at(120, 60), mouse.at(120, 70), CTRL))
    assert has(lead(), 60, 0)
    assert has(lead(), 70, 0)
    assert len(lead()) == count + 1


def test_alt_lets_go_of_the_grid(whole, mouse, lead):
    grid = whole.window.roll.step_ticks()
    one_step(whole, lambda: mouse.drag(mouse.at(120, 60), mouse.at(120 + 77, 60), ALT))
    moved = whole.document.selection.rows[0, ONSET]
    assert 60 < moved < 95
    assert moved % grid


def test_a_group_stops_at_the_edge_of_midi_as_a_whole(whole, mouse, lead):
    whole.window.roll.editor.select_all()
    before = lead()[:, PITCH]
    whole.window.roll.viewport.zoom_y(0.2)
    mouse.drag(mouse.at(120, 60), mouse.at(120, 60) - QPoint(0, 300))
    assert lead()[:, PITCH].max() == 127
    assert len(set((lead()[:, PITCH] - before).tolist())) == 1


def test_escape_in_a_drag_leaves_everything(whole, mouse):
    before, view = whole.document.score, mouse.view
    QTest.mousePress(
        view.viewport(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        mouse.at(120, 60),
    )
    QTest.mouseMove(view.viewport(), mouse.at(R, 70))
    QTest.keyClick(view, Qt.Key.Key_Escape)
    QTest.mouseRelease(
        view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, mouse.at(R, 70)
    )
    assert whole.document.score == before
    assert whole.window.roll.preview is None
    assert whole.document.undo_stack.count() == 0


def test_the_right_edge_resizes(whole, mouse, lead):
    edge = mouse.at(R // 2, 60) - QPoint(2, 0)
    one_step(whole, lambda: mouse.drag(edge, mouse.at(R, 60)))
    assert has(lead(), 60, 0, R)


def test_the_left_edge_resizes(whole, mouse, lead):
    edge = mouse.at(R, 62) + QPoint(1, 0)
    one_step(whole, lambda: mouse.drag(edge, mouse.at(R + R // 4, 62)))
    assert has(lead(), 62, R + R // 4, R // 4)


def test_a_group_resizes_by_the_same_time(whole, mouse, lead):
    mouse.drag(mouse.at(30, 67), mouse.at(4 * R - 100, 59))
    edge = mouse.at(R // 2, 60) - QPoint(2, 0)
    one_step(whole, lambda: mouse.drag(edge, mouse.at(R - R // 4, 60)))
    assert lead()[:4, DURATION].tolist() == [R * 3 // 4] * 4


def test_ctrl_on_an_edge_stretches_the_group(whole, mouse, lead):
    mouse.drag(mouse.at(30, 67), mouse.at(4 * R - 100, 59))
    edge = mouse.at(3 * R + R // 2, 65) - QPoint(2, 0)
    one_step(whole, lambda: mouse.drag(edge, mouse.at(7 * R, 65), CTRL))
    assert has(lead(), 62, 2 * R)


def test_drawing_places_a_note_at_the_line_before(whole, mouse, lead):
    whole.window.actions_["tool_draw"].trigger()
    step = whole.window.roll.step_ticks()
    one_step(whole, lambda: mouse.click(mouse.at(R + step // 2, 70)))
    assert has(lead(), 70, R, step)


def test_drawing_up_changes_the_pitch_and_right_the_length(whole, mouse, lead):
    whole.window.actions_["tool_draw"].trigger()
    one_step(whole, lambda: mouse.drag(mouse.at(2 * R + 5, 70), mouse.at(3 * R - 5, 68)))
    assert has(lead(), 68, 2 * R, R)


def test_a_note_drawn_past_the_end_adds_bars_everywhere(whole, mouse, lead):
    whole.window.actions_["tool_draw"].trigger()
    whole.window.roll.viewport.scroll_to(33 * R)
    one_step(whole, lambda: mouse.click(mouse.at(41 * R + 10, 70)))
    assert [len(t.bars) for t in whole.document.score.tracks] == [11, 11, 11]
    assert has(lead(), 70, 41 * R)


def test_the_right_button_erases_while_drawing(whole, mouse, lead):
    whole.window.actions_["tool_draw"].trigger()
    one_step(whole, lambda: mouse.click(mouse.at(120, 60), button=Qt.MouseButton.RightButton))
    assert not has(lead(), 60, 0)


def test_the_eraser_takes_all_it_passes_in_one_step(whole, mouse, lead):
    whole.window.actions_["tool_erase"].trigger()
    one_step(whole, lambda: mouse.drag(mouse.at(120, 60), mouse.at(R + 120, 62)))
    assert not has(lead(), 60, 0)
    assert not has(lead(), 62, R)
    assert has(lead(), 64, 2 * R)


def test_double_click_adds_and_removes(whole, mouse, lead):
    one_step(whole, lambda: mouse.double_click(mouse.at(R + 10, 70)))
    assert has(lead(), 70, R)
    one_step(whole, lambda: mouse.double_click(mouse.at(R + 40, 70)))
    assert not has(lead(), 70, R)


def test_the_knife_cuts_at_the_grid(whole, mouse, lead):
    whole.window.actions_["tool_split"].trigger()
    one_step(whole, lambda: mouse.click(mouse.at(R // 4 + 3, 60)))
    assert has(lead(), 60, 0, R // 4)
    assert has(lead(), 60, R // 4, R // 4)


def test_the_velocity_tool_drags_loudness(whole, mouse, lead):
    whole.window.actions_["tool_velocity"].trigger()
    start = mouse.at(120, 60)
    one_step(whole, lambda: mouse.drag(start, start - QPoint(0, 40)))
    assert lead()[0, VELOCITY] == 100


def test_velocity_lane_paints(whole, mouse, lead):
    lane = whole.window.pane.velocity
    x = round(whole.window.roll.viewport.coords.x_of(0)) + 1
    y = round(lane._y(40))
    one_step(whole, lambda: drag(lane, QPoint(x, y), QPoint(x + 2, y)))
    assert abs(lead()[0, VELOCITY] - 40) <= 1
    assert lead()[1, VELOCITY] == 81


def test_velocity_lane_ramps(whole, lead):
    lane, coords = whole.window.pane.velocity, whole.window.roll.viewport.coords
    start = QPoint(round(coords.x_of(0)), round(lane._y(20)))
    end = QPoint(round(coords.x_of(3 * R)), round(lane._y(110)))
    one_step(whole, lambda: drag(lane, start, end, SHIFT))
    values = lead()[:4, VELOCITY]
    assert (np.diff(values) > 20).all()


def test_velocity_lane_touches_only_what_is_chosen(whole, mouse, lead):
    mouse.click(mouse.at(R + 100, 62))
    lane, coords = whole.window.pane.velocity, whole.window.roll.viewport.coords
    y = round(lane._y(20))
    one_step(whole, lambda: drag(lane, QPoint(1, y), QPoint(round(coords.x_of(3 * R)), y)))
    assert lead()[:4, VELOCITY].tolist()[0] == 80
    assert abs(lead()[1, VELOCITY] - 20) <= 1
    assert len(whole.document.selection.rows) == 1


def test_a_locked_track_refuses(whole, mouse, lead):
    whole.window.bars.set_lane(0, "Lock", locked=True)
    before = lead()
    mouse.drag(mouse.at(120, 60), mouse.at(R, 70))
    mouse.double_click(mouse.at(R + 10, 70))
    assert np.array_equal(lead(), before)
    assert "locked" in whole.window.told.text()


def test_middle_drag_moves_the_picture(whole, mouse):
    roll = whole.window.roll
    left = roll.viewport.coords.left
    roll.viewport.scroll(300, 0)
    mouse.drag(QPoint(400, 100), QPoint(300, 100), button=Qt.MouseButton.MiddleButton)
    assert roll.viewport.coords.left > left
    assert whole.document.undo_stack.count() == 0


def test_arrangement_chooses_bars(whole):
    canvas, ids = whole.window.arrangement, [lane.id for lane in whole.document.lanes]
    first = QPoint(round(canvas.x_of(2.5 * 4 * R)), 22 + 19)
    last = QPoint(round(canvas.x_of(4.5 * 4 * R)), 22 + 38 + 19)
    drag(canvas, first, last)
    chosen = {(t, b) for t in ids[:2] for b in (2, 3, 4)}
    assert whole.document.selection.bars == chosen
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, CTRL, first)
    assert whole.document.selection.bars == chosen - {(ids[0], 2)}
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, ALT, first)
    assert whole.document.selection.bars == {(t, 2) for t in ids}


def test_the_ruler_seeks_loops_and_chooses_bars(whole, qtbot):
    ruler, roll = whole.window.pane.ruler, whole.window.roll
    coords = roll.viewport.coords
    none = Qt.KeyboardModifier.NoModifier
    QTest.mouseClick(ruler, Qt.MouseButton.LeftButton, none, QPoint(round(coords.x_of(4 * R)), 30))
    assert roll.playhead == 4 * R
    drag(ruler, QPoint(round(coords.x_of(4 * R)), 5), QPoint(round(coords.x_of(8 * R)), 5))
    assert roll.loop == (4 * R, 8 * R)
    assert roll.loop_on
    whole.window.bars.set_lane(2, "Lock", locked=True)
    drag(ruler, QPoint(round(coords.x_of(R)), 30), QPoint(round(coords.x_of(5 * R)), 30), SHIFT)
    ids = [lane.id for lane in whole.document.lanes]
    assert whole.document.selection.bars == {(t, b) for t in ids[:2] for b in (0, 1)}


def test_ctrl_wheel_zooms_at_the_pointer(whole):
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    view, viewport = whole.window.pane.view, whole.window.roll.viewport
    viewport.scroll(500, 0)
    before = viewport.coords.tick_at(300)
    at = QPointF(300, 50)
    wheel = QWheelEvent(
        at,
        QPointF(view.viewport().mapToGlobal(at)),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        CTRL,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    scale = viewport.coords.px_per_tick
    QApplication.sendEvent(view.viewport(), wheel)
    assert viewport.coords.px_per_tick > scale
    assert viewport.coords.tick_at(300) == pytest.approx(before)


def test_the_right_button_erases_while_selecting_when_preferred(whole, mouse, lead):
    whole.settings.set("right_click", "erase")
    one_step(whole, lambda: mouse.click(mouse.at(120, 60), button=Qt.MouseButton.RightButton))
    assert not has(lead(), 60, 0)


def test_notes_off_the_grid_keep_their_distance_or_land_on_lines_as_preferred(whole, mouse, lead):
    off = lead()[:1].copy()
    off[:, ONSET] += 7
    whole.window.roll.editor.replace("Shift", lead()[:1], off)
    mouse.drag(mouse.at(120, 60), mouse.at(120 + R, 60))
    assert has(lead(), 60, R + 7)
    whole.settings.set("snap_to_lines", True)
    mouse.drag(mouse.at(120 + R, 60), mouse.at(120 + 2 * R, 60))
    assert has(lead(), 60, 2 * R)


def test_dragging_the_ruler_lets_the_notes_be_heard_until_it_is_let_go(whole, monkeypatch):
    whole.settings.options.audition = True
    held, heard = set(), set()

    def sound(track, pitch, velocity):
        key = (track, pitch)
        heard.add(key)
        held.add(key) if velocity else held.discard(key)

    monkeypatch.setattr(whole.window.player, "sound", sound)
    ruler, coords = whole.window.pane.ruler, whole.window.roll.viewport.coords
    drag(ruler, QPoint(round(coords.x_of(0)), 30), QPoint(round(coords.x_of(R + R // 4)), 30))
    assert {(0, 60), (0, 62), (1, 36)} <= heard
    assert not held
