"""Levels painted in lanes: what each gesture sets, shows, undoes and says."""

from __future__ import annotations

import pytest
from canvas import Canvas
from fake_composer import DENSITY
from hands import drag
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from descant.score.notes import Note
from descant.score.types import Bar
from descant_app.document import structure
from descant_app.document.composition import Composition
from descant_app.document.takes import KEPT, Batch, Take
from descant_app.piano_roll.lane_spec import family_of, lane_specs
from descant_app.piano_roll.level_menu import copy_lane, fill_lane_menu, paste_lane
from descant_app.piano_roll.level_stroke import (
    BOTH,
    HIGH,
    LOW,
    LevelStroke,
    held_at,
    misses,
)
from descant_app.piano_roll.level_words import said_of
from descant_app.settings.theme import THEMES, themes

SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
NAME = "bar_note_density"


@pytest.fixture
def canvas(qtbot, document) -> Canvas:
    return Canvas(qtbot, document)


def there_and_back(canvas: Canvas, act) -> Composition:
    """One step of history, which undo and redo travel; the composition after it."""
    document, index, before = canvas.document, canvas.steps(), canvas.document.piece
    act()
    after = document.piece
    assert canvas.steps() == index + 1
    document.undo_stack.undo()
    assert document.piece == before
    document.undo_stack.redo()
    assert document.piece == after
    return after.composition


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


# -- pure ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "level", "held"),
    [
        ((None, None), 3.0, BOTH),
        ((2, 6), 5.8, HIGH),
        ((2, 6), 2.3, LOW),
        ((2, 6), 4.0, BOTH),
        ((4, 4), 4.3, HIGH),
        ((4, 4), 3.8, LOW),
        ((4,), 4.0, BOTH),
    ],
)
def test_what_a_press_takes_hold_of(wish, level, held):
    assert held_at(wish, level, 0.6) == held


@pytest.mark.parametrize(
    ("wish", "now", "off"),
    [
        ((5,), (5,), False),
        ((5,), (6,), False),
        ((5,), (7,), True),
        ((5,), (None,), False),
        ((2, 4), (2, 4), False),
        ((2, 4), (0, 4), True),
        ((2, 4), (3, 6), True),
        ((2, None), (2, 9), False),
    ],
)
def test_when_notes_miss_a_wish(wish, now, off):
    assert misses(wish, now) is off


def test_a_stroke_never_leaves_the_levels_there_are(canvas):
    from fake_composer import LANES

    spec = lane_specs(LANES, is_drum=False)[0]
    stroke = LevelStroke(spec, canvas.tracks[0], Composition(), BOTH)
    stroke.line((0, -7.0), (2, 99.0))
    assert list(stroke.result.levels[(canvas.tracks[0], NAME)].values()) == [0, 9, 9]


def said(lane, bar: int) -> str:
    return said_of(lane.facts, lane.spec, bar)


def press(lane, at: QPoint, keys=Qt.KeyboardModifier.NoModifier) -> None:
    QTest.mousePress(lane, Qt.MouseButton.LeftButton, keys, at)


def move(lane, at: QPoint, keys=Qt.KeyboardModifier.NoModifier) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    where = QPointF(lane.mapToGlobal(at))
    event = QMouseEvent(QEvent.Type.MouseMove, QPointF(at), where, none, left, keys)
    QApplication.sendEvent(lane, event)


def release(lane, at: QPoint, keys=Qt.KeyboardModifier.NoModifier) -> None:
    QTest.mouseRelease(lane, Qt.MouseButton.LeftButton, keys, at)


def grabbed(lane) -> QImage:
    return lane.grab().toImage()


def has_colour(image: QImage, meaning: str) -> bool:
    wanted = themes.now[meaning]
    return any(
        image.pixelColor(x, y) == wanted
        for x in range(image.width())
        for y in range(image.height())
    )
