"""MIDI files in and out: nothing lost, nothing crashes, every refusal is one clear sentence."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from midi_music import END, events_of, files, meter, note, smf, without_programs

from descant.errors import MidiFileError, ScoreError
from descant.midi_file import midi_bytes, parse_midi, read_midi, write_midi
from descant.score import Bar, Event, Note, Score, TempoChange, Track

FAR = b"\xff\xff\xff\x7f"


def one_note(**fields: object) -> Score:
    bar = Bar([Note(60, 80, 0, 480)])
    return Score((Track((bar,), **fields),))  # type: ignore[arg-type]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files())
def test_open_and_save_keeps_every_event(data: bytes) -> None:
    score = parse_midi(data)
    saved = midi_bytes(score)
    for before, after in zip(events_of(data), events_of(saved), strict=True):
        assert without_programs(after) == without_programs(before)
        assert after >= before  # a program change may be added where two share a tick
    again = parse_midi(saved)
    assert [track.bars for track in again.tracks] == [track.bars for track in score.tracks]
    assert again.form == score.form


@settings(max_examples=200, deadline=None)
@given(files(), st.data())
def test_damaged_bytes_are_read_or_refused(data: bytes, draw: st.DataObject) -> None:
    damaged = bytearray(data)
    for _ in range(draw.draw(st.integers(1, 4))):
        damaged[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    size = draw.draw(st.integers(0, len(data)))
    for attempt in (bytes(damaged), bytes(damaged[:size]), data[:size]):
        for resolution in (None, 480):
            read_or_refuse(attempt, resolution)


def read_or_refuse(data: bytes, resolution: int | None) -> None:
    try:
        score = parse_midi(data, resolution)
    except MidiFileError as error:
        assert len(str(error)) > 10  # noqa: PT017 - most damage is refused, not all
        return
    midi_bytes(score)


def test_formats_0_1_and_2_keep_their_chunks() -> None:
    for format, bodies in ((0, [note(60) + END]), (1, [END, note(60) + END]), (2, [note(60)] * 2)):
        score = parse_midi(smf(*bodies, format=format))
        assert score.form is not None
        assert score.form.format == format
        assert len(events_of(midi_bytes(score))) == len(bodies)


def test_riff_wrapping_is_taken_off() -> None:
    inner = smf(note(60))
    riff = b"RIFF" + (len(inner) + 12).to_bytes(4, "little") + b"RMIDdata"
    assert len(parse_midi(riff + len(inner).to_bytes(4, "little") + inner).tracks) == 1


def test_overlapping_and_zero_length_notes_stay() -> None:
    body = bytes.fromhex("00903c46 8170 903c5a 8170 803c00 8170 803c00 00904050 00804000")
    score = parse_midi(smf(body + END))
    assert list(score.tracks[0].bars[0].notes) == [
        Note(60, 70, 0, 480, release_velocity=0),
        Note(60, 90, 240, 480, release_velocity=0),
        Note(64, 80, 720, 0, release_velocity=0),
    ]


def test_no_end_of_track_is_fine() -> None:
    assert len(parse_midi(smf(note(60))).tracks[0].bars[0].notes) == 1


def test_bar_cut_by_a_meter_change_keeps_its_true_length() -> None:
    data = smf(meter(4, 2) + meter(3, 2, b"\x87\x40") + END, note(60, 0, b"\x8f\x00") + END)
    beats = [bar.beat_length for bar in parse_midi(data).tracks[0].bars]
    assert beats == [2.0, 3.0]
    assert [bar.beat_length for bar in parse_midi(data, 480).tracks[0].bars] == [4.0, 3.0]
    assert events_of(midi_bytes(parse_midi(data))) == events_of(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "at least 14 bytes"),
        (b"not a midi file at all", "does not begin with MThd"),
        (smf(note(60))[:-3], "cut off"),
        (smf(note(60)[:-1]), "track chunk 1 at byte"),
        (smf(note(60), division=0xE728), "SMPTE"),
        (smf(note(60), format=3), "format 3"),
        (smf(FAR.join([b""] * 2) + b"\x90\x3c\x50" + FAR + b"\x80\x3c\x00", division=1), "bars"),
        (smf(b"\0\x90\x3c\x50" + (FAR + b"\xff\x01\0") * 9 + FAR + b"\x80\x3c\0"), "bars"),
        (smf(b"\0\xff\xff\xff\xff\x7f\0"), "track chunk 1 at byte"),
        (smf(b"\xff\xff\xff\xff\x00\x90\x3c\x50"), "longer than four bytes"),
        (smf(*[bytes([0, 0xC0, p, 0, 0x90, 1, 1]) for p in range(128)] * 33), "more than 4096"),
        (smf(*[note(60)] * 50, note(60, 0, b"\x8a\xff\xff\x7f"), division=60), "bars altogether"),
    ],
)
def test_refusals_say_what_and_where(data: bytes, words: str) -> None:
    with pytest.raises(MidiFileError, match=words):
        parse_midi(data)


def test_too_many_events_are_refused_without_reading_them_all() -> None:
    with pytest.raises(MidiFileError, match="number of events"):
        parse_midi(smf(b"\0\x90\x3c\x50" + b"\0\x3c\x50" * 4_000_001))


def test_thousands_of_tracks_and_events_are_read() -> None:
    score = parse_midi(smf(*[note(60)] * 3000))
    assert len(score.tracks) == 3000
    score = parse_midi(smf(note(60) * 20000))
    assert sum(len(bar.notes) for bar in score.tracks[0].bars) == 20000


def test_meter_without_length_is_kept_but_makes_no_bars() -> None:
    data = smf(meter(0, 2) + meter(4, 9) + meter(7, 3, b"\0") + note(60) + END)
    score = parse_midi(data)
    assert score.tracks[0].bars[0].meter == (7, 8)
    assert events_of(midi_bytes(score)) == events_of(data)


def test_edited_tempo_and_meter_win_over_the_files_own_events() -> None:
    tempo = b"\0\xff\x51\x03\x07\xa1\x20"
    score = parse_midi(smf(meter(4, 2) + tempo + note(60) + END))
    assert (score.tempo, score.tempo_changes) == (500000, ())
    track = replace(score.tracks[0], bars=(Bar((), 3, 4), Bar((), 5, 8)))
    edited = replace(score, tracks=(track,), tempo=600000, tempo_changes=(TempoChange(9, 700000),))
    again = parse_midi(midi_bytes(edited))
    assert (again.tempo, again.tempo_changes) == (600000, (TempoChange(9, 700000),))
    assert "numerator=3" in str(events_of(midi_bytes(edited))[0])
    assert "numerator=4" not in str(events_of(midi_bytes(edited))[0])


def test_changed_instrument_reaches_the_program_changes() -> None:
    score = parse_midi(smf(b"\0\xc0\x05" + note(60) + END))
    edited = replace(score, tracks=(replace(score.tracks[0], instrument=40),))
    assert [track.instrument for track in parse_midi(midi_bytes(edited)).tracks] == [40]


def test_name_is_read_and_changed() -> None:
    score = parse_midi(smf(b"\0\xff\x03\x03caf" + note(60) + END))
    assert score.tracks[0].name == "caf"
    edited = replace(score, tracks=(replace(score.tracks[0], name="Flöte"),))
    again = parse_midi(midi_bytes(edited))
    assert [track.name for track in again.tracks] == ["Flöte"]
    assert len(again.tracks[0].events) == 1


def test_new_track_in_an_opened_file_gets_a_free_channel() -> None:
    score = parse_midi(smf(note(60) + note(60, channel=1) + END, format=0))
    added = replace(score, tracks=(*score.tracks, Track(score.tracks[0].bars, 7)))
    again = parse_midi(midi_bytes(added))
    assert [(t.channel, t.instrument) for t in again.tracks] == [(0, 0), (1, 0), (2, 7)]


def test_track_turned_into_drums_moves_to_channel_10() -> None:
    score = parse_midi(smf(b"\0\xb0\x07\x64" + note(60) + END))
    drums = replace(score.tracks[0], track_type="drum")
    again = parse_midi(midi_bytes(replace(score, tracks=(drums,))))
    assert [t.is_drum for t in again.tracks] == [True]
    assert again.tracks[0].events[0].data == b"\xb9\x07\x64"


def test_bad_values_are_refused_not_written() -> None:
    with pytest.raises(ScoreError, match="5/6"):
        midi_bytes(Score((Track((Bar((), 5, 6),)),)))
    with pytest.raises(ScoreError, match="whole MIDI message"):
        midi_bytes(one_note(events=[Event(0, b"\xb0\x07")]))
    with pytest.raises(ScoreError, match="tempo 0"):
        midi_bytes(Score(tempo_changes=(TempoChange(4, 0),)))
    with pytest.raises(MidiFileError, match="resolution 0"):
        parse_midi(smf(note(60)), 0)


def test_reading_a_missing_file_or_folder_is_one_sentence(tmp_path: Path) -> None:
    for path in (tmp_path / "none.mid", tmp_path):
        with pytest.raises(MidiFileError, match="cannot read"):
            read_midi(path)
    (tmp_path / "bad.mid").write_bytes(b"MThd")
    with pytest.raises(MidiFileError, match=r"bad\.mid: a MIDI file has"):
        Score.from_midi(tmp_path / "bad.mid")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_or_a_device_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(MidiFileError, match="name a file"):
        write_midi(Score(), pipe)
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]


def test_writing_replaces_whole_and_keeps_permissions(tmp_path: Path) -> None:
    target, link = tmp_path / "a.mid", tmp_path / "b.mid"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link.symlink_to(target)
    one_note().to_midi(link)
    assert link.is_symlink()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert read_midi(target, 480).tracks[0].bars[0].notes == [Note(60, 80, 0, 480)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mid", "b.mid"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_full_disk_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    target = tmp_path / "a.mid"
    target.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(*((os, "fsync") if step == "fsync" else (Path, "replace")), full)
    with pytest.raises(MidiFileError, match="No space left"):
        write_midi(one_note(), target)
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.mid"]


def test_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(MidiFileError, match=r"cannot write .*a\.mid: No such file"):
        write_midi(one_note(), tmp_path / "none" / "a.mid")


def test_file_without_tracks_is_an_empty_score() -> None:
    score = parse_midi(smf())
    assert score.tracks == ()
    assert parse_midi(midi_bytes(score)).tracks == ()
