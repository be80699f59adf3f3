"""The MIDI input that is listened to, opened again when it returns."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any

from descant_app.playback.midi_ports import CLIENT, midi_api, plain_name

HEARD_S = 0.01
"""A message that has come is heard by then."""

Heard = Callable[[list[int]], None]


class Input:
    """`heard` gets each message's bytes on a thread of the MIDI system; `told` one sentence when
    the port cannot be had or went away.  Sound goes on meanwhile."""

    def __init__(self, heard: Heard, told: Callable[[str], None]) -> None:
        self._heard, self._told = heard, told
        self._name = ""
        self._port: Any = None

    def choose(self, name: str) -> None:
        """Listen to this port and no other; "" for none."""
        self._close()
        self._name = name
        if name:
            self._open()

    def ports_changed(self, names: tuple[str, ...]) -> None:
        """The ports that are there now."""
        if not self._name:
            return
        there = self._name in names
        if self._port is None and there:
            self._open()
        elif self._port is not None and not there:
            self._close()
            self._told(f"The MIDI input {self._name} went away.")

    def _open(self) -> None:
        try:
            self._port = open_input(self._name, self._heard)
        except Exception as error:  # rtmidi raises SystemError and others
            self._told(f"{error}")

    def _close(self) -> None:
        port, self._port = self._port, None
        if port is not None:  # the clock, on whose thread this is, must not wait for it
            threading.Thread(target=_close_quietly, args=(port,)).start()


def _close_quietly(port: Any) -> None:
    with contextlib.suppress(Exception):  # it may have been pulled out
        close_input(port)


def close_input(port: Any) -> None:
    """Listen no longer.  JACK ends its thread wherever it is: it must not be in Python then."""
    port.cancel_callback()
    time.sleep(HEARD_S)
    port.close_port()
    port.delete()


def open_input(name: str, heard: Heard) -> Any:
    """Listen to a port.  Raises OSError when it is not there."""
    import rtmidi

    port = rtmidi.MidiIn(midi_api(), name=CLIENT)
    for index, found in enumerate(port.get_ports()):
        if plain_name(found) == name:
            port.open_port(index, "in")
            port.set_callback(lambda event, _: heard(event[0]))
            return port
    port.delete()
    raise OSError(f"The MIDI input {name} is not there.")
