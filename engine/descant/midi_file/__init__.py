"""MIDI files in and out: `read_midi`, `parse_midi`, `write_midi`, `midi_bytes`.

Reading and writing go through one bounded parser and one writer in the core.
"""

from descant.midi_file.reading import parse_midi, read_midi
from descant.midi_file.writing import midi_bytes, write_midi

__all__ = ["midi_bytes", "parse_midi", "read_midi", "write_midi"]
