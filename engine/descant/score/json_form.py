"""Score <-> JSON: upstream's form (spec/encoding.md 1), and what it cannot say only when needed.

Beyond upstream's keys: `name`, `channel`, `chunk`, `events` on a track, `tempo_changes`, `events`,
`form` on a score, `beat_length` on a bar, `release_velocity` on a note.  An event is
`[tick, hex]`, or `[tick, hex, chunk]`.  `Track.attributes` are not part of the form, as upstream.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from descant.errors import ScoreError
from descant.score.events import Event, Events, FileForm, TempoChange
from descant.score.notes import DEFAULT_RELEASE, NOTE_FIELDS, Notes
from descant.score.types import Bar, Score, Track

REQUIRED = NOTE_FIELDS[:4]
INT32 = 2**31


def score_to_dict(score: Score) -> dict[str, Any]:
    """The JSON form, made of dicts, lists, strings and numbers."""
    form: dict[str, Any] = {"resolution": score.resolution, "tempo": score.tempo}
    form["tracks"] = [_track_to_dict(track) for track in score.tracks]
    if score.tempo_changes:
        form["tempo_changes"] = [[change.tick, change.tempo] for change in score.tempo_changes]
    if score.events:
        form["events"] = _events_to_list(score.events)
    if score.form is not None:
        form["form"] = {"format": score.form.format, "ends": list(score.form.ends)}
    return form


def score_from_dict(form: Mapping[str, Any]) -> Score:
    """The score a JSON form describes; missing keys take upstream's defaults.

    Raises ScoreError that names track, bar, note (from 1), key and value.
    """
    where = "score"
    tracks = _get(form, "tracks", (), list, where)
    changes = _get(form, "tempo_changes", (), list, where)
    return Score(
        tracks=tuple(_track(track, f"track {n}") for n, track in enumerate(tracks, 1)),
        resolution=_int(form, "resolution", 480, where),
        tempo=_int(form, "tempo", 500000, where),
        tempo_changes=tuple(TempoChange(*_pair(item, "tempo_changes")) for item in changes),
        events=_events(form, where),
        form=_file_form(form),
    )


def _track_to_dict(track: Track) -> dict[str, Any]:
    form: dict[str, Any] = {
        "instrument": track.instrument,
        "track_type": track.track_type,
        "bars": [_bar_to_dict(bar) for bar in track.bars],
    }
    extra = {"name": track.name or None, "channel": track.channel, "chunk": track.chunk}
    form.update({key: value for key, value in extra.items() if value is not None})
    if track.events:
        form["events"] = _events_to_list(track.events)
    return form


def _bar_to_dict(bar: Bar) -> dict[str, Any]:
    form: dict[str, Any] = {
        "ts_numerator": bar.ts_numerator,
        "ts_denominator": bar.ts_denominator,
        "future": bar.future,
        "notes": [_note_to_dict(row) for row in bar.notes.array.tolist()],
    }
    if bar.beat_length != bar.nominal_beats:
        form["beat_length"] = bar.beat_length
    return form


def _note_to_dict(row: list[int]) -> dict[str, int]:
    note = dict(zip(NOTE_FIELDS, row, strict=True))
    if note["release_velocity"] == DEFAULT_RELEASE:
        del note["release_velocity"]
    return note


def _events_to_list(events: Events) -> list[list[Any]]:
    return [[e.tick, e.data.hex(), e.chunk] if e.chunk else [e.tick, e.data.hex()] for e in events]


def _track(form: Any, where: str) -> Track:
    bars = _get(form, "bars", (), list, where)
    try:
        return Track(
            bars=tuple(_bar(bar, f"{where}, bar {n}") for n, bar in enumerate(bars, 1)),
            instrument=_int(form, "instrument", 0, where),
            track_type=_get(form, "track_type", "melodic", str, where),
            name=_get(form, "name", "", str, where),
            channel=_get(form, "channel", None, int, where),
            events=_events(form, where),
            chunk=_get(form, "chunk", None, int, where),
        )
    except ScoreError as error:
        raise _placed(error, where) from None


def _bar(form: Any, where: str) -> Bar:
    notes = _get(form, "notes", (), list, where)
    rows = [_row(note, where, number) for number, note in enumerate(notes, 1)]
    beats = _get(form, "beat_length", None, (int, float), where)
    try:
        return Bar(
            Notes.from_rows(rows),
            _int(form, "ts_numerator", 4, where),
            _int(form, "ts_denominator", 4, where),
            None if beats is None else float(beats),
            bool(_get(form, "future", False, (bool, int), where)),
        )
    except ScoreError as error:
        raise _placed(error, where) from None


def _row(note: Any, bar: str, number: int) -> tuple[int, ...]:
    where = f"{bar}, note {number}"
    if not isinstance(note, Mapping):
        raise ScoreError(f"{where}: {note!r} is not an object")
    if unknown := sorted(set(note) - set(NOTE_FIELDS)):
        raise ScoreError(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(NOTE_FIELDS)}")
    if missing := [key for key in REQUIRED if key not in note]:
        raise ScoreError(f"{where}: {missing[0]!r} is missing")
    delta = _int(note, "delta", 0, where)
    release = _int(note, "release_velocity", DEFAULT_RELEASE, where)
    return (*(_int(note, key, 0, where) for key in REQUIRED), delta, release)


def _events(form: Mapping[str, Any], where: str) -> Events:
    return Events(_event(item, where) for item in _get(form, "events", (), list, where))


def _event(item: Any, where: str) -> Event:
    try:
        tick, text, chunk = (*item, 0)[:3]
        return Event(int(tick), bytes.fromhex(text), int(chunk))
    except (TypeError, ValueError):
        raise ScoreError(f"{where}: event {item!r} is not [tick, hexadecimal bytes]") from None


def _file_form(form: Mapping[str, Any]) -> FileForm | None:
    inner = _get(form, "form", None, Mapping, "score")
    if inner is None:
        return None
    ends: Iterable[int] = _get(inner, "ends", (), list, "score, form")
    return FileForm(_int(inner, "format", 1, "score, form"), tuple(int(end) for end in ends))


def _pair(item: Any, key: str) -> tuple[int, int]:
    is_pair = isinstance(item, Sequence) and len(item) == 2
    if not is_pair or not all(isinstance(value, int) for value in item):
        raise ScoreError(f"score: {key} holds {item!r}, not a pair of integers")
    return item[0], item[1]


def _int(form: Any, key: str, default: int, where: str) -> int:
    value = _get(form, key, default, (int, float), where)
    if not -INT32 <= value < INT32 or value != int(value):
        raise ScoreError(f"{where}: {key} {value!r} is not a whole number of 32 bits")
    return int(value)


def _get(form: Any, key: str, default: Any, kind: Any, where: str) -> Any:
    if not isinstance(form, Mapping):
        raise ScoreError(f"{where}: {form!r} is not an object")
    value = form.get(key, default)
    if value is default or isinstance(value, kind):
        return value
    raise ScoreError(f"{where}: {key} {value!r} is of the wrong kind")


def _placed(error: ScoreError, where: str) -> ScoreError:
    text = str(error)
    return error if text.startswith("track ") else ScoreError(f"{where}: {text}")
