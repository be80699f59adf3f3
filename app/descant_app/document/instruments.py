"""The instruments of General MIDI, by family."""

from __future__ import annotations

FAMILIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Piano", ("Acoustic Grand Piano", "Bright Acoustic Piano", "Electric Grand Piano",
               "Honky-tonk Piano", "Electric Piano 1", "Electric Piano 2", "Harpsichord",
               "Clavinet")),
    ("Chromatic Percussion", ("Celesta", "Glockenspiel", "Music Box", "Vibraphone", "Marimba",
                              "Xylophone", "Tubular Bells", "Dulcimer")),
    ("Organ", ("Drawbar Organ", "Percussive Organ", "Rock Organ", "Church Organ", "Reed Organ",
               "Accordion", "Harmonica", "Tango Accordion")),
    ("Guitar", ("Nylon Guitar", "Steel Guitar", "Jazz Guitar", "Clean Guitar", "Muted Guitar",
                "Overdriven Guitar", "Distortion Guitar", "Guitar Harmonics")),
    ("Bass", ("Acoustic Bass", "Fingered Bass", "Picked Bass", "Fretless Bass", "Slap Bass 1",
              "Slap Bass 2", "Synth Bass 1", "Synth Bass 2")),
    ("Strings", ("Violin", "Viola", "Cello", "Contrabass", "Tremolo Strings", "Pizzicato Strings",
                 "Orchestral Harp", "Timpani")),
    ("Ensemble", ("String Ensemble 1", "String Ensemble 2", "Synth Strings 1", "Synth Strings 2",
                  "Choir Aahs", "Voice Oohs", "Synth Voice", "Orchestra Hit")),
    ("Brass", ("Trumpet", "Trombone", "Tuba", "Muted Trumpet", "French Horn", "Brass Section",
               "Synth Brass 1", "Synth Brass 2")),
    ("Reed", ("Soprano Sax", "Alto Sax", "Tenor Sax", "Baritone Sax", "Oboe", "English Horn",
              "Bassoon", "Clarinet")),
    ("Pipe", ("Piccolo", "Flute", "Recorder", "Pan Flute", "Blown Bottle", "Shakuhachi", "Whistle",
              "Ocarina")),
    ("Synth Lead", ("Square Lead", "Saw Lead", "Calliope Lead", "Chiff Lead", "Charang Lead",
                    "Voice Lead", "Fifths Lead", "Bass and Lead")),
    ("Synth Pad", ("New Age Pad", "Warm Pad", "Polysynth Pad", "Choir Pad", "Bowed Pad",
                   "Metallic Pad", "Halo Pad", "Sweep Pad")),
    ("Synth Effects", ("Rain", "Soundtrack", "Crystal", "Atmosphere", "Brightness", "Goblins",
                       "Echoes", "Sci-fi")),
    ("Ethnic", ("Sitar", "Banjo", "Shamisen", "Koto", "Kalimba", "Bagpipe", "Fiddle", "Shanai")),
    ("Percussive", ("Tinkle Bell", "Agogo", "Steel Drums", "Woodblock", "Taiko Drum",
                    "Melodic Tom", "Synth Drum", "Reverse Cymbal")),
    ("Sound Effects", ("Guitar Fret Noise", "Breath Noise", "Seashore", "Bird Tweet",
                       "Telephone Ring", "Helicopter", "Applause", "Gunshot")),
)  # fmt: skip

NAMES: tuple[str, ...] = tuple(name for _, names in FAMILIES for name in names)
"""All 128 programs in order."""

DRUM_KITS = {
    0: "Standard Kit", 8: "Room Kit", 16: "Power Kit", 24: "Electronic Kit", 25: "TR-808 Kit",
    32: "Jazz Kit", 40: "Brush Kit", 48: "Orchestra Kit", 56: "Sound Effects Kit",
}  # fmt: skip


def instrument_name(program: int, drum: bool) -> str:
    """What a track plays, in words."""
    if drum:
        return DRUM_KITS.get(program, "Drums")
    return NAMES[program]
