"""The score types and their JSON form."""

from __future__ import annotations

import json
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from midi_music import files

from descant.errors import ScoreError
from descant.midi_file import midi_bytes, parse_midi
from descant.score import Bar, Event, Events, Note, Notes, Score, TempoChange, Track

NOTE = {"pitch": 60, "velocity": 80, "onset_ticks": 0, "duration_ticks": 480}


def with_note(**changes: Any) -> dict[str, Any]:
    return {"tracks": [{}, {"bars": [{"notes": [NOTE, NOTE | changes]}]}]}


@settings(max_examples=100, deadline=None)
@given(files())
def test_json_form_keeps_everything(data: bytes) -> None:
    score = parse_midi(data)
    again = Score.from_dict(json.loads(json.dumps(score.to_dict())))
    assert again == score
    assert midi_bytes(again) == midi_bytes(score)


def test_json_form_of_a_plain_score_is_upstreams() -> None:
    score = Score((Track((Bar([Note(60, 80, 0, 480)], 3, 4),), 5),))
    assert score.to_dict() == {
        "resolution": 480,
        "tempo": 500000,
        "tracks": [
            {
                "instrument": 5,
                "track_type": "melodic",
                "bars": [
                    {
                        "ts_numerator": 3,
                        "ts_denominator": 4,
                        "future": False,
                        "notes": [NOTE | {"delta": 0}],
                    }
                ],
            }
        ],
    }


def test_json_defaults_and_meter_length() -> None:
    score = Score.from_dict({"tracks": [{"bars": [{"ts_numerator": 7, "ts_denominator": 8}]}]})
    assert (score.resolution, score.tempo) == (480, 500000)
    assert score.tracks[0].bars[0] == Bar((), 7, 8, 3.5)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (with_note(color=3), "track 2, bar 1, note 2: unknown key 'color'"),
        (with_note(pitch=200), "track 2, bar 1: pitch 200"),
        (with_note(pitch="c"), "track 2, bar 1, note 2: pitch 'c'"),
        (with_note(onset_ticks=0.5), "note 2: onset_ticks 0.5"),
        (with_note(duration_ticks=2**40), "note 2: duration_ticks 1099511627776"),
        (with_note(onset_ticks=-1), "onset_ticks -1 is negative"),
        ({"tracks": [{"bars": [{"notes": [{"pitch": 1}]}]}]}, "note 1: 'velocity' is missing"),
        ({"tracks": [{"bars": [{"notes": [7]}]}]}, "note 1: 7 is not an object"),
        ({"tracks": [{"bars": [{"ts_numerator": 0}]}]}, "track 1, bar 1: a meter of 0/4"),
        ({"tracks": [{"bars": [{"beat_length": -1}]}]}, "bar 1: a bar of -1.0 quarter"),
        ({"tracks": [{"instrument": 128}]}, "track 1: instrument 128"),
        ({"tracks": [{"track_type": "brass"}]}, "track 1: track_type 'brass'"),
        ({"tracks": 4}, "score: tracks 4 is of the wrong kind"),
        ({"tracks": [{"events": [[0, "xy"]]}]}, "track 1: event"),
        ({"tempo_changes": [[1]]}, "tempo_changes holds"),
        ({"resolution": 0}, "resolution 0"),
        ({"tempo": float("nan")}, "tempo nan"),
        ({"tempo": float("inf")}, "tempo inf"),
        ([], r"score: \[\] is not an object"),
    ],
)
def test_json_errors_name_the_place(form: Any, words: str) -> None:
    with pytest.raises(ScoreError, match=words):
        Score.from_dict(form)


def test_notes_are_a_sequence_of_notes() -> None:
    notes = Notes([Note(60, 80, 0, 480), Note(64, 81, 240, 1, -3, 9)])
    assert notes[1] == Note(64, 81, 240, 1, -3, 9)
    assert notes == [Note(60, 80, 0, 480), Note(64, 81, 240, 1, -3, 9)]
    assert notes[1:] == Notes([notes[1]])
    assert pickle.loads(pickle.dumps(notes)) == notes
    with pytest.raises(ValueError, match="read-only"):
        notes.array[0, 0] = 1


@pytest.mark.parametrize("bad", [Note(128, 1, 0, 1), Note(1, -1, 0, 1), Note(1, 1, -1, 1)])
def test_notes_check_their_ranges(bad: Note) -> None:
    with pytest.raises(ScoreError):
        Notes([bad])
    with pytest.raises(ScoreError, match="shape"):
        Notes(np.zeros((1, 5), dtype=np.int32))


def test_events_are_a_sequence_of_events() -> None:
    items = [Event(0, b"\xff\x03ab"), Event(5, b"\xf0", 2), Event(9, b"\xb0\x07\x64")]
    events = Events(items)
    assert events == items
    assert list(events[1:]) == items[1:]
    assert events[-1] == items[-1]
    assert events + items == items * 2
    assert events.are_meta(3).tolist() == [True, False, False]
    assert events.where(events.are_meta(3)) == items[:1]
    assert pickle.loads(pickle.dumps(events)) == events
    assert hash(events) == hash(Events(items))
    assert Events() == []


def test_bar_with_notes_keeps_the_rest() -> None:
    bar = Bar((), 3, 4, 2.5, future=True).with_notes([Note(60, 80, 0, 1)])
    assert bar == Bar([Note(60, 80, 0, 1)], 3, 4, 2.5, True)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Track(track_type="bass"),
        lambda: Track(instrument=-1),
        lambda: Track(channel=16),
        lambda: Score(resolution=40000),
        lambda: Score(tempo=0),
        lambda: Bar((), 4, 0),
    ],
)
def test_values_no_file_could_hold_are_refused(make: Any) -> None:
    with pytest.raises(ScoreError):
        make()


def test_lists_become_what_the_types_hold() -> None:
    track = Track([Bar()], events=[Event(0, b"\xb0\x01\x02")])  # type: ignore[arg-type]
    score = Score([track], tempo_changes=[TempoChange(1, 2)])  # type: ignore[arg-type]
    assert isinstance(score.tracks, tuple)
    assert isinstance(track.bars, tuple)
    assert isinstance(track.events, Events)
