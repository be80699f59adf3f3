"""Writes the three example pieces into resources/examples; all of their music stands in this file.

usage: python packaging/compose_examples.py [FOLDER]

A line is a row of `pitches:beats`, pitches joined by `+`, `-` for a rest, bars divided by `|`.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

from descant.midi_file import write_midi
from descant.score import Bar, Event, Note, Score, Track

RESOLUTION = 480
EXAMPLES = Path(__file__).parents[1] / "resources" / "examples"
STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
DRUMS = {"k": 36, "s": 38, "g": 38, "h": 42, "o": 46, "r": 51, "c": 49, "1": 50, "2": 47, "3": 45}
LOUDNESS = {
    "k": 96,
    "s": 100,
    "g": 42,
    "h": 62,
    "o": 70,
    "r": 66,
    "c": 98,
    "1": 92,
    "2": 94,
    "3": 98,
}
Meter = tuple[int, int]


def pitch(name: str) -> int:
    letter, rest = name[0], name[1:]
    sharps = rest.count("#") - rest.count("b")
    return 12 * (int(rest.strip("#b")) + 1) + STEPS[letter] + sharps


def ticks(beats: float) -> int:
    return round(beats * RESOLUTION)


def line(text: str, meter: Meter, arc: list[int], touch: float = 0.94) -> list[Bar]:
    """Bars of a melodic line; `arc` has each bar's loudness, `touch` how much of a note sounds."""
    bars = []
    for number, bar in enumerate(text.split("|")):
        notes, at = [], 0.0
        for word in bar.split():
            names, length = word.split(":")
            beats = float(length)
            loud = arc[number % len(arc)] + (6 if at == 0 else 0) - (4 if at % 1 else 0)
            if names != "-":
                notes += [
                    Note(pitch(name), loud, ticks(at), max(1, ticks(beats * touch)))
                    for name in names.split("+")
                ]
            at += beats
        assert at == 4 * meter[0] / meter[1], f"bar {number + 1} has {at} beats: {bar}"
        bars.append(Bar(notes, *meter))
    return bars


def drums(patterns: list[dict[str, str]], meter: Meter, seed: int) -> list[Bar]:
    """Bars of drums: for each voice a row of sixteenths, `x` a stroke, `X` an accent."""
    wobble = random.Random(seed)
    bars = []
    for pattern in patterns:
        notes = [
            Note(DRUMS[voice], _stroke(voice, mark, wobble), ticks(step / 4), ticks(0.125))
            for voice, row in pattern.items()
            for step, mark in enumerate(row)
            if mark in "xX"
        ]
        notes.sort(key=lambda note: (note.onset_ticks, note.pitch))
        bars.append(Bar(notes, *meter))
    return bars


def _stroke(voice: str, mark: str, wobble: random.Random) -> int:
    return min(127, LOUDNESS[voice] + (14 if mark == "X" else 0) + wobble.randint(-5, 5))


def piece(tracks: list[Track], tempo: float, sections: dict[int, str], key: bytes) -> Score:
    bars = tracks[0].bars
    starts = [sum(ticks(bar.beat_length) for bar in bars[:index]) for index in range(len(bars))]
    events = [Event(0, b"\xff\x59" + key)]
    events += [Event(starts[bar], b"\xff\x06" + name.encode()) for bar, name in sections.items()]
    return Score(tuple(tracks), RESOLUTION, round(60e6 / tempo), events=events)  # type: ignore[arg-type]


def first_light() -> Score:
    """Sixteen bars in D for flute, piano, bass and drums; the bass sleeps in the bridge."""
    meter = (4, 4)
    arc = [72, 76, 82, 78, 76, 82, 90, 84, 88, 92, 88, 94, 84, 86, 80, 70]
    melody = line(
        "F#5:1.5 E5:.5 D5:1 A4:1 | B4:1.5 D5:.5 F#5:2 | G5:1.5 F#5:.5 D5:1 B4:1 | C#5:1 E5:1 A4:2 |"
        "F#5:1.5 E5:.5 D5:1 A5:1 | A5:1.5 G5:.5 F#5:1 C#5:1 | D5:.5 E5:.5 F#5:.5 G5:.5 B5:2 |"
        "A5:1 G5:.5 F#5:.5 E5:2 |"
        "F#5:1 D5:.5 F#5:.5 B5:2 | A5:.5 G5:.5 F#5:.5 G5:.5 D5:2 | E5:1 G5:.5 F#5:.5 E5:1 B4:1 |"
        "C#5:.5 D5:.5 E5:1 -:.5 A5:1.5 |"
        "F#5:1.5 E5:.5 D5:1 A4:1 | B4:.5 D5:.5 G5:1 F#5:1 E5:1 | G5:1 F#5:.5 E5:.5 C#5:1 E5:1 |"
        "D5:4",
        meter,
        arc,
    )
    d, bm, g, a = "F#3+A3+C#4", "F#3+A3+D4", "F#3+B3+D4", "G3+C#4+E4"
    fm, em = "E3+A3+C#4", "G3+B3+D4"
    chords = [d, bm, g, a, d, fm, g, a, bm, g, em, a, d, g]
    comping = " | ".join(f"{chord}:1.5 {chord}:1 {chord}:1.5" for chord in chords)
    ending = f" | {em}:2 {a}:2 | F#3+A3+D4:4"
    harmony = line(comping + ending, meter, [value - 22 for value in arc], 0.9)
    bass = line(
        "D2:1.5 D2:.5 A2:1 F#2:.5 C#2:.5 | B1:1.5 B1:.5 F#2:1 A2:.5 A1:.5 |"
        "G1:1.5 G1:.5 D2:1 B1:.5 G#1:.5 | A1:1.5 A1:.5 E2:1 G2:.5 C#2:.5 |"
        "D2:1.5 D2:.5 A2:1 D3:.5 E2:.5 | F#2:1.5 F#2:.5 C#3:1 A2:.5 G#2:.5 |"
        "G2:1.5 G2:.5 D2:1 B1:.5 G#1:.5 | A1:1.5 A1:.5 E2:1 A2:.5 C#2:.5 |"
        "B1:4 | G1:4 | E2:4 | A1:4 |"
        "F#2:1.5 F#2:.5 A2:1 D2:.5 F#2:.5 | G2:1.5 G2:.5 D2:1 B1:.5 D2:.5 |"
        "E2:1 G2:1 A1:1 C#2:1 | D2:4",
        meter,
        [84, 86, 86, 88, 86, 88, 90, 92, 58, 58, 58, 58, 88, 90, 86, 78],
    )
    verse = {"h": "x-x-x-x-x-x-x-x-", "s": "----X-------X---", "k": "X-----x---x-----"}
    lift = {"r": "X-x-x-x-X-x-x-x-", "s": "----X-------X---", "k": "X-----x-x-----x-"}
    lift["g"] = "-------x-x------"
    fill = {"h": "x-x-x-x-x-------", "s": "----X-----x-X-xx", "k": "X-----x---x-----"}
    big = {"h": "x-x-x-x---------", "s": "----X---xx------", "1": "----------xx----"}
    big |= {"2": "------------xx--", "3": "--------------XX", "k": "X-----x---------"}
    last = {"c": "X---------------", "k": "X---------------"}
    crash = {"c": "X---------------"}
    groove = [verse | crash, verse, verse, fill, verse, verse, verse, big]
    groove += [lift | crash, lift, lift, big, verse | crash, verse, fill, last]
    tracks = [
        Track(tuple(melody), 73, name="Flute"),
        Track(tuple(harmony), 4, name="Electric piano"),
        Track(tuple(bass), 33, name="Bass"),
        Track(tuple(drums(groove, meter, 1)), 0, "drum", name="Drums"),
    ]
    return piece(tracks, 92, {0: "First light", 8: "Bridge", 12: "Home"}, b"\x02\x00")


def window_waltz() -> Score:
    """Twenty-four bars in G for string quartet, the tune passing from violin to cello."""
    meter = (3, 4)
    arc = [70, 72, 76, 74, 78, 82, 86, 78, 72, 78, 84, 80, 84, 88, 80, 72]
    arc += [64, 68, 72, 74, 80, 86, 82, 66]
    first = line(
        "D5:2 B4:1 | D5:1 G5:1 F#5:1 | E5:2 C5:1 | A4:3 | C5:2 A4:1 | C5:1 F#5:1 E5:1 | D5:2 B4:1 |"
        "G4:3 | D5:2 B4:1 | E5:1 G#5:1 B5:1 | A5:2 E5:1 | C5:2 E5:1 | D5:1 F#5:1 A5:1 | C6:2 A5:1 |"
        "G5:2 D5:1 | G5:2 -:1 |"
        "-:1 B4:1 B4:1 | -:1 B4:1 B4:1 | -:1 C5:1 C5:1 | -:1 E5:1 E5:1 | F#5:2 E5:1 |"
        "D5:1 C5:1 A4:1 | B4:1 A4:1 G4:1 | G4:3",
        meter,
        arc,
    )
    g, d7, e7, am, em = "B3+D4", "C4+F#4", "D4+G#4", "C4+E4", "B3+E4"
    inner = [g, g, d7, d7, d7, d7, g, g, g, e7, am, am, d7, d7, g, g, em, em, am, am, d7, d7, g]
    second, viola = [], []
    for chord in inner:
        low, high = chord.split("+")
        second.append(f"-:1 {high}:1 {high}:1")
        viola.append(f"-:1 {low}:1 {low}:1")
    soft = [value - 16 for value in arc]
    cello = line(
        "G2:2 -:1 | B2:2 -:1 | A2:2 -:1 | D3:2 -:1 | D2:2 -:1 | A2:2 -:1 | G2:2 -:1 |"
        "B2:1 D3:1 G3:1 |"
        "G2:2 -:1 | E2:2 -:1 | A2:2 -:1 | C3:1 B2:1 A2:1 | D3:2 -:1 | D2:2 -:1 | G2:2 -:1 |"
        "G2:1 F#2:1 G2:1 |"
        "E3:2 G3:1 | B3:2 A3:1 | C4:2 A3:1 | E3:3 | D3:2 -:1 | D2:2 -:1 | G2:2 D2:1 | G2:3",
        meter,
        [value - 4 for value in arc[:16]] + [value + 14 for value in arc[16:20]] + arc[20:],
    )
    tracks = [
        Track(tuple(first), 40, name="Violin I"),
        Track(tuple(line(" | ".join([*second, "D4:3"]), meter, soft, 0.6)), 40, name="Violin II"),
        Track(tuple(line(" | ".join([*viola, "B3:3"]), meter, soft, 0.6)), 41, name="Viola"),
        Track(tuple(cello), 42, name="Cello"),
    ]
    return piece(tracks, 138, {0: "Waltz", 16: "Cello", 20: "Close"}, b"\x01\x00")


def seven_steps() -> Score:
    """Twelve bars of 7/8 in E minor, counted 2 + 2 + 3, for clarinet, marimba, bass and drums."""
    meter = (7, 8)
    arc = [78, 80, 82, 84, 84, 86, 88, 92, 90, 92, 94, 84]
    em, d, c, b = (
        "E4:.5 B4:.5 G4:.5",
        "D4:.5 A4:.5 F#4:.5",
        "C4:.5 G4:.5 E4:.5",
        "B3:.5 F#4:.5 D#4:.5",
    )
    top = {em: "B4:.5 E5:.5 D5:.5 B4:.5", d: "A4:.5 D5:.5 C5:.5 A4:.5"}
    top |= {c: "G4:.5 C5:.5 B4:.5 G4:.5", b: "F#4:.5 B4:.5 A4:.5 F#4:.5"}
    chords = [em, em, d, d, c, c, d, b, em, d, c]
    marimba = " | ".join(f"{chord} {top[chord]}" for chord in chords) + " | E4+B4:3.5"
    roots = ["E2", "E2", "D2", "D2", "C2", "C2", "D2", "B1", "E2", "D2", "C2"]
    ups = ["B2", "G2", "A2", "F#2", "G2", "E2", "A2", "F#2", "B2", "A2", "G2"]
    walk = [f"{r}:1 {r}:.5 {u}:.5 {r}:.5 {u}:1" for r, u in zip(roots, ups, strict=True)]
    clarinet = line(
        "-:3.5 | -:2 B4:.5 D5:.5 E5:.5 | F#5:1 E5:1 D5:1.5 | A4:2 D5:.5 E5:.5 F#5:.5 |"
        "G5:1 F#5:1 E5:1.5 | C5:1 E5:1 G5:1.5 | F#5:1 A5:1 G5:.5 F#5:.5 E5:.5 | D#5:2 B4:1.5 |"
        "E5:1 G5:1 B5:1.5 | A5:1 F#5:1 D5:1.5 | E5:1 D5:1 C5:.5 B4:.5 G4:.5 | E4:3.5",
        meter,
        arc,
    )
    beat = {"k": "X-------X-----", "s": "----X-------x-", "h": "x-x-x-x-x-x-x-"}
    push = {"k": "X-----x-X---x-", "s": "----X-----g-X-", "h": "x-xxx-x-x-xxx-"}
    fill = {"k": "X-------X-----", "s": "----X-xx------", "1": "--------xx----"}
    fill |= {"2": "----------xx--", "3": "------------XX"}
    crash = {"c": "X-------------"}
    groove = [beat, beat, beat, beat, push | crash, push, push, fill, push | crash, push, fill]
    groove.append(crash | {"k": "X-------------"})
    tracks = [
        Track(tuple(clarinet), 71, name="Clarinet"),
        Track(tuple(line(marimba, meter, [v - 14 for v in arc], 0.8)), 12, name="Marimba"),
        Track(tuple(line(" | ".join([*walk, "E2:3.5"]), meter, arc, 0.85)), 33, name="Bass"),
        Track(tuple(drums(groove, meter, 2)), 0, "drum", name="Drums"),
    ]
    return piece(tracks, 126, {0: "Seven steps", 4: "Up", 8: "Over"}, b"\x01\x01")


PIECES = {"first_light": first_light, "window_waltz": window_waltz, "seven_steps": seven_steps}
MARKED = {
    "first_light": ("First light", {2: [8, 9, 10, 11]}),
    "window_waltz": ("Window waltz", {1: [16, 17, 18, 19]}),
    "seven_steps": ("Seven steps", {0: [0, 1, 2, 3]}),
}


def request_of(name: str) -> dict[str, object]:
    """What the window opens with: the bars already marked, as a generation request."""
    title, marked = MARKED[name]
    prompts = [{"id": track, "bars": bars} for track, bars in marked.items()]
    return {"title": title, "midi": f"{name}.mid", "tracks": prompts, "config": {}}


def compose(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in PIECES.items():
        write_midi(make(), folder / f"{name}.mid")
        text = json.dumps(request_of(name), indent=2)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    compose(Path(sys.argv[1]) if len(sys.argv) > 1 else EXAMPLES)
