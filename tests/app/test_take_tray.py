"""The tray of takes: show, step, keep, reject, star, parts, merging, lineage, and what is heard."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hands import R
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from descant.score.notes import Note
from descant.score.types import Bar
from descant_app.application import Application
from descant_app.compose.job_view import JobView
from descant_app.document.composition import TrackId
from descant_app.document.document import Document
from descant_app.document.takes import KEPT, OFFERED, REJECTED, Batch, Take
from descant_app.panels import takes_words as words
from descant_app.panels.takes import TakeTray
from descant_app.panels.takes_batch import BatchHeader
from descant_app.panels.takes_card import TakeCard
from descant_app.panels.takes_menu import TakeMenu
from descant_app.playback.loudness import as_loud_as, energy

pytestmark = pytest.mark.compose
LEAD, BASS = TrackId(1), TrackId(2)


def bar_of(pitch: int, velocity: int = 90) -> Bar:
    return Bar([Note(pitch, velocity, 0, R), Note(pitch + 4, velocity, R, R)])


def add_batch(document: Document, takes: int = 3, parent: int | None = None, **more) -> list[Take]:
    """Takes of bars 3 and 4 of Lead and Bass."""
    held = document.takes
    prompts = [{"id": i, "bars": [2, 3] if i < 2 else []} for i in range(3)]
    request = {"tracks": prompts, "config": {"temperature": 1.1, "mask_mode": "auto"}}
    tracks = tuple(lane.id for lane in document.lanes)
    names = document.piece.bar_ids
    batch = Batch(
        held.new_id(), request, document.score, tracks, names, "ghost", "abcdef1234", "native"
    )
    batch = replace(batch, parent=parent, when=1_790_000_000.0, seconds=0.5, tokens=600)
    held.add_batch(batch)
    made = []
    for i in range(takes):
        cells = [(track, bar) for track in (LEAD, BASS) for bar in (2, 3)]
        bars = {cell: bar_of(70 + i + cell[1]) for cell in cells}
        take = Take(held.new_id(), batch.id, bars, 100 + i, scores={"key": 0.98, "groove": 0.6})
        held.put(replace(take, **more))
        made.append(held.takes[take.id])
    return made


@pytest.fixture
def window(whole: Application) -> Application:
    whole.settings.options.hear_takes = False
    return whole


@pytest.fixture
def tray(window: Application) -> TakeTray:
    return window.window.takes


def card(tray: TakeTray, take: Take) -> TakeCard:
    tray.refresh()
    shown = tray.card(take.id)
    assert shown is not None
    return shown


def click(card: TakeCard) -> None:
    QTest.mouseClick(card, Qt.MouseButton.LeftButton, pos=QPoint(120, 20))


# -- showing and choosing --------------------------------------------------------------------------


def test_without_takes_the_tray_says_what_it_is_for(tray):
    assert tray.empty.isVisibleTo(tray)
    assert "until you keep one" in tray.empty.text()


def test_a_click_shows_a_take_in_place_and_changes_nothing(window, tray):
    document = window.document
    first, second, _ = add_batch(document)
    before = document.piece
    click(card(tray, second))
    assert document.takes.shown == second.id
    assert document.preview == second.bars
    assert document.heard_score.tracks[0].bars[2] == second.bars[LEAD, 2]
    assert document.piece is before
    assert card(tray, second).shown
    assert not card(tray, first).shown


def test_keys_step_keep_and_undo(window, tray, qtbot):
    document, view = window.document, window.window.pane.view
    first, second, third = add_batch(document)
    window.window.activateWindow()
    view.setFocus()
    window.composer.offers.show(first.id)
    QTest.keyClick(view, Qt.Key.Key_BracketRight)
    assert document.takes.shown == second.id
    QTest.keyClick(view, Qt.Key.Key_BracketLeft)
    QTest.keyClick(view, Qt.Key.Key_BracketLeft)
    assert document.takes.shown == third.id
    before = document.piece
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert document.takes.takes[third.id].state == KEPT
    assert document.score.tracks[0].bars[2] == third.bars[LEAD, 2]
    assert document.takes.shown is None
    document.undo_stack.undo()
    assert document.piece.score == before.score
    document.undo_stack.redo()
    assert document.score.tracks[1].bars[3] == third.bars[BASS, 3]


def test_return_does_nothing_while_no_take_is_shown(window):
    document, view = window.document, window.window.pane.view
    add_batch(document)
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert document.undo_stack.index() == 0


def test_backspace_in_the_tray_rejects_and_shows_the_next(window, tray):
    first, second, _ = add_batch(window.document)
    click(card(tray, first))
    QTest.keyClick(tray, Qt.Key.Key_Backspace)
    takes = window.document.takes
    assert takes.takes[first.id].state == REJECTED
    assert takes.shown == second.id
    assert len(window.document.flat(0).rows) == 32
    tray.reject(first.id)
    assert takes.takes[first.id].state == OFFERED


def test_rejected_takes_are_forgotten_on_request(window, tray):
    first, _, _ = add_batch(window.document)
    tray.reject(first.id)
    window.window.actions_["forget_rejected"].trigger()
    assert first.id not in window.document.takes.takes
    tray.refresh()
    assert first.id not in tray.boxes[first.batch].cards


def test_a_star_is_set_and_taken_off(window, tray):
    take = add_batch(window.document)[0]
    card(tray, take).star.click()
    assert window.document.takes.takes[take.id].starred
    card(tray, take).star.click()
    assert not window.document.takes.takes[take.id].starred


def test_escape_puts_the_take_aside_before_it_lets_go_of_bars(window):
    document = window.document
    take = add_batch(document)[0]
    document.selection.set_bars(take.bars)
    window.composer.offers.show(take.id)
    window.window.pane.view.setFocus()
    window.window.escape()
    assert document.takes.shown is None
    assert document.selection.bars == frozenset(take.bars)
    window.window.escape()
    assert not document.selection.bars


# -- what cards say --------------------------------------------------------------------------------


def test_a_take_that_breaks_a_rule_cannot_be_kept(window, tray):
    take = add_batch(window.document, violations=("Bar 5 of Drums was changed.",))[0]
    shown = card(tray, take)
    assert not shown.keep.isEnabled()
    assert "Bar 5 of Drums" in shown.toolTip()
    assert words.state_of(take, 4) == ("breaks a rule", "danger")


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, ""),
        ({"state": KEPT}, "kept"),
        ({"state": REJECTED}, "rejected"),
        ({"complete": False, "bars": {(LEAD, 2): bar_of(60)}}, "1 of 4 bars"),
    ],
)
def test_states_in_words(document, fields, text):
    take = replace(add_batch(document)[0], **fields)
    assert words.state_of(take, 4)[0] == text


def test_measures_in_words_come_in_order_of_telling(document):
    take = add_batch(document)[0]
    assert words.measures(take) == ["in key", "kindred groove"]
    wished = replace(take, scores={**take.scores, "wishes": 0.5})
    assert words.measures(wished)[0] == "off your paint"


def test_a_batch_says_when_what_and_from_where(document):
    first = add_batch(document)[1]
    add_batch(document, parent=first.id)
    one, two = document.takes.batches.values()
    assert words.batch_title(one) == "4 bars of Lead and Bass"
    assert words.batch_note(one, 3, {}) == "3 takes"
    assert words.batch_note(two, 3, {first.id: 2}) == "3 takes · from take 2"
    assert words.batch_note(two, 1, {}) == "1 take · from a take that is gone"
    assert "1,200 a second" in words.batch_in_full(one)


def test_the_latest_batch_is_open_and_an_older_one_folded(window, tray):
    old, new = add_batch(window.document)[0], add_batch(window.document)[0]
    tray.refresh()
    assert not tray.boxes[old.batch].body.isVisibleTo(tray)
    assert tray.card(new.id).isVisibleTo(tray)
    tray.boxes[old.batch].header.click()
    assert tray.card(old.id).isVisibleTo(tray)
    rows = [tray.column.itemAt(i).widget() for i in range(tray.column.count() - 1)]
    assert rows.index(tray.boxes[new.batch]) < rows.index(tray.boxes[old.batch])
    tray.boxes[old.batch].header.click()
    assert not tray.card(old.id).isVisibleTo(tray)


def test_a_change_is_work_for_its_own_batch_only(window, tray, monkeypatch):
    document = window.document
    old, new = add_batch(document), add_batch(document)
    tray.refresh()
    tray.boxes[old[0].batch].header.click()
    described: list[int] = []
    monkeypatch.setattr(
        BatchHeader, "show_batch", lambda header, batch, *_: described.append(batch.id)
    )
    tray.refresh()
    assert not described
    document.takes.mark(new[1].id, starred=True)
    tray.refresh()
    assert described == [new[1].batch]
    window.composer.offers.show(old[0].id)
    tray.refresh()
    assert described == [new[1].batch, old[0].batch]


def test_batches_of_an_opened_piece_stand_in_order_and_have_cards_when_unfolded(window, tray):
    document = window.document
    for _ in range(3):
        add_batch(document, takes=2)
    held = document.takes
    held.replace_all(list(held.batches.values())[::-1], held.takes.values(), held.bar_ids)
    tray.refresh()
    rows = [tray.column.itemAt(i).widget() for i in range(3)]
    assert rows == [tray.boxes[number] for number in sorted(held.batches, reverse=True)]
    assert [len(box.cards) for box in rows] == [2, 0, 0]


def test_a_take_of_compared_modes_names_its_mode(window, tray):
    document = window.document
    first, second = add_batch(document, takes=2)
    document.takes.put(replace(second, mask_mode="remove"))
    assert card(tray, first).compared
    assert words.mode_title("remove") == "Cut out"


def test_bars_that_arrive_are_drawn_at_once(window, tray):
    document = window.document
    take = add_batch(document, takes=1, complete=False, bars={})[0]
    shown = card(tray, take)
    empty = shown.grab().toImage()
    document.takes.put(replace(take, bars={(LEAD, 2): bar_of(60)}))
    tray.refresh()
    assert tray.card(take.id) is shown
    assert shown.grab().toImage() != empty


# -- parts -----------------------------------------------------------------------------------------


def entries(menu: TakeMenu) -> dict[str, object]:
    found = {}
    for action in menu.actions():
        found[action.text()] = action
        if action.menu():
            found |= {f"> {a.text()}": a for a in action.menu().actions()}
    return found


def test_only_the_chosen_bars_or_one_track_are_kept(window, tray):
    document = window.document
    take = add_batch(document)[0]
    document.selection.set_bars([(LEAD, 3), (LEAD, 6)])
    before = document.score
    entries(TakeMenu(window.composer, take, tray))["Keep only the chosen bars (1)"].trigger()
    assert document.score.tracks[0].bars[3] == take.bars[LEAD, 3]
    assert document.score.tracks[0].bars[2] == before.tracks[0].bars[2]
    assert document.score.tracks[1] == before.tracks[1]
    document.undo_stack.undo()
    entries(TakeMenu(window.composer, take, tray))["Keep only Bass"].trigger()
    assert document.score.tracks[0] == before.tracks[0]
    assert document.score.tracks[1].bars[2] == take.bars[BASS, 2]


def test_bars_of_one_take_are_put_into_another(window, tray):
    document = window.document
    first, second, _ = add_batch(document)
    document.selection.set_bars([(BASS, 2)])
    found = entries(TakeMenu(window.composer, second, tray))
    found["> take 1"].trigger()
    merged = document.takes.takes[document.takes.shown]
    assert merged.id not in (first.id, second.id)
    assert merged.bars[BASS, 2] == second.bars[BASS, 2]
    assert merged.bars[LEAD, 2] == first.bars[LEAD, 2]


def test_a_take_can_be_forgotten(window, tray):
    take = add_batch(window.document)[0]
    entries(TakeMenu(window.composer, take, tray))["Forget this take"].trigger()
    tray.refresh()
    assert tray.card(take.id) is None


def test_the_command_line_goes_to_the_clipboard(window, tray, monkeypatch):
    take = add_batch(window.document)[0]
    monkeypatch.setattr(window.composer, "as_command_line", lambda n: f"descant infill {n}")
    entries(TakeMenu(window.composer, take, tray))["Copy as command line"].trigger()
    assert QGuiApplication.clipboard().text() == f"descant infill {take.id}"


# -- what is heard ---------------------------------------------------------------------------------


def test_bars_are_made_as_loud_as_others():
    soft = {(LEAD, 2): bar_of(60, 40), (LEAD, 3): bar_of(62, 50)}
    loud = {(LEAD, 2): bar_of(70, 100)}
    matched = as_loud_as(soft, loud)
    assert energy(matched) == pytest.approx(energy(loud), rel=0.05)
    assert matched[LEAD, 2].notes.array[:, [0, 2, 3]].tolist() == [[60, 0, R], [64, R, R]]
    assert as_loud_as(soft, {}) == soft


def test_the_original_is_heard_as_loud_as_the_take(window):
    document, actions = window.document, window.window.actions_
    take = add_batch(document)[0]
    document.takes.put(replace(take, bars={(LEAD, 2): bar_of(70, 30)}))
    window.composer.offers.show(take.id)
    assert window.player.source() == document.heard_score
    actions["compare_original"].trigger()
    assert document.takes.shown is None
    heard = window.player.source()
    assert energy({(LEAD, 2): heard.tracks[0].bars[2]}) == pytest.approx(
        energy({(LEAD, 2): bar_of(70, 30)}), rel=0.15
    )
    assert heard.tracks[0].bars[3] == document.score.tracks[0].bars[3]
    actions["compare_original"].trigger()
    assert document.takes.shown == take.id


def test_holding_the_key_is_a_look_and_tapping_it_a_switch(window, monkeypatch):
    view, takes = window.window.pane.view, window.document.takes
    take = add_batch(window.document)[0]
    window.composer.offers.show(take.id)
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Backslash)
    assert takes.shown is None
    QTest.keyClick(view, Qt.Key.Key_Backslash)
    assert takes.shown == take.id
    monkeypatch.setattr("descant_app.commands.generating.HELD_S", -1.0)
    QTest.keyPress(view, Qt.Key.Key_Backslash)
    assert takes.shown is None
    QTest.keyRelease(view, Qt.Key.Key_Backslash)
    assert takes.shown == take.id


# -- chip and job bar ------------------------------------------------------------------------------


def test_the_chip_names_the_take_that_is_shown(window):
    from descant_app.panels.takes_chip import TakeChip

    chip = window.window.transport.findChild(TakeChip)
    assert not chip.isVisibleTo(window.window)
    _, second, _ = add_batch(window.document)
    window.composer.offers.show(second.id)
    assert chip.isVisibleTo(window.window)
    assert chip.label.text() == "Take 2/3"
    chip.buttons[1].click()
    assert chip.label.text() == "Take 3/3"


def test_the_job_bar_says_how_far(window, monkeypatch):
    bar = window.window.job_bar
    assert not bar.isVisibleTo(window.window)
    job = JobView("", step=2, steps=8, bars=6, all_bars=32, tokens=900, tokens_per_second=1240.4)
    monkeypatch.setattr(type(window.composer), "job", property(lambda _: job))
    window.composer.job_changed.emit()
    assert bar.isVisibleTo(window.window)
    assert bar.label.text() == "step 3/8 · bar 7 of 32 · 1,240 tokens/s"
    assert window.window.actions_["stop"].isEnabled()
    stopped = []
    monkeypatch.setattr(window.composer, "stop", lambda: stopped.append(True))
    window.window.escape()
    assert stopped == [True]
