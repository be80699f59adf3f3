"""Running requests: what changes and what does not, takes, retries, stopping, hiding, fitting."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from models import engine_of, piece

from descant.errors import AttemptsExhaustedError, NothingFitsError, RequestValidationError
from descant.generation import GenerationCancelled
from descant.generation.draws import greedy
from descant.generation.piece import scaled_notes
from descant.midi_file import midi_bytes, parse_midi
from descant.request import GenerationRequest, InferenceConfig, TrackPrompt
from descant.score import Bar, Notes, Score, Track
from descant.score.edits import with_bars

MASK_MODES = ("token", "attention", "attention_approx", "attention_skip", "remove")


def request_for(score: Score, targets: dict[int, list[int]], **options: Any) -> GenerationRequest:
    """Infill the targets; options are of InferenceConfig, or lists by track for a prompt."""
    prompts = [
        TrackPrompt(
            track,
            targets.get(track, []),
            mask_bars=options.get("hide", {}).get(track, []),
            autoregressive=track in options.get("autoregressive", ()),
            attributes=options.get("attributes", {}).get(track, {}),
        )
        for track in range(len(score.tracks))
    ]
    own = ("hide", "autoregressive", "attributes")
    config = {
        "seed": 4,
        "novelty_check": False,
        "silence_check": False,
        "density_hard_limit": 6,
        **{name: value for name, value in options.items() if name not in own},
    }
    return GenerationRequest(prompts, InferenceConfig(**config))


def untouched(before: Score, after: Score, written: set[tuple[int, int]]) -> bool:
    """Whether everything but the notes of the written bars is equal."""

    def kept(score: Score) -> Score:
        tracks = [
            replace(
                track,
                bars=tuple(
                    replace(bar, notes=Notes()) if (number, index) in written else bar
                    for index, bar in enumerate(track.bars)
                ),
            )
            for number, track in enumerate(score.tracks)
        ]
        return replace(score, tracks=tuple(tracks))

    return kept(before) == kept(after)


@pytest.mark.parametrize("mask_mode", MASK_MODES)
@pytest.mark.parametrize("resolution", [480, 100, 960])
def test_only_the_notes_of_target_bars_change(mask_mode: str, resolution: int) -> None:
    score = piece(resolution=resolution)
    wanted = request_for(score, {0: [2, 3], 2: [3]}, mask_mode=mask_mode, hide={1: [1, 4]})
    result = engine_of().session(score, wanted).run()
    assert untouched(score, result, {(0, 2), (0, 3), (2, 3)})
    assert len(result.tracks[0].bars[2].notes) > 0


def test_saved_midi_differs_in_the_target_bars_only() -> None:
    score = parse_midi(midi_bytes(piece()))
    result = engine_of().session(score, request_for(score, {1: [4, 5]})).run()
    again = parse_midi(midi_bytes(result))
    assert untouched(score, again, {(1, 4), (1, 5)})


def test_autoregressive_writes_to_the_end_and_keeps_meters() -> None:
    bars = [Bar((), *meter) for meter in [(4, 4), (3, 4), (6, 8), (4, 4), (2, 4), (4, 4)]]
    score = Score([Track(bars), Track(bars, 0, "drum")])
    wanted = request_for(
        score, {0: [0, 1, 2, 3, 4, 5], 1: [3, 4, 5]}, autoregressive={0, 1}, bars_per_step=2
    )
    result = engine_of().session(score, wanted).run()
    for track in result.tracks:
        assert [bar.meter for bar in track.bars] == [bar.meter for bar in bars]
    assert all(bar.notes for bar in result.tracks[0].bars)
    assert not any(bar.notes for bar in result.tracks[1].bars[:3])


def test_notes_stay_inside_bars_of_another_meter() -> None:
    """A fill block is bounded by its own bar, not by the last meter of the prompt."""
    bars = [Bar((), *meter) for meter in [(4, 4), (2, 4), (2, 4), (4, 4)]]
    score = Score([Track(bars)])
    result = engine_of().session(score, request_for(score, {0: [1, 2]}, bars_per_step=0)).run()
    onsets = [note.onset_ticks for bar in result.tracks[0].bars[1:3] for note in bar.notes]
    assert onsets
    assert max(onsets) < 2 * score.resolution


def test_a_take_is_the_same_alone_and_in_a_batch() -> None:
    score = piece()
    batch = request_for(score, {0: [2, 3]}, bars_per_step=0, num_candidates=4)
    takes = engine_of().session(score, batch).run_variations()
    assert len({take["score"].tracks[0].bars[2:4] for take in takes}) > 1
    for take in takes:
        alone = request_for(score, {0: [2, 3]}, bars_per_step=0, seed=take["seed"])
        assert engine_of().session(score, alone).run() == take["score"]


def test_variations_of_a_plan_with_several_steps() -> None:
    score = piece()
    wanted = request_for(score, {0: [1, 6]}, bars_per_step=1, num_candidates=2)
    takes = engine_of().session(score, wanted).run_variations()
    alone = request_for(score, {0: [1, 6]}, bars_per_step=1, seed=takes[1]["seed"])
    assert engine_of().session(score, alone).run() == takes[1]["score"]


@pytest.mark.parametrize("mask_mode", MASK_MODES)
@pytest.mark.parametrize("encoder", ["ghost_config", "descant", "prism_encoder"])
def test_a_hidden_bar_cannot_change_one_logit(mask_mode: str, encoder: str) -> None:
    """Whatever stands in the hidden bar: same prompt where it is seen, same logits after it."""
    engine = engine_of(encoder)
    if mask_mode == "token" and not engine.abilities.has_mask_bar:
        pytest.skip("this vocabulary has no MaskBar")
    score = piece()
    loud = [
        replace(note, pitch=note.pitch + 1, velocity=127) for note in score.tracks[0].bars[4].notes
    ]
    changed = [*score.tracks[1].bars]
    changed[4] = changed[4].with_notes(loud)
    other = replace(
        score,
        tracks=(score.tracks[0], replace(score.tracks[1], bars=tuple(changed)), score.tracks[2]),
    )
    logits = []
    for music in (score, other):
        wanted = request_for(music, {0: [3]}, model_dim=8, mask_mode=mask_mode, hide={1: [4]})
        shown = engine.session(music, wanted).prompts()[0].network_input()
        logits.append(engine.model.network.prefill(shown.ids, shown.positions, shown.visible))
    assert np.array_equal(logits[0], logits[1])


def test_the_level_of_an_empty_bar_is_not_taken_from_hidden_ones() -> None:
    engine = engine_of("prism_encoder")
    empty = with_bars(piece(), 0, {3: Bar()})
    alone = with_bars(empty, 0, {bar: Bar() for bar in (2, 5, 6, 7)})
    options: dict[str, Any] = {"model_dim": 8, "mask_mode": "attention", "hide": {0: [0, 1, 4]}}
    for score in (empty, alone):
        session = engine.session(score, request_for(score, {0: [3]}, **options))
        assert len(session.prompts()) == 1
    loud = with_bars(alone, 0, {1: piece().tracks[0].bars[2]})
    ids = [
        engine.session(score, request_for(score, {0: [3]}, **options)).prompts()[0].network_input()
        for score in (alone, loud)
    ]
    assert np.array_equal(ids[0].ids[ids[0].visible > 0], ids[1].ids[ids[1].visible > 0])


def test_stop_keeps_finished_bars() -> None:
    score = piece()
    session = engine_of().session(score, request_for(score, {0: [1, 2, 3, 4, 5, 6]}))
    seen: list[int] = []

    def bar_finished(take: int, track: int, bar: int, notes: Notes) -> None:
        seen.append(bar)
        if len(seen) == 2:
            session.stop()

    session.bar_sink = bar_finished
    with pytest.raises(GenerationCancelled) as stopped:
        session.run()
    partial = stopped.value.partial
    assert isinstance(partial, Score)
    assert untouched(score, partial, {(0, bar) for bar in seen})
    assert partial.tracks[0].bars[seen[0]] != score.tracks[0].bars[seen[0]]


def test_cancel_event_ends_a_run_before_it_begins() -> None:
    score = piece()
    session = engine_of().session(score, request_for(score, {0: [1]}))
    session.cancel_event = threading.Event()
    session.cancel_event.set()
    with pytest.raises(GenerationCancelled):
        session.run()
    assert session.gen_count == 0


def test_note_sink_gets_exactly_the_generated_notes() -> None:
    score = piece()
    session = engine_of().session(score, request_for(score, {0: [2], 2: [2, 5]}))
    told: list[dict[str, int]] = []
    session.note_sink = told.extend
    result = session.run()
    written = [
        (track, bar, note.pitch, note.onset_ticks, note.duration_ticks, note.velocity)
        for track, bar in ((0, 2), (2, 2), (2, 5))
        for note in result.tracks[track].bars[bar].notes
    ]
    names = ("track", "bar", "pitch", "onset_ticks", "duration_ticks", "velocity")
    assert sorted(tuple(note[name] for name in names) for note in told) == sorted(written)


def test_the_same_notes_again_are_refused_until_attempts_run_out() -> None:
    """Greedy draws that cannot see what stood there write the same again: a copy."""
    score = piece()
    engine = engine_of()
    options = {"autoregressive": {0}, "model_dim": 8, "bars_per_step": 8}
    whole = {0: list(range(8))}
    first = engine.session(score, request_for(score, whole, **options), draws=greedy).run()
    again = request_for(first, whole, novelty_check=True, max_attempts=2, **options)
    session = engine.session(first, again, draws=greedy)
    with pytest.raises(AttemptsExhaustedError, match="none of 2 attempts"):
        session.run()


def test_batched_attempts_take_the_first_acceptable_one() -> None:
    score = piece()
    options = {"novelty_check": True, "silence_check": True, "max_attempts": 3}
    one_by_one = request_for(score, {0: [2]}, **options)
    batched = request_for(score, {0: [2]}, batch_attempts=True, **options)
    engine = engine_of()
    assert engine.session(score, one_by_one).run() == engine.session(score, batched).run()


def test_context_tracks_are_dropped_until_the_prompt_fits() -> None:
    score = piece(bars=8)
    crowd = replace(score, tracks=(*score.tracks, *(score.tracks[1] for _ in range(6))))
    engine = engine_of(positions=384)
    wanted = request_for(crowd, {0: [3]}, model_dim=8)
    session = engine.session(crowd, wanted)
    assert session.dropped_context
    assert 0 not in session.dropped_context
    assert all(len(prompt) < 384 for prompt in session.prompts())
    assert untouched(crowd, session.run(), {(0, 3)})


def test_tracks_of_a_step_are_halved_until_the_prompt_fits() -> None:
    """Found by tests/peer: four tracks in one step became two, and stayed two."""
    score = piece()
    crowd = replace(score, tracks=score.tracks[:2] * 2)
    options: dict[str, Any] = {"tracks_per_step": 0, "context": "all", "model_dim": 4}
    wanted = request_for(crowd, {track: [3] for track in range(4)}, **options)
    whole = engine_of().session(crowd, wanted)
    assert [len(step.targets) for step in whole.steps()] == [4]
    room = len(whole.prompts()[0]) + 20
    session = engine_of(positions=room).session(crowd, wanted)
    assert [len(step.targets) for step in session.steps()] == [1, 1, 1, 1]


def test_nothing_fits_is_said_clearly() -> None:
    score = piece(bars=8)
    wanted = request_for(score, {0: [3]}, model_dim=4, context="all")
    with pytest.raises(NothingFitsError, match="leave tracks out"):
        engine_of(positions=64).session(score, wanted).run()


def test_an_answer_that_has_no_room_for_a_note_is_written_in_a_smaller_window() -> None:
    """Found by tests/peer: every attempt was silent because it was cut off."""
    score = piece(bars=8)
    wanted = {0: [3]}
    options: dict[str, Any] = {"context": "all", "silence_check": True}
    wide = request_for(score, wanted, model_dim=8, **options)
    length = len(engine_of().session(score, wide).prompts()[0])
    session = engine_of(positions=length + 2).session(score, wide)
    assert untouched(score, session.run(), {(0, 3)})
    assert not session.truncated


def test_flagged_bars_are_hidden_and_come_back_flagged() -> None:
    score = piece()
    flagged = with_bars(score, 1, {2: replace(score.tracks[1].bars[2], future=True)})
    session = engine_of().session(flagged, request_for(flagged, {0: [3]}))
    assert "M" in session.prompts()[0].states[1]
    assert untouched(flagged, session.run(), {(0, 3)})


def test_a_level_of_a_track_written_whole_is_in_the_prompt() -> None:
    score = piece()
    wanted = request_for(
        score, {2: list(range(8))}, autoregressive={2}, attributes={2: {"note_density": 3}}
    )
    engine = engine_of()
    prompt = engine.session(score, wanted).prompts()[0]
    assert "NoteDensity:3" in engine.model.codec.token_names(prompt.ids)


def test_requests_report_every_problem_at_once() -> None:
    score = piece()
    wanted = request_for(score, {0: [2, 99]}, temperature=0.0, model_dim=5)
    with pytest.raises(RequestValidationError) as refused:
        engine_of().session(score, wanted)
    assert len(refused.value.problems) == 3


def test_infill_thinning_reports_what_is_left() -> None:
    score = piece()
    wanted = request_for(score, {0: [0, 1, 2, 3, 4, 5, 6, 7]}, infill_probability=0.5)
    session = engine_of().session(score, wanted)
    assert len(session.generated_bars[0]) == 4
    written = {(0, bar) for bar in session.generated_bars[0]}
    assert untouched(score, session.run(), written)


@given(
    rows=st.lists(
        st.tuples(
            st.integers(0, 127), st.integers(1, 127), st.integers(0, 191), st.integers(1, 96)
        ),
        max_size=20,
    ),
    resolution=st.integers(12, 2000),
)
@settings(max_examples=200)
def test_notes_survive_the_way_to_the_score_and_back(
    rows: list[tuple[int, int, int, int]], resolution: int
) -> None:
    """What a later step reads is what an earlier step wrote, whatever the score's resolution."""
    notes = np.array([[*row, 0] for row in rows], dtype=np.int32).reshape(-1, 5)
    scaled = scaled_notes(notes, 12, resolution).array
    assert np.array_equal(scaled[:, 2] * 12 // resolution, notes[:, 2])
    assert np.array_equal(np.maximum(1, scaled[:, 3] * 12 // resolution), notes[:, 3])
