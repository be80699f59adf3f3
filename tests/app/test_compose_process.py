"""Composing with the process: takes, stops, repaints; the document changes when asked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from composing import BASS, DRUMS, LEAD, done, heard, until
from hands import small_score

from descant.score.notes import Note
from descant_app.compose.composer import Composer
from descant_app.document import structure
from descant_app.document.piece import piece_of
from descant_app.document.takes import KEPT

pytestmark = pytest.mark.compose


def test_takes_are_offered_and_only_a_kept_one_changes_the_piece(composer: Composer) -> None:
    document, before = composer.document, composer.document.piece
    written = heard(composer.bar_written)
    composer.generate()
    done(composer)
    takes = list(document.takes.takes.values())
    assert [set(take.bars) for take in takes] == [{(LEAD, 2), (LEAD, 3)}] * 2
    assert written == [(LEAD, 2), (LEAD, 3)]
    assert document.piece is before
    assert document.takes.shown == takes[0].id
    assert document.heard_score.tracks[0].bars[2] == takes[0].bars[LEAD, 2]
    composer.offers.step(-1)
    assert document.takes.shown == takes[1].id
    assert composer.offers.keep(takes[1].id)
    assert document.score.tracks[0].bars[3] == takes[1].bars[LEAD, 3]
    assert document.takes.takes[takes[1].id].state == KEPT
    assert document.undo_stack.undoText() == "Keep take 2 (bars 3–4)"
    document.undo_stack.undo()
    assert document.piece == before
    batch = document.takes.batches[takes[0].batch]
    assert batch.score == before.score
    assert (batch.model, batch.backend) == ("random", "native int8")
    assert len(batch.model_hash) > 8
    assert batch.version


def test_made_again_a_take_is_the_same(composer: Composer) -> None:
    document = composer.document
    composer.generate()
    done(composer)
    takes = list(document.takes.takes.values())
    bars = (*document.score.tracks[1].bars[:2], document.score.tracks[1].bars[5])
    edited = replace(document.score.tracks[1], bars=(*bars, *document.score.tracks[1].bars[3:]))
    document.do("Edit", document.piece.with_track(1, edited))
    for take in takes:
        composer.make_again(take.id)
        done(composer)
        again = list(document.takes.takes.values())[-1]
        assert again.id != take.id
        assert (again.bars, again.seed) == (take.bars, take.seed)


def test_bars_put_in_before_it_move_a_take_and_the_one_made_again(composer: Composer) -> None:
    document = composer.document
    composer.generate()
    done(composer)
    one = next(iter(document.takes.takes.values()))
    document.do("Insert bars", structure.with_bars_inserted(document.piece, 1, 3))
    moved = document.takes.takes[one.id]
    assert moved.bars == {(LEAD, bar + 3): value for (_, bar), value in one.bars.items()}
    composer.make_again(one.id)
    done(composer)
    again = list(document.takes.takes.values())[-1]
    assert again.id != one.id
    assert again.bars == moved.bars
    assert composer.offers.keep(again.id)
    assert document.score.tracks[0].bars[5] == one.bars[LEAD, 2]


def test_an_edited_bar_is_named_before_it_is_replaced(composer: Composer) -> None:
    document = composer.document
    composer.generate()
    done(composer)
    number = document.takes.shown
    assert number is not None
    track = document.score.tracks[0]
    bars = (*track.bars[:3], track.bars[3].with_notes([Note(50, 90, 0, 480)]), *track.bars[4:])
    document.do("Draw", document.piece.with_track(0, replace(track, bars=bars)))
    edited = document.piece
    refused = heard(composer.refused)
    assert composer.offers.edited_since(number) == {(LEAD, 3)}
    assert not composer.offers.keep(number)
    assert document.piece is edited
    assert "bar 4 of Lead" in refused[0]
    assert composer.offers.keep(number)


def test_only_some_bars_of_a_take_can_be_kept(composer: Composer) -> None:
    document, before = composer.document, composer.document.piece
    composer.generate()
    done(composer)
    number = document.takes.shown
    assert number is not None
    assert composer.offers.keep(number, frozenset({(LEAD, 2)}))
    assert document.score.tracks[0].bars[3] is before.score.tracks[0].bars[3]
    assert document.score.tracks[0].bars[2] == document.takes.takes[number].bars[LEAD, 2]


def test_what_is_written_beside_a_shown_take_goes_with_it(composer: Composer) -> None:
    document, before = composer.document, composer.document.piece
    composer.generate()
    done(composer)
    first = document.takes.takes[document.takes.shown or 0]
    document.selection.set_bars([(BASS, 2)])
    composer.generate()
    done(composer)
    second = document.takes.takes[document.takes.shown or 0]
    batch = document.takes.batches[second.batch]
    assert batch.parent == first.id
    assert batch.score.tracks[0].bars[2] == first.bars[LEAD, 2]
    assert set(second.bars) == {(BASS, 2), *first.bars}
    assert not composer.offers.edited_since(second.id)
    assert composer.offers.keep(second.id)
    assert document.score.tracks[0].bars[2] == first.bars[LEAD, 2]
    document.undo_stack.undo()
    assert document.piece == before


def test_stop_offers_what_is_finished(composer: Composer) -> None:
    document, before = composer.document, composer.document.piece
    wishes = before.composition.with_settings(takes=1, bars_per_step=1, density_hard_limit=0)
    document.do("Settings", before.with_composition(wishes))
    document.selection.set_bars((LEAD, bar) for bar in range(8))
    until(lambda: composer.model)
    composer.generate()
    until(lambda: composer.job is None or composer.job.bars >= 2)
    composer.stop()
    done(composer)
    takes = list(document.takes.takes.values())
    assert len(takes) == 1
    assert not takes[0].complete
    assert 2 <= len(takes[0].bars) < 8
    assert document.score == before.score


def test_the_newest_job_wins(composer: Composer) -> None:
    document = composer.document
    until(lambda: composer.model)
    for bar in range(6):
        document.selection.set_bars([(LEAD, bar)])
        composer.generate()
    done(composer)
    complete = [take for take in document.takes.takes.values() if take.complete]
    assert {cell for take in complete[-2:] for cell in take.bars if cell[1] == 5} == {(LEAD, 5)}


def test_a_job_does_not_follow_into_another_piece(composer: Composer) -> None:
    document = composer.document
    until(lambda: composer.model)
    composer.generate()
    until(lambda: composer.job is None or composer.job.bars)
    document.open_piece(piece_of(small_score(4)), None)
    assert composer.job is None
    assert not document.preview
    until(lambda: composer.outlook.problems == ("Choose the bars to write first.",))
    document.selection.set_bars([(BASS, 1)])
    until(lambda: composer.outlook.ready)
    assert not document.takes.takes
    assert not document.preview


def test_compared_modes_share_their_seed(composer: Composer) -> None:
    document = composer.document
    hidden = document.composition.with_hidden([(BASS, 2), (DRUMS, 3)], True)
    document.do("Hide", document.piece.with_composition(hidden))
    composer.compare_modes()
    done(composer)
    takes = list(document.takes.takes.values())
    modes = ["token", "attention", "attention_approx", "attention_skip", "remove"]
    assert [take.mask_mode for take in takes] == modes
    assert {take.seed for take in takes} == {3}
    composer.make_again(takes[0].id)
    done(composer)
    assert list(document.takes.takes.values())[-1].bars == takes[0].bars


def test_levels_are_measured_as_shown(composer: Composer) -> None:
    document = composer.document
    until(lambda: composer.model)
    assert composer.measured(LEAD) is None
    until(lambda: composer.measured(LEAD))
    levels = composer.measured(LEAD)
    assert levels is not None
    assert levels["bar_note_density"] == [4] * 8
    document.set_preview({(LEAD, 1): document.score.tracks[0].bars[1].with_notes([])})
    assert composer.measured(LEAD) is levels
    until(lambda: (composer.measured(LEAD) or {})["bar_note_density"][1] == 0)


def test_levels_of_bars_that_changed_again_are_not_kept(composer: Composer) -> None:
    document = composer.document
    until(lambda: composer.model)
    bar = document.score.tracks[0].bars[1]
    for count in (1, 2, 3, 0):
        document.set_preview({(LEAD, 1): bar.with_notes(list(bar.notes)[:count])})
        composer.measured(LEAD)
    until(lambda: not composer.measures.is_asking)
    assert (composer.measured(LEAD) or {})["bar_note_density"][1] == 0


def test_a_repaint_follows_the_knob_and_leaves_one_take(composer: Composer) -> None:
    document = composer.document
    until(lambda: composer.model)
    composer.set_live(True)
    until(lambda: document.takes.takes and composer.job is None)
    before, steps = document.piece, document.undo_stack.count()
    for level in (1, 2, 3):
        draft = document.composition.with_levels((LEAD, "bar_note_density"), {2: level})
        composer.set_draft(draft)
        until(lambda: composer.job is not None)
        until(lambda: composer.job is None)
    assert document.piece is before
    document.do("Paint", before.with_composition(draft))
    composer.set_draft(None)
    until(lambda: composer.outlook.ready)
    done(composer)
    assert document.undo_stack.count() == steps + 1
    takes = list(document.takes.takes.values())
    assert len(takes) == 1
    prompt = document.takes.batches[takes[0].batch].request["tracks"][0]
    assert prompt["bar_attributes"] == {"2": {"bar_note_density": 3}}
