"""Scripts of the published midigpt documents, with the import changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from models import engine_of, piece

from descant.engine import InferenceEngine
from descant.midi_file import read_midi, write_midi

INFILL = """
from {package} import Score
from {package}.inference import InferenceEngine, GenerationRequest, InferenceConfig, TrackPrompt

engine = InferenceEngine.from_pretrained("yellow_medium")
score = Score.from_midi("my_song.mid")
request = GenerationRequest(
    tracks=[
        TrackPrompt(id=0, bars=[4, 5, 6, 7]),
        TrackPrompt(id=1, bars=[], ignore=True),
        TrackPrompt(id=2, bars=[]),
    ],
    config=InferenceConfig(temperature=1.0, top_p=0.95, model_dim=8, mask_mode="attention"),
)
result = engine.session(score, request).run()
result.to_midi("output.mid")
"""

FROM_SCRATCH = """
from {package} import Score, Track, Bar
from {package}.inference.engine import InferenceEngine
from {package}.inference.config import GenerationRequest, InferenceConfig, TrackPrompt

engine = InferenceEngine.from_pretrained("yellow")
score = Score(tracks=[Track(bars=[Bar() for _ in range(8)])])
request = GenerationRequest(
    tracks=[
        TrackPrompt(
            id=0,
            bars=[],
            autoregressive=True,
            attributes={{"max_polyphony": 3}},
            controls={{"time_signature": 13}},
        ),
    ],
    config=InferenceConfig(temperature=1.0, model_dim=8, polyphony_hard_limit=4),
)
result = engine.session(score, request).run()
total = sum(len(b.notes) for t in result.tracks for b in t.bars)
assert total > 0
assert "max_polyphony" in engine._analyzer.attribute_sizes()
assert len(engine._analyzer.attribute_value_labels()["note_density"]) == 10
assert engine._analyzer.attribute_track_types()["note_density"] == "drum"
result.to_midi("output.mid")
"""


@pytest.mark.parametrize("script", [INFILL, FROM_SCRATCH], ids=["infill", "from scratch"])
def test_published_scripts_run(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`from_pretrained` gives a random network here, as no hub is reached in tests."""
    monkeypatch.setattr(
        InferenceEngine, "from_pretrained", lambda *names: engine_of("yellow_encoder", 2048)
    )
    monkeypatch.chdir(tmp_path)
    write_midi(piece(12), tmp_path / "my_song.mid")
    exec(compile(script.format(package="descant"), "script", "exec"), {})
    assert read_midi(tmp_path / "output.mid").tracks
