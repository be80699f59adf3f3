"""The whole window: every command runs and is undone, themes, keys, preferences, lists."""

from __future__ import annotations

import re
import sys
from dataclasses import replace

import pytest
from hands import R
from PySide6.QtCore import Qt, QTranslator
from PySide6.QtGui import QAccessible, QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QWidget,
)

from descant_app.actions import SPECS
from descant_app.application import Application
from descant_app.document.flat import ONSET, PITCH
from descant_app.document.grid import GRIDS
from descant_app.document.scales import Scale
from descant_app.panels.cheat_sheet import CheatSheet
from descant_app.panels.event_list import pitch_of
from descant_app.panels.palette import Palette, score_of
from descant_app.paths import resource
from descant_app.settings.options import Settings
from descant_app.settings.theme import THEMES, load_theme, themes

EDITS = (
    "cut", "paste", "duplicate", "delete", "up", "down", "octave_up", "octave_down", "scale_up",
    "scale_down", "right", "fine_right", "longer", "shorter", "quantize", "legato", "staccato",
    "split_playhead", "join", "reverse", "invert", "double_time", "half_time", "louder", "softer",
    "add_track", "add_drums", "duplicate_track", "remove_track", "lock_track", "track_is_drum",
    "insert_bars", "delete_bars", "clear_bars", "duplicate_bars",
)  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_each_edit_is_one_step_there_and_back(whole, name):
    document, actions = whole.document, whole.window.actions_
    off = document.flat(0).rows[1:7].copy()
    off[:, ONSET] += 7
    whole.window.roll.editor.replace("prepare", document.flat(0).rows[1:7], off)
    document.selection.set_bars([(document.selection.track, 1), (document.selection.track, 2)])
    whole.window.roll.set_playhead(int(off[0, ONSET]) + 50)
    if name == "join":
        whole.window.roll.editor.replace("level", off, _at_one_pitch(off))
    if name == "paste":
        actions["copy"].trigger()
    stack, before = document.undo_stack, document.piece
    index = stack.index()
    actions[name].trigger()
    after = document.piece
    assert stack.index() == index + 1, whole.window.told.text()
    assert (after.score, after.lanes) != (before.score, before.lanes)
    stack.undo()
    assert (document.piece.score, document.piece.lanes) == (before.score, before.lanes)
    stack.redo()
    assert (document.piece.score, document.piece.lanes) == (after.score, after.lanes)


def _at_one_pitch(rows):
    level = rows.copy()
    level[:, PITCH] = 60
    return level


def test_every_command_has_something_to_do(whole):
    from PySide6.QtCore import SIGNAL

    for spec in SPECS:
        action = whole.window.actions_[spec.name]
        assert action.receivers(SIGNAL("triggered(bool)")) > 0, spec.name


def test_no_key_is_given_twice():
    seen: dict[str, str] = {}
    for spec in SPECS:
        for key in spec.keys:
            text = QKeySequence(key).toString()
            assert text, f"{spec.name} has a key that does not exist: {key}"
            assert text not in seen, f"{spec.name} and {seen[text]} share {key}"
            seen[text] = spec.name


def test_single_keys_do_not_fire_in_a_field(whole, qtbot):
    field = QLineEdit(whole.window)
    field.show()
    field.setFocus()
    QTest.keyClicks(field, "bq2")
    assert field.text() == "bq2"
    assert whole.window.roll.tool == "select"


def test_keys_work_in_the_roll(whole, qtbot):
    view = whole.window.pane.view
    whole.window.activateWindow()
    view.setFocus()
    qtbot.waitUntil(lambda: view.hasFocus())
    QTest.keyClick(view, Qt.Key.Key_2)
    assert whole.window.roll.tool == "draw"
    QTest.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(whole.document.selection.rows) == 32
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert whole.document.undo_stack.undoText() == "Transpose 32 notes"
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert len(whole.document.selection.rows) == 0


def test_a_new_key_is_taken_from_its_old_command(whole):
    notice = whole.view.set_key("legato", "Q")
    assert "Quantize" in notice
    assert whole.window.actions_["legato"].shortcut() == QKeySequence("Q")
    assert whole.window.actions_["quantize"].shortcuts() == []
    assert Settings(whole.settings.path).shortcuts == {"legato": "Q", "quantize": ""}


def test_both_themes_name_the_same_colours():
    dark, light = (load_theme(name) for name in THEMES)
    assert dark.colours.keys() == light.colours.keys()
    assert len(dark.tracks) == len(light.tracks) == 12
    assert dark.is_dark
    assert not light.is_dark


@pytest.mark.parametrize("theme", THEMES)
def test_the_window_paints_in_each_theme(whole, theme):
    whole.settings.set("theme", theme)
    whole.window.roll.set_scale(Scale(2, "Dorian"))
    whole.document.selection.set_track(whole.document.lanes[2].id)
    image = whole.window.grab().toImage()
    ground = themes.now["row_black"]
    middle = image.pixelColor(1000, 60)
    assert (middle.lightnessF() < 0.5) == (ground.lightnessF() < 0.5)


def test_every_icon_is_there():
    for spec in SPECS:
        assert not spec.icon or resource("icons", f"{spec.icon}.svg").is_file(), spec.icon


def test_the_palette_finds_by_letters(whole):
    assert score_of("qtz", "Quantize") is not None
    assert score_of("xyz", "Quantize") is None
    from PySide6.QtGui import QAction

    palette = Palette(whole.window.findChildren(QAction), whole.window)
    palette.field.setText("select noth")
    assert palette.found.topLevelItem(0).text(0).startswith("Select nothing")
    whole.window.roll.editor.select_all()
    palette._run()
    assert len(whole.document.selection.rows) == 0


def test_the_cheat_sheet_knows_every_key(whole):
    from PySide6.QtWidgets import QTextBrowser

    sheet = CheatSheet(whole.window.actions_, whole.window)
    text = sheet.findChild(QTextBrowser).toPlainText()
    for spec in SPECS:
        if spec.keys:
            assert spec.text.rstrip("…") in text or whole.window.actions_[spec.name].text() in text


def test_the_preferences_show_and_set_every_option(whole):
    from descant_app.settings.preferences_dialog import PreferencesDialog

    choices = {kind: lambda: [("", "None")] for kind in ("output", "font", "input")}
    dialog = PreferencesDialog(
        whole.settings, choices, whole.view.keys, whole.view.set_key, whole.window
    )
    dialog.editors["gain"].setValue(1.25)
    dialog.editors["follow"].setChecked(False)
    kept = Settings(whole.settings.path).options
    assert (kept.gain, kept.follow) == (1.25, False)
    assert set(dialog.editors) == set(vars(whole.settings.options))


def test_a_key_taken_in_the_preferences_leaves_its_old_field_and_can_be_given_back(whole):
    from descant_app.settings.preferences_dialog import PreferencesDialog

    choices = {kind: lambda: [("", "None")] for kind in ("output", "font", "input")}
    dialog = PreferencesDialog(
        whole.settings, choices, whole.view.keys, whole.view.set_key, whole.window
    )
    fields = dialog.key_fields
    fields["legato"].setKeySequence(QKeySequence("Q"))
    fields["legato"].editingFinished.emit()
    assert "Quantize" in dialog.notice.text()
    assert fields["quantize"].keySequence().isEmpty()
    dialog._reset_keys()
    assert fields["quantize"].keySequence() == QKeySequence("Q")
    assert whole.window.actions_["redo"].shortcuts() == [
        QKeySequence("Ctrl+Shift+Z"),
        QKeySequence("Ctrl+Y"),
    ]
    assert Settings(whole.settings.path).shortcuts == {}


def test_settings_edited_by_hand_are_taken_only_when_legal(tmp_path):
    path = tmp_path / "s.json"
    path.write_text('{"version": 1, "options": {"gain": 99, "theme": "pink", "reverb": 0.5}}')
    options = Settings(path).options
    assert (options.gain, options.theme, options.reverb) == (0.6, "dark", 0.5)
    path.write_text("not json")
    assert Settings(path).options.theme == "dark"


def test_the_event_list_shows_and_edits(whole):
    whole.window.actions_["event_list"].trigger()
    dock = whole.window.event_list
    dock.show()
    model = dock.model
    assert model.rowCount() == 32
    assert [model.data(model.index(5, c)) for c in range(4)] == ["2.2.000", "E♭4", 81, R // 2]
    assert model.setData(model.index(5, 0), "2.2.120")
    assert model.setData(model.index(5, 1), "C5")
    row = whole.document.flat(0).rows[5]
    assert row[[ONSET, PITCH]].tolist() == [5 * R + 120, 72]
    assert not model.setData(model.index(5, 2), "300")
    assert "300" in whole.window.told.text()


@pytest.mark.parametrize(
    ("text", "pitch"),
    [("C4", 60), ("c#4", 61), ("Db4", 61), ("B3", 59), ("B♭2", 46), ("C-1", 0), ("H2", None)],
)
def test_pitch_names(text, pitch):
    assert pitch_of(text) == pitch


def test_numbers_over_the_roll_change_the_choice(whole):
    whole.window.roll.editor.select_all()
    bar = whole.window.roll_bar
    bar.velocity.setValue(50)
    assert set(whole.document.flat(0).rows[:, 1].tolist()) == {50}
    bar.pitch.setValue(48)
    assert whole.document.flat(0).rows[:, PITCH].min() == 48
    bar.grid.setCurrentIndex(3)
    bar.grid.activated.emit(3)
    assert whole.window.roll.grid == GRIDS[2]


def test_tempo_is_set_where_the_playhead_is(whole):
    whole.window.transport.tempo.setValue(90)
    assert whole.document.score.tempo == 666_667
    assert whole.document.undo_stack.undoText() == "Set tempo"


def test_tracks_are_renamed_muted_and_reordered_from_their_headers(whole):
    header = whole.window.headers.headers[1]
    header.rename()
    header.edit.setText("Double bass")
    QTest.keyClick(header.edit, Qt.Key.Key_Return)
    assert whole.document.score.tracks[1].name == "Double bass"
    header.mute.click()
    assert whole.document.lanes[1].mute
    header.dragged.emit(1, 0)
    assert whole.document.score.tracks[0].name == "Double bass"
    whole.document.undo_stack.undo()
    assert whole.document.score.tracks[1].name == "Double bass"


def test_folding_shows_only_used_keys(whole, mouse):
    whole.window.actions_["fold"].trigger()
    coords = whole.window.roll.viewport.coords
    assert set(coords.keys) == set(whole.document.flat(0).rows[:, PITCH].tolist())
    mouse.drag(mouse.at(120, 60), mouse.at(120, coords.keys[0]))
    assert whole.document.flat(0).rows[0, PITCH] in coords.keys


def test_folding_to_a_scale_keeps_its_keys_and_those_with_notes(whole):
    roll = whole.window.roll
    whole.window.actions_["fold_scale"].trigger()
    assert not roll.folded
    roll.set_scale(Scale(1, "Major"))
    used = set(whole.document.flat(0).rows[:, PITCH].tolist())
    assert set(roll.viewport.coords.keys) == used | set(Scale(1, "Major").pitches().tolist())
    roll.set_scale(None)
    assert not roll.folded


def test_no_sound_device_is_marked_at_once_and_told_when_somebody_plays(whole, monkeypatch):
    player, output = whole.window.player, whole.window.transport.output
    whole.window.tell("Welcome")
    player._on_unheard("No sound device answered.")
    assert whole.window.told.text() == "Welcome"
    assert output.toolTip() == "No sound device answered."
    assert not output.itemIcon(output.currentIndex()).isNull()
    monkeypatch.setattr(player, "toggle", lambda: None)
    whole.window.actions_["play"].trigger()
    assert whole.window.told.text() == "No sound device answered."
    player._on_opened("synth")
    assert output.itemIcon(output.currentIndex()).isNull()


def test_an_uncaught_error_saves_first_and_is_told(whole, monkeypatch):
    from descant_app import logs

    order = []
    monkeypatch.setattr(logs, "rescues", [lambda: order.append("rescue")])
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    logs.catch_everything(lambda text, details: order.append(text))
    sys.excepthook(ValueError, ValueError("odd"), None)
    assert order == ["rescue", "ValueError: odd"]


def test_painting_loses_no_reference_to_none(whole):
    before = sys.getrefcount(None)
    for _ in range(300):
        whole.window.pane.view.viewport().update()
        whole.window.arrangement.update()
    QApplication.processEvents()
    assert sys.getrefcount(None) > before - 100


def test_the_first_start_shows_the_demo_piece_and_the_second_does_not(whole):
    whole.show([])
    assert len(whole.document.lanes) == 4
    assert whole.document.path is None
    assert whole.document.is_clean
    [[track, bars]] = whole.document.selection.bars_by_track().items()
    assert len(bars) == 4
    assert whole.document.selection.track == track
    coords, flat = whole.window.roll.viewport.coords, whole.window.roll.flat
    starts = whole.document.starts
    assert coords.left <= starts[bars[0]] < starts[bars[-1] + 1] <= coords.right
    marked = flat.rows[flat.span(int(starts[bars[0]]), int(starts[bars[-1] + 1])), PITCH]
    assert coords.low <= marked.min() <= marked.max() <= coords.high
    whole.files.new()
    whole.show([])
    assert len(whole.document.lanes) == 1


class Bracketed(QTranslator):
    """A language that shows what goes through the translator."""

    def translate(self, context, source, disambiguation=None, n=-1) -> str:
        return f"‹{source}›"

    def isEmpty(self) -> bool:  # noqa: N802
        return False


NOT_WORDS = re.compile(r"[A-G][♭♯]?|1/\d+[T.]?|M|S|")


def test_every_text_of_the_window_can_be_translated(qapp, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr("descant_app.commands.filing.ask_save", lambda *_: "discard")
    translator = Bracketed()
    qapp.installTranslator(translator)
    try:
        window = Application(Settings(tmp_path / "s.json")).window
    finally:
        qapp.removeTranslator(translator)
    qtbot.addWidget(window)
    texts = {
        t for action in window.findChildren(QAction) for t in (action.text(), action.toolTip())
    }
    for bar in (window.transport, window.roll_bar, window.pane):
        for widget in bar.findChildren(QWidget):
            texts |= {widget.toolTip(), widget.accessibleName()}
            if isinstance(widget, QLabel | QAbstractButton):
                texts.add(widget.text())
            if isinstance(widget, QComboBox):
                texts |= {widget.itemText(i) for i in range(widget.count())}
    bare = {t for t in texts if "‹" not in t and any(c.isalpha() for c in t)}
    assert not {t for t in bare if not NOT_WORDS.fullmatch(t)}
    window.close()


def test_what_happened_is_announced_to_screen_readers(whole, monkeypatch):
    told = []
    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    monkeypatch.setattr(
        QAccessible, "updateAccessibility", lambda event: told.append(event.message())
    )
    whole.window.roll.editor.select_all()
    whole.window.actions_["up"].trigger()
    whole.window.actions_["split_playhead"].trigger()
    assert told == ["Transpose 32 notes", "No note sounds across the playhead."]


def test_a_chosen_instrument_is_heard(whole, monkeypatch, qtbot):
    whole.settings.options.audition = True
    heard = []
    monkeypatch.setattr(whole.window.player, "sound", lambda *note: heard.append(note))
    whole.window.headers.headers[1]._set_program(40)
    assert whole.document.score.tracks[1].instrument == 40
    qtbot.waitUntil(lambda: len(heard) == 2, timeout=5000)
    assert [note[:2] for note in heard] == [(1, 60), (1, 60)]
    assert heard[1][2] == 0


def test_the_event_list_is_made_anew_for_notes_it_shows_only(whole):
    whole.window.actions_["event_list"].trigger()
    document, dock = whole.document, whole.window.event_list
    resets: list[None] = []
    dock.model.modelReset.connect(lambda: resets.append(None))
    wishes = document.composition.with_settings(temperature=1.2)
    document.do("Set temperature", document.piece.with_composition(wishes))
    other = document.score.tracks[1]
    bars = (other.bars[0].with_notes(()), *other.bars[1:])
    document.do("Clear", document.piece.with_track(1, replace(other, bars=bars)))
    assert resets == []
    whole.window.roll.editor.erase(document.flat(0).rows[:1])
    assert len(resets) == 1
    document.selection.set_notes(document.flat(0).rows[[0, 1, 5]])
    chosen = dock.table.selectionModel().selectedRows()
    assert sorted(index.row() for index in chosen) == [0, 1, 5]
