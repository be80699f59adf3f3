"""Bars come and go: takes, wishes and what is still being written move with the music."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_composer import FakeComposer
from hands import small_score
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from descant.request import GenerationRequest, TrackPrompt
from descant.score.notes import Note
from descant.score.types import Bar
from descant_app.compose import keeping
from descant_app.compose.answer import Answer
from descant_app.compose.ask import Ask
from descant_app.compose.renumbered import renumbered
from descant_app.document import structure
from descant_app.document.bar_editor import BarEditor
from descant_app.document.composition import Composition
from descant_app.document.document import Document
from descant_app.document.flat import extended
from descant_app.document.journal import Journal
from descant_app.document.lost_work import find_lost
from descant_app.document.piece import TrackId, piece_of
from descant_app.document.project_file import Project, parse_project, project_bytes
from descant_app.document.saved_takes import SavedTakes
from descant_app.document.takes import Batch, Take

pytestmark = pytest.mark.compose
LEAD, BASS = TrackId(1), TrackId(2)
CURVE = (LEAD, "bar_note_density")
BARS = 6


def tagged(number: int) -> Bar:
    """A bar that can be told from all others."""
    return Bar([Note(60, number + 1, 0, 240)])


def tag_of(bar: Bar) -> int | None:
    return int(bar.notes.array[0, 1]) - 1 if len(bar.notes) else None


def tags(document: Document) -> list[int | None]:
    return [tag_of(bar) for bar in document.score.tracks[0].bars]


def tagged_document() -> Document:
    score = small_score(BARS)
    tracks = [replace(track, bars=tuple(map(tagged, range(BARS)))) for track in score.tracks]
    document = Document()
    document.open_piece(piece_of(replace(score, tracks=tuple(tracks))), None)
    return document


def batch_of(document: Document) -> Batch:
    tracks = tuple(lane.id for lane in document.lanes)
    names = document.piece.bar_ids
    return Batch(document.takes.new_id(), {}, document.score, tracks, names, model="x")


def add_take(document: Document, bars: list[int]) -> None:
    """A take whose bars carry the tags of those they stand in for."""
    batch, now = batch_of(document), tags(document)
    document.takes.add_batch(batch)
    cells = {(LEAD, bar): tagged(now[bar]) for bar in bars if now[bar] is not None}
    document.takes.put(Take(document.takes.new_id(), batch.id, cells, 1))


def wish(document: Document, bars: list[int]) -> None:
    """A level and a hidden bar; the level is the bar's tag."""
    now = tags(document)
    levels = {bar: now[bar] for bar in bars if now[bar] is not None}
    wishes = document.composition.with_levels(CURVE, levels)
    wishes = wishes.with_hidden([(LEAD, bar) for bar in levels], True)
    document.do("Wish", document.piece.with_composition(wishes))


def check(document: Document) -> None:
    """Everything about a bar is where the bar is."""
    now, wishes = tags(document), document.composition
    assert len(document.piece.bar_ids) == len(now)
    levels = dict(wishes.levels.get(CURVE, {}))
    assert levels == {bar: now[bar] for bar in levels}
    assert {(LEAD, bar) for bar in levels} == wishes.hidden
    for take in document.takes.takes.values():
        assert {bar: tag_of(value) for (_, bar), value in take.bars.items()} == {
            bar: now[bar] for _, bar in take.bars
        }
        assert not {tag_of(bar) for bar in take.away.values()} & set(now)
        assert not keeping.edited_since(document.takes, document.piece, take)


def state(document: Document) -> tuple[Any, ...]:
    takes = document.takes.takes.values()
    return document.piece, {take.id: (take.bars, take.away) for take in takes}


some_bars = st.lists(st.integers(0, BARS - 1), min_size=1, max_size=3, unique=True)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), st.integers(0, BARS), st.integers(1, 3)),
        st.tuples(st.just("delete"), st.integers(0, BARS), st.integers(0, 2)),
        st.tuples(st.sampled_from(("take", "wish")), some_bars),
        st.tuples(st.sampled_from(("undo", "redo", "add bars"))),
    ),
    max_size=12,
)


def perform(document: Document, step: tuple[Any, ...]) -> None:
    piece, (name, *values) = document.piece, step
    if name in ("insert", "delete"):
        at = min(values[0], piece.bar_count - (name == "delete"))
        last = min(at + values[1], piece.bar_count - 1)
        if name == "insert":
            document.do("Insert", structure.with_bars_inserted(piece, at, values[1]))
        elif last + 1 - at < piece.bar_count:
            document.do("Delete", structure.without_bars(piece, at, last))
    elif name in ("take", "wish"):
        bars = [bar for bar in values[0] if bar < piece.bar_count]
        (add_take if name == "take" else wish)(document, bars)
    elif name == "add bars":
        more = extended(piece, document.end_tick + 1)
        document.do("Add bars", more)
    else:
        getattr(document.undo_stack, name)()


@pytest.mark.usefixtures("qapp")
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps)
def test_takes_and_wishes_stay_with_their_bars_and_undo_brings_all_back(
    taken: list[tuple[Any, ...]],
) -> None:
    document = tagged_document()
    add_take(document, [1, 3, 4])
    before = state(document)
    for step in taken:
        perform(document, step)
        check(document)
    after = state(document)
    while document.undo_stack.canUndo():
        document.undo_stack.undo()
        check(document)
    assert document.piece == before[0]
    assert state(document)[1].items() >= before[1].items()
    while document.undo_stack.canRedo():
        document.undo_stack.redo()
    if not any(step[0] == "undo" for step in taken):
        assert state(document) == after
    document.undo_stack.clear()


def test_a_new_meter_moves_what_comes_after_it(document: Document) -> None:
    document.do("Meter", structure.with_meter(document.piece, 4, (3, 4)))
    add_take(document, [2, 5])
    document.do("Wish", document.piece.with_composition(Composition().with_levels(CURVE, {5: 3})))
    before = state(document)
    document.do("Meter", structure.with_meter(document.piece, 0, (2, 4)))
    [take] = document.takes.takes.values()
    assert sorted(bar for _, bar in take.bars) == [2, 9]
    assert document.composition.levels[CURVE] == {9: 3}
    assert len(set(document.piece.bar_ids)) == document.piece.bar_count == 14
    document.undo_stack.undo()
    assert state(document) == before


def test_the_shown_take_is_seen_where_its_bars_went(document: Document) -> None:
    composer = FakeComposer(document)
    add_take(document, [2, 3])
    [take] = document.takes.takes
    composer.offers.show(take)
    document.do("Insert", structure.with_bars_inserted(document.piece, 1, 2))
    assert sorted(document.preview) == [(LEAD, 4), (LEAD, 5)]
    document.do("Delete", structure.without_bars(document.piece, 4, 4))
    assert sorted(document.preview) == [(LEAD, 4)]
    document.do("Delete", structure.without_bars(document.piece, 4, 4))
    assert not document.preview
    refused: list[str] = []
    composer.refused.connect(refused.append)
    assert not composer.offers.keep(take)
    assert refused == ["The bars of this take were deleted; undo that to keep it."]
    for _ in range(3):
        document.undo_stack.undo()
    assert sorted(document.preview) == [(LEAD, 2), (LEAD, 3)]
    assert composer.offers.keep(take)


def test_what_is_still_being_written_arrives_where_its_bars_went(document: Document) -> None:
    composer, lit = FakeComposer(document), []
    composer.bar_written.connect(lit.append)
    jobs, cells = composer.jobs, frozenset({(LEAD, 2), (LEAD, 5)})
    jobs.write(Ask(cells, document.composition))
    number, rows = jobs.running.number, tagged(7).notes.array
    jobs.hear("begun", number, {"tracks": [], "config": {}}, [(1, "auto")], 1, 2)
    jobs.hear("bar", number, 0, (LEAD, 2), rows)
    document.do("Insert", structure.with_bars_inserted(document.piece, 3, 2))
    assert sorted(document.preview) == [(LEAD, 2)]
    document.do("Delete", structure.without_bars(document.piece, 0, 0))
    assert sorted(document.preview) == [(LEAD, 1)]
    jobs.hear("bar", number, 0, (LEAD, 5), rows)
    assert sorted(document.preview) == [(LEAD, 1), (LEAD, 6)]
    assert lit == [(LEAD, 2), (LEAD, 6)]
    jobs.hear("take", number, Answer(0, dict.fromkeys(cells, tagged(7)), 1, "auto"))
    [take] = document.takes.takes.values()
    assert sorted(take.bars) == [(LEAD, 1), (LEAD, 6)]
    assert composer.offers.keep(take.id)


def test_moved_takes_come_back_from_a_project(document: Document) -> None:
    add_take(document, [2, 3])
    document.do("Insert", structure.with_bars_inserted(document.piece, 0, 2))
    document.do("Delete", structure.without_bars(document.piece, 4, 4))
    saved = SavedTakes.of(document.takes)
    assert saved.takes[0].away
    found = parse_project(project_bytes(Project(document.piece, takes=saved)))
    assert found.piece == document.piece
    assert found.takes == saved
    again = Document()
    again.open_piece(found.piece, None, takes=found.takes)
    [take] = again.takes.takes.values()
    assert not keeping.edited_since(again.takes, again.piece, take)


def test_takes_of_projects_without_names_of_bars_still_open(document: Document) -> None:
    add_take(document, [2, 3])
    saved = SavedTakes.of(document.takes)
    form = json.loads(saved.to_bytes())
    for part in (form, *form["batches"]):
        del part["bar_ids"]
    for take in form["takes"]:
        del take["away"]
    again = Document()
    takes = SavedTakes.from_bytes(json.dumps(form).encode())
    again.open_piece(document.piece, None, takes=takes)
    assert SavedTakes.of(again.takes) == saved


def test_recipes_number_tracks_and_bars_as_the_piece_does_now(document: Document) -> None:
    prompt = TrackPrompt(0, [2, 5], mask_bars=[1, 7], bar_attributes={2: {"x": 3}, 5: {"x": 4}})
    request = GenerationRequest([prompt, TrackPrompt(1, []), TrackPrompt(2, [], ignore=True)])
    batch = replace(batch_of(document), request=request.to_dict())
    assert GenerationRequest.from_dict(renumbered(batch, document.piece)) == request
    document.do("Insert", structure.with_bars_inserted(document.piece, 3, 2))
    document.do("Delete", structure.without_bars(document.piece, 1, 1))
    bars = BarEditor(document)
    assert bars.move_track(0, 2)
    assert bars.add_track()
    now = GenerationRequest.from_dict(renumbered(batch, document.piece))
    names = [track.name for track in document.score.tracks]
    [lead] = [p for p in now.tracks if p.bars]
    assert names[lead.id] == "Lead"
    assert (lead.bars, lead.mask_bars) == ([1, 6], [8])
    assert lead.bar_attributes == {1: {"x": 3}, 6: {"x": 4}}
    assert [names[p.id] for p in now.tracks if p.ignore] == [
        name for name in names if name not in ("Lead", "Bass")
    ]


@pytest.mark.parametrize("takes_written_last", [False, True])
def test_takes_written_before_a_crash_fit_the_piece_written_after_it(
    document: Document, tmp_path: Path, takes_written_last: bool
) -> None:
    journal = Journal(document, tmp_path)
    journal.begin(project_bytes(Project(document.piece)), "x")
    add_take(document, [2, 3])
    journal.flush()
    takes = (journal.folder / "takes.json").read_bytes()
    lines = journal.folder / "changes.jsonl"
    document.do("Insert", structure.with_bars_inserted(document.piece, 0, 1))
    journal.flush()
    if takes_written_last:
        lines.write_text("{}\n")
    else:
        (journal.folder / "takes.json").write_bytes(takes)
    journal._lock.unlock()
    [lost] = find_lost(tmp_path)
    piece, _ = lost.recover()
    again = Document()
    again.open_piece(piece, None, takes=lost.takes())
    [take] = again.takes.takes.values()
    first = 2 if takes_written_last else 3
    assert sorted(take.bars) == [(LEAD, first), (LEAD, first + 1)]
