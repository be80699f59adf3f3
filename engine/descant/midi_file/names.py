"""Text in MIDI files, which says nothing of its encoding."""

from __future__ import annotations

from descant.score import Event, Events

TRACK_NAME = 0x03


def text_of(data: bytes) -> str:
    """UTF-8 where it is that, else Latin-1, which fits any bytes."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def named(events: Events, name: str) -> Events:
    """The events with the track name `name`: the file's own bytes while they say the same."""
    found = events.are_meta(TRACK_NAME)
    first = int(found.argmax()) if found.any() else None
    if (text_of(events[first].data[2:]) if first is not None else "") == name:
        return events
    rest = [event for index, event in enumerate(events) if index != first]
    text = bytes([0xFF, TRACK_NAME]) + name.encode("utf-8", "replace")
    return Events([Event(0, text), *rest] if name else rest)
