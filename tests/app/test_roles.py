"""What bars are to the model: commands, their looks, the plan above the tracks, words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from canvas import Canvas, click
from fake_composer import roles_in
from hands import drag
from PySide6.QtCore import QEvent, QPoint, QRectF, Qt
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtTest import QTest

from descant_app.commands import composing
from descant_app.compose.job_view import JobView
from descant_app.compose.outlook import (
    CONTEXT,
    HIDDEN,
    LEFT_OUT,
    LOCKED,
    TARGET,
    Outlook,
    StepOutlook,
)
from descant_app.document.document import Document
from descant_app.panels.arrangement_picture import BARS_PX, RULER_PX
from descant_app.panels.plan_strip import packed, step_text
from descant_app.piano_roll.roles import DROPPED, OUT_OF_SIGHT, PLAIN, joined, runs_of
from descant_app.settings.theme import THEMES, themes

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def canvas(qtbot, document) -> Canvas:
    return Canvas(qtbot, document)


def choose(canvas: Canvas, *cells: tuple[int, int]) -> None:
    canvas.document.selection.set_bars((canvas.tracks[track], bar) for track, bar in cells)


def plan(canvas: Canvas, first: int, last: int, **more: object) -> Outlook:
    """One step over a window that writes what is chosen."""
    targets = canvas.document.selection.bars
    step = StepOutlook(first, last, False, targets, 300, 120)
    outlook = Outlook(roles_in(canvas.document, first, last), (step,), **more)
    canvas.composer.set_outlook(outlook)
    return outlook


def role(canvas: Canvas, track: int, bar: int) -> str:
    return canvas.roll.roles.role(track, bar)


# -- commands --------------------------------------------------------------------------------------

COMMANDS = (
    composing.toggle_hidden,
    composing.toggle_left_out,
    composing.toggle_from_scratch,
    composing.clear_levels,
)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_is_one_step_there_and_back(canvas, command):
    document = canvas.document
    choose(canvas, (0, 2), (1, 3))
    painted = document.composition.with_levels((canvas.tracks[1], "bar_note_density"), {3: 5, 4: 1})
    document.do("prepare", document.piece.with_composition(painted))
    before, index = document.piece, canvas.steps()
    assert command(document)
    after = document.piece
    assert canvas.steps() == index + 1
    assert after.composition != before.composition
    assert after.score == before.score
    document.undo_stack.undo()
    assert document.piece == before
    document.undo_stack.redo()
    assert document.piece == after


def test_hiding_twice_shows_again_and_a_mixed_choice_is_hidden_whole(canvas):
    document, (a, b, _) = canvas.document, canvas.tracks
    choose(canvas, (0, 1))
    composing.toggle_hidden(document)
    assert document.undo_stack.undoText() == "Hide 1 bar from the model"
    choose(canvas, (0, 1), (1, 1))
    composing.toggle_hidden(document)
    assert document.composition.hidden == {(a, 1), (b, 1)}
    composing.toggle_hidden(document)
    assert document.composition.hidden == frozenset()
    assert document.undo_stack.undoText() == "Show 2 bars to the model"


def test_tracks_meant_are_those_of_the_choice_or_the_current_one(canvas):
    document, (a, b, c) = canvas.document, canvas.tracks
    composing.toggle_left_out(document)
    assert document.composition.left_out == {a}
    choose(canvas, (1, 0), (2, 5))
    composing.toggle_from_scratch(document)
    assert document.composition.from_scratch == {b, c}
    assert document.undo_stack.undoText() == "Write 2 tracks from scratch"


def test_clearing_goes_by_the_choice_or_the_current_track(canvas):
    document, (a, b, _) = canvas.document, canvas.tracks
    painted = document.composition
    for track in (a, b):
        painted = painted.with_levels((track, "bar_note_density"), {1: 2, 5: 3, None: 4})
    document.do("prepare", document.piece.with_composition(painted))
    choose(canvas, (1, 5))
    composing.clear_levels(document)
    assert document.composition.levels[b, "bar_note_density"] == {1: 2, None: 4}
    choose(canvas)
    composing.clear_levels(document)
    assert list(document.composition.levels) == [(b, "bar_note_density")]


def test_a_command_without_anything_to_act_on_says_so(canvas):
    said: list[str] = []
    canvas.document.refused.connect(said.append)
    assert not composing.toggle_hidden(canvas.document)
    assert not composing.clear_levels(canvas.document)
    assert said == ["Choose some bars in the arrangement first.", "No levels are painted here."]
    assert canvas.steps() == 0


def test_menus_say_which_way_a_command_would_switch(whole):
    document, actions = whole.document, whole.window.actions_
    track = document.selection.track
    assert actions["hide_bars"].text() == "Hide bars from the model"
    document.selection.set_bars([(track, 1)])
    for name, text in (
        ("hide_bars", "Show bars to the model"),
        ("leave_out", "Take track in"),
        ("from_scratch", "Fill track in"),
    ):
        actions[name].trigger()
        assert actions[name].text() == text
        document.undo_stack.undo()
        assert actions[name].text() != text


# -- the map of roles ------------------------------------------------------------------------------


def test_without_a_plan_only_what_was_asked_has_a_role(canvas):
    choose(canvas, (0, 2))
    document = canvas.document
    asked = document.composition.with_hidden([(canvas.tracks[0], 4)], True)
    asked = replace(asked, left_out=frozenset([canvas.tracks[1]]))
    document.do("ask", document.piece.with_composition(asked))
    assert [role(canvas, 0, bar) for bar in (1, 2, 4)] == [PLAIN, TARGET, HIDDEN]
    assert canvas.roll.roles.runs(1) == [(LEFT_OUT, 0, 7)]


def test_a_plan_tells_context_from_what_is_out_of_sight(canvas):
    canvas.document.do("lock", canvas.document.piece.with_lane(2, locked=True))
    choose(canvas, (0, 2))
    plan(canvas, 1, 5, dropped=(canvas.tracks[1],))
    assert canvas.roll.roles.runs(0) == [
        (OUT_OF_SIGHT, 0, 0),
        (CONTEXT, 1, 1),
        (TARGET, 2, 2),
        (CONTEXT, 3, 5),
        (OUT_OF_SIGHT, 6, 7),
    ]
    assert canvas.roll.roles.runs(1) == [(DROPPED, 0, 7)]
    assert role(canvas, 2, 3) == LOCKED


def test_roles_follow_a_draft_while_a_knob_is_held(canvas):
    draft = canvas.document.composition.with_hidden([(canvas.tracks[0], 3)], True)
    canvas.composer.set_draft(draft)
    canvas.composer.outlook_changed.emit()
    assert role(canvas, 0, 3) == HIDDEN
    canvas.composer.set_draft(None)
    canvas.composer.outlook_changed.emit()
    assert role(canvas, 0, 3) == PLAIN


def test_bars_of_a_running_job_wait_until_they_are_shown(canvas):
    roles, (a, b, _) = canvas.roll.roles, canvas.tracks
    choose(canvas, (0, 2), (0, 3), (1, 3))
    canvas.composer.running = JobView("writing")
    canvas.composer.job_changed.emit()
    choose(canvas, (0, 7))  # another choice does not change what is being written
    assert sorted(roles.waiting(a)) == [2, 3]
    told: list[bool] = []
    roles.changed.connect(lambda: told.append(True))
    canvas.composer.job_changed.emit()
    assert not told, "a job that goes on has views painted anew"
    canvas.document.set_preview({(a, 2): canvas.document.score.tracks[0].bars[0]})
    assert roles.waiting(a) == [3]
    assert roles.waiting(b) == [3]
    canvas.composer.running = None
    canvas.composer.job_changed.emit()
    assert roles.waiting(a) == []


# -- the arrangement -------------------------------------------------------------------------------


def test_bars_are_chosen_as_before(canvas):
    arrangement, selection = canvas.arrangement, canvas.document.selection
    a, b, c = canvas.tracks
    click(arrangement, canvas.cell(1, 2))
    assert selection.bars == {(b, 2)}
    assert selection.track == b
    drag(arrangement, canvas.cell(0, 1), canvas.cell(1, 2))
    assert selection.bars == {(a, 1), (a, 2), (b, 1), (b, 2)}
    click(arrangement, canvas.cell(2, 6), CTRL)
    assert (c, 6) in selection.bars
    click(arrangement, QPoint(canvas.cell(0, 5).x(), 5))  # the ruler: in all tracks
    assert selection.bars == {(a, 5), (b, 5), (c, 5)}


def test_arrow_keys_choose_bars(canvas):
    arrangement, selection = canvas.arrangement, canvas.document.selection
    a, b, _ = canvas.tracks
    click(arrangement, canvas.cell(0, 2))
    key(arrangement, Qt.Key.Key_Right)
    assert selection.bars == {(a, 3)}
    key(arrangement, Qt.Key.Key_Down)
    assert selection.bars == {(b, 3)}
    assert selection.track == b
    key(arrangement, Qt.Key.Key_Up, SHIFT)
    key(arrangement, Qt.Key.Key_Right, SHIFT)
    assert selection.bars == {(a, 3), (a, 4), (b, 3), (b, 4)}
    for _ in range(9):
        key(arrangement, Qt.Key.Key_Left)
    assert selection.bars == {(a, 0)}


def test_arrow_keys_are_the_rolls_while_notes_are_chosen(canvas):
    event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Up, Qt.KeyboardModifier.NoModifier)
    event.ignore()
    canvas.arrangement.event(event)
    assert event.isAccepted()
    canvas.roll.editor.select_all()
    event.ignore()
    canvas.arrangement.event(event)
    assert not event.isAccepted()


@pytest.mark.parametrize("theme", THEMES)
def test_every_role_has_a_look_of_its_own(canvas, theme):
    themes.use(theme)
    document = canvas.document
    asked = document.composition.with_hidden([(canvas.tracks[0], 4)], True)
    asked = replace(asked, left_out=frozenset([canvas.tracks[2]]))
    document.do("ask", document.piece.with_composition(asked))
    choose(canvas, (0, 2))
    before = grabbed(canvas)
    plan(canvas, 1, 5)
    image = grabbed(canvas)
    looks = {
        name: strip(canvas, image, track, bar)
        for name, (track, bar) in {
            "out of sight": (0, 0), "context": (0, 1), "target": (0, 2), "hidden": (0, 4),
            "left out": (2, 1),
        }.items()
    }  # fmt: skip
    assert len(set(looks.values())) == len(looks)
    assert strip(canvas, before, 0, 0) != looks["out of sight"]  # dimmed once there is a plan
    assert strip(canvas, before, 0, 2) == looks["target"]
    themes.use("dark")


def test_the_plan_stands_above_the_tracks(canvas):
    choose(canvas, (0, 2))
    empty = grabbed(canvas).copy(0, BARS_PX, 1000, RULER_PX - BARS_PX - 1)
    plan(canvas, 1, 5)
    full = grabbed(canvas).copy(0, BARS_PX, 1000, RULER_PX - BARS_PX - 1)
    assert full != empty
    assert len(canvas.arrangement.picture.plan.badges) == 1
    middle = canvas.arrangement.picture.plan.badges[0].center().x()
    assert abs(middle - canvas.cell(0, 2).x()) < 3
    accent = themes.now["accent"]
    columns = [x for x in range(1000) if any(full.pixelColor(x, y) == accent for y in range(14))]
    starts = canvas.document.starts
    inside = canvas.arrangement.x_of(int(starts[2])), canvas.arrangement.x_of(int(starts[3]))
    assert inside[0] <= columns[0]
    assert columns[-1] <= inside[1]


def test_a_problem_stands_where_the_plan_would(canvas):
    choose(canvas, (0, 2))
    blank = grabbed(canvas)
    canvas.composer.set_outlook(Outlook(problems=("Track 1 (Lead) is locked.",)))
    assert grabbed(canvas) != blank
    where = QPoint(canvas.cell(0, 2).x(), 5).toPointF()
    assert canvas.arrangement.said_of(where) == "Track 1 (Lead) is locked."


def test_words_say_what_a_bar_is_and_what_a_step_does(canvas):
    choose(canvas, (0, 2), (0, 3))
    outlook = plan(canvas, 1, 5)
    said = canvas.arrangement.said_of(canvas.cell(0, 2).toPointF())
    assert said == "Lead, bar 3: 4 notes\nChosen: the model writes this bar."
    said = canvas.arrangement.said_of(canvas.cell(1, 7).toPointF())
    assert said.endswith("Out of sight: no step reaches this far.")
    assert step_text(canvas.document, outlook.steps[0], 1, 2) == (
        "Step 1 of 2 reads bars 2–6 and writes bars 3–4 of Lead, about 120 tokens."
    )


def test_windows_that_overlap_stand_in_rows_of_their_own():
    def step(first: int, last: int) -> StepOutlook:
        return StepOutlook(first, last, False, frozenset(), 1, 1)

    assert packed((step(0, 3), step(4, 7), step(6, 9), step(8, 11))) == [0, 0, 1, 0]


def test_the_legend_needs_room_and_something_to_explain(canvas, qtbot):
    def foot(height: int) -> QImage:
        canvas.arrangement.resize(1000, height)
        return grabbed(canvas).copy(0, RULER_PX + 3 * 38, 400, 18)

    nothing = foot(240)
    choose(canvas, (0, 2))
    plan(canvas, 1, 5)
    assert foot(240) != nothing
    assert foot(RULER_PX + 3 * 38 + 10).copy(0, 0, 400, 10) == nothing.copy(0, 0, 400, 10)


def test_runs():
    assert joined("aab") == [("a", 0, 1), ("b", 2, 2)]
    assert runs_of({5, 1, 2, 7, 6}) == [(1, 2), (5, 7)]


# -- the infill tool -------------------------------------------------------------------------------


def roll_at(canvas: Canvas, bar: int) -> QPoint:
    starts = canvas.document.starts
    middle = (int(starts[bar]) + int(starts[bar + 1])) / 2
    return QPoint(round(canvas.roll.viewport.coords.x_of(middle)), 40)


def test_a_click_of_the_infill_tool_chooses_a_bar_and_writes_it(canvas):
    canvas.roll.set_tool("infill")
    click(canvas.pane.view.viewport(), roll_at(canvas, 3))
    assert canvas.document.selection.bars == {(canvas.tracks[0], 3)}
    assert canvas.composer.asked == [(canvas.tracks[0], 3)]
    assert canvas.steps() == 0


def test_a_drag_of_the_infill_tool_writes_all_it_passes(canvas):
    canvas.roll.set_tool("infill")
    drag(canvas.pane.view.viewport(), roll_at(canvas, 4), roll_at(canvas, 2))
    wanted = {(canvas.tracks[0], bar) for bar in (2, 3, 4)}
    assert canvas.composer.asked == [wanted]
    click(canvas.pane.view.viewport(), roll_at(canvas, 6), SHIFT)
    assert canvas.composer.asked[1] == wanted | {(canvas.tracks[0], 6)}


def test_the_infill_tool_leaves_a_locked_track_alone(canvas):
    document: Document = canvas.document
    document.do("lock", document.piece.with_lane(0, locked=True))
    said: list[str] = []
    document.refused.connect(said.append)
    canvas.roll.set_tool("infill")
    click(canvas.pane.view.viewport(), roll_at(canvas, 3))
    assert canvas.composer.asked == []
    assert document.selection.bars == frozenset()
    assert "locked" in said[0]


def key(widget, which: Qt.Key, keys=Qt.KeyboardModifier.NoModifier) -> None:  # type: ignore[no-untyped-def]
    QTest.keyClick(widget, which, keys)


def grabbed(canvas: Canvas) -> QImage:
    return canvas.arrangement.grab().toImage()


def strip(canvas: Canvas, image: QImage, track: int, bar: int) -> tuple[str, ...]:
    """The colours down the middle of a cell, where a test piece has no glyph."""
    at = canvas.cell(track, bar)
    box = QRectF(at.x() - 20, at.y() - 18, 6, 37).toRect()
    part = image.copy(box)
    return tuple(
        part.pixelColor(x, y).name() for x in range(part.width()) for y in range(part.height())
    )
