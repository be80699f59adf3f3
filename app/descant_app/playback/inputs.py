"""MIDI inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from descant_app.playback.midi_ports import CLIENT, midi_api, plain_name


def open_input(name: str, heard: Callable[[list[int]], None]) -> Any:
    """Listen to a port; `heard` gets each message's bytes on a thread of the MIDI system.

    Raises OSError when the port is not there.
    """
    import rtmidi

    port = rtmidi.MidiIn(midi_api(), name=CLIENT)
    for index, found in enumerate(port.get_ports()):
        if plain_name(found) == name:
            port.open_port(index, "in")
            port.set_callback(lambda event, _: heard(event[0]))
            return port
    port.delete()
    raise OSError(f"The MIDI input {name} is not there.")
