"""What is sent when: a clock of numbers, an output that writes down."""

from __future__ import annotations

import numpy as np
import pytest
from hands import small_score
from hypothesis import given
from hypothesis import strategies as st

from descant.score.events import Event, TempoChange
from descant.score.notes import Note
from descant.score.types import Bar, Score, Track
from descant_app.playback.event_list import chased, event_list
from descant_app.playback.output import CLICK_VOICE, NOTE_OFF, NOTE_ON
from descant_app.playback.sequencer import Loop, Sequencer

R = 480


class Tape:
    """Writes down what is sent, and knows what sounds."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, int, int, int]] = []
        self.sounding: set[tuple[int, int]] = set()
        self.system: list[tuple[int, ...]] = []
        self.silenced = 0

    def setup(self, voices) -> None:
        pass

    def send(self, voice: int, kind: int, a: int, b: int) -> None:
        self.sent.append((voice, kind, a, b))
        if kind == NOTE_ON:
            assert (voice, a) not in self.sounding, "struck again without an off"
            self.sounding.add((voice, a))
        elif kind == NOTE_OFF:
            assert (voice, a) in self.sounding, "an off for what does not sound"
            self.sounding.discard((voice, a))

    def send_system(self, *message: int) -> None:
        self.system.append(message)

    def silence(self, everywhere: bool = True) -> None:
        self.silenced += 1

    def ons(self) -> list[int]:
        return [a for voice, kind, a, _ in self.sent if kind == NOTE_ON and voice != CLICK_VOICE]


@pytest.fixture
def tape() -> Tape:
    return Tape()


def playing(tape: Tape, score: Score, at_s: float = 0.0) -> Sequencer:
    sequencer = Sequencer(tape)
    sequencer.load(event_list(score), 100.0)
    sequencer.start(at_s, 100.0)
    return sequencer


def one_track(*notes: Note, events=(), bars: int = 2) -> Score:
    first = Bar(list(notes))
    return Score((Track((first, *(Bar() for _ in range(bars - 1))), events=events),), R, 500_000)


def run_until(sequencer: Sequencer, start: float, end: float) -> None:
    """As the process does: often enough that nothing is late."""
    for now in np.arange(start, end + 1e-9, 0.02):
        sequencer.run(float(now))


def test_notes_leave_at_their_time(tape):
    sequencer = playing(tape, one_track(Note(60, 90, 0, R), Note(62, 90, R, R)))
    assert sequencer.run(100.0) == pytest.approx(100.5)
    assert tape.ons() == [60]
    sequencer.run(100.49)
    assert tape.ons() == [60]
    sequencer.run(100.5)
    assert tape.sent[-2:] == [(0, NOTE_OFF, 60, 64), (0, NOTE_ON, 62, 90)]


def test_the_end_stops_and_is_silent(tape):
    sequencer = playing(tape, one_track(Note(60, 90, 0, R)))
    sequencer.run(100.0)
    sequencer.run(104.3)  # late
    assert not sequencer.playing
    assert not tape.sounding
    assert sequencer.at(104.3) == pytest.approx(4.0)


def test_a_note_that_outlasts_the_piece_is_waited_for(tape):
    sequencer = playing(tape, one_track(Note(60, 90, 0, 9 * R)))
    sequencer.run(100.0)
    assert sequencer.run(104.1) == pytest.approx(104.5)
    assert sequencer.playing
    sequencer.run(104.5)
    assert not sequencer.playing
    assert not tape.sounding


def test_stop_sends_the_offs_that_are_owed(tape):
    sequencer = playing(tape, one_track(Note(60, 90, 0, 4 * R), Note(64, 90, 0, 4 * R)))
    sequencer.run(100.1)
    assert sequencer.stop(100.1) == pytest.approx(0.1)
    assert not tape.sounding
    assert tape.silenced == 1


def test_a_repeated_pitch_is_ended_before_it_is_struck_again(tape):
    sequencer = playing(tape, one_track(Note(60, 90, 0, 2 * R), Note(60, 80, R, R // 2)))
    sequencer.run(100.0)
    sequencer.run(100.6)
    assert [kind for _, kind, _, _ in tape.sent] == [NOTE_ON, NOTE_OFF, NOTE_ON]
    sequencer.run(100.9)
    assert not tape.sounding
    sequencer.run(101.5)  # the first note's own off is void by now


def test_muting_while_playing_ends_the_track_at_once(tape):
    sequencer = playing(tape, small_score())
    sequencer.run(100.0)
    assert len(tape.sounding) == 3
    sequencer.set_heard((True, False, True))
    assert len(tape.sounding) == 2
    sequencer.run(102.0)
    assert not any(voice == 1 for voice, _ in tape.sounding)


def test_the_loop_wraps_without_a_gap_and_without_hanging_notes(tape):
    sequencer = playing(tape, one_track(Note(60, 90, 0, 4 * R), Note(62, 90, 2 * R, R)))
    sequencer.loop = Loop(0.0, 1.0)
    run_until(sequencer, 100.0, 104.5)
    assert tape.ons() == [60] * 5
    assert sequencer.at(104.5) == pytest.approx(0.5)


def test_a_note_at_the_loops_end_belongs_to_the_next_round(tape):
    sequencer = playing(tape, one_track(Note(60, 90, 0, R), Note(62, 90, 2 * R, R)))
    sequencer.loop = Loop(0.0, 1.0)
    run_until(sequencer, 100.0, 101.2)
    assert tape.ons() == [60, 60]


def test_starting_behind_the_loop_plays_on(tape):
    sequencer = playing(tape, one_track(Note(60, 90, 0, R), Note(62, 90, 3 * R, R)), at_s=1.2)
    sequencer.loop = Loop(0.0, 1.0)
    run_until(sequencer, 100.0, 100.4)
    assert tape.ons() == [62]


def test_late_note_ons_are_dropped_but_never_offs(tape):
    sequencer = playing(tape, one_track(Note(60, 90, 0, R), Note(62, 90, R, R // 4)))
    sequencer.run(100.0)
    sequencer.run(101.0)  # half a second late for the second note
    assert tape.ons() == [60]
    assert sequencer.dropped == 1
    assert not tape.sounding


def test_an_edit_while_playing_goes_on_in_place(tape):
    sequencer = playing(tape, one_track(Note(60, 90, 0, 2 * R)))
    run_until(sequencer, 100.0, 100.2)
    sequencer.load(event_list(one_track(Note(60, 90, 0, 2 * R), Note(67, 90, R, R))), 100.2)
    sequencer.run(100.5)
    assert tape.ons() == [60, 67]
    sequencer.run(101.0)
    assert (0, 60) not in tape.sounding


def test_count_in_clicks_before_the_first_note(tape):
    sequencer = Sequencer(tape)
    sequencer.load(event_list(one_track(Note(60, 90, 0, R))), 0.0)
    sequencer.start(0.0, 100.0, [(1.0, True), (0.5, False)])
    assert sequencer.run(100.0) is not None
    sequencer.run(100.5)
    assert [v for v, k, _, _ in tape.sent if k == NOTE_ON] == [CLICK_VOICE, CLICK_VOICE]
    sequencer.run(101.0)
    assert tape.ons() == [60]


def test_the_metronome_clicks_on_beats(tape):
    sequencer = playing(tape, one_track(bars=1))
    sequencer.metronome = True
    for step in range(21):
        sequencer.run(100.0 + step / 10)
    clicks = [a for v, k, a, _ in tape.sent if v == CLICK_VOICE and k == NOTE_ON]
    assert clicks == [76, 77, 77, 77]


def test_live_notes_are_in_the_ledger(tape):
    sequencer = Sequencer(tape)
    sequencer.play_note(0, 60, 90)
    sequencer.play_note(0, 60, 0)
    assert not tape.sounding
    sequencer.play_note(0, 64, 90)
    sequencer.panic()
    assert not tape.sounding


def test_letting_go_of_a_key_leaves_the_note_that_a_track_plays_on_it(tape):
    sequencer = playing(tape, one_track(Note(60, 90, R, 2 * R)))
    voice = sequencer.events.notes[0, 0]
    sequencer.play_note(int(voice), 60, 90)
    sequencer.run(100.5)
    sequencer.play_note(int(voice), 60, 0)
    assert (voice, 60) in tape.sounding
    sequencer.run(101.5)
    assert not tape.sounding


def test_a_seek_catches_up_with_programs_controllers_and_bends():
    events = [
        Event(0, b"\xb0\x07\x40"),
        Event(10, b"\xb0\x07\x50"),
        Event(20, b"\xe0\x00\x60"),
        Event(30, b"\xc0\x05"),
        Event(4 * R, b"\xb0\x07\x01"),
    ]
    found = chased(event_list(one_track(events=events)), 1.0).tolist()
    assert [row[1:4] for row in found] == [[0xC0, 5, 0], [0xB0, 7, 0x50], [0xE0, 0, 0x60]]


def test_going_back_before_a_pedal_or_a_program_undoes_it():
    events = [
        Event(2 * R, b"\xb0\x40\x7f"),
        Event(2 * R, b"\xc0\x05"),
        Event(2 * R, b"\xe0\x00\x60"),
    ]
    found = chased(event_list(one_track(events=events)), 0.5).tolist()
    assert [row[1:4] for row in found] == [[0xC0, 0, 0], [0xB0, 64, 0], [0xE0, 0, 64]]


def clocked(tape: Tape, at_s: float) -> Sequencer:
    sequencer = Sequencer(tape)
    sequencer.load(event_list(one_track(Note(60, 90, 0, R)), pulses=True), 100.0)
    sequencer.start(at_s, 100.0)
    return sequencer


def test_midi_clock_starts_sends_24_pulses_a_quarter_and_stops(tape):
    sequencer = clocked(tape, 0.0)
    run_until(sequencer, 100.0, 100.99)
    sequencer.stop(100.99)
    assert tape.system[:3] == [(0xF2, 0, 0), (0xFA,), (0xF8,)]
    assert tape.system.count((0xF8,)) == 48
    assert tape.system[-1] == (0xFC,)


def test_followers_join_at_the_next_sixteenth(tape):
    sequencer = clocked(tape, 1.3)  # two quarters and 14.4 pulses: the next sixteenth is the 11th
    run_until(sequencer, 100.0, 100.2)
    assert tape.system[0] == (0xF2, 11, 0)
    start = tape.system.index((0xFB,))
    assert tape.system[1:start] == [(0xF8,)] * 3
    assert tape.system[start + 1] == (0xF8,)


def test_a_seek_stops_followers_and_tells_them_where(tape):
    sequencer = clocked(tape, 0.0)
    run_until(sequencer, 100.0, 100.1)
    sequencer.seek(2.0, 100.1)
    run_until(sequencer, 100.1, 100.2)
    after = tape.system[tape.system.index((0xFC,)) :]
    assert after[:3] == [(0xFC,), (0xF2, 16, 0), (0xFB,)]


def test_another_output_gets_controllers_and_owes_nothing(tape):
    score = one_track(Note(60, 90, 0, 4 * R), events=[Event(0, b"\xb0\x07\x40")])
    sequencer = playing(tape, score)
    sequencer.run(100.1)
    other = Tape()
    sequencer.use(other, 100.2)
    assert (0, 0xB0, 7, 0x40) in other.sent
    run_until(sequencer, 100.2, 104.5)
    assert not other.sounding


def test_tempo_changes_shift_what_comes_after():
    score = Score(
        (Track((Bar([Note(60, 90, 0, R), Note(62, 90, 2 * R, R)]),)),),
        R,
        500_000,
        (TempoChange(R, 1_000_000),),
    )
    events = event_list(score)
    assert events.on_s.tolist() == [0.0, 1.5]
    assert events.off_s.tolist() == [0.5, 2.5]


def test_more_than_sixteen_parts_have_voices_of_their_own():
    track = Track((Bar([Note(60, 90, 0, R)]),))
    score = Score(tuple(Track(track.bars, i) for i in range(24)), R)
    events = event_list(score)
    assert len(events.voices) == 24
    assert all(v.channel != 9 and 0 <= v.channel < 16 for v in events.voices)


moves = st.lists(
    st.tuples(
        st.sampled_from(["run", "seek", "stop", "start", "mute", "load", "loop", "live", "panic"]),
        st.floats(0, 5),
    ),
    max_size=40,
)


@given(moves, st.lists(st.tuples(st.integers(50, 53), st.integers(0, 3000)), max_size=25))
def test_whatever_is_done_nothing_hangs(moves, notes):
    tape, now = Tape(), 50.0
    score = one_track(*(Note(p, 90, t % 1900, 1 + t) for p, t in notes))
    sequencer = Sequencer(tape)
    sequencer.load(event_list(score), now)
    for what, value in moves:
        now += value / 7
        if what == "seek":
            sequencer.seek(value, now)
        elif what == "stop":
            sequencer.stop(now)
        elif what == "start":
            sequencer.start(value / 2, now)
        elif what == "mute":
            sequencer.set_heard((value > 2.5,))
        elif what == "load":
            sequencer.load(event_list(score), now)
        elif what == "loop":
            sequencer.loop = Loop(0.2, 0.2 + value) if value > 1 else None
        elif what == "live":
            sequencer.play_note(0, 50 + int(value), 90 if value > 2 else 0)
        elif what == "panic":
            sequencer.panic()
        sequencer.run(now)
    sequencer.finish(now)
    assert not tape.sounding
    assert len(sequencer.sounding) == 0


def test_clicks_follow_compound_meters():
    bars = (Bar((), 6, 8), Bar((), 3, 4))
    events = event_list(Score((Track(bars),), R, 500_000))
    assert np.allclose(events.click_s, [0, 0.75, 1.5, 2.0, 2.5])
