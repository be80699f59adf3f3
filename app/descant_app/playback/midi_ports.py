"""The MIDI ports of this machine: which there are, and one of them as an output."""

from __future__ import annotations

import os
import re
import sys
import time
from typing import Any

from descant_app.playback.event_list import BEND, CONTROL, DRUM_CHANNEL, PRESSURE, PROGRAM, Voice
from descant_app.playback.output import CLICK_VOICE

CLIENT = "Descant"
FLUSH_S = 0.04
"""JACK hands messages over at its next period; a port closed at once would swallow note-offs."""


class PortOutput:
    """A MIDI port, looked for without the numbers ALSA adds; None makes a virtual port."""

    def __init__(self, name: str | None) -> None:
        self._voices: tuple[Voice, ...] = ()
        self._used: set[int] = set()
        self._port = _open_virtual() if name is None else _open_port(name)
        self.silence()  # a player that was killed could not end its notes; whoever follows does

    def setup(self, voices: tuple[Voice, ...]) -> None:
        self._voices = voices
        for voice in voices:
            if not voice.drum or voice.program:
                self._write(PROGRAM | voice.channel, voice.program)

    def send(self, voice: int, kind: int, a: int, b: int) -> None:
        channel = DRUM_CHANNEL if voice == CLICK_VOICE else 0
        if 0 <= voice < len(self._voices):
            channel = self._voices[voice].channel
        self._used.add(channel)
        if kind in (PROGRAM, PRESSURE):
            self._write(kind | channel, a)
        else:
            self._write(kind | channel, a, b)

    def send_system(self, *message: int) -> None:
        self._write(*message)

    def silence(self, everywhere: bool = True) -> None:
        """A cable carries a message a millisecond: all channels would make the next note late."""
        for channel in range(16) if everywhere else sorted(self._used):
            for controller in (64, 123, 120):
                self._write(CONTROL | channel, controller, 0)
            self._write(BEND | channel, 0, 64)

    def close(self) -> None:
        time.sleep(FLUSH_S)
        self._port.close_port()
        self._port.delete()

    def _write(self, *message: int) -> None:
        self._port.send_message(message)


class PortList:
    """The MIDI ports there are, asked again and again.

    It keeps one client of each kind open: opening one holds the interpreter for many milliseconds,
    asking it for names does not.
    """

    def __init__(self) -> None:
        self._clients: dict[str, Any] = {}

    def outputs(self) -> list[str]:
        """Names of the MIDI outputs; [] without a MIDI system."""
        return self._names("MidiOut")

    def inputs(self) -> list[str]:
        """Names of the MIDI inputs."""
        return self._names("MidiIn")

    def _names(self, kind: str) -> list[str]:
        api = midi_api()
        if api is None:
            return []
        import rtmidi

        try:
            if kind not in self._clients:
                self._clients[kind] = getattr(rtmidi, kind)(api, name=CLIENT + " look")
            names = [plain_name(n) for n in self._clients[kind].get_ports()]
        except Exception:  # SystemError when the MIDI system went away
            self._clients.pop(kind, None)
            _known_api.clear()
            return []
        return sorted({n for n in names if not n.startswith(CLIENT)})


def has_virtual_ports() -> bool:
    """Whether this system lets a program make ports of its own."""
    return sys.platform != "win32" and midi_api() is not None


_known_api: list[int | None] = []


def midi_api() -> int | None:
    """The first MIDI system of this machine that answers."""
    if _known_api and _known_api[0] is not None:
        return _known_api[0]
    os.environ.setdefault("JACK_NO_START_SERVER", "1")
    found = None
    try:
        import rtmidi

        for api in rtmidi.get_compiled_api():
            try:
                rtmidi.MidiOut(api, name=CLIENT + " look").delete()
                found = api
                break
            except Exception:  # a plain SystemError: this system is not there
                continue
    except ImportError:
        pass
    _known_api[:] = [found]
    return found


def plain_name(name: str) -> str:
    """A port's name without the client and port numbers that ALSA changes at every start."""
    return re.sub(r"\s+\d+:\d+$", "", name)


def _open_port(name: str) -> Any:
    api = midi_api()
    if api is None:
        raise OSError("This machine has no MIDI system that answers.")
    import rtmidi

    port = rtmidi.MidiOut(api, name=CLIENT)
    for index, found in enumerate(port.get_ports()):
        if plain_name(found) == name:
            port.open_port(index, "out")
            return port
    port.delete()
    raise OSError(f"The MIDI port {name} is not there now; it is used again when it returns.")


def _open_virtual() -> Any:
    api = midi_api()
    if api is None or sys.platform == "win32":
        raise OSError("This system has no virtual MIDI ports.")
    import rtmidi

    port = rtmidi.MidiOut(api, name=CLIENT)
    port.open_virtual_port("out")
    return port
