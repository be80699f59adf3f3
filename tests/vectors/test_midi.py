"""What upstream reads from MIDI files and what it writes, note for note and byte for byte.

The small files are committed; the longer ones come with `--vectors`, the folder of all vectors.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from descant.errors import MidiFileError, ScoreError
from descant.midi_file import midi_bytes, parse_midi, read_midi
from descant.score import Score

DATA = Path(__file__).parents[1] / "data" / "vectors"
NEGATIVE = "a negative duration is refused where upstream writes a note without length"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    folder = Path(metafunc.config.getoption("--vectors", None) or DATA)
    if (folder / "encoding").is_dir():
        folder /= "encoding"
    for argument, pattern in (("read", "smf_read.json"), ("written", "smf_write.json")):
        if argument in metafunc.fixturenames:
            path = next(iter(folder.glob(pattern)), DATA / "encoding" / pattern)
            cases = json.loads(path.read_text(encoding="utf-8"))
            metafunc.parametrize(argument, cases, ids=[case["name"] for case in cases])
    if "piece" in metafunc.fixturenames:
        paths = sorted(folder.glob("file_*.json"))
        metafunc.parametrize("piece", paths, ids=[path.stem for path in paths])


def canonical(score: Score) -> list[Any]:
    return [
        [t.instrument, int(t.is_drum), [[*b.meter, b.notes.array[:, :5].tolist()] for b in t.bars]]
        for t in score.tracks
    ]


def digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, separators=(",", ":")).encode()).hexdigest()


def test_reading(read: dict[str, Any]) -> None:
    data = base64.b64decode(read["smf_base64"])
    expected = read.get("expect", {"error": "upstream crashes; a clear error is better"})
    if "error" in expected:
        with pytest.raises(MidiFileError):
            parse_midi(data, 480)
        return
    score = parse_midi(data, 480)
    bars = score.tracks[0].bars if score.tracks else ()
    assert canonical(score) == expected["tracks"]
    assert (score.resolution, score.tempo) == (expected["resolution"], expected["tempo"])
    assert [bar.beat_length for bar in bars] == expected["beat_lengths"]


def test_writing(written: dict[str, Any]) -> None:
    if written["name"] == "negative_duration":
        with pytest.raises(ScoreError, match="negative"):
            Score.from_dict(written["score"])
        return
    assert midi_bytes(Score.from_dict(written["score"])).hex() == written["bytes_hex"]


def test_pieces(piece: Path) -> None:
    vector = json.loads(piece.read_text(encoding="utf-8"))
    path = piece.parent / vector["source"]
    if not path.exists():
        pytest.skip(f"{vector['source']} is not among the vectors")
    score = read_midi(path, resolution=480)
    assert digest(canonical(score)) == vector["read"]["sha256"]
    assert (score.resolution, score.tempo) == (480, vector["read"]["tempo"])
    assert digest(canonical(read_midi(path, resolution=12))) == vector["read_at_12"]["sha256"]
    saved = midi_bytes(score)
    assert len(saved) == vector["write"]["bytes"]
    assert hashlib.sha256(saved).hexdigest() == vector["write"]["sha256"]
