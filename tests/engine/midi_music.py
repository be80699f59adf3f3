"""Odd MIDI files built byte by byte, and random ones from mido, the independent oracle."""

from __future__ import annotations

import io
from collections import Counter

import mido
from hypothesis import strategies as st

Messages = list[mido.Message | mido.MetaMessage]


def chunk(body: bytes, tag: bytes = b"MTrk") -> bytes:
    return tag + len(body).to_bytes(4, "big") + body


def smf(*bodies: bytes, division: int = 480, format: int = 1, declared: int | None = None) -> bytes:
    count = len(bodies) if declared is None else declared
    head = b"".join(value.to_bytes(2, "big") for value in (format, count, division))
    return chunk(head, b"MThd") + b"".join(chunk(body) for body in bodies)


def note(pitch: int, delta: int = 0, length: bytes = b"\x83\x60", channel: int = 0) -> bytes:
    """A note of a quarter at division 480."""
    on, off = 0x90 | channel, 0x80 | channel
    return bytes([delta, on, pitch, 80]) + length + bytes([off, pitch, 0])


def meter(numerator: int, power: int, delta: bytes = b"\0") -> bytes:
    return delta + bytes([0xFF, 0x58, 4, numerator, power, 24, 8])


END = b"\0\xff\x2f\0"

_seven = st.integers(0, 127)
_channel = st.sampled_from((0, 0, 1, 9))
_pitch = st.integers(60, 62)
_text = st.text(st.characters(max_codepoint=255, blacklist_categories=["Cs"]), max_size=6)


def _voice(kind: str, **fields: st.SearchStrategy[int]) -> st.SearchStrategy[mido.Message]:
    return st.builds(mido.Message, st.just(kind), channel=_channel, **fields)


def _text_meta(kind: str, field: str = "text") -> st.SearchStrategy[mido.MetaMessage]:
    return st.builds(mido.MetaMessage, st.just(kind), **{field: _text})


_message = st.one_of(
    _voice("note_on", note=_pitch, velocity=st.integers(0, 3)),
    _voice("note_off", note=_pitch, velocity=_seven),
    _voice("note_on", note=_pitch, velocity=_seven),
    _voice("note_off", note=_pitch, velocity=_seven),
    _voice("control_change", control=_seven, value=_seven),
    _voice("pitchwheel", pitch=st.integers(-8192, 8191)),
    _voice("aftertouch", value=_seven),
    _voice("polytouch", note=_pitch, value=_seven),
    _voice("program_change", program=st.integers(0, 2)),
    st.builds(mido.Message, st.just("sysex"), data=st.lists(_seven, max_size=4)),
    *(_text_meta(kind) for kind in ("text", "lyrics", "marker", "cue_marker", "copyright")),
    _text_meta("track_name", "name"),
    st.builds(mido.MetaMessage, st.just("set_tempo"), tempo=st.integers(1, 0xFFFFFF)),
    st.builds(mido.MetaMessage, st.just("key_signature"), key=st.sampled_from(["C", "F#m", "Bb"])),
    st.builds(
        mido.MetaMessage,
        st.just("time_signature"),
        numerator=st.integers(1, 12),
        denominator=st.sampled_from([1, 2, 4, 8, 16]),
        clocks_per_click=st.integers(1, 48),
    ),
)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """The bytes of a random file with every kind of event."""
    format = draw(st.sampled_from((0, 1, 1, 2)))
    file = mido.MidiFile(type=format, ticks_per_beat=draw(st.sampled_from((1, 5, 96, 480, 32767))))
    for _ in range(1 if format == 0 else draw(st.integers(1, 3))):
        messages = draw(st.lists(_message, max_size=25))
        track = mido.MidiTrack(
            message.copy(time=draw(st.sampled_from((0, 0, 1, 7, 480)))) for message in messages
        )
        track.append(mido.MetaMessage("end_of_track", time=draw(st.integers(0, 300))))
        file.tracks.append(track)
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def events_of(data: bytes) -> list[Counter[tuple[int, str]]]:
    """For each chunk, how often each event stands at each absolute tick.

    A note-on of velocity 0 counts as the note-off of velocity 64 that MIDI says it is.
    """
    found = []
    for track in mido.MidiFile(file=io.BytesIO(data)).tracks:
        tick, events = 0, Counter[tuple[int, str]]()
        for message in track:
            tick += message.time
            plain = message.copy(time=0)
            if plain.type == "note_on" and plain.velocity == 0:
                plain = mido.Message(
                    "note_off", channel=plain.channel, note=plain.note, velocity=64
                )
            events[tick, repr(plain)] += 1
        found.append(events)
    return found


def without_programs(events: Counter[tuple[int, str]]) -> Counter[tuple[int, str]]:
    return Counter({key: n for key, n in events.items() if "program_change" not in key[1]})
