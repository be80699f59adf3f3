"""What every output of notes can do, and the one that does nothing."""

from __future__ import annotations

from typing import Protocol

from descant_app.playback.event_list import Voice

NOTE_OFF, NOTE_ON = 0x80, 0x90
CLICK_VOICE = -1
"""The metronome."""


class Output(Protocol):
    """Where messages go."""

    def setup(self, voices: tuple[Voice, ...]) -> None:
        """Know the instruments of each voice."""

    def send(self, voice: int, kind: int, a: int, b: int) -> None:
        """One channel message; `CLICK_VOICE` is the metronome."""

    def send_system(self, *message: int) -> None:
        """One message of MIDI clock."""

    def silence(self, everywhere: bool = True) -> None:
        """Pedals up, all notes off, at once; on all channels, or on those that were sent to."""

    def close(self) -> None:
        """Let go of the port or the device."""


class SilentOutput:
    """No sound.  Also what a failed output becomes."""

    def setup(self, voices: tuple[Voice, ...]) -> None:
        """Nothing to know."""

    def send(self, voice: int, kind: int, a: int, b: int) -> None:
        """Nothing to send."""

    def send_system(self, *message: int) -> None:
        """Nobody follows."""

    def silence(self, everywhere: bool = True) -> None:
        """It is silent."""

    def close(self) -> None:
        """Nothing to close."""
